"""What is urgent is said once, and everything that may hold a letter back asks there (promise P4)."""

import ast
from datetime import UTC, datetime

import pytest

from routing.model.decision import COLLECTED, URGENT, Urgency
from routing.model.settings import OfficeHours, Recipient
from routing.planning import schedule
from tests import ROOT

SUNDAY_NIGHT = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
BODY = Recipient(
    name="KBK", address=("kbk@kbk.invalid",), schedule=("Mo 08:00",), weekly="Di 08:00", acknowledge_minutes=30
)


def test_urgent_are_an_emergency_and_what_goes_out_at_once() -> None:
    assert [Urgency.NOTFALL, Urgency.PRUEFEN, Urgency.SOFORT] == [one for one in Urgency if one.is_urgent]
    assert [Urgency.NOTFALL, Urgency.PRUEFEN] == [one for one in Urgency if one.is_alarm]
    assert [Urgency.SAMMEL, Urgency.LISTE] == [one for one in Urgency if one.is_collected]
    assert (Urgency.NOTFALL, Urgency.PRUEFEN, Urgency.SOFORT) == URGENT
    assert (Urgency.SAMMEL, Urgency.LISTE) == COLLECTED


@pytest.mark.parametrize("urgency", Urgency)
def test_what_is_urgent_and_only_that_is_due_at_night_and_asked_after_within_minutes(urgency: Urgency) -> None:
    due = schedule.due(urgency, BODY, OfficeHours(), SUNDAY_NIGHT)
    chased = schedule.chase_at(urgency, BODY, OfficeHours(), SUNDAY_NIGHT)

    assert urgency.is_urgent is (due == SUNDAY_NIGHT)
    assert urgency.is_urgent is (chased is not None)


def test_nothing_else_in_the_program_lists_what_is_urgent() -> None:
    found = []
    for path in sorted(path for package in ("intake", "routing") for path in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Set | ast.List | ast.Tuple | ast.Compare):
                names = {sub.attr for sub in ast.walk(node) if isinstance(sub, ast.Attribute)}
                if {"NOTFALL", "SOFORT"} <= names or {"SOFORT", "rank"} <= names:
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}")

    home = ROOT / "routing/model/decision.py"
    assert [] == [place for place in found if not place.startswith(str(home.relative_to(ROOT)))]
