"""From the forward to the server's word: in letters + due later + parked + cancelled; letters × addresses."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from routing.store import tables
from routing.store.books.questions import SHOWN, by_state, count, count_where, of_no_known, without, wrong
from routing.store.books.values import Line, Wrong

FORWARDS = ("composed", "planned", "parked", "cancelled")
DELIVERIES = ("sent", "planned", "sending", "held", "parked", "bounced", "cancelled")
_F, _L, _D = tables.forwards.c, tables.letters.c, tables.deliveries.c


def lines(connection: Connection) -> Iterator[Line]:
    """The lines of the forwards, the letters and the deliveries."""
    yield _forwards(connection)
    letters = count(connection, tables.letters)
    yield _letters(connection, letters)
    yield _deliveries(connection, letters)


def _forwards(connection: Connection) -> Line:
    states = by_state(connection, _F.state, tables.forwards)
    found = (
        of_no_known(states, FORWARDS),
        wrong(connection, "in no letter", sa.select(_F.id).where(_F.state == "composed", _F.letter_id.is_(None))),
        wrong(connection, "in a letter already", sa.select(_F.id).where(_F.state == "planned", _F.letter_id > 0)),
        wrong(connection, "letter is gone", sa.select(_F.id).where(_F.letter_id > 0, without(_F.letter_id, _L.id))),
        wrong(connection, "concern is gone", sa.select(_F.id).where(without(_F.concern_id, tables.concerns.c.id))),
    )
    return Line("forwards", sum(states.values()), {state: states.get(state, 0) for state in FORWARDS}, found)


def _letters(connection: Connection, letters: int) -> Line:
    """Every letter still holds the forwards that it was made of, as far as its version noted how many."""
    held = count_where(connection, tables.forwards, _F.letter_id > 0)
    found = _against(connection, _L.forwards, _F.letter_id, ("forward lost", "forward too many"))
    plain = count_where(connection, tables.letters, ~sa.exists().where(_F.letter_id == _L.id))
    return Line("letters", letters, {"of forwards": letters - plain, "others": plain}, found, {"forwards": held})


def _deliveries(connection: Connection, letters: int) -> Line:
    """One for each address of each letter; a letter of a version that did not note how many has at least one."""
    states = by_state(connection, _D.state, tables.deliveries)
    bare = sa.select(_L.id).where(_L.addresses.is_(None), without(_L.id, _D.letter_id))
    found = (
        of_no_known(states, DELIVERIES),
        *_against(connection, _L.addresses, _D.letter_id, ("address without delivery", "delivery without address")),
        wrong(connection, "letter without delivery", bare),
        wrong(connection, "letter is gone", sa.select(_D.id).where(without(_D.letter_id, _L.id))),
        wrong(connection, "sent by nobody", sa.select(_D.id).where(_D.state == "sending", _D.instance == "")),
    )
    parts = {state: states.get(state, 0) for state in DELIVERIES}
    open_ = {"letters": letters, "in doubt": count_where(connection, tables.deliveries, _D.in_doubt)}
    return Line("deliveries", sum(states.values()), parts, found, open_)


def _against(
    connection: Connection, noted: sa.Column[int], letter: sa.Column[int], kinds: tuple[str, str]
) -> tuple[Wrong, Wrong]:
    """What letters have by the rows that name them in ``letter``, against what was ``noted`` when they were made."""
    rows = sa.select(letter.label("letter"), sa.func.count().label("number")).group_by(letter).subquery()
    there = sa.func.coalesce(rows.c.number, 0)
    query = (
        sa.select(_L.id, (noted - there).label("missing"))
        .select_from(tables.letters.outerjoin(rows, rows.c.letter == _L.id))
        .where(noted.is_not(None), noted != there)
    )
    few: dict[int, int] = {}
    many: dict[int, int] = {}
    for row in connection.execute(query):
        (few if row.missing > 0 else many)[row.id] = abs(row.missing)
    fewer, more = (
        Wrong(kind, sum(found.values()), tuple(str(one) for one in list(found)[:SHOWN]))
        for kind, found in zip(kinds, (few, many), strict=True)
    )
    return fewer, more
