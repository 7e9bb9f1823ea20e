"""What belongs together and ends together: cases that share messages. Reads only."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from intake.storage.queries import WANTED, pieces
from routing.store import tables

_D, _K, _C, _F = tables.decisions.c, tables.cases.c, tables.concerns.c, tables.forwards.c
_REPORTS = (
    sa.select(_C.case_id, _F.report_id)
    .join(tables.forwards, _F.concern_id == _C.id)
    .where(_C.case_id.in_(WANTED), _F.report_id.is_not(None))
)
_OF_CASES = (
    sa.select(_D.case_id, _D.message_id).where(_D.case_id.in_(WANTED)),
    sa.select(_K.id, _K.message_id).where(_K.id.in_(WANTED)),
    sa.select(_C.case_id, _C.message_id).where(_C.case_id.in_(WANTED)),
    _REPORTS,
)
_OF_MESSAGES = (
    sa.select(_D.case_id, _D.message_id).where(_D.message_id.in_(WANTED), _D.case_id.is_not(None)),
    sa.select(_K.id, _K.message_id).where(_K.message_id.in_(WANTED)),
    sa.select(_C.case_id, _C.message_id).where(_C.message_id.in_(WANTED)),
)


class Linked(Struct, frozen=True):
    """Cases (ids) and all messages (ids) that any of them has, or that have any of them."""

    cases: frozenset[int]
    messages: frozenset[int]


def of_cases(connection: Connection, cases: Collection[int]) -> list[Linked]:
    """The groups that these cases (ids) are in, each once. A list in no order."""
    return _groups(connection, set(cases), set())


def of_messages(connection: Connection, messages: Collection[int]) -> list[Linked]:
    """The groups that these messages (ids) are in, each once; a message without a case is a group of its own."""
    return _groups(connection, set(), set(messages))


def _groups(connection: Connection, cases: set[int], messages: set[int]) -> list[Linked]:
    links: set[tuple[int, int]] = set()
    known_cases: set[int] = set()
    known_messages: set[int] = set()
    while cases or messages:
        found = set(_links(connection, _OF_CASES, cases)) | set(_links(connection, _OF_MESSAGES, messages))
        known_cases |= cases
        known_messages |= messages
        links |= found
        cases = {case for case, _ in found} - known_cases
        messages = {message for _, message in found} - known_messages
    return list(_parts(links, known_cases, known_messages))


def _links(
    connection: Connection, queries: Sequence[sa.Select[Any]], wanted: Collection[int]
) -> Iterator[tuple[int, int]]:
    for some in pieces(sorted(wanted)):
        for query in queries:
            yield from ((row[0], row[1]) for row in connection.execute(query, {"wanted": some}))


def _parts(links: set[tuple[int, int]], cases: set[int], messages: set[int]) -> Iterator[Linked]:
    """Each case and message in one group, with all that it is linked to."""
    of_case: dict[int, set[int]] = {case: set() for case in cases}
    of_message: dict[int, set[int]] = {message: set() for message in messages}
    for case, message in links:
        of_case[case].add(message)
        of_message[message].add(case)
    while of_case or of_message:
        here_cases, here_messages = set[int](), set[int]()
        new_cases = {next(iter(of_case))} if of_case else set()
        new_messages = set() if of_case else {next(iter(of_message))}
        while new_cases or new_messages:
            here_cases |= new_cases
            here_messages |= new_messages
            reached = set().union(*(of_case.pop(case) for case in new_cases))
            back = set().union(*(of_message.pop(message) for message in new_messages))
            new_cases, new_messages = back - here_cases, reached - here_messages
        yield Linked(frozenset(here_cases), frozenset(here_messages))
