"""From the bytes to the concern: stored = decided + waiting, decided = routed + review + kept; cases, numbers."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from intake.message import UNREAD
from intake.storage import tables as stored
from routing.store import tables
from routing.store.books.questions import SHOWN, by_state, count, of_no_known, without, wrong
from routing.store.books.values import Line, Wrong

FOLDER = "folder:"  # an arrival from a drop folder: intake.drop_folder.SOURCE, which is another adapter
SHORT = 12  # digits of a file's digest
DECISIONS = ("routed", "review", "kept")
CONCERNS = ("review", "open", "answered", "closed", "replaced")
_MESSAGES, _DECISIONS, _CONCERNS = stored.messages.c, tables.decisions.c, tables.concerns.c
_NEWEST = (
    sa.select(tables.decisions)
    .where(_DECISIONS.id.in_(sa.select(sa.func.max(tables.decisions.c.id)).group_by(tables.decisions.c.message_id)))
    .subquery()
)


def lines(connection: Connection) -> Iterator[Line]:
    """The lines from the place of a message to its concerns."""
    messages = count(connection, stored.messages)
    yield _arrivals(connection)
    yield _bytes(connection, messages)
    yield _messages(connection, messages)
    yield _decisions(connection)
    yield _numbers(connection)
    yield _cases(connection)
    yield _concerns(connection)
    yield _rows(connection)
    yield _files(connection)


def _arrivals(connection: Connection) -> Line:
    """Every place has its message, every message its place."""
    arrivals, places = stored.arrivals.c, count(connection, stored.arrivals)
    nowhere = sa.select(_MESSAGES.id).where(without(_MESSAGES.id, arrivals.message_id))
    nobodys = sa.select(arrivals.id).where(without(arrivals.message_id, _MESSAGES.id))
    first = sa.select(sa.func.count(sa.distinct(arrivals.message_id)))
    messages = connection.scalar(first) or 0
    parts = {"messages": messages, "again": places - messages}
    found = (wrong(connection, "no place", nowhere), wrong(connection, "place of nothing", nobodys))
    return Line("arrivals", places, parts, found)


def _bytes(connection: Connection, messages: int) -> Line:
    """Every message has the bytes it was read from, as long as they were; until retention takes them."""
    raw = stored.raw_messages.c
    gone = connection.scalar(sa.select(sa.func.count()).where(_MESSAGES.bytes_gone_at.is_not(None))) or 0
    missing = sa.select(_MESSAGES.id).where(without(_MESSAGES.id, raw.message_id), _MESSAGES.bytes_gone_at.is_(None))
    nobodys = sa.select(raw.message_id).where(without(raw.message_id, _MESSAGES.id))
    short = (
        sa.select(_MESSAGES.id)
        .join(stored.raw_messages, raw.message_id == _MESSAGES.id)
        .where(_octets(connection, raw.data) != _MESSAGES.size)
    )
    found = (
        wrong(connection, "no bytes", missing),
        wrong(connection, "other length", short),
        wrong(connection, "bytes of nothing", nobodys),
    )
    return Line("bytes", messages, {"bytes": count(connection, stored.raw_messages), "deleted": gone}, found)


def _octets(connection: Connection, column: sa.ColumnElement[bytes]) -> sa.ColumnElement[int]:
    return sa.func.octet_length(column) if connection.dialect.name == "postgresql" else sa.func.length(column)


def _messages(connection: Connection, messages: int) -> Line:
    """Every message is decided or waits; one that was decided may wait for it once more."""
    waiting = stored.waiting.c
    decided = ~without(_MESSAGES.id, _DECISIONS.message_id)
    waits = ~without(_MESSAGES.id, waiting.message_id)
    query = (
        sa.select(sa.func.count())
        .select_from(stored.messages)
        .join(stored.waiting, waiting.message_id == _MESSAGES.id)
    )
    in_line = connection.scalar(query) or 0
    again = connection.scalar(query.where(decided)) or 0
    lost = wrong(connection, "neither decided nor waiting", sa.select(_MESSAGES.id).where(~decided, ~waits))
    nothing = sa.select(waiting.message_id).where(without(waiting.message_id, _MESSAGES.id))
    of_nothing = sa.select(_DECISIONS.message_id).where(without(_DECISIONS.message_id, _MESSAGES.id)).distinct()
    return Line(
        "messages",
        messages,
        {"decided": messages - in_line - lost.count, "waiting": in_line},
        (lost, wrong(connection, "waits, is nothing", nothing), wrong(connection, "decided, is nothing", of_nothing)),
        {"judged again": again},
    )


def _decisions(connection: Connection) -> Line:
    """The newest decision of each message: routed, review or kept; whoever is to act on it finds its case."""
    newest = _NEWEST.c
    states = by_state(connection, newest.state, _NEWEST)
    caseless = sa.select(newest.message_id).where(newest.state.in_(["routed", "review"]), newest.case_id.is_(None))
    gone = sa.select(newest.message_id).where(newest.case_id.is_not(None), without(newest.case_id, tables.cases.c.id))
    found = (
        of_no_known(states, DECISIONS),
        wrong(connection, "no case", caseless),
        wrong(connection, "case is gone", gone),
    )
    return Line("decisions", sum(states.values()), {state: states.get(state, 0) for state in DECISIONS}, found)


def _numbers(connection: Connection) -> Line:
    """No series of case numbers stands below a number that was given: the next one would be given twice."""
    number = tables.cases.c.number
    series = sa.func.rtrim(number, "0123456789")
    serial = sa.cast(sa.func.substr(number, sa.func.length(series) + 1), sa.BigInteger)
    given = sa.select(series.label("series"), sa.func.max(serial).label("last"), sa.func.count().label("number"))
    rows = connection.execute(given.group_by(series)).all()
    counters = {row.name: row.value for row in connection.execute(sa.select(tables.counters))}
    below = [f"{row.series}{row.last:06}" for row in rows if row.last > counters.get(row.series.rstrip("-"), 0)]
    parts = {row.series.rstrip("-"): row.number for row in rows}
    return Line("numbers", sum(parts.values()), parts, (Wrong("counter below", len(below), tuple(below)),))


def _cases(connection: Connection) -> Line:
    cases = tables.cases.c
    empty = sa.select(cases.number).where(without(cases.id, _CONCERNS.case_id))
    number = count(connection, tables.cases)
    found = wrong(connection, "no concern", empty)
    return Line("cases", number, {"with concerns": number - found.count}, (found,))


def _concerns(connection: Connection) -> Line:
    """Every concern has a state that exists and its case; one that is open, or answered, went or goes to somebody."""
    states = by_state(connection, _CONCERNS.state, tables.concerns)
    forwards = tables.forwards.c
    living = sa.exists().where(
        forwards.concern_id == _CONCERNS.id, forwards.state.in_(["planned", "composed", "parked"])
    )
    forgotten = sa.select(_CONCERNS.id).where(_CONCERNS.state.in_(["open", "answered"]), ~living)
    gone = sa.select(_CONCERNS.id).where(without(_CONCERNS.case_id, tables.cases.c.id))
    found = (
        of_no_known(states, CONCERNS),
        wrong(connection, "open, goes to nobody", forgotten),
        wrong(connection, "case is gone", gone),
    )
    return Line("concerns", sum(states.values()), {state: states.get(state, 0) for state in CONCERNS}, found)


def _rows(connection: Connection) -> Line:
    """The rows of phone logs, as far as they were stored: new, or with a content that was known."""
    arrivals = stored.arrivals.c
    query = sa.select(sa.func.count(), sa.func.count(sa.distinct(arrivals.message_id))).where(
        arrivals.source.startswith(FOLDER, autoescape=True), ~arrivals.key.contains(UNREAD)
    )
    rows, new = connection.execute(query).one()
    return Line("rows", rows, {"new": new, "known": rows - new})


def _files(connection: Connection) -> Line:
    """Every row that the reader found in a phone log was stored, is forgotten, handed back or named as not read."""
    files = stored.files.c
    parts = {
        "stored": files.stored,
        "forgotten": files.forgotten,
        "handed back": files.handed_back,
        "unread": files.unread,
    }
    sums = [sa.func.coalesce(sa.func.sum(column), 0) for column in (files.rows, *parts.values())]
    rows, *numbers = map(int, connection.execute(sa.select(*sums)).one())
    missing = (files.rows - sum(parts.values(), sa.literal(0))).label("missing")
    off = connection.execute(sa.select(files.digest, missing).where(missing != 0).order_by(files.read_at)).all()
    found = tuple(
        Wrong(kind, sum(abs(one.missing) for one in some), tuple(one.digest[:SHORT] for one in some[:SHOWN]))
        for kind, some in (
            ("row lost", [one for one in off if one.missing > 0]),
            ("row too many", [one for one in off if one.missing < 0]),
        )
    )
    return Line("files", rows, dict(zip(parts, numbers, strict=True)), found)
