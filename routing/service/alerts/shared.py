"""The conditions that all daemons on one database know together: who found them, and who may end them.

A condition is told by the daemon whose row came first, and ended by the last of those who found it; one of a daemon
that is gone does not count. What only one can judge (a mailbox: whoever has its lease) is ended by that one alone.
"""

from collections.abc import Callable, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from intake import storage
from routing.service.alerts.alarm import Condition
from routing.store import tables

_C, _O = tables.conditions.c, tables.condition_observers.c


class Shared:
    """The table, as the daemon ``instance`` sees it whose data folder is ``observer``. Raises TemporaryError."""

    def __init__(self, engine: Engine, observer: str, instance: str, lives: Callable[[str], bool]) -> None:
        self._engine = engine
        self._observer = observer
        self._instance = instance
        self._lives = lives

    def all(self) -> dict[str, Condition]:
        """Those that hold, by name."""
        with storage.reading(self._engine) as connection:
            rows = connection.execute(sa.select(tables.conditions)).all()
            seen = connection.execute(sa.select(_O.name, _O.causes)).all()
        causes: dict[str, tuple[str, ...]] = {}
        for row in seen:
            causes[row.name] = (*causes.get(row.name, ()), *_list(row.causes))
        return {
            row.name: Condition(row.name, row.since, row.text, causes.get(row.name, ()), shared=True) for row in rows
        }

    def found(self, condition: Condition) -> bool:
        """We see it; True when nobody did before."""
        with storage.writing(self._engine) as connection:
            self._note(connection, condition)
            if connection.scalar(sa.select(sa.exists().where(_C.name == condition.name))):
                return False
            values = {"name": condition.name, "since": condition.since, "text": condition.what}
            try:
                with connection.begin_nested():
                    connection.execute(sa.insert(tables.conditions).values(values))
            except sa.exc.IntegrityError:  # another daemon at the same moment
                return False
            return True

    def over(self, name: str, *, alone: bool) -> bool:
        """We no longer see it; True when nobody does now and somebody did. ``alone``: nobody else can judge."""
        with storage.reading(self._engine) as connection:
            query = sa.select(_O.observer, _O.instance).where(_O.name == name, _O.observer != self._observer)
            others = connection.execute(query).all()
        gone = [row.observer for row in others if alone or not self._lives(row.instance)]
        with storage.writing(self._engine) as connection:
            ours = sa.delete(tables.condition_observers).where(
                _O.name == name, _O.observer.in_([self._observer, *gone])
            )
            connection.execute(ours)
            last = sa.delete(tables.conditions).where(_C.name == name, ~sa.exists().where(_O.name == name))
            return connection.execute(last).rowcount == 1

    def _note(self, connection: Connection, condition: Condition) -> None:
        ours = (_O.name == condition.name) & (_O.observer == self._observer)
        values = {"instance": self._instance, "causes": msgspec.json.encode(condition.causes).decode()}
        if connection.execute(sa.update(tables.condition_observers).where(ours).values(values)).rowcount == 0:
            values |= {"name": condition.name, "observer": self._observer}
            connection.execute(sa.insert(tables.condition_observers).values(values))


def _list(text: str) -> Sequence[str]:
    return msgspec.json.decode(text, type=list[str]) if text else []
