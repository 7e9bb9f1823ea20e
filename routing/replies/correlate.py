"""Which letter a mail answers, who speaks in it, and what it says of which concern.

An answer is about the concerns of the letter that it answers, never about another that its text names. It counts only
when its sender is proved (``ties``); anything else in a body's name, or about a letter of ours, is alleged: a person
sees it, and nothing changes.
"""

from collections.abc import Sequence
from typing import Any, Literal

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from intake import reference
from intake.message import Automatic, BouncedLetter, Message
from routing.model.decision import Urgency
from routing.model.settings import Settings
from routing.planning.plan import Ruling
from routing.replies import reading, recognise, ties
from routing.replies.reading import Answer, AnswerKind, bodies, letter_text
from routing.replies.reading.numbers import Case
from routing.replies.ties import Doubt, Letters
from routing.store import tables

PLAIN = frozenset({AnswerKind.DONE, AnswerKind.COMMISSIONED, AnswerKind.REFUSED, AnswerKind.RECEIVED})
"""Outcomes after which the words of a reply are no new report, whatever the rules find in them."""


class Reply(Struct, frozen=True):
    """A mail that answers a letter: ``case_id`` is the case it joins (None: it gets one of its own, for a person).

    ``said`` are the answers with the forwards (rows) that each is about; ``body`` the id of the recipient that speaks;
    ``number`` that of the letter. ``doubt`` says why it is only alleged. ``unplaced`` are words about something that
    the letter does not list; ``pictures`` the names of the photos that came with it.
    """

    kind: Literal["answer", "automatic", "bounce", "alleged"]
    case_id: int | None
    body: str
    said: tuple[tuple[Answer, tuple[Any, ...]], ...] = ()
    letter_id: int | None = None
    bounced: BouncedLetter | None = None
    number: str = ""
    doubt: Doubt | Literal["number", "bounce"] = ""
    unplaced: str = ""
    pictures: tuple[str, ...] = ()


def find(connection: Connection, rulings: Sequence[Ruling], settings: Settings) -> dict[int, Reply]:
    """The mails that answer a letter, keyed by message id: a few queries for the whole batch."""
    prefix = settings.city.reference
    suspects = [ruling for ruling in rulings if _may_answer(ruling.stored.message, prefix)]
    letters = ties.of_batch(connection, [ruling.stored.message for ruling in suspects])
    found: dict[int, Reply] = {}
    for ruling in suspects:
        reply = _reply(connection, ruling, letters, settings, prefix)
        if reply is not None and not _is_danger_alleged(ruling, reply):
            found[ruling.stored.id] = reply
    return found


def _may_answer(message: Message, prefix: str) -> bool:
    if message.automatic in {Automatic.OWN, Automatic.BULK}:
        return False
    named = recognise.case_number(message, prefix) or recognise.digest_number(message, prefix)
    return bool(named or message.references or message.returned or reference.find_tokens(message.subject))


def _reply(connection: Connection, ruling: Ruling, letters: Letters, settings: Settings, prefix: str) -> Reply | None:
    message = ruling.stored.message
    if message.automatic is Automatic.BOUNCE:
        return _bounce(connection, message, letters)
    letter, several = ties.letter_of(message, letters)
    speakers = recognise.speaking(message, settings.recipients)
    if letter is None:
        return _named_only(connection, message, speakers, settings, prefix)
    if letter.recipient not in settings.recipients:
        return None
    number = _number(letter)
    if message.automatic is not None:
        rows = _forwards(connection, letters, letter)
        return Reply("automatic", rows[0].case_id, letter.recipient, number=number) if rows else None
    doubt = ties.doubt(connection, ruling, letter, settings) or several
    if doubt:
        return Reply("alleged", None, letter.recipient, letter_id=letter.id, number=number, doubt=doubt)
    reply = _answer(connection, message, letters, letter, settings)
    return None if _is_new_report(ruling, reply) else reply


def _is_danger_alleged(ruling: Ruling, reply: Reply) -> bool:
    """A danger is one whoever tells of it, but where a bounce gives back what we wrote ourselves."""
    urgency = ruling.decision.urgency
    return reply.kind == "alleged" and reply.doubt != "bounce" and urgency is not None and urgency.is_urgent


def _answer(connection: Connection, message: Message, letters: Letters, letter: Any, settings: Settings) -> Reply:
    """What a proved answer to the letter says of its concerns."""
    rows = _forwards(connection, letters, letter)
    listed = tuple(dict.fromkeys((row.number, row.position) for row in rows))
    said = _read(connection, message, letter, listed, settings)
    if not rows:  # about none: a call to the desk, or its list
        case_id = _case_listed(connection, letters, letter)
        return Reply("answer", case_id, letter.recipient, ((_unclear(said), ()),), number=_number(letter))
    about, unplaced = _about(said, rows)
    case_id = None if unplaced else next((row.case_id for _, meant in about for row in meant), None)
    pictures = tuple(
        file.name or "Foto"
        for file in message.attachments
        if file.content_type.startswith("image/") and not file.decoration
    )
    return Reply("answer", case_id, letter.recipient, about, letter.id, None, _number(letter), "", unplaced, pictures)


def _named_only(
    connection: Connection, message: Message, speakers: frozenset[str], settings: Settings, prefix: str
) -> Reply | None:
    """A body that names a number of ours, and nothing that only our letter holds, is only alleged to answer it."""
    named = recognise.case_number(message, prefix)
    number = named.case if named else recognise.digest_number(message, prefix)
    if not speakers or not number:
        return None
    case_id = connection.scalar(sa.select(tables.cases.c.id).where(tables.cases.c.number == number)) if named else None
    if named and case_id is None:
        return None
    desk = settings.city.duty_desk
    body = desk if desk in speakers else min(speakers)
    if message.automatic is not None:
        return Reply("automatic", case_id, body, number=number)
    return Reply("alleged", None, body, number=number, doubt="number")


def _bounce(connection: Connection, message: Message, letters: Letters) -> Reply | None:
    letter = ties.returned(message, letters)
    if message.returned is None:
        return None
    if letter is None:
        known = letters.by_mail.get(message.returned.message_id)
        return Reply("alleged", None, known.recipient, number=_number(known), doubt="bounce") if known else None
    query = (
        sa.select(tables.concerns.c.case_id)
        .join(tables.forwards, tables.forwards.c.concern_id == tables.concerns.c.id)
        .where(tables.forwards.c.letter_id == letter.id)
        .order_by(tables.concerns.c.case_id)
        .limit(1)
    )
    return Reply("bounce", connection.scalar(query), letter.recipient, (), letter.id, message.returned)


def _number(letter: Any) -> str:
    """What stands in the brackets of its subject, without the token."""
    subject: str = letter.subject
    return subject.partition("]")[0].lstrip("[").partition(" #")[0]


def _is_new_report(ruling: Ruling, reply: Reply) -> bool:
    """An emergency in an answer is one; what is urgent or doubtful may be the old matter, told in an answer.

    It is, where the answer is plain, or where all that is urgent in it is what the letter was about.
    """
    urgency = ruling.decision.urgency
    if urgency is Urgency.NOTFALL:
        return True
    if urgency is None or not urgency.is_urgent or any(answer.kind in PLAIN for answer, _ in reply.said):
        return False
    told = {row.category for _, rows in reply.said for row in rows}
    return any(one.urgency.is_urgent and one.category not in told for one in ruling.decision.concerns)


def _read(
    connection: Connection, message: Message, letter: Any, listed: tuple[Case, ...], settings: Settings
) -> tuple[Answer, ...]:
    """What the mail says, read against the letter's own words, which it may hold without any mark."""
    raw: bytes = connection.execute(
        sa.select(tables.letters.c.raw).where(tables.letters.c.id == letter.id)
    ).scalar_one()
    ours = letter_text.plain(raw)
    return reading.read(
        letter_text.own_words(message.new_text, message.text, ours),
        bodies.of_settings(settings),
        speakers=frozenset({letter.recipient}),
        prefix=settings.city.reference,
        year=reference.year_of(listed[0][0]) if listed else 0,
        quoted=letter_text.marked(message.text, ours),
        listed=listed,
    )


def _unclear(said: tuple[Answer, ...]) -> Answer:
    return Answer("", None, AnswerKind.UNCLEAR, said[0].words if said else "")


def _ids(letters: Letters, letter: Any) -> tuple[list[int], list[int]]:
    """The letter with the one that it repeats, and the forwards that these list, in the order of the list."""
    both = list({one.id: one for one in (letter, letters.first(letter))}.values())
    return [one.id for one in both], list(dict.fromkeys(forward for one in both for forward in one.listed or ()))


def _forwards(connection: Connection, letters: Letters, letter: Any) -> Sequence[Any]:
    """The forwards that an answer to the letter is about, in the order of its list.

    Who answers a letter about a further report answers the first one.
    """
    letter_ids, listed = _ids(letters, letter)
    forwards, concerns, cases = tables.forwards.c, tables.concerns, tables.cases
    told = sa.or_(forwards.letter_id.in_(letter_ids), forwards.id.in_(listed))
    further = sa.select(forwards.concern_id).where(told, forwards.report_id.is_not(None))
    query = (
        sa.select(
            forwards.id,
            forwards.concern_id,
            forwards.recipient,
            forwards.letter_id,
            concerns.c.case_id,
            concerns.c.position,
            concerns.c.category,
            cases.c.number,
        )
        .join(concerns, concerns.c.id == forwards.concern_id)
        .join(cases, cases.c.id == concerns.c.case_id)
        .where(
            forwards.state == "composed",
            forwards.report_id.is_(None),
            forwards.recipient == letter.recipient,
            sa.or_(told, forwards.concern_id.in_(further)),
        )
        .order_by(forwards.id)
    )
    place = {forward: at for at, forward in enumerate(listed)}
    return sorted(connection.execute(query).all(), key=lambda row: (place.get(row.id, len(place)), row.id))


def _case_listed(connection: Connection, letters: Letters, letter: Any) -> int | None:
    """The case of a letter that lists forwards of another body: a call to the desk."""
    _, listed = _ids(letters, letter)
    query = sa.select(tables.concerns.c.case_id).join(
        tables.forwards, tables.forwards.c.concern_id == tables.concerns.c.id
    )
    return connection.scalar(query.where(tables.forwards.c.id.in_(listed)).limit(1)) if listed else None


def _about(said: tuple[Answer, ...], rows: Sequence[Any]) -> tuple[tuple[tuple[Answer, tuple[Any, ...]], ...], str]:
    """Each answer with its forwards, and the words about what the letter does not list.

    An answer without a number means the letter, if that is about one concern or all of it is meant.
    """
    about, unplaced = [], ""
    for answer in said:
        meant = [row for row in rows if answer.number in {"", row.number} and answer.position in {None, row.position}]
        if len({row.concern_id for row in meant}) > 1 and not answer.number and not answer.everything:
            meant = []
        if not meant:
            unplaced = f"{unplaced} {answer.words}".strip() or "?"
        about.append((answer, tuple(meant)))
    return tuple(one for one in about if one[1]), unplaced
