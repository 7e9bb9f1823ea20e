"""What is known of a person, for that person: one ZIP with a readable page and the same for machines (Art. 15, 20).

Of messages that the person wrote, all that was said; of others', as what and where the person is named, and only on
demand the sentences, since a machine does not know whose every word in them is. Third persons are taken out by the
redaction, except for what the person is known by (names, addresses and numbers that were searched for, or stand where
the sender does) and for the signature. Whoever hands it out reads it before. Raw bytes and files are not in it, since
nobody can look through them here; they are listed.
"""

import html
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from intake import storage
from intake.base import german
from intake.message import Stored
from routing.privacy import persons
from routing.privacy.persons import Candidate, Term
from routing.store import tables
from routing.text import redaction
from routing.text.redaction import CityWords, placeholders

PAGE, DATA = "auskunft.html", "auskunft.json"
_CLOSING = re.compile(
    r"(?im)^[ \t]*(?:mit (?:\S+ ){0,3}gr(?:ü|ue)(?:ß|ss)en?\b|hochachtungsvoll\b|mfg\b|vg\b|lg\b|gru(?:ß|ss)\b"
    r"|(?:viele|beste|liebe|freundliche|schöne) gr(?:ü|ue)(?:ß|ss)e\b)"
)
_MARK = re.compile(placeholders.PATTERN)
_OWN_NUMBER = re.compile(
    r"(?i)\b(?:meine?\w*\s(?:\S+\s){0,3}?(?:nummer|tel\w*|handy\w*|mobil\w*|adresse|mail\w*|anschrift)"
    r"|ich bin|mich|mir)\b"
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
Values = dict[str, Any]


def collect(
    connection: Connection,
    chosen: Sequence[Candidate],
    terms: Sequence[Term],
    city: CityWords,
    *,
    sentences: bool = False,
) -> Values:
    """All that these messages tell of the person, as plain values; ``terms`` are what the person is known by.

    With ``sentences`` others' messages come with the sentences that name the person, redacted.
    """
    stored = [(one, message) for one in chosen if (message := storage.get(connection, one.id))]
    own = [message for one, message in stored if one.is_sender]
    known = [*terms, *(persons.term(said) for said in _said_of(own))]
    return {
        "erstellt_nach": "Art. 15 und 20 DSGVO",
        "nachrichten": [
            _message(connection, one, message, known, city, sentences=sentences) for one, message in stored
        ],
    }


def _said_of(own: Iterable[Stored]) -> Iterator[str]:
    for one in own:
        said = (one.message.from_name, one.message.from_addr, one.message.reply_to, one.message.contact)
        yield from (part for part in said if part.strip())


def _message(
    connection: Connection, one: Candidate, stored: Stored, known: Sequence[Term], city: CityWords, *, sentences: bool
) -> Values:
    message = stored.message
    values: Values = {
        "nummer": one.number,
        "vorgang": one.case,
        "eingegangen": stored.received_at.isoformat(),
        "eingangsweg": message.channel,
        "entscheidungen": _decisions(connection, one.id),
        "weitergegeben": _recipients(connection, one.id),
    }
    if not one.is_sender:
        named = [f"„{said}“ im Feld {place}" for said, place in one.why]
        texts = (message.subject, message.text, message.place) if sentences else ()
        found = [line for text in texts for line in _naming(text, known, city)]
        return values | {"rolle": "genannt", "genannt als": named, "sätze": found}
    return values | {
        "rolle": "Absender",
        "name": message.from_name,
        "adresse": message.from_addr,
        "antwortadresse": message.reply_to,
        "rückruf": message.contact,
        "ort": message.place,
        "betreff": without_others(message.subject, known, city),
        "text": _own_text(message.text, known, city),
        "anhänge": [{"name": file.name, "art": file.content_type, "größe": file.size} for file in message.attachments],
        "kennung": message.message_id,
        "zustimmung": message.consent,
    }


def _own_text(text: str, known: Sequence[Term], city: CityWords) -> str:
    """What the person wrote; below the closing formula stands the signature, up to the next quotation."""
    closing = _CLOSING.search(text)
    if closing is None:
        return without_others(text, known, city)
    below = text[closing.start() :]
    end = re.search(r"\n\s*\n(?=>|\S.*:\s*\n>|-{2,})", below)
    signature, rest = (below[: end.start()], below[end.start() :]) if end else (below, "")
    return without_others(text[: closing.start()], known, city) + signature + without_others(rest, known, city)


def without_others(text: str, known: Sequence[Term], city: CityWords) -> str:
    """``text`` redacted, but for words that the person is known by, and numbers given as her own."""
    plain = redaction.clean(text)
    redacted = redaction.redact(plain, city).text
    at, out, previous = 0, [], 0
    marks = list(_MARK.finditer(redacted))
    for index, mark in enumerate(marks):
        literal = redacted[previous : mark.start()]
        start = plain.find(literal, at) + len(literal) if literal else at
        following = redacted[mark.end() : marks[index + 1].start() if index + 1 < len(marks) else None]
        end = plain.find(following, start) if following else len(plain)
        if start < at or end < 0:  # the redaction changed more than it marked: as it is
            return redacted
        out += [literal, _own(plain, start, end, known) or mark[0]]
        at, previous = end, mark.end()
    return "".join(out) + redacted[previous:]


def _own(text: str, start: int, end: int, known: Sequence[Term]) -> str:
    """Of what was taken out (from ``start`` to ``end``) the part that is the person's own."""
    gone = text[start:end]
    before = _SENTENCE.split(text[:start])[-1]
    if re.search(r"\d{5}|@", re.sub(r"[\s/()-]", "", gone)) and _OWN_NUMBER.search(before):
        return gone
    if any(one.kind != "words" and one.stands_in(persons.folded(gone)) for one in known):
        return gone
    words = {word for one in known if one.kind == "words" for word in one.words}
    kept = [word for word in re.findall(r"\S+", gone) if words.intersection(re.findall(r"\w+", persons.folded(word)))]
    return " ".join(kept)


def _naming(text: str, known: Sequence[Term], city: CityWords) -> Iterator[str]:
    """The sentences that name the person, without others."""
    for sentence in _SENTENCE.split(redaction.clean(text)):
        if any(one.stands_in(persons.folded(sentence)) for one in known):
            yield without_others(sentence.strip(), known, city)


def _decisions(connection: Connection, message: int) -> list[Values]:
    d = tables.decisions.c
    query = sa.select(d.at, d.state, d.category, d.urgency).where(d.message_id == message).order_by(d.id)
    return [
        {"am": row.at.isoformat(), "ergebnis": row.state, "thema": row.category, "dringlichkeit": row.urgency}
        for row in connection.execute(query)
    ]


def _recipients(connection: Connection, message: int) -> list[Values]:
    """Who got it, and when: the bodies' short names in config.toml."""
    c, f, letters = tables.concerns.c, tables.forwards.c, tables.letters.c
    query = (
        sa.select(f.recipient, letters.composed_at)
        .join(tables.concerns, c.id == f.concern_id)
        .join(tables.letters, letters.id == f.letter_id)
        .where(sa.or_(sa.and_(c.message_id == message, f.report_id.is_(None)), f.report_id == message))
        .order_by(f.id)
    )
    return [{"an": row.recipient, "am": row.composed_at.isoformat()} for row in connection.execute(query)]


def write(path: Path, values: Values, city: str, now: datetime) -> None:
    """The ZIP, new and for its owner alone; ``now``: aware. Raises FileExistsError and OSError."""
    path.touch(0o600, exist_ok=False)
    path.write_bytes(packed(values, city, now))


def packed(values: Values, city: str, now: datetime) -> bytes:
    """The ZIP as bytes; ``now``: aware."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(DATA, json.dumps(values, ensure_ascii=False, indent=2))
        archive.writestr(PAGE, page(values, city, now))
    return file.getvalue()


def page(values: Values, city: str, now: datetime) -> str:
    """The readable page, German; everything in it that somebody wrote is escaped."""
    parts = "\n".join(_section(message) for message in values["nachrichten"])
    title = f"Auskunft über gespeicherte Daten, Stadt {html.escape(city)}"
    return (
        f'<!doctype html>\n<html lang="de"><meta charset="utf-8"><title>{title}</title>\n'
        "<style>body{font:1rem/1.5 sans-serif;max-width:50rem;margin:2rem auto}dt{font-weight:bold}"
        "dd{white-space:pre-wrap;margin:0 0 .5rem 1rem}</style>\n"
        f"<h1>{title}</h1>\n<p>Stand {german.long_moment(now)}. Nach Art. 15 und 20 DSGVO. Angaben über andere "
        f"Personen sind entfernt. Dieselben Angaben für Programme: {DATA}.</p>\n{parts}\n</html>\n"
    )


def _section(message: Values) -> str:
    items = "\n".join(
        f"<dt>{html.escape(name.capitalize())}</dt><dd>{html.escape(_shown(value))}</dd>"
        for name, value in message.items()
        if value not in ("", [], None)
    )
    return f"<h2>{html.escape(message['nummer'])}</h2>\n<dl>\n{items}\n</dl>"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nein"
    if isinstance(value, list):
        return "\n".join(_shown(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_shown(one)}" for name, one in value.items() if one not in ("", None))
    return str(value)
