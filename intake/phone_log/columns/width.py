"""How wide the rows of a table are beside its header: what the program that wrote the file made of empty cells.

Excel and LibreOffice write every row as wide as the header; people do not. Which it is decides whether a row that is
shorter or longer has lost or gained a delimiter, so that its cells stand in the wrong columns. A header that is itself
damaged so is mended where only one reading is possible.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from msgspec import Struct

from intake.phone_log.formats.csv import Record
from intake.phone_log.normalize import folded

_ENOUGH = 3  # rows that must agree against the header
_DAY = re.compile(r"(?:\w{2,10}\.?,? *)?\d{1,4}[./-] ?\d{1,2}[./-]")
_CLOCK = re.compile(r"(?:ca\.? *)?\d{1,2}[:.]\d\d|\d{1,2} *(?:Uhr|h)|0[.,]\d")
_VALUES = {"datum": _DAY, "tag": _DAY, "date": _DAY, "uhrzeit": _CLOCK, "zeit": _CLOCK, "um": _CLOCK, "time": _CLOCK}


class RowWidths(Struct, frozen=True):
    """``short``: a row with fewer cells than the header is damaged. ``long``: one with more is, even with empty ones.

    ``other``: how many cells all rows have that are not as wide as the header; 0 when they are, or differ.
    """

    short: bool = False
    long: bool = False
    other: int = 0


def of(rows: Sequence[Record], names: Sequence[str]) -> RowWidths:
    """The shape of the first ``rows`` below a header with these ``names``."""
    width = len(names)
    lengths = [len(record.cells) for record in rows if any(record.cells)]
    longer = sum(length > width for length in lengths)
    ends_empty = any(len(record.cells) == width and not record.cells[-1] for record in rows)
    alike = lengths[0] if len(lengths) >= _ENOUGH and set(lengths) == {width + 1} else 0
    return RowWidths(short=bool(names[-1]) and ends_empty, long=longer <= max(1, len(lengths) // 10), other=alike)


def mended(names: Sequence[str], rows: Sequence[Record], is_known: Callable[[str], bool]) -> tuple[str, ...] | None:
    """The names in order without a delimiter too many, or with one that was lost, if all ``rows`` agree.

    None otherwise.

    ``is_known`` tells whether a name is one that a column may have.
    """
    lengths = {len(record.cells) for record in rows if sum(map(bool, record.cells)) > 1}
    if len(rows) < _ENOUGH or len(lengths) != 1:
        return None
    surplus = len(names) - lengths.pop()
    if surplus == 1 and "" in names[:-1] and sum(not name for name in names) == 1:
        return tuple(name for name in names if name)
    if surplus == 1:
        return _joined(names, is_known) or _joined_by_values(names, rows, is_known)
    if surplus == -1:
        return _split(names, is_known)
    return None


def _joined(names: Sequence[str], is_known: Callable[[str], bool]) -> tuple[str, ...] | None:
    """The names with the only two in one that are one known name with a delimiter in it.

    A second part that is a name itself, or begins with a capital ("Haus;Nr"), may be a column.
    """
    found = [
        joined
        for _, second, joined in _known_joined(names, is_known)
        if not is_known(second) and not second[:1].isupper()
    ]
    return found[0] if len(found) == 1 else None


def _joined_by_values(
    names: Sequence[str], rows: Sequence[Record], is_known: Callable[[str], bool]
) -> tuple[str, ...] | None:
    """The same where the second part is a name itself ("Uhr;zeit"): days and times below tell which names are one."""
    found = [
        joined for first, _, joined in _known_joined(names, is_known) if not is_known(first) and _fits(joined, rows)
    ]
    return found[0] if len(found) == 1 and not _fits(names, rows) else None


def _known_joined(names: Sequence[str], is_known: Callable[[str], bool]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Each two neighbours that together are a known name, with the names in which they are one."""
    for index, (first, second) in enumerate(pairwise(names)):
        if second and is_known(first + second):
            yield first, second, (*names[:index], first + second, *names[index + 2 :])


def _fits(names: Sequence[str], rows: Sequence[Record]) -> bool:
    """Whether there are days and times in the columns that are called so, and nothing else."""
    named = False
    for index, name in enumerate(names):
        looks = _VALUES.get(folded(name))
        said = [row.cells[index] for row in rows if index < len(row.cells) and row.cells[index]] if looks else []
        if looks and not all(map(looks.match, said)):
            return False
        named = named or bool(said)
    return named


def _split(names: Sequence[str], is_known: Callable[[str], bool]) -> tuple[str, ...] | None:
    """The names with the one in two that is two names without a delimiter between them, one of them known.

    A word that only begins like a name ("Telefonliste") is no two: the second one begins with a capital.
    """
    found: list[tuple[tuple[int, int], tuple[str, ...]]] = []
    for index, name in enumerate(names):
        for at in range(2, len(name) - 1) if not is_known(name) else ():
            parts = (name[:at].strip(), name[at:].strip())
            known = [part for part in parts if is_known(part)]
            if (len(known) == len(parts) and parts[1][0].isalnum()) or (known and name[at].isupper()):
                rank = (len(known), max(map(len, known)))
                found.append((rank, (*names[:index], *parts, *names[index + 1 :])))
    best = {split for rank, split in found if rank == max(rank for rank, _ in found)}
    return best.pop() if len(best) == 1 else None
