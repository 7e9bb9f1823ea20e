"""What strangers wrote before they saw the rules, with the right values of theirs (``tests/data/strangers``).

The sets were blind when they were measured (docs/decisions: 2026-11-30-danger-by-signs, -evidence-and-no-report
have the rates); from now on they only keep what was reached. A limit may be tightened, never loosened; how good the
rules are on what nobody has seen, only new texts of another stranger tell.
"""

import csv
import re
from pathlib import Path

import pytest

from bench.weights import samples
from routing.model.decision import Decision, State, Urgency

STRANGERS = Path(__file__).parents[2] / "data/strangers"
OUTSIDE = {"gsak", "kbk", "ngn"}
ALARMING = {Urgency.NOTFALL, Urgency.SOFORT}

Judged = list[tuple[str, str, str, Decision]]
"""Text, right value, note, and what the shipped rules decide."""


def judged(kind: str) -> Judged:
    with (STRANGERS / f"{kind}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    decisions = samples.judged([row["text"] for row in rows], samples.shipped())
    return [(r["text"], r["expected"], r["note"], d) for r, (_, d) in zip(rows, decisions, strict=True)]


@pytest.fixture(scope="module")
def danger() -> Judged:
    return [*judged("danger"), *judged("danger_third"), *judged("danger_fourth")]


def outside(decision: Decision) -> bool:
    return decision.state is State.ROUTED and not OUTSIDE.isdisjoint(decision.recipients)


def alarms(decision: Decision) -> bool:
    return decision.state is State.ROUTED and decision.urgency in ALARMING


def at_once(decision: Decision) -> bool:
    """Whether a person sees it at once: an alarm, or the duty desk alone."""
    return alarms(decision) or any(concern.urgency is Urgency.PRUEFEN for concern in decision.concerns)


def test_ordinary_office_mail_stays_with_the_office() -> None:
    rows = [*judged("office"), *judged("office_third"), *judged("office_fourth")]
    gone = [text for text, _, _, decision in rows if outside(decision)]
    loud = [text for text, _, _, decision in rows if alarms(decision)]
    assert len(gone) <= 6, gone
    assert len(loud) <= 2, loud


def test_danger_reaches_a_person_at_once(danger: Judged) -> None:
    rows = [(text, decision) for text, expected, _, decision in danger if expected == "alarm"]
    assert sum(at_once(decision) for _, decision in rows) >= 0.6 * len(rows)
    assert sum(alarms(decision) for _, decision in rows) >= 0.45 * len(rows)


def test_what_is_no_danger_alarms_nobody(danger: Judged) -> None:
    rows = [(text, decision) for text, expected, _, decision in danger if expected == "none"]
    loud = [text for text, decision in rows if alarms(decision)]
    assert len(loud) <= 1, loud


def test_what_a_person_must_look_at_goes_to_no_other_body(danger: Judged) -> None:
    rows = [(text, decision) for text, expected, _, decision in danger if expected == "look"]
    gone = [text for text, decision in rows if outside(decision)]
    assert len(gone) <= 1, gone


def words(decision: Decision) -> str:
    """The places that leave with the concerns, as letters name them."""
    places = [place for concern in decision.concerns for place in concern.places]
    return " | ".join(f"{place.street} {place.number} {place.found}" for place in places)


@pytest.mark.parametrize(
    ("kind", "least", "most"),
    [("places", 0.92, 0), ("places_second", 0.95, 2), ("places_third", 0.95, 0), ("places_fourth", 0.95, 0)],
)
def test_the_scene_leaves_and_the_home_does_not(kind: str, least: float, most: int) -> None:
    scenes = found = homes = taken = 0
    for _, expected, note, decision in judged(kind):
        said = words(decision)
        for scene in (concern.split("@")[1] for concern in expected.split(" | ")):
            if scene != "-":
                scenes += 1
                found += all(street in said for street in re.sub(r" \d+\w?$", "", scene).split(" / "))
        if home := re.search(r"home[^:;,]*: ([^;,]+)", note):
            homes += 1
            taken += home[1] in said
    assert found >= least * scenes, (found, scenes)
    assert taken <= most, (taken, homes)
