"""Which letter a mail answers, who speaks in it, and what it says of which concern."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from intake import reference, storage
from intake.message import Automatic, BouncedLetter, Message
from routing.model.decision import Urgency
from routing.model.settings import Settings
from routing.planning.plan import Ruling
from routing.replies import reading, recognise, sender_authentication
from routing.replies.reading import Answer, AnswerKind, bodies
from routing.store import tables

PLAIN = frozenset({AnswerKind.DONE, AnswerKind.COMMISSIONED, AnswerKind.REFUSED, AnswerKind.RECEIVED})
"""Outcomes after which the words of a reply are no new report, whatever the rules find in them."""


class Reply(Struct, frozen=True):
    """A mail that answers a letter: ``case_id`` is the case it joins (None: it gets one of its own, for a person).

    ``said`` are the answers with the forwards (rows) that each is about; ``body`` the id of the recipient that speaks.
    """

    kind: Literal["answer", "automatic", "bounce"]
    case_id: int | None
    body: str
    said: tuple[tuple[Answer, tuple[Any, ...]], ...] = ()
    letter_id: int | None = None
    bounced: BouncedLetter | None = None
    forged: bool = False  # the own mail server does not believe the sender


def find(connection: Connection, rulings: Sequence[Ruling], settings: Settings) -> dict[int, Reply]:
    """The mails that answer a letter, keyed by message id: a few queries for the whole batch."""
    prefix = settings.city.reference
    suspects = [ruling for ruling in rulings if _may_answer(ruling.stored.message, prefix)]
    wanted = {one for ruling in suspects for one in _answered_ids(ruling.stored.message)}
    letters = _letters(connection, wanted)
    found: dict[int, Reply] = {}
    for ruling in suspects:
        reply = _reply(connection, ruling, letters, settings, prefix)
        if reply is not None:
            found[ruling.stored.id] = reply
    return found


def _may_answer(message: Message, prefix: str) -> bool:
    if message.automatic in {Automatic.OWN, Automatic.BULK}:
        return False
    named = recognise.case_number(message, prefix) or recognise.digest_number(message, prefix)
    return bool(named or message.references or message.returned)


def _answered_ids(message: Message) -> list[str]:
    """Message-IDs that the mail answers, the nearest first."""
    bounced = [message.returned.message_id] if message.returned and message.returned.message_id else []
    return [*bounced, *reversed(message.references[-20:])]


def _letters(connection: Connection, mail_ids: Iterable[str]) -> dict[str, Any]:
    wanted = list(mail_ids)
    if not wanted:
        return {}
    letters = tables.letters.c
    query = sa.select(letters.id, letters.mail_id, letters.recipient, letters.resend_of).where(
        letters.mail_id.in_(wanted)
    )
    return {row.mail_id: row for row in connection.execute(query)}


def _reply(
    connection: Connection, ruling: Ruling, letters: Mapping[str, Any], settings: Settings, prefix: str
) -> Reply | None:
    message = ruling.stored.message
    letter = next((letters[one] for one in _answered_ids(message) if one in letters), None)
    if message.automatic is Automatic.BOUNCE:
        return _bounce(connection, message, letter)
    speakers = recognise.speaking(message, settings.recipients)
    if not speakers:
        return None
    named = recognise.case_number(message, prefix)
    number, position = named or ("", None)
    said = _read(message, number, speakers, settings, prefix)
    rows = _forwards(connection, _letter_ids(connection, message, letter, prefix), number, said, speakers)
    desk = settings.city.duty_desk
    body = rows[0].recipient if rows else desk if desk in speakers else min(speakers)
    if not rows:
        case_id = _case(connection, number)
        reply = Reply("answer", case_id, body, ((_unclear(said), ()),)) if case_id or letter else None
    elif message.automatic is not None:
        reply = Reply("automatic", rows[0].case_id, body)
    else:
        about = _about(said, rows, number, position)
        case_id = next((row.case_id for _, rows_said in about for row in rows_said), None)
        forged = _forged(connection, ruling, settings)
        reply = Reply("answer", case_id, body, about, forged=forged)
    return None if reply is None or _is_new_report(ruling, reply) else reply


def _forged(connection: Connection, ruling: Ruling, settings: Settings) -> bool:
    box = settings.mailboxes.get(ruling.stored.source)
    if box is None or not box.trusted_authserv_id:
        return False
    return sender_authentication.failed(storage.raw(connection, ruling.stored.id), box.trusted_authserv_id)


def _bounce(connection: Connection, message: Message, letter: Any) -> Reply | None:
    if letter is None or message.returned is None:
        return None
    query = (
        sa.select(tables.concerns.c.case_id)
        .join(tables.forwards, tables.forwards.c.concern_id == tables.concerns.c.id)
        .where(tables.forwards.c.letter_id == letter.id)
        .order_by(tables.concerns.c.case_id)
        .limit(1)
    )
    return Reply("bounce", connection.scalar(query), letter.recipient, (), letter.id, message.returned)


def _is_new_report(ruling: Ruling, reply: Reply) -> bool:
    """An emergency in an answer is one; what is urgent or doubtful may be the old matter, told in a plain answer."""
    urgency = ruling.decision.urgency
    if urgency is Urgency.NOTFALL:
        return True
    plain = any(answer.kind in PLAIN for answer, _ in reply.said) or reply.kind == "automatic"
    return urgency is not None and urgency.is_urgent and not plain


def _read(
    message: Message, number: str, speakers: frozenset[str], settings: Settings, prefix: str
) -> tuple[Answer, ...]:
    known = bodies.of_settings(settings)
    text = message.new_text or message.text
    return reading.read(
        text, known, speakers=speakers, prefix=prefix, year=reference.year_of(number), quoted=message.text
    )


def _unclear(said: tuple[Answer, ...]) -> Answer:
    return Answer("", None, AnswerKind.UNCLEAR, said[0].words if said else "")


def _letter_ids(connection: Connection, message: Message, letter: Any, prefix: str) -> list[int]:
    if letter is not None:
        return [letter.id] if letter.resend_of is None else [letter.id, letter.resend_of]
    number = recognise.digest_number(message, prefix).lower()
    if not number:
        return []
    known = tables.letters.c.mail_id  # a letter's Message-ID begins with its number
    return list(connection.scalars(sa.select(tables.letters.c.id).where(known > f"{number}.", known < f"{number}/")))


def _forwards(
    connection: Connection, letter_ids: list[int], number: str, said: tuple[Answer, ...], speakers: frozenset[str]
) -> Sequence[Any]:
    """The forwards that the mail may be about: of the letter, else of the case in its subject, and those it names.

    Who answers a letter about a further report answers the first one.
    """
    forwards, concerns, cases = tables.forwards.c, tables.concerns, tables.cases
    numbers = {answer.number for answer in said if answer.number}
    if number:
        numbers.add(number)
    told_further = sa.select(forwards.concern_id).where(
        forwards.letter_id.in_(letter_ids), forwards.report_id.is_not(None)
    )
    query = (
        sa.select(
            forwards.id,
            forwards.concern_id,
            forwards.recipient,
            forwards.letter_id,
            concerns.c.case_id,
            concerns.c.position,
            cases.c.number,
        )
        .join(concerns, concerns.c.id == forwards.concern_id)
        .join(cases, cases.c.id == concerns.c.case_id)
        .where(
            forwards.state == "composed",
            forwards.report_id.is_(None),
            forwards.recipient.in_(speakers),
            sa.or_(
                forwards.letter_id.in_(letter_ids),
                forwards.concern_id.in_(told_further),
                cases.c.number.in_(numbers),
            ),
        )
        .order_by(forwards.id)
    )
    return connection.execute(query).all()


def _about(
    said: tuple[Answer, ...], rows: Sequence[Any], number: str, position: int | None
) -> tuple[tuple[Answer, tuple[Any, ...]], ...]:
    """Each answer with its forwards; one without a number means the letter, if that is about one concern."""
    about = []
    for answer in said:
        if answer.number:
            meant = [row for row in rows if row.number == answer.number]
            meant = [row for row in meant if answer.position in (None, row.position)]
        else:
            meant = [row for row in rows if position is None or (row.number, row.position) == (number, position)]
        if len({row.concern_id for row in meant}) > 1 and not answer.number and not answer.everything:
            meant = []
        about.append((answer, tuple(meant)))
    return tuple(about)


def _case(connection: Connection, number: str) -> int | None:
    return connection.scalar(sa.select(tables.cases.c.id).where(tables.cases.c.number == number)) if number else None
