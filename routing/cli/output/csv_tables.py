"""CSV tables that staff hand over: read as they are, written with columns added; one row at a time, of any length.

Cells are taken and given back exactly as they are: nothing is trimmed, joined or protected. Encoding (UTF-8, UTF-16
with its mark, else Windows-1252) and delimiter (``;`` ``,`` or tab) are found from the file. A result is written
beside its place and moved there when it is whole, so that a stopped run leaves no half table behind.
"""

import codecs
import contextlib
import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct

from intake.base import did_you_mean, errors
from routing.cli.output import click_german

LONGEST_CELL = 100_000_000
DELIMITERS = (";", ",", "\t")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CHUNK = 1 << 20


class Table(Struct, frozen=True):
    """A table to be read: its columns and how it is written."""

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]

    def rows(self) -> Iterator[list[str]]:
        """The rows below the header in order, each with its cells; blank lines are left out.

        Raises IntakeError when the file goes away.
        """
        with named(self.path), self.path.open(encoding=self.encoding, errors="replace", newline="") as file:
            reader = csv.reader(file, delimiter=self.delimiter)
            next(reader, None)
            yield from (row for row in reader if row)

    def column(self, name: str) -> int:
        """The index of the column, from 0.

        Raises UsageError with a guess when there is none; columns are found by name.
        """
        if name not in self.header:
            guess = did_you_mean.sentence(name, self.header)
            known = f" Es gibt: {', '.join(self.header)}." if not guess else ""
            raise errors.UsageError(f"Die Tabelle {self.path} hat keine Spalte „{name}“.{guess}{known}")
        return self.header.index(name)


def opened(path: Path, wanted: str) -> Table:
    """The table at ``path``; a delimiter that makes a column ``wanted`` is the right one. Raises IntakeError."""
    csv.field_size_limit(LONGEST_CELL)
    with named(path):
        encoding = _encoding(path)
        headers = []
        for delimiter in DELIMITERS:
            with path.open(encoding=encoding, errors="replace", newline="") as file:
                headers.append(tuple(next(csv.reader(file, delimiter=delimiter), [])))
    best = max(range(len(DELIMITERS)), key=lambda index: (wanted in headers[index], len(headers[index])))
    return Table(path, encoding, DELIMITERS[best], headers[best])


def _encoding(path: Path) -> str:
    """By its mark, else UTF-8 where every byte of it fits, else Windows."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        chunk = file.read(_CHUNK)
        for mark, encoding in _MARKS:
            if chunk.startswith(mark):
                return encoding
        try:
            while chunk:
                decoder.decode(chunk)
                chunk = file.read(_CHUNK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


@contextmanager
def written(path: Path) -> Iterator[Any]:
    """A CSV writer for a table at ``path`` (``;``, UTF-8 with mark), which appears when it is whole.

    Raises IntakeError where the file cannot be written; then nothing is left.
    """
    if not path.parent.is_dir():
        raise errors.IntakeError(f"Den Ordner {path.parent} gibt es nicht.")
    if path.is_dir():
        raise errors.IntakeError(f"{path} ist ein Ordner.")
    part = path.with_name(f"{path.name}.{os.getpid()}.neu")
    try:
        with named(path):
            with part.open("w", encoding="utf-8-sig", newline="") as file:
                yield csv.writer(file, delimiter=";", lineterminator="\r\n")
            part.replace(path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def safe(cell: str) -> str:
    """A cell of ours that a spreadsheet will not take for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Say in German why the file cannot be read or written; raises IntakeError."""
    try:
        yield
    except OSError as error:
        raise errors.IntakeError(click_german.unreadable(str(path), error)) from error
    except csv.Error as error:
        raise errors.IntakeError(f"Die Tabelle {path} lässt sich nicht lesen ({error}).") from error


def count_lines(path: Path) -> int:
    """About how many rows: for a bar, not for a result."""
    with named(path), path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(_CHUNK), b""))
