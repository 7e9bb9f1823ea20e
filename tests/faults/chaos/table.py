"""What each fault that the first version did not bear does now: the table in docs/operations.md.

``make chaos ARGS=--table`` plays each scenario on real servers (half an hour) and renews the table; a test holds that
the table names the scenarios that are here. What was before is history: commit 78039eb and its neighbours.
"""

import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests import ROOT
from tests.faults.chaos.plan import Event
from tests.faults.chaos.play import Run, play_events

OPERATIONS = ROOT / "docs" / "operations.md"
BEGIN, END = "<!-- outages: made by make chaos ARGS=--table -->", "<!-- end of outages -->"
HEADINGS = ("fault", "before", "told", "`status` meanwhile", "in the end")
LOOK = "looked at"
WELL = "all stored, sent and told as promised, the books balance"


@dataclass(frozen=True, slots=True)
class Scenario:
    """``events`` beside an emergency before, one in the middle and one after; `status` is asked at ``look``."""

    name: str
    before: str
    events: Sequence[Event]
    engine: str = "sqlite"
    daemons: int = 1
    look: float = 0.0

    @property
    def begin(self) -> float:
        """When the fault begins, in seconds."""
        return self.events[0].at

    @property
    def end(self) -> float:
        """When it is over."""
        return max(event.at + event.seconds for event in self.events)

    @property
    def script(self) -> list[Event]:
        """All events, by time."""
        middle = (self.begin + self.end) / 2
        work = [Event(at, what, amount=3) for at in (4.0, middle, self.end + 1) for what in ("emergency", "rows")]
        looks = [Event(self.look, LOOK)] if self.look else []
        return sorted([*self.events, *work, *looks], key=lambda event: event.at)


def _for(seconds: float, *what: str, at: float = 12.0, which: int = 0) -> list[Event]:
    return [Event(at, one, seconds, which) for one in what]


RESTARTS = [Event(12 + 9 * number, "database server restarts", 3.0) for number in range(5)]
HANGS = "no answer, no alert, no timeout; `status` hangs"
SCENARIOS = (
    Scenario("PostgreSQL gives no answer", HANGS, _for(45, "database answers nothing"), "postgresql", look=40),
    Scenario("PostgreSQL: a table is locked for a minute", HANGS, _for(60, "table locked"), "postgresql", look=60),
    Scenario(
        "PostgreSQL restarts five times, three daemons",
        "the standby, or all, never work again (378 of 981 stored); `status` 0",
        RESTARTS,
        "postgresql",
        3,
    ),
    Scenario(
        "PostgreSQL ends all sessions, three daemons", "as above", _for(0, "database sessions ended"), "postgresql", 3
    ),
    Scenario(
        "PostgreSQL is away for 45 s, three daemons", "told twice", _for(45, "database refuses"), "postgresql", 3, 40
    ),
    Scenario("SQLite locked by another program", "nobody told, `status` 0", _for(45, "database locked"), look=40),
    Scenario(
        "the SQLite file moved away",
        "mail filed away into the lost file: 266 mails in Erledigt, 0 in the store",
        _for(30, "database moved away"),
        look=30,
    ),
    Scenario(
        "the SQLite file replaced by another",
        "the same",
        _for(30, "database replaced by an empty one"),
        look=30,
    ),
    Scenario(
        "the daemon cannot start: no database",
        "tells nobody; restarts for ever",
        [Event(12, "database refuses", 40), Event(13, "daemon killed", 1)],
        "postgresql",
        look=45,
    ),
    Scenario("disk full", '`status` 0, "Alles in Ordnung"', _for(40, "disk full"), look=40),
    Scenario(
        "a daemon hangs (SIGSTOP), three daemons",
        "no takeover, no alert",
        [Event(12, "daemon hangs", 70, number) for number in (0, 1)],
        "postgresql",
        3,
    ),
    Scenario(
        "mail server out, restart, mail server back",
        "only the end is told",
        [Event(12, "mail server refuses", 45), Event(40, "daemon stopped", 1)],
        look=38,
    ),
    Scenario(
        "mail server out, three daemons",
        "everything told twice",
        _for(45, "mail server refuses"),
        "postgresql",
        3,
        look=45,
    ),
    Scenario(
        "config.toml refused, restart, mended",
        "no end is told",
        [Event(12, "config.toml broken", 40), Event(30, "daemon stopped", 1)],
        look=25,
    ),
    Scenario(
        "wrong password behind an older outage",
        "never told, the right one not read again",
        [Event(12, "mail server refuses", 25), Event(30, "password replaced", 40)],
        look=60,
    ),
    Scenario(
        "clock an hour back",
        "phone log, heartbeat, reload, digests stand still; `status` 0",
        [Event(12, "clock an hour back", 60), Event(30, "config.toml edited")],
        look=50,
    ),
    Scenario("clock a day ahead", "not tried", _for(40, "clock a day ahead"), look=45),
)


def row(scenario: Scenario, run: Run) -> tuple[str, ...]:
    """One line of the table."""
    return (scenario.name, scenario.before, _told(scenario, run), _looked(run), "; ".join(run.findings) or WELL)


def _told(scenario: Scenario, run: Run) -> str:
    if not run.told:
        return "nothing: too short, or nothing was out"
    return "; ".join(
        f"„{title}“ {at - scenario.begin:.0f} s after the beginning"
        if not title.startswith("Störung behoben")
        else f"end {max(at - scenario.end, 0):.0f} s after the end"
        for at, title in run.told
    )


def _looked(run: Run) -> str:
    return ", ".join(str(code) for _, code in run.looks) or "not asked"


def shown() -> list[list[str]]:
    """The rows that docs/operations.md shows, as cells."""
    text = OPERATIONS.read_text(encoding="utf-8")
    lines = text[text.index(BEGIN) : text.index(END)].splitlines()
    cells = [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines if line.startswith("|")]
    return cells[2:]


def renew() -> None:
    """Play all, one after the other, and put each into docs/operations.md as soon as it is known."""
    for scenario in SCENARIOS:
        with tempfile.TemporaryDirectory() as folder:
            run = Run(0, scenario.engine, scenario.daemons, scenario.end, scenario.script)
            play_events(Path(folder), run)
        line = row(scenario, run)
        print(*line, sep=" | ", flush=True)
        put([line])


def put(rows: Iterable[Sequence[str]]) -> None:
    """Show these rows, in the place of those of the same scenario, in the order of ``SCENARIOS``."""
    known = {one[0]: one for one in shown()}
    known |= {one[0]: [cell.replace("|", "/").replace("\n", " ") for cell in one] for one in rows}
    found = [HEADINGS, ("---",) * len(HEADINGS), *(known[one.name] for one in SCENARIOS if one.name in known)]
    lines = "".join(f"| {' | '.join(cells)} |\n" for cells in found)
    text = OPERATIONS.read_text(encoding="utf-8")
    between = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    OPERATIONS.write_text(between.sub(lambda _: f"{BEGIN}\n\n{lines}\n{END}", text), encoding="utf-8")
