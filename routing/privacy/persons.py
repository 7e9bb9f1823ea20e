"""Finding a person in what is stored: by name, address, telephone, mail or number. Candidates, with why.

A telephone number is found however it was written (``phonenumbers``, Germany's rules), a name or an address with ae
for ä and the genitive's s, its words anywhere in one message. Everything is looked through, since anybody may be named
anywhere: some seconds for a year of a city. Reads only.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import phonenumbers
import sqlalchemy as sa
from msgspec import Struct, structs
from sqlalchemy.engine import Connection

from intake import reference
from intake.base import errors, umlauts
from intake.storage import tables as stored
from intake.storage.queries import WANTED, pieces
from routing.store import tables

AT_ONCE = 500
LEAST_DIGITS = 5
_REGION = "DE"
_FILLING = re.compile(r"(?<=[\d+])[\s()/.\u2010-\u2015\u00a0-]+(?=[\d(])|\(0\)")
_FIELDS: Mapping[str, str] = {
    "from_addr": "Absender",
    "reply_to": "Antwortadresse",
    "from_name": "Name",
    "contact": "Rückruf",
    "place": "Ort",
    "subject": "Betreff",
    "text": "Text",
    "new_text": "Text",
    "attachments": "Anhang",
}
SENDER = frozenset({"from_addr", "reply_to", "from_name", "contact"})
"""Fields that say who wrote or called."""
_M = stored.messages.c
_ROWS = sa.select(_M.id, _M.received_at, _M.channel, *(_M[name] for name in _FIELDS)).order_by(_M.id)
_PAGE = _ROWS.where(_M.id > sa.bindparam("after")).limit(AT_ONCE)
_THESE = _ROWS.where(_M.id.in_(WANTED))
_NUMBERS = (
    sa.select(tables.decisions.c.message_id, tables.cases.c.number)
    .join(tables.cases, tables.cases.c.id == tables.decisions.c.case_id)
    .where(tables.decisions.c.message_id.in_(WANTED))
    .order_by(tables.decisions.c.id)
)
_OF_CASE = (
    sa.select(tables.decisions.c.message_id)
    .join(tables.cases, tables.cases.c.id == tables.decisions.c.case_id)
    .where(sa.func.upper(tables.cases.c.number) == sa.bindparam("number"))
)


class Candidate(Struct, frozen=True):
    """A message that may be about the person: its number (N-42), its case's ("" without), and why it was found.

    ``why`` has (what was searched for, where it stands) in order; ``is_sender``: it stands where the writer does.
    """

    id: int
    number: str
    case: str
    received_at: datetime
    channel: str
    sender: str
    why: tuple[tuple[str, str], ...]
    is_sender: bool


def written(one: Candidate) -> Candidate:
    """The candidate as a message that the person wrote, which somebody said."""
    return structs.replace(one, is_sender=True)


class Term(Struct, frozen=True):
    """Something to search for, made ready: a mail address, the digits of a telephone number, or words."""

    said: str
    kind: str  # mail, phone, words
    words: tuple[str, ...]

    def stands_in(self, text: str) -> bool:
        """Whether it stands in this text, which is as ``folded`` gives it."""
        if self.kind == "mail":
            return self.words[0] in text
        if self.kind == "phone":
            return any(word in squeezed(text) for word in self.words)
        return all(re.search(rf"(?<!\w){re.escape(word)}(?:s|es|'s|’s)?(?!\w)", text) for word in self.words)


def term(said: str) -> Term:
    """What ``said`` is to be searched as."""
    text = folded(said).strip()
    if "@" in text:
        return Term(said, "mail", (text,))
    digits = re.sub(r"\D", "", text)
    if len(digits) >= LEAST_DIGITS and not re.search(r"[^\W\d_]", text.replace("tel", "")):
        return Term(said, "phone", _phone(said, digits))
    return Term(said, "words", tuple(re.findall(r"[\w'’]+", text)))


def _phone(said: str, digits: str) -> tuple[str, ...]:
    """The forms in which the digits of a telephone number may stand in a row: at home, and from abroad."""
    try:
        number = phonenumbers.parse(said, _REGION)
    except phonenumbers.NumberParseException:
        return (digits,)
    national = phonenumbers.national_significant_number(number)
    return (f"0{national}", f"{number.country_code}{national}", f"{number.country_code}0{national}")


def folded(text: str) -> str:
    """``text`` as it is compared: composed, small letters, umlauts written out."""
    return umlauts.written_out(unicodedata.normalize("NFC", text))


def squeezed(text: str) -> str:
    """``text`` without what stands between the digits of a telephone number: "0151 2345" is "01512345"."""
    return _FILLING.sub("", text)


def find(connection: Connection, said: Sequence[str]) -> list[Candidate]:
    """The messages in which any of these stands (name, address, telephone, mail, number), the oldest first."""
    named = {number for one in said for number in numbered(connection, one)}
    terms = [term(one) for one in said if not _is_number(one)]
    return _among(connection, _rows(connection) if terms else _rows_of(connection, named), terms, named)


def _among(
    connection: Connection, rows: Iterable[Any], terms: Sequence[Term], named: Collection[int]
) -> list[Candidate]:
    """Those of the messages (rows, in order) in which one of the terms stands, or that were ``named`` (ids)."""
    found: dict[int, tuple[Any, tuple[tuple[str, str], ...], bool]] = {}
    for row in rows:
        why, is_sender = _why(row, terms) if terms else ((), False)
        if row.id in named:
            why = (("Nummer", "genannt"), *why)
        if why:
            found[row.id] = row, why, is_sender
    numbers: dict[int, str] = {}
    for some in pieces(sorted(found)):
        numbers |= {row.message_id: row.number for row in connection.execute(_NUMBERS, {"wanted": some})}
    return [
        Candidate(
            number,
            reference.message_number(number),
            numbers.get(number, ""),
            row.received_at,
            row.channel,
            row.from_addr or row.from_name or row.contact,
            why,
            is_sender,
        )
        for number, (row, why, is_sender) in found.items()
    ]


def _is_number(said: str) -> bool:
    return reference.parse_message(said) is not None or reference.parse_case(said, reference.ANY) is not None


def numbered(connection: Connection, said: str) -> list[int]:
    """The messages (ids) that a number means: one for N-42, all of a case for KOD-2026-000123; else none."""
    message, case = reference.parse_message(said), reference.parse_case(said, reference.ANY)
    if message is not None:
        return list(connection.scalars(sa.select(_M.id).where(_M.id == message)))
    return sorted(set(connection.scalars(_OF_CASE, {"number": case.case}))) if case else []


def chosen(connection: Connection, numbers: Sequence[str]) -> list[int]:
    """The messages (ids) that these numbers mean, in order. Raises UsageError for one that means none."""
    found: dict[int, None] = {}
    for said in numbers:
        ids = numbered(connection, said)
        if not ids:
            raise errors.UsageError(f"„{said}“ gibt es nicht. Nummern nennt: kod-intake person find ANGABE")
        found |= dict.fromkeys(ids)
    return list(found)


def candidates(connection: Connection, numbers: Sequence[str], known: Sequence[str]) -> list[Candidate]:
    """The messages with these numbers, in order; without anything ``known`` of the person it wrote them all.

    Raises UsageError for a number that means none.
    """
    ids = chosen(connection, numbers)
    terms = [term(one) for one in known if not _is_number(one)]
    found = {one.id: one for one in _among(connection, _rows_of(connection, ids), terms, ids)}
    return [written(found[number]) if not known else found[number] for number in ids]


def _rows(connection: Connection) -> Iterator[Any]:
    after = 0
    while page := connection.execute(_PAGE, {"after": after}).all():
        yield from page
        after = page[-1].id


def _rows_of(connection: Connection, messages: Collection[int]) -> Iterator[Any]:
    for some in pieces(sorted(messages)):
        yield from connection.execute(_THESE, {"wanted": some})


def _why(row: Any, terms: Sequence[Term]) -> tuple[tuple[tuple[str, str], ...], bool]:
    fields = {name: folded(_text(getattr(row, name))) for name in _FIELDS}
    everything = "\n".join(fields.values())
    why: list[tuple[str, str]] = []
    is_sender = False
    for one in terms:
        if not one.stands_in(everything):
            continue
        places = [name for name, text in fields.items() if one.stands_in(text)]
        is_sender |= bool(SENDER.intersection(places))
        why += dict.fromkeys((one.said, _FIELDS[name]) for name in places)
        if not places:  # its words stand in several fields
            why.append((one.said, "über die Nachricht verteilt"))
    return tuple(why), is_sender


def _text(value: Any) -> str:
    return value if isinstance(value, str) else " ".join(str(one.get("name", "")) for one in value)
