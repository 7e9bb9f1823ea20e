"""A few seconds of chaos, and that a seed's plan is its own; ``make chaos`` plays for as long as one likes."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.faults.chaos import plan, table
from tests.faults.chaos.acts import ACTS
from tests.faults.chaos.clock import SettableClock, library
from tests.faults.chaos.play import play


@pytest.mark.parametrize(("seed", "engine", "daemons"), [(13, "sqlite", 1), (143, "postgresql", 3)])
def test_some_seconds_of_chaos_find_nothing(seed: int, engine: str, daemons: int, tmp_path: Path) -> None:
    run = play(tmp_path, seed, seconds=8, engine=engine, daemons=daemons)
    assert [] == run.findings, run.report
    assert run.figures["faults"] >= 5


def test_the_same_seed_gives_the_same_events_and_another_one_others() -> None:
    first, again, other = (plan.events(seed, seconds=60, engine="sqlite", daemons=1) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_every_fault_can_be_played_and_comes_on_the_engine_that_it_is_for() -> None:
    assert set(plan.FAULTS) == set(ACTS)
    came: set[int] = set()
    for engine, daemons in (("sqlite", 1), ("postgresql", 3)):
        events = plan.events(1, seconds=3000, engine=engine, daemons=daemons)
        faults = {event.what for event in events} - set(plan.WORK)
        assert {name for name, kind in plan.FAULTS.items() if kind.engine in ("", engine)} == faults
        came |= {event.which for event in events if event.what in plan.FAULTS}
    assert {0, 1, 2} == came


def test_the_table_of_outages_names_only_scenarios_that_are_played() -> None:
    played = {(one.name, one.before) for one in table.SCENARIOS}
    assert {(row[0], row[1]) for row in table.shown()} <= played
    assert len(played) == len(table.SCENARIOS)
    assert all(event.what in ACTS | plan.WORK for one in table.SCENARIOS for event in one.script)


def test_a_clock_goes_as_far_ahead_as_it_is_set_while_the_process_runs(tmp_path: Path) -> None:
    made = library(tmp_path)
    if made is None:
        return  # no compiler: chaos leaves clocks out
    clock = SettableClock(tmp_path / "clock", made)
    for seconds in (0, -86400, 3600):
        clock.set(seconds)
        said = subprocess.run(["date", "+%s"], env=os.environ | clock.environ, capture_output=True, check=True)
        assert abs(int(said.stdout) - time.time() - seconds) < 600
