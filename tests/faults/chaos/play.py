"""One run: the events of a seed are played, everything is mended, and what is found is compared with what came."""

import subprocess
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.chaos import audit, plan
from tests.faults.chaos.acts import ACTS, work
from tests.faults.chaos.city import City, city
from tests.faults.chaos.closing import at_rest
from tests.faults.chaos.plan import FAULTS, Event
from tests.support.waiting import until

TICK = 0.05
REST_SECONDS = 300.0
"""How long everything may take to be done once nothing is out any more, on a busy machine."""
OPEN_WHILE = {"config", "people", "clock", "password"}
"""Places at which a fault does not close the way of an emergency."""


@dataclass
class Run:
    """What came of a seed."""

    seed: int
    engine: str
    daemons: int
    planned: float
    """For how many seconds events were planned."""
    events: Sequence[Event]
    findings: list[str] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)
    told: list[tuple[float, str]] = field(default_factory=list)
    """What the operator was told by command, by seconds after the beginning: the first line."""
    looks: list[tuple[float, int]] = field(default_factory=list)
    """What `status` ended with, by seconds after the beginning."""
    seconds: float = 0.0

    def __str__(self) -> str:
        name = f"--seed {self.seed} --engine {self.engine} --daemons {self.daemons} --seconds {self.planned:g}"
        counted = ", ".join(f"{count} {what}" for what, count in self.figures.items())
        return f"{'FAILED' if self.findings else 'ok    '} {name}: {counted}, {self.seconds:.0f} s"

    @property
    def report(self) -> str:
        """All that a person needs to look into a failed run."""
        return "\n".join([str(self), *(f"  ! {one}" for one in self.findings), *map(str, self.events)])


def play(folder: Path, seed: int, *, seconds: float, engine: str, daemons: int) -> Run:
    """Play the events of ``seed`` for ``seconds`` in ``folder``, which stays as it is for whoever looks into it."""
    events = plan.events(seed, seconds=seconds, engine=engine, daemons=daemons)
    run = Run(seed, engine, daemons, seconds, events)
    play_events(folder, run)
    return run


def play_events(folder: Path, run: Run) -> None:
    """Play the events of ``run`` and note what came of them. Without a C compiler the clocks stand."""
    started = time.monotonic()
    clocks = any(_place(event) == "clock" for event in run.events)
    with city(folder, engine=run.engine, daemons=run.daemons, clocks=clocks) as there:
        _start(there)
        began, ahead = time.monotonic(), time.time() - time.monotonic()
        try:
            closed = _play_events(there, run.events)
            _rest(there)
            run.findings += audit.findings(there, closed)
        except (AssertionError, RuntimeError, subprocess.TimeoutExpired) as error:
            run.findings.append(str(error))
        run.figures = audit.figures(there, len([event for event in run.events if event.what in FAULTS]))
        told = sorted((path.stat().st_mtime - ahead - began, path) for path in there.first.told.iterdir())
        run.told = [(at, path.read_text().partition("\n")[0]) for at, path in told]
        run.looks = [(at - began, code) for at, code in there.looks]
    run.seconds = time.monotonic() - started


def _start(there: City) -> None:
    for seat in there.seats:
        seat.look_after()
    until(lambda: all("event='ready'" in seat.installation.logged() for seat in there.seats), "all daemons started")


def _place(event: Event) -> str:
    return FAULTS[event.what].place if event.what in FAULTS else ""


def _play_events(there: City, events: Sequence[Event]) -> list[tuple[float, float]]:
    """The times (monotonic, from and to) in which the way of an emergency was closed somewhere."""
    began, left = time.monotonic(), list(events)
    going: list[tuple[float, Event, AbstractContextManager[None], float]] = []
    closed = []
    while left or going:
        for seat in there.seats:
            seat.look_after()
        now = time.monotonic()
        for ending in [one for one in going if one[0] <= now]:
            going.remove(ending)
            _, event, act, since = ending
            act.__exit__(None, None, None)
            if _place(event) not in OPEN_WHILE:
                closed.append((since, time.monotonic()))
        if left and left[0].at <= now - began:
            event = left.pop(0)
            if event.what in ACTS:
                act = ACTS[event.what](there, event)
                act.__enter__()
                going.append((now + event.seconds, event, act, now))
            else:
                work(there, event)
        time.sleep(TICK)
    return closed


def _rest(there: City) -> None:
    """Return when all is done; AssertionError with what is not."""
    end = time.monotonic() + REST_SECONDS
    while not (at_rest(there.first) and not _outages(there)):
        for seat in there.seats:
            seat.look_after()
        assert time.monotonic() < end, f"not done {REST_SECONDS:.0f} s after the last fault: {audit.left(there)}"
        time.sleep(0.2)


def _outages(there: City) -> int:
    return there.first.count("conditions") + sum(1 for title in audit.open_outages(there) if title)
