"""What the operator is told, as a value."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

Kind = Literal["begins", "cause", "ends"]
TITLES: dict[Kind, str] = {"begins": "Störung", "cause": "Störung, neue Ursache", "ends": "Störung behoben"}


class Alarm(Struct, frozen=True):
    """A notification: ``what`` happened (German, its first line is the title) and what is ``todo``."""

    what: str
    todo: str
    since: datetime
    kind: Kind = "begins"

    @property
    def resolved(self) -> bool:
        return self.kind == "ends"

    @property
    def text(self) -> str:
        """For the second way, as plain text."""
        return f"{TITLES[self.kind]}: {self.what}\n\n{self.todo}\n".replace("\n\n\n", "\n")


class Condition(Struct, frozen=True):
    """Something that is wrong since ``since``; ``causes``: what it was put down to so far.

    ``shared``: it stands in the database, for all daemons.
    """

    name: str
    since: datetime
    what: str
    causes: tuple[str, ...] = ()
    shared: bool = False
