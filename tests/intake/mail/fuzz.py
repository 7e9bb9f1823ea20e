"""Breaks mails at random and reads them: no exception, nothing that cannot be stored, none over its time.

``python -m tests.intake.mail.fuzz`` (``make fuzz``) tries a million, on every core; the suite tries ten thousand with
a fixed seed. What fails is written to a file with the seed that found it, so that it can become a mail of the corpus.
``--guided SECONDS`` lets atheris choose the bytes by what they reach, where it is installed.
"""

import argparse
import importlib
import multiprocessing
import os
import random
import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct, structs

from intake import mail
from tests import TESTS

RECEIVED = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
MAILS = TESTS / "mails"
SECONDS = 0.5
"""So much time of a processor may one mail of a few kilobytes take at most."""
MEMORY = 400_000_000
"""So much may a process of the fuzzer grow by at most, after however many mails."""
UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
PIECES = (
    *(b"=?utf-8?Q?", b"=?utf-8?B?", b"?=", b"\r", b"\n", b"\r\n", b"\n\n", b"\n ", b"\0", b"\xff", b"\xed\xa0\x80"),
    *(b"\xcc\x81" * 40, b"--", b"--b1\n", b"--b1--\n", b'"', b"\\", b"(", b")", b"<", b">", b";", b"*0*=", b"=\n"),
    *(b"Content-Type: multipart/mixed; boundary=b1\n\n--b1\n", b"Content-Type: message/rfc822\n\n", b"charset=utf-7"),
    *(b"Content-Transfer-Encoding: base64\n", b"Content-Transfer-Encoding: uuencode\n", b"charset=utf-16", b"+2AA-"),
    *(b"Content-Type: text/html\n\n", b"<style>", b"<!--", b"&#x110000;", b"&#55296;", b"<blockquote type=cite>"),
    *(b"begin 644 x\n", b"\nend\n", b'x\x9f>"', b"{\\rtf1", b"\x1b$B", b"~{", b"From ", b">From ", b": ", b"@", b","),
    *(
        b"Am 1.1.2026 schrieb x:\n",
        b"> ",
        b"-- \n",
        b"Von: x\nGesendet: y\nAn: z\n",
        b"KOD-2026-000123",
        b"\xe2\x80\xae",
    ),
)


def corpus() -> list[bytes]:
    """The mails to break."""
    return [path.read_bytes() for path in sorted(MAILS.glob("*.eml"))]


def broken(chance: random.Random, mails: Sequence[bytes]) -> bytes:
    """One of ``mails`` with a few changes."""
    raw = bytearray(chance.choice(mails))
    for _ in range(chance.choice((1, 1, 2, 3, 5, 9))):
        at = chance.randrange(len(raw) + 1)
        end = min(len(raw), at + chance.choice((1, 1, 2, 5, 20, 100, 600)))
        kind = chance.randrange(7)
        if kind == 0:
            del raw[at:end]
        elif kind == 1:
            raw[at:at] = chance.choice(PIECES) * chance.choice((1, 1, 1, 2, 30))
        elif kind == 2:
            raw[at:end] = chance.randbytes(end - at)
        elif kind == 3:
            raw[at:at] = raw[at:end] * chance.choice((1, 3, 40))
        elif kind == 4 and raw:
            raw[at % len(raw)] ^= 1 << chance.randrange(8)
        elif kind == 5:
            other = chance.choice(mails)
            start = chance.randrange(len(other) + 1)
            raw[at:end] = other[start : start + chance.choice((10, 100, 1000))]
        else:
            del raw[at:]
    return bytes(raw)


def check(raw: bytes) -> None:
    """Read ``raw``; AssertionError says what is wrong with the outcome."""
    started = time.process_time()
    message = mail.parse(raw, received_at=RECEIVED)
    mail.files(raw, lambda _: True)
    assert time.process_time() - started < SECONDS, "took too long"
    assert not any(problem.startswith("Die Nachricht ließ sich nicht lesen") for problem in message.problems)
    assert len(message.identity) == 32
    assert message.date is None or message.date.tzinfo is not None
    for text in strings(message):
        assert UNSTORABLE.search(text) is None, repr(text[:200])


def strings(value: Any) -> list[str]:
    """Every text within a message."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for each in value for text in strings(each)]
    if isinstance(value, Struct):
        return [text for each in structs.asdict(value).values() for text in strings(each)]
    return []


def run(seed: int, count: int) -> list[str]:
    """Try ``count`` broken mails; where the failing ones were written."""
    chance = random.Random(seed)
    mails = corpus()
    before = _peak()  # of whatever else the process did
    failed: list[str] = []
    for number in range(count):
        raw = broken(chance, mails)
        try:
            check(raw)
        except Exception as error:
            path = Path(tempfile.gettempdir()) / f"kod-intake-fuzz-{seed}-{number}.eml"
            path.write_bytes(raw)
            failed.append(f"{path}: {type(error).__name__}: {error}")
    if _peak() - before > MEMORY:
        failed.append(f"seed {seed}: {(_peak() - before) / 1e6:.0f} MB of memory")
    return failed


def _peak() -> int:
    """The most memory that this process ever took, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def guided(seconds: int) -> None:
    """Let atheris look for mails that reach new places; it ends the process."""
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["intake.mail"]):
        for name in [name for name in sys.modules if name.startswith("intake.mail")]:
            importlib.reload(sys.modules[name])
    with tempfile.TemporaryDirectory() as folder:
        for number, raw in enumerate(corpus()):
            (Path(folder) / f"{number}.eml").write_bytes(raw)
        atheris.Setup(["fuzz", folder, f"-max_total_time={seconds}", "-max_len=20000", "-timeout=5"], check)
        atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.intake.mail.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--guided", type=int, metavar="SECONDS")
    chosen = parser.parse_args()
    if chosen.guided:
        guided(chosen.guided)
    started = time.monotonic()
    failed = _everywhere(run, chosen.seed, chosen.count)
    print("\n".join(failed))
    print(f"{chosen.count} mails, seed {chosen.seed}, {len(failed)} failed, {time.monotonic() - started:.0f} s")
    return 1 if failed else 0


def _everywhere(work: Callable[[int, int], list[str]], seed: int, count: int) -> list[str]:
    """``work`` on every core, in pieces with a seed each."""
    piece = 20_000
    jobs = [(seed + start, min(piece, count - start)) for start in range(0, count, piece)]
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        return [failure for found in pool.starmap(work, jobs, chunksize=1) for failure in found]


if __name__ == "__main__":
    sys.exit(main())
