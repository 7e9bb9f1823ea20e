"""The numbers that our letters bear: how they are written, and how they are found again in what people write.

    case     KOD-2026-000123            prefix, year, serial of at least six digits
    concern  KOD-2026-000123-1          a case and the position of one of its concerns
    digest   KOD-S-2026-11-23-GSAK-1    prefix, S, day, id of the recipient, count of that day
    message  N-42                       one that has no case, or is meant alone: its number in the store

This is the only place that knows this grammar. The prefix is the city's (``[city] reference``): writing takes it, and
so does all reading that can know it. Reading where no configuration is at hand, a mail or a bounce being parsed, takes
``ANY``: what it finds means something only once the number is looked up among our own. In the subject of a letter a
token may follow the number ("[KOD-2026-000123-1 #k7f3q]"); whoever reads the number reads past it.

Small letters are read like capitals, digits are those of ASCII. Every repetition is bounded. Pure, never raises.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple

ANY = ""
"""Instead of a prefix: that of whichever city."""
PREFIX = r"[A-Z]{2,10}"
"""What a prefix may be; at least two letters, so that the S of a digest is none."""
YEAR = r"20[0-9]{2}"
SERIAL = r"[0-9]{6,9}"
SHORT_SERIAL = r"0[0-9]{5}"
"""A serial that stands alone where a whole number went before: "-000124" in a reply to a digest."""
POSITION = r"[0-9]{1,3}"
BEHIND = r"(?:[ ]#[0-9A-Za-z]{4,16})?"
"""What may stand between a number and the bracket that ends it: a letter's token."""
_TOKEN = re.compile(r"(?<![\w-])([A-Z]{2,10}-[A-Z0-9_-]{2,90})[ \u00a0]{1,3}#([0-9A-Z]{4,16})(?!\w)", re.IGNORECASE)
_SERIAL_BY_HAND = r"[0-9]{1,9}"
_DAY = rf"{YEAR}-[0-9]{{2}}-[0-9]{{2}}"
_RECIPIENT = r"[A-Z0-9_-]{1,64}"
_COUNT = r"[0-9]{1,5}"
_MESSAGE = re.compile(r"\s*N-?([0-9]{1,18})\s*", re.IGNORECASE)
_BEGIN, _END = r"(?<!\w)", r"(?!\w)"


class CaseNumber(NamedTuple):
    """A number as somebody wrote it: the ``case`` ("KOD-2026-000123") and the ``position`` named behind it, if any."""

    case: str
    position: int | None = None

    def __str__(self) -> str:
        return self.case if self.position is None else concern_number(self.case, self.position)


def case_series(prefix: str, year: int) -> str:
    """What the cases of a ``year`` are counted under: KOD-2026."""
    return f"{prefix}-{year:04d}"


def case_number(series: str, serial: int) -> str:
    """KOD-2026-000123, of a ``case_series`` and the count in it."""
    return f"{series}-{serial:06d}"


def concern_number(case: str, position: int) -> str:
    """KOD-2026-000123-1: the concern at ``position`` (from 1) of a case that has several."""
    return f"{case}-{position}"


def digest_series(prefix: str, day: date, recipient: str) -> str:
    """What the digests of a ``day`` (of the city's clock) to a recipient are counted under: KOD-S-2026-11-23-GSAK."""
    return f"{prefix}-S-{day:%Y-%m-%d}-{recipient.upper()}"


def digest_number(series: str, count: int) -> str:
    """KOD-S-2026-11-23-GSAK-1, of a ``digest_series`` and the count in it."""
    return f"{series}-{count}"


def message_number(message: int) -> str:
    """N-42, of a message's id."""
    return f"N-{message}"


def parse_message(text: str) -> int | None:
    """The id of the message whose number ``text`` is (N-42, n42), blanks around it aside; None when it is not one."""
    found = _MESSAGE.fullmatch(text)
    return int(found[1]) if found else None


def find_case(text: str, prefix: str) -> CaseNumber | None:
    """The first case or concern that ``text`` names with this ``prefix`` (or ``ANY``)."""
    return next(find_cases(text, prefix), None)


def find_cases(text: str, prefix: str) -> Iterator[CaseNumber]:
    """Every case or concern that ``text`` names with this ``prefix`` (or ``ANY``), in order."""
    return map(_read, _patterns(prefix).case.finditer(text) if "-" in text else ())


def parse_case(text: str, prefix: str) -> CaseNumber | None:
    """The case or concern whose number ``text`` is, blanks around it aside; None when it is anything else."""
    found = _patterns(prefix).case.fullmatch(text.strip())
    return _read(found) if found else None


def find_case_by_hand(text: str, prefix: str) -> CaseNumber | None:
    """The first case that ``text`` names, also without the leading zeros that our own staff leaves out (KOD-2026-123).

    With ``ANY`` they must be there: "AZ-2026-12" is a number of somebody else.
    """
    if not prefix:
        return find_case(text, ANY)
    found = _patterns(prefix).by_hand.search(text) if "-" in text else None
    if found is None:
        return None
    written, year, serial = found[0].upper().split("-")
    return CaseNumber(case_number(f"{written}-{year}", int(serial)))


def find_digest(text: str, prefix: str) -> str:
    """The first digest that ``text`` names with this ``prefix`` (or ``ANY``), in capitals; "" without one.

    Raises nothing.
    """
    found = _patterns(prefix).digest.search(text) if "-" in text else None
    return found[0].upper() if found else ""


def find_tokens(text: str) -> list[tuple[str, str]]:
    """(number, token) of every letter that ``text`` names with its token, in capitals and small letters, in order.

    The number is that of a concern, a digest or any other letter (KOD-Erinnerung). Raises nothing.
    """
    return [(found[1].upper(), found[2].lower()) for found in _TOKEN.finditer(text)] if "#" in text else []


def year_of(case: str) -> int:
    """2026 of "KOD-2026-000123"; 0 for what is no case number."""
    found = parse_case(case, ANY)
    return int(found.case.split("-")[1]) if found else 0


def case_expression(prefix: str) -> str:
    """The number of a case without a position, as a regular expression without groups, to be built into another."""
    return rf"{prefix or PREFIX}-{YEAR}-{SERIAL}"


def digest_expression(prefix: str) -> str:
    """The number of a digest, as a regular expression without groups, to be built into another."""
    return rf"{prefix or PREFIX}-S-{_DAY}-{_RECIPIENT}-{_COUNT}"


class _Patterns(NamedTuple):
    case: re.Pattern[str]
    by_hand: re.Pattern[str]
    digest: re.Pattern[str]


@lru_cache(maxsize=8)
def _patterns(prefix: str) -> _Patterns:
    shown = prefix or PREFIX
    return _Patterns(
        re.compile(rf"{_BEGIN}({case_expression(prefix)})(?:-({POSITION}))?{_END}", re.IGNORECASE),
        re.compile(rf"{_BEGIN}{shown}-{YEAR}-{_SERIAL_BY_HAND}{_END}", re.IGNORECASE),
        re.compile(rf"{_BEGIN}{digest_expression(prefix)}{_END}", re.IGNORECASE),
    )


def _read(found: re.Match[str]) -> CaseNumber:
    return CaseNumber(found[1].upper(), int(found[2]) if found[2] else None)
