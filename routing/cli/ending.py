"""The end of a command: what goes with its process, also where a thread hangs that nobody waits for."""

import atexit
import contextlib
import os
import shutil
import sys
from pathlib import Path
from typing import NoReturn

_ours: list[Path] = []


def goes_with_us(folder: Path) -> None:
    """Take note that ``folder`` is to be removed when this process ends."""
    if not _ours:
        atexit.register(_clear)
    _ours.append(folder)


def at_once(code: int) -> NoReturn:
    """End without waiting for threads; what was said is written out, and what goes with the process is removed."""
    _clear()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _clear() -> None:
    while _ours:
        shutil.rmtree(_ours.pop(), ignore_errors=True)
