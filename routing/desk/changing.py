"""The way to every change of a case: found by its number, as it was seen, and nobody forbade to work on it.

Two people at one case do not overwrite each other: a change says what its page showed (``seen``, the case's
``revision``), and an old one is refused; None: nobody looked at a page. Nobody decides about a message whose
processing is restricted (Art. 18 GDPR), whichever way the order comes: pages, commands, the desk's mail.
"""

import functools
from collections.abc import Callable, Collection, Sequence
from typing import Any, Concatenate, ParamSpec

from msgspec import Struct
from sqlalchemy.engine import Connection, Engine

from intake import reference, storage
from intake.base import errors, german
from routing.desk import case_numbers, case_views
from routing.store import held

P = ParamSpec("P")


class ChangedError(errors.UsageError):
    """Somebody else has done something with the case since the page was opened; the German text says who and what."""


class RestrictedError(errors.UsageError):
    """Nobody may work on the message (Art. 18 GDPR); the German text names it, and who can end that."""


class Meant(Struct, frozen=True):
    """What a number names: the case (id), its concerns in order, and those of them that are meant (rows)."""

    case_id: int
    position: int | None
    concerns: Sequence[Any]
    rows: Sequence[Any]

    @property
    def number(self) -> str:
        """Of the case."""
        return str(self.concerns[0].number)

    @property
    def names(self) -> list[str]:
        """Of the concerns that are meant, as people name them."""
        return [case_numbers.name(self.concerns, row) for row in self.rows]


def one(connection: Connection, number: str, seen: str | None = None) -> Meant:
    """One concern: that at the position, else the first that waits.

    Raises UnknownCaseError, ChangedError, RestrictedError.
    """
    return _meant(connection, number, seen, lambda concerns, position: [case_numbers.chosen(concerns, position)])


def every(connection: Connection, number: str, seen: str | None = None) -> Meant:
    """The concern at the position, without one all of the case. Raises as ``one``."""
    return _meant(
        connection,
        number,
        seen,
        lambda concerns, position: concerns if position is None else [case_numbers.chosen(concerns, position)],
    )


def _meant(
    connection: Connection, number: str, seen: str | None, choose: Callable[[Sequence[Any], int | None], Sequence[Any]]
) -> Meant:
    case_id, position = case_numbers.find(connection, number)
    if seen is not None:
        _unchanged(connection, case_id, seen)
    concerns = case_numbers.concerns(connection, case_id)
    rows = choose(concerns, position)
    allowed(connection, {row.message_id for row in rows})
    return Meant(case_id, position, concerns, rows)


def allowed(connection: Connection, messages: Collection[int]) -> None:
    """Raises RestrictedError when one of these messages (ids) is restricted."""
    if found := held.active(connection, messages, held.Kind.RESTRICTED):
        named = [reference.message_number(message) for message in sorted(found)]
        raise RestrictedError(
            f"Die Verarbeitung von {german.listed(named)} ist eingeschränkt (Art. 18 DSGVO); daran ändert vorerst "
            f"niemand etwas. Aufheben kann das, wer für Datenschutz zuständig ist: kod-intake hold {named[0]} --end"
        )


def _unchanged(connection: Connection, case_id: int, seen: str) -> None:
    """Raises ChangedError when the case is not as somebody has ``seen`` it."""
    case = case_views.read(connection, case_id)
    if case.revision != seen:
        last = case.timeline[-1]
        who = f" ({last.actor})" if last.actor not in {"", "daemon"} and last.actor not in last.what else ""
        raise ChangedError(f"Inzwischen ist etwas geschehen: {last.what}{who}. Bitte sehen Sie den Vorgang neu an.")


def in_transaction(act: Callable[Concatenate[Connection, P], str]) -> Callable[Concatenate[Engine, P], str]:
    """The act in a short transaction of its own; gives what it says, in German."""

    @functools.wraps(act)
    def done(engine: Engine, /, *values: P.args, **named: P.kwargs) -> str:
        with storage.writing(engine) as connection:
            return act(connection, *values, **named)

    return done
