"""What happens in one run of chaos, and when: a pure function of its seed, made before anything is played.

Work comes all the time; a fault comes to each place (the mail server, the way to it, a daemon, the clock …) while none
is there yet. ``python -m tests.faults.chaos --seed N --plan`` prints a plan and plays nothing.
"""

import random
from dataclasses import dataclass

WORK = {"emergency": 5, "rubbish": 2, "question": 3, "rows": 2, "backlog": 0.3}
"""How often each kind of work comes, against the others."""
SECONDS_BETWEEN_WORK = 0.7
SECONDS_BETWEEN_FAULTS = 1.5
PEACE = 0.25
"""The share of a run, at its beginning and at its end, without faults that begin; never more than five seconds."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A fault: where it lies (one at a time), how long it lasts at most in seconds (0: a blow), how often it comes."""

    place: str
    longest: float
    weight: float = 1.0
    engine: str = ""


FAULTS = {
    "daemon killed": Kind("daemon", 6, 4),
    "daemon and children killed": Kind("daemon", 6, 2),
    "child killed": Kind("daemon", 0, 3),
    "daemon stopped": Kind("daemon", 6),
    "daemon hangs": Kind("daemon", 60, 2),
    "mail server restarts": Kind("imap", 30, 2),
    "mail server is killed": Kind("imap", 6),
    "mail server cut after bytes": Kind("imap way", 8),
    "mail server cut at FETCH": Kind("imap way", 6),
    "mail server cut at MOVE": Kind("imap way", 6),
    "mail server silent at FETCH": Kind("imap way", 20),
    "mail server answers nothing": Kind("imap way", 40),
    "mail server garbled": Kind("imap way", 5),
    "mail server drips": Kind("imap way", 5),
    "mail server refuses": Kind("imap way", 40),
    "password replaced": Kind("password", 40),
    "sending server restarts": Kind("smtp", 30, 2),
    "sending server slow": Kind("smtp", 8),
    "sending server takes letters and hangs up": Kind("smtp", 8),
    "sending server loses letters and hangs up": Kind("smtp", 8),
    "sending server full": Kind("smtp", 8),
    "sending server puts an address off": Kind("smtp", 3),
    "letter's answer cut": Kind("smtp way", 8),
    "letter's answer held back": Kind("smtp way", 20),
    "sending server answers nothing": Kind("smtp way", 40),
    "sending server garbled": Kind("smtp way", 3),
    "database locked": Kind("database", 40, 2, "sqlite"),
    "database moved away": Kind("database", 30, 2, "sqlite"),
    "database replaced by an empty one": Kind("database", 30, 1, "sqlite"),
    "database server restarts": Kind("database", 30, 2, "postgresql"),
    "database sessions ended": Kind("database", 0, 2, "postgresql"),
    "database way cut": Kind("database way", 0, 2, "postgresql"),
    "database answers nothing": Kind("database way", 40, 2, "postgresql"),
    "database refuses": Kind("database way", 40, 1, "postgresql"),
    "database garbled": Kind("database way", 2, 1, "postgresql"),
    "table locked": Kind("table", 40, 1, "postgresql"),
    "disk full": Kind("disk", 30, 2),
    "clock an hour back": Kind("clock", 40, 1),
    "clock an hour ahead": Kind("clock", 40, 1),
    "clock a day back": Kind("clock", 40, 0.5),
    "clock a day ahead": Kind("clock", 40, 0.5),
    "config.toml edited": Kind("config", 0),
    "config.toml broken": Kind("config", 30),
    "reload": Kind("config", 0),
    "looked at": Kind("people", 0),
}
OF_A_DAEMON = {"daemon", "disk", "clock", "config"}
"""Places that each daemon has for itself."""


@dataclass(frozen=True, slots=True)
class Event:
    """``at`` seconds after the beginning ``what`` begins, for ``seconds``, at daemon ``which`` where it is one's own.

    ``amount`` is what the kind makes of it: bytes, a number of rows, a choice among children.
    """

    at: float
    what: str
    seconds: float = 0.0
    which: int = 0
    amount: int = 0

    def __str__(self) -> str:
        lasts = f" for {self.seconds:.1f} s" if self.seconds else ""
        return f"{self.at:6.1f}  {self.what}{lasts} [{self.which}, {self.amount}]"


def events(seed: int, *, seconds: float, engine: str, daemons: int) -> list[Event]:
    """The events of a run that takes ``seconds``, by time; ``engine`` is "sqlite" or "postgresql"."""
    chance = random.Random(f"{seed} {engine} {daemons}")
    found = list(_work(chance, seconds)) + _faults(chance, seconds, engine, daemons)
    return sorted(found, key=lambda event: event.at)


def _work(chance: random.Random, seconds: float) -> list[Event]:
    found, at = [], 0.0
    while at < seconds:
        [what] = chance.choices(list(WORK), list(WORK.values()))
        found.append(Event(at, what, amount=chance.randint(1, 12)))
        at += chance.expovariate(1 / SECONDS_BETWEEN_WORK)
    return found


def _faults(chance: random.Random, seconds: float, engine: str, daemons: int) -> list[Event]:
    kinds = {name: kind for name, kind in FAULTS.items() if kind.engine in ("", engine)}
    busy: dict[tuple[str, int], float] = {}
    found: list[Event] = []
    peace = min(5.0, PEACE * seconds)
    at = peace
    while at < seconds - peace:
        [name] = chance.choices(list(kinds), [kind.weight for kind in kinds.values()])
        kind = kinds[name]
        which = chance.randrange(daemons) if kind.place in OF_A_DAEMON else 0
        lasts = chance.uniform(0.5, min(kind.longest, max(seconds / 3, 1.0))) if kind.longest else 0.0
        if busy.get((kind.place, which), 0.0) <= at:
            found.append(Event(at, name, lasts, which, chance.randint(1, 5000)))
            busy[kind.place, which] = at + lasts + 1.0
        at += chance.expovariate(1 / SECONDS_BETWEEN_FAULTS)
    return found
