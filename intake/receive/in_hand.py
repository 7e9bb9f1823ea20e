"""The last net below the reader: a mail that ends the process, or hangs it, is not read a third time.

Which mail is being read stands in a small file. After a process died the next one finds it there; a mail that was in
hand twice when that happened is kept as bytes alone, flagged. The limits of ``mail`` make this unlikely: it is for
what nobody thought of. Reading that takes minutes ends the process (``faulthandler`` does so even while the
interpreter is held), and whoever started it starts it again. A file that cannot be written takes the net away, and
nothing else.
"""

import contextlib
import faulthandler
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Self

import structlog

from intake import mail
from intake.message import Message

TRIES = 2
SECONDS_PER_BATCH = 300
_PROBLEM = "Beim Lesen dieser Nachricht ist das Programm zweimal abgebrochen; nur ihre Bytes sind gespeichert."

log = structlog.get_logger(__name__)


class InHand:
    """The file for one mailbox; without a path there is no net. A context manager around the reading of a batch."""

    def __init__(self, path: Path | None) -> None:
        self._file: int | None = None
        self._suspect, self._tries = "", 0
        if path is not None:
            with contextlib.suppress(OSError, ValueError):
                path.parent.mkdir(parents=True, exist_ok=True)
                self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
                record = os.read(self._file, 2000).decode("utf-8").partition("\n")[0]
                tries, _, self._suspect = record.partition(" ")
                self._tries = int(tries or 0)

    def __enter__(self) -> Self:
        if sys.__stderr__ is not None:
            with contextlib.suppress(OSError, ValueError):  # nowhere to write a last word to
                faulthandler.dump_traceback_later(SECONDS_PER_BATCH, exit=True, file=sys.__stderr__)
        return self

    def __exit__(self, *_: object) -> None:
        faulthandler.cancel_dump_traceback_later()
        self._write("")

    def read(self, key: str, raw: bytes, read: Callable[[], Message]) -> Message:
        """What ``read`` makes of the mail ``raw`` that lies at ``key``; its bytes alone, when it was fatal before."""
        tries = self._tries if key == self._suspect else 0
        if tries >= TRIES:
            log.error("a mail that ended the program is not read again", key=key)
            return mail.unread(raw, _PROBLEM)
        self._write(f"{tries + 1} {key}")
        return read()

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _write(self, text: str) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.pwrite(self._file, f"{text}\n".encode().ljust(300), 0)
