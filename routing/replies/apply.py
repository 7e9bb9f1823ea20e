"""What an answer changes: the forward that it answers, the concern, the timeline; a sign of life ends the chasing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from intake import storage
from intake.base import german
from routing.model import words
from routing.model.settings import Settings
from routing.replies.correlate import Reply
from routing.replies.reading import Answer, AnswerKind
from routing.store import forwards, tables
from routing.text import redaction
from routing.text.redaction import CityWords

NEEDS_A_PERSON = frozenset({AnswerKind.REFUSED, AnswerKind.QUESTION, AnswerKind.UNCLEAR})
LONGEST_WORDS = 160


def record(
    connection: Connection, message_id: int, reply: Reply, settings: Settings, city: CityWords, now: datetime
) -> None:
    """Write what the answers of one mail change, in the caller's transaction; ``now`` is aware."""
    name = settings.body_name(reply.body)
    if reply.kind == "alleged":
        return  # the decision shows it to a person
    for answer, rows in reply.said:
        for row in rows:
            _answered(connection, row, answer, now)
            _concern(connection, row, answer, name, settings, _quoted(answer, city) + _pictured(reply.pictures))
            detail = f"{name} antwortet: {words.ANSWER_IN_TIMELINE[answer.kind]}."
            storage.note(
                connection,
                now,
                "answered",
                actor=reply.body,
                case_id=row.case_id,
                message_id=message_id,
                detail=detail,
            )
            if answer.linked:
                _link(connection, row, answer, name, message_id, now)
        if not rows and reply.case_id is not None and reply.body == settings.city.duty_desk:
            acknowledge(connection, reply.case_id, now)


def _link(connection: Connection, row: Any, answer: Answer, name: str, message_id: int, now: datetime) -> None:
    """Both cases tell of each other; neither of them changes by that."""
    query = sa.select(tables.cases.c.id, tables.cases.c.number).where(tables.cases.c.number.in_(answer.beside))
    for other in connection.execute(query).all():
        for case_id, number in ((row.case_id, other.number), (other.id, row.number)):
            detail = f"{name} sagt, dass {number} dieselbe Sache ist oder mit erledigt wurde."
            storage.note(connection, now, "linked", case_id=case_id, message_id=message_id, detail=detail)


def enter(
    connection: Connection, row: Any, kind: AnswerKind, settings: Settings, now: datetime, *, actor: str
) -> None:
    """What a body said of the concern of a forward (``row``), as a person enters it; ``now`` is aware."""
    name = settings.body_name(row.recipient)
    answer = Answer("", None, kind, "")
    _answered(connection, row, answer, now)
    _concern(connection, row, answer, name, settings, "")
    detail = f"{actor} trägt ein: {name} antwortet: {words.ANSWER_IN_TIMELINE[kind]}."
    storage.note(connection, now, "answered", actor=actor, case_id=row.case_id, detail=detail)


def acknowledge(connection: Connection, case_id: int, now: datetime, *, position: int | None = None) -> int:
    """Somebody takes care of the case: nobody is chased about it any more. Returns how many letters that ends.

    ``position`` counts the case's concerns from 1, None for all; ``now`` is aware.
    """
    return forwards.acknowledged(connection, case_id, now, position=position)


def _answered(connection: Connection, row: Any, answer: Answer, now: datetime) -> None:
    if answer.kind is AnswerKind.AUTOMATIC:
        return
    said = "" if answer.kind is AnswerKind.RECEIVED else answer.kind.value
    forwards.answered(connection, row.id, now, said)


def _concern(connection: Connection, row: Any, answer: Answer, name: str, settings: Settings, quoted: str) -> None:
    concerns, planned = tables.concerns.c, tables.forwards.c
    if answer.kind in {AnswerKind.AUTOMATIC, AnswerKind.RECEIVED}:
        return
    query = sa.select(planned.id, planned.recipient, planned.answer, planned.planned_at)
    plans = query.where(
        planned.concern_id == row.concern_id, planned.state != "cancelled", planned.report_id.is_(None)
    )
    told = connection.execute(plans).all()
    newest = max(one.planned_at for one in told)
    current = [one for one in told if one.planned_at == newest]
    this = concerns.id == row.concern_id
    if answer.kind is not AnswerKind.COMMISSIONED:
        # A body that has done it, or will not, hears no more of reports that came before its answer.
        forwards.cancel_further(connection, row.concern_id, row.recipient)
    former = row.id not in {one.id for one in current}
    if former and answer.kind not in NEEDS_A_PERSON:
        _wait(connection, this, _former(row, answer, name, quoted))
        return
    if answer.kind in NEEDS_A_PERSON:
        _wait(connection, this, _why(row, answer, name, told, settings, quoted))
        return
    others = {one.answer for one in current if one.recipient != settings.city.duty_desk or len(current) == 1}
    if others & {kind.value for kind in NEEDS_A_PERSON}:
        return
    state = "closed" if others == {AnswerKind.DONE.value} else "answered"
    change = sa.update(tables.concerns).where(this, concerns.state.in_(["open", "answered", "review"]))
    connection.execute(change.values(state=state, waits_for=""))


def _wait(connection: Connection, which: sa.ColumnElement[bool], why: str) -> None:
    """The concern waits for a person, whatever it was before; one that was replaced stays so."""
    change = sa.update(tables.concerns).where(which, tables.concerns.c.state != "replaced")
    connection.execute(change.values(state="review", waits_for=why))


def _former(row: Any, answer: Answer, name: str, quoted: str) -> str:
    """In German, what to do when a body that has the concern no more says that it acts."""
    word = words.ANSWER_IN_TIMELINE[answer.kind]
    said = f"{name} hat den Hinweis nicht mehr und antwortet: {word}.{quoted}"
    close = f"kod-intake close {row.number}"
    return f"{said} Ist er damit erledigt: {close}. Sonst bleibt er offen mit: kod-intake answer {row.number} offen"


def _why(row: Any, answer: Answer, name: str, told: Sequence[Any], settings: Settings, quoted: str) -> str:
    """In German, why a person must look at the answer."""
    if answer.kind is AnswerKind.QUESTION:
        return f"{name} fragt zurück.{quoted} Ist das geklärt: kod-intake answer {row.number} offen"
    if answer.kind is not AnswerKind.REFUSED:
        advice = f"Was gilt, tragen Sie ein mit: kod-intake answer {row.number} erledigt (oder beauftragt, offen …)"
        word = words.ANSWER_IN_TIMELINE[answer.kind]
        return f"{name} antwortet nicht eindeutig ({word}).{quoted} {advice}"
    why = f"{name} gibt den Hinweis zurück: nicht zuständig.{quoted}"
    if answer.other in settings.recipients:
        why += f" Genannt wird: {settings.recipients[answer.other].name} ({answer.other})."
    times = sum(1 for one in told if one.answer == AnswerKind.REFUSED.value)
    if times > 1:
        why += f" Das ist die {times}. Rückgabe."
    return f"{why} Die Regel dazu und einen Änderungsvorschlag zeigt: kod-intake handback {row.number}"


def _pictured(pictures: Sequence[str]) -> str:
    if not pictures:
        return ""
    return f" Dabei: {german.counted(len(pictures), 'Foto', 'Fotos')} ({german.listed(pictures[:3])})."


def _quoted(answer: Answer, city: CityWords) -> str:
    quoted = " ".join(redaction.redact(answer.words, city).text.split())
    if not quoted:
        return ""
    return f" „{quoted if len(quoted) <= LONGEST_WORDS else quoted[:LONGEST_WORDS].rsplit(' ', 1)[0] + ' …'}“"
