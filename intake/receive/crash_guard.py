"""The crash guard around the reader: a mail that ends the process, or hangs it, is not read for ever.

Which mails are being read stands in a small file. After a process died the next one finds them there and names them
one by one while it reads; a mail that was named twice when that happened is kept as bytes alone, flagged. The limits
of ``mail`` make this unlikely: it is for what nobody thought of. Reading that takes minutes ends the process
(``faulthandler`` does so even while the interpreter is held), and whoever started it starts it again. A file that
cannot be written takes the net away, and nothing else.
"""

import contextlib
import faulthandler
import os
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

import structlog

TRIES = 2
LONGEST = 100_000  # bytes of the file that are read
SECONDS_PER_BATCH = 300
PROBLEM = "Beim Lesen dieser Nachricht ist das Programm zweimal abgebrochen; nur ihre Bytes sind gespeichert."

log = structlog.get_logger(__name__)


class CrashGuard:
    """The file for one mailbox; without a path there is no guard."""

    def __init__(self, path: Path | None) -> None:
        self._file: int | None = None
        self._suspects: dict[str, int] = {}  # by key: how often it was the one being read when a process died
        self._one_by_one = False
        if path is not None:
            with contextlib.suppress(OSError, ValueError):
                path.parent.mkdir(parents=True, exist_ok=True)
                self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                for line in os.read(self._file, LONGEST).decode("utf-8", "replace").split("\n"):
                    if not line.strip():
                        break  # what a longer record left behind its end does not count
                    tries, _, key = line.partition(" ")
                    self._suspects[key] = int(tries)

    @contextlib.contextmanager
    def reading(self, keys: Collection[str]) -> Iterator[None]:
        """Around the reading of the mails that lie at ``keys``. ``keys``: one per mail of the batch."""
        if sys.__stderr__ is not None:
            with contextlib.suppress(OSError, ValueError):  # nowhere to write a last word to
                faulthandler.dump_traceback_later(SECONDS_PER_BATCH, exit=True, file=sys.__stderr__)
        self._one_by_one = not self._suspects.keys().isdisjoint(keys)
        if not self._one_by_one:
            self._write(0, *keys)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
            self._write(0)

    def admits(self, key: str) -> bool:
        """Whether the mail that lies at ``key`` is to be read (it is noted down before); not when it was fatal."""
        if not self._one_by_one:
            return True
        tries = self._suspects.get(key, 0)
        if tries >= TRIES:
            log.error("a mail that ended the program is not read again", key=key)
            return False
        self._write(tries + 1, key)
        return True

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _write(self, tries: int, *keys: str) -> None:
        if self._file is not None:
            record = "".join([f"{tries} {key}\n" for key in keys])
            with contextlib.suppress(OSError):
                os.pwrite(self._file, f"{record}\n".encode(), 0)
