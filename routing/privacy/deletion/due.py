"""What is due to be deleted, as questions to the database: closed, quiet since a moment, held by nobody. Reads only.

A case is *over* when nothing of it waits for anybody: no concern is in review, open or answered, no letter of it is on
its way, held or refused, none of its messages is to be judged again. It is *quiet* since the last thing that happened
to it: a decision, a line of its timeline, a delivery, an answer.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from intake.storage import tables as stored
from routing.store import held, tables

LIVING = ("review", "open", "answered")
"""States of concerns that somebody still works on."""
UNDELIVERED = ("planned", "sending", "held", "parked")

_M, _W, _E = stored.messages.c, stored.waiting.c, stored.events.c
_D, _K, _C, _F = tables.decisions.c, tables.cases.c, tables.concerns.c, tables.forwards.c
_L, _V, _A = tables.letters.c, tables.deliveries.c, tables.acknowledgements.c

CUTOFF: sa.BindParameter[datetime] = sa.bindparam("cutoff", type_=_D.at.type)
"""The moment (aware, UTC) before which the last thing must have happened."""
AFTER: sa.BindParameter[int] = sa.bindparam("after", type_=sa.BigInteger)
LIMIT: sa.BindParameter[int] = sa.bindparam("limit", type_=sa.Integer)


def is_case_held(case_id: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Whether somebody holds or restricted a message of this case: then nothing of the case goes."""
    inside = tables.decisions.alias("of_held").c
    return sa.exists().where(inside.case_id == case_id, held.is_active(inside.message_id))


def has_living_concern(case_id: sa.ColumnElement[int], states: tuple[str, ...] = LIVING) -> sa.ColumnElement[bool]:
    """Whether the case has a concern in one of these states."""
    return sa.exists().where(_C.case_id == case_id, _C.state.in_(states))


def is_quiet(case_id: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Nothing happened to the case since ``CUTOFF``, and nothing of it is on its way."""
    letters = (
        sa.exists()
        .where(_C.case_id == case_id, _F.concern_id == _C.id, _V.letter_id == _F.letter_id)
        .where(sa.or_(_V.state.in_(UNDELIVERED), _V.finished_at > CUTOFF))
    )
    planned = sa.exists().where(
        _C.case_id == case_id,
        _F.concern_id == _C.id,
        sa.or_(_F.state.in_(["planned", "parked"]), _F.answered_at > CUTOFF),
    )
    waits = sa.exists().where(_D.case_id == case_id, _W.message_id == _D.message_id)
    return sa.and_(
        ~sa.exists().where(_D.case_id == case_id, _D.at > CUTOFF),
        ~sa.exists().where(_E.case_id == case_id, _E.at > CUTOFF),
        ~letters,
        ~planned,
        ~waits,
    )


def is_over(case_id: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """The case is closed, and quiet since ``CUTOFF``."""
    return sa.and_(~has_living_concern(case_id), is_quiet(case_id))


def _page(query: sa.Select[Any], number: sa.ColumnElement[int]) -> sa.Select[Any]:
    return query.where(number > AFTER).order_by(number).limit(LIMIT)


CASES = _page(sa.select(_K.id, _K.opened_at.label("at")).where(_K.opened_at <= CUTOFF, is_over(_K.id)), _K.id)
"""Cases that are over."""

OVER_AMONG = sa.select(_K.id).where(_K.id.in_(sa.bindparam("wanted", expanding=True)), is_over(_K.id))
"""Those of the cases "wanted" that are over."""

_S = tables.concerns.alias("silent").c  # not the table that ``is_quiet`` itself asks
SILENT = _page(
    sa.select(_S.id, _S.case_id, _S.position, _S.opened_at.label("at")).where(
        _S.state.in_(["open", "answered"]),
        _S.opened_at <= CUTOFF,
        is_quiet(_S.case_id),
        ~is_case_held(_S.case_id),
    ),
    _S.id,
)
"""Concerns that went to their bodies, of which nothing was heard since."""

_O = tables.decisions.alias("own").c
_LATER = sa.exists().where(
    _O.message_id == _M.id,
    sa.or_(_O.at > CUTOFF, sa.and_(_O.case_id.is_not(None), ~is_over(_O.case_id)), is_case_held(_O.case_id)),
)
_DECIDED = sa.exists().where(_O.message_id == _M.id)
_WAITING = sa.exists().where(_W.message_id == _M.id)

RAW = _page(
    sa.select(_M.id, _M.stored_at.label("at"))
    .join(stored.raw_messages, stored.raw_messages.c.message_id == _M.id)
    .where(_M.stored_at <= CUTOFF, _DECIDED, ~_LATER, ~_WAITING, ~held.is_active(_M.id)),
    stored.raw_messages.c.message_id,
)
"""Messages that still have their bytes, of cases that are over or without one."""

_ELSE = tables.decisions.alias("others")
KEPT = _page(
    sa.select(_D.message_id.label("id"), sa.func.max(_D.at).label("at"))
    .where(
        _D.case_id.is_(None),
        ~sa.exists().where(
            _ELSE.c.message_id == _D.message_id, sa.or_(_ELSE.c.case_id.is_not(None), _ELSE.c.at > CUTOFF)
        ),
        ~sa.exists().where(_W.message_id == _D.message_id),
        ~sa.exists().where(_K.message_id == _D.message_id),
        ~held.is_active(_D.message_id),
    )
    .group_by(_D.message_id),
    _D.message_id,
)
"""Messages without a case."""

_OF_LIVING = sa.exists().where(
    _F.letter_id == _L.id, _C.id == _F.concern_id, sa.or_(_C.state.in_(LIVING), is_case_held(_C.case_id))
)
_ANSWERS_HELD = sa.exists().where(_A.letter_id == _L.id, is_case_held(_A.case_id))
_ON_ITS_WAY = sa.exists().where(_V.letter_id == _L.id, sa.or_(_V.state.in_(UNDELIVERED), _V.finished_at > CUTOFF))
_HAS_BYTES = sa.func.length(_L.raw) > 0
_OF_FORWARDS = sa.exists().where(_F.letter_id == _L.id)
_OF_ANSWERS = sa.exists().where(_A.letter_id == _L.id)

LETTERS = _page(
    sa.select(_L.id, _L.composed_at.label("at")).where(
        _L.composed_at <= CUTOFF,
        _HAS_BYTES,
        sa.or_(_OF_FORWARDS, _OF_ANSWERS),
        ~_OF_LIVING,
        ~_ANSWERS_HELD,
        ~_ON_ITS_WAY,
    ),
    _L.id,
)
"""Letters that still have their bytes, about nothing that lives."""

LISTS = _page(
    sa.select(_L.id, _L.composed_at.label("at")).where(
        _L.composed_at <= CUTOFF, ~_OF_FORWARDS, ~_OF_ANSWERS, ~_ON_ITS_WAY
    ),
    _L.id,
)
"""Letters of no forward and no answer: the desk's lists, reminders, repeats, summaries."""
