"""What people do with a case as a whole: merge it into another, split a matter off, reopen, correct the place, photos.

Each act is one short transaction with a line in the timeline of every case that it changes. What was sent is never
touched: a body that has a letter with the old place gets a "Berichtigung". Nothing that waits is lost: what is split
off or reopened waits for a decision, and nothing living is merged into what is closed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from intake import storage
from intake.base import errors, german
from routing import replies
from routing.desk import case_numbers, changing
from routing.model.decision import Decision, State
from routing.model.settings import Configuration
from routing.planning.plan import Ruling
from routing.store import cases, forwards, tables
from routing.store.cases import corrections, matching, rows
from routing.text import places

LONGEST_PLACE = 120
_D, _C = tables.decisions.c, tables.concerns.c


def merge(
    engine: Engine,
    configuration: Configuration,
    number: str,
    into: str,
    now: datetime,
    *,
    actor: str,
    seen: str | None = None,
) -> str:
    """The messages of one case show in another (``into``), and it is closed. Says in German what was done.

    ``now``: aware, UTC; ``seen`` as in ``actions.assign``. Raises UsageError for a case that is the same, or closed
    while the first one is not, and as ``changing.every``.
    """
    with storage.writing(engine) as connection:
        mine, theirs = changing.every(connection, number, seen), changing.every(connection, into)
        one, other = mine.case_id, theirs.case_id
        if one == other:
            raise errors.UsageError("Bitte nennen Sie zwei verschiedene Vorgänge.")
        source, target = mine.number, theirs.number
        if _living(mine.concerns) and not _living(theirs.concerns):
            raise errors.UsageError(
                f"{target} ist geschlossen. Öffnen Sie ihn erst wieder: kod-intake reopen {target}"
            )
        reason = f"{actor} hat {source} mit {target} zusammengeführt."
        newest = _newest_in(connection, one)
        changing.allowed(connection, newest)
        moved = [_kept(connection, message, matching.SUPPLEMENT, reason) for message in newest]
        if not moved:
            return f"{source} ist schon mit einem anderen Vorgang zusammengeführt."
        cases.keep_snapshot(connection, configuration, now)
        joined = {ruling.stored.id: other for ruling in moved}
        rows.insert_decisions(connection, moved, joined, configuration.fingerprint, now, actor)
        cases.close(connection, one, None)
        replies.acknowledge(connection, one, now)
        for case_id, detail in ((one, f"{reason} Hier ist er geschlossen."), (other, reason)):
            storage.note(connection, now, "merged", actor=actor, case_id=case_id, detail=detail)
    count = german.counted(len(moved), "Nachricht steht", "Nachrichten stehen")
    return f"{source} ist geschlossen; {count} jetzt in {target}."


def split(engine: Engine, number: str, now: datetime, *, actor: str, what: str = "", seen: str | None = None) -> str:
    """A further matter of the same message becomes a concern of its own, which waits for a decision; its number.

    ``what`` says in a few words what it is about. ``now``: aware, UTC; ``seen`` as in ``merge``. Raises as
    ``changing.one``.
    """
    with storage.writing(engine) as connection:
        meant = changing.one(connection, number, seen)
        [concern], case_id = meant.rows, meant.case_id
        [new] = storage.reserve_ids(connection, tables.concerns, 1)
        waits_for = f"Weiteres Anliegen derselben Nachricht{f': {what}' if what else ''}. Ein Mensch entscheidet."
        row = {
            "id": new,
            "case_id": case_id,
            "message_id": concern.message_id,
            "position": max(row.position for row in meant.concerns) + 1,
            "state": "review",
            "category": "",
            "category_id": "",
            "urgency": "",
            "place": concern.place,
            "district": concern.district,
            "opened_at": now,
            "waits_for": waits_for,
            "likeness": "",
        }
        connection.execute(sa.insert(tables.concerns).values(row))
        detail = f"{actor} hat ein weiteres Anliegen abgetrennt{f': {what}' if what else ''}."
        storage.note(connection, now, "split", actor=actor, case_id=case_id, detail=detail)
    return f"{concern.number}-{row['position']}"


def reopen(
    engine: Engine, number: str, now: datetime, *, actor: str, reason: str = "", seen: str | None = None
) -> str:
    """What is closed of a case (or one concern of it) waits for a decision again. Says in German what.

    ``now``: aware, UTC; ``seen`` as in ``merge``. Raises as ``changing.every``.
    """
    with storage.writing(engine) as connection:
        meant = changing.every(connection, number, seen)
        case_id, closed = meant.case_id, [row for row in meant.rows if row.state == "closed"]
        if not closed:
            return f"{meant.number} ist nicht geschlossen."
        detail = f"{actor} hat den Vorgang wieder geöffnet. {reason}".strip()
        change = sa.update(tables.concerns).where(_C.id.in_([row.id for row in closed]))
        connection.execute(change.values(state="review", waits_for=detail))
        storage.note(connection, now, "reopened", actor=actor, case_id=case_id, detail=detail)
    names = german.listed(case_numbers.name(meant.concerns, row) for row in closed)
    return f"{names} {'wartet' if len(closed) == 1 else 'warten'} wieder auf eine Entscheidung."


def correct_place(
    engine: Engine,
    configuration: Configuration,
    number: str,
    said: str,
    now: datetime,
    *,
    actor: str,
    seen: str | None = None,
) -> str:
    """The concern at another place: waiting letters name it, bodies with a letter get a "Berichtigung". Says what.

    Without a position all living concerns are meant, if they are at one place. ``now``: aware, UTC; ``seen`` as in
    ``merge``. Raises UsageError for no place or several, and as ``changing.every``.
    """
    said = " ".join(said.split())
    if not said or len(said) > LONGEST_PLACE:
        raise errors.UsageError(f"Bitte nennen Sie einen Ort mit höchstens {LONGEST_PLACE} Zeichen.")
    with storage.writing(engine) as connection:
        found = changing.every(connection, number, seen)
        case_id, concerns = found.case_id, found.concerns
        meant = _living(concerns) if found.position is None else found.rows
        if not meant:
            raise errors.UsageError(f"{found.number} ist geschlossen.")
        if len({row.place for row in meant}) > 1:
            names = german.listed(case_numbers.name(concerns, row) for row in meant)
            raise errors.UsageError(
                f"Die Hinweise sind an verschiedenen Orten. Bitte nennen Sie einen davon: {names}."
            )
        place, district = _place(configuration, said)
        corrected: dict[int, set[int]] = {}
        for row in meant:
            corrections.move(connection, row.id, place, district)
            corrected.setdefault(row.message_id, set()).add(row.id)
        before = meant[0].place or "ohne Ort"
        detail = f"{actor} hat den Ort berichtigt: {place} (vorher {before})."
        told = _tell(connection, configuration, case_id, corrected, detail, now, actor)
        storage.note(connection, now, "place", actor=actor, case_id=case_id, detail=detail)
    names = german.listed(case_numbers.name(concerns, row) for row in meant)
    after = f" Eine Berichtigung geht an {german.listed(told)}." if told else ""
    return f"{names}: Der Ort ist jetzt {place}.{after}"


def release_photos(engine: Engine, number: str, now: datetime, *, actor: str, seen: str | None = None) -> str:
    """The photos go with the letters that wait for the case (or one concern). Says in German to whom.

    ``now``: aware, UTC; ``seen`` as in ``merge``. Raises UsageError without a letter that waits, and as
    ``changing.every``.
    """
    with storage.writing(engine) as connection:
        meant = changing.every(connection, number, seen)
        case_id = meant.case_id
        bodies = forwards.release_photos(connection, [row.id for row in meant.rows])
        if not bodies:
            raise errors.UsageError(
                f"Zu {meant.number} wartet kein Schreiben. Weisen Sie ihn mit den Fotos noch einmal zu: "
                f"kod-intake assign {meant.number} STELLE --photos"
            )
        detail = f"{actor} hat die Fotos für {german.listed(bodies)} freigegeben."
        storage.note(connection, now, "photos", actor=actor, case_id=case_id, detail=detail)
    return detail


def _living(concerns: Sequence[Any]) -> list[Any]:
    return [row for row in concerns if row.state not in case_numbers.ENDED]


def _newest_in(connection: Connection, case_id: int) -> list[int]:
    """The messages (ids) that belong to the case by their newest decision, the oldest first."""
    newer = tables.decisions.alias("newer")
    later = sa.exists().where(newer.c.message_id == _D.message_id, newer.c.id > _D.id)
    query = sa.select(_D.message_id).where(_D.case_id == case_id, ~later).order_by(_D.message_id)
    return list(connection.scalars(query))


def _kept(connection: Connection, message: int, kind: str, reason: str) -> Ruling:
    stored = storage.get(connection, message)
    assert stored is not None
    return Ruling(stored, Decision(State.KEPT, kind, (), reason), ())


def _place(configuration: Configuration, said: str) -> tuple[str, str]:
    """(place, district): as the gazetteer writes it where it knows it, else as it was said."""
    found = [place for place in places.find(said, configuration.gazetteer) if place.street]
    if len(found) != 1:
        return said, ""
    return f"{found[0].street} {found[0].number}".strip(), found[0].district


def _tell(
    connection: Connection,
    configuration: Configuration,
    case_id: int,
    corrected: dict[int, set[int]],
    reason: str,
    now: datetime,
    actor: str,
) -> list[str]:
    """Plan a "Berichtigung" for each body that has a letter about one of these concerns; the bodies."""
    composed = tables.forwards.c
    concerns = [concern for some in corrected.values() for concern in some]
    query = sa.select(composed.recipient).where(composed.concern_id.in_(concerns), composed.state == "composed")
    bodies = sorted(set(connection.scalars(query)) & configuration.settings.recipients.keys())
    if not bodies:
        return []
    rulings = [_kept(connection, message, matching.EDIT, reason) for message in corrected]
    cases.keep_snapshot(connection, configuration, now)
    joined = dict.fromkeys(corrected, case_id)
    rows.insert_decisions(connection, rulings, joined, configuration.fingerprint, now, actor)
    cases.plan_further(connection, rulings, rulings, corrected, configuration.settings, now)
    return bodies
