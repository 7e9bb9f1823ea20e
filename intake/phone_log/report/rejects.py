"""The file of the rows that only a person can mend: made to be corrected and dropped again.

Semicolons and UTF-8 with a byte-order mark, so that a double click opens it rightly in German Excel. The columns are
those of the list, behind them Zeile, Grund and Was tun, which reading ignores. A cell that a spreadsheet would take
for a formula gets an apostrophe, which reading takes off again.
"""

import codecs
import io
from collections.abc import Callable, Iterable, Sequence
from typing import IO

from intake.phone_log.values import Rejected

_ADDED = ("Zeile", "Grund", "Was tun")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Rejects:
    """Writes rejected rows to a file, one after the other; a new header where the list changed its columns.

    The file is opened by ``opened`` for the first row; ``close`` it.
    """

    def __init__(self, opened: Callable[[], IO[bytes]]) -> None:
        self.count = 0
        self._opened = opened
        self._file: IO[bytes] | None = None
        self._header: tuple[str, ...] | None = None

    def add(self, row: Rejected) -> None:
        """Write one more row. Raises OSError, as when the disk is full."""
        if self._file is None:
            self._file = self._opened()
            self._file.write(codecs.BOM_UTF8)
        if row.header != self._header:
            self._header = row.header
            self._file.write(_line((*row.header, *_ADDED)).encode())
        self.count += 1
        cells = [*row.cells[: len(row.header)], *[""] * (len(row.header) - len(row.cells))]
        extra = " ".join(filter(None, row.cells[len(row.header) :]))
        reason = "; ".join(problem.what for problem in row.problems) + (f" Zu viel: {extra}" if extra else "")
        advice = " ".join(problem.advice for problem in row.problems)
        number = f"{row.sheet} {row.number}".strip()
        self._file.write(_line((*cells, number, reason, advice)).encode())

    def written(self) -> IO[bytes]:
        """What was written so far, an open file of bytes from its start; empty without any row. Raises OSError."""
        if self._file is None:
            return io.BytesIO()
        self._file.seek(0)
        return self._file

    def close(self) -> None:
        """Give the file back; nothing is left of it."""
        if self._file is not None:
            self._file.close()


def rejects_file(rejected: Iterable[Rejected]) -> bytes:
    """The rows as the bytes of a CSV file: UTF-8 with a byte-order mark, semicolons, CRLF, formulas made harmless."""
    rejects = Rejects(io.BytesIO)
    for row in rejected:
        rejects.add(row)
    return rejects.written().read()


def _line(cells: Sequence[str]) -> str:
    return ";".join(map(_cell, cells)) + "\r\n"


def _cell(cell: str) -> str:
    safe = f"'{cell}" if cell.startswith(_FORMULA) else cell
    quoted = safe != safe.strip() or any(char in safe for char in ';"\r\n\t')
    return '"' + safe.replace('"', '""') + '"' if quoted else safe
