"""Work done aside: in a copy of the process, whose memory goes with it, or else here."""

import subprocess
import sys

import pytest

PROGRAM = """
import os, threading
me = os.getpid()
from intake.base import child_process
{before}
def work():
    if {fails} and os.getpid() != me:
        raise MemoryError
    return [os.getpid(), "ä" * 100_000]
process, text = child_process.aside(work)
print(process == me, len(text))
"""


@pytest.mark.parametrize(
    ("before", "fails", "here"),
    [
        ("", False, False),
        ("", True, True),
        ("threading.Thread(target=threading.Event().wait, daemon=True).start()", False, True),
    ],
    ids=["alone", "the copy fails", "threads run"],
)
def test_work_is_done_by_a_copy_of_the_process_where_that_is_possible(before: str, fails: bool, here: bool) -> None:
    program = PROGRAM.format(before=before, fails=fails)
    done = subprocess.run([sys.executable, "-c", program], input="", capture_output=True, text=True, check=True)
    assert done.stdout == f"{here} 100000\n"
