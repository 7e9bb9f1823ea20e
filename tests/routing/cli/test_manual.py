"""The man page has every command and option, and nothing that troff takes for a request."""

import re
import shutil
import subprocess

import pytest

from routing.cli import manual
from routing.cli.command_list import COMMANDS


def test_every_command_stands_in_it() -> None:
    page = manual.page().replace("\\-", "-")

    assert [] == [name for commands in COMMANDS.values() for name in commands if f".SS {name}" not in page]
    assert "\n.B --nagios\n" in page
    requests = set(re.findall(r"^\.(\w+)", page, re.MULTILINE))
    assert {"TH", "SH", "SS", "TP", "B", "I", "PP"} >= requests


@pytest.mark.skipif(shutil.which("groff") is None, reason="no groff here")
def test_troff_has_no_complaint() -> None:
    run = subprocess.run(
        ["groff", "-man", "-Kutf8", "-Tutf8", "-ww"], input=manual.page(), capture_output=True, text=True, check=False
    )

    assert (0, "") == (run.returncode, run.stderr)
