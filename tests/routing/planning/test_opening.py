"""Opening hours as they stand in letters, and the days of operation that follow."""

from datetime import date
from typing import Any

import pytest

from routing.config import loader
from routing.model.settings import Settings
from routing.planning import opening
from tests import ROOT

WEEK, SATURDAY = (0, 1, 2, 3, 4), (5,)


@pytest.fixture(scope="module")
def settings() -> Settings:
    return loader.load(ROOT / "config.toml").settings


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Mo-Fr 10-20 Uhr", [(WEEK, ((600, 1200),))]),
        ("Mo–Fr: 10:00–20:00 Uhr", [(WEEK, ((600, 1200),))]),
        ("montags bis freitags von 10 bis 20 Uhr", [(WEEK, ((600, 1200),))]),
        ("Sa 9.30-12 und 14-16 Uhr", [(SATURDAY, ((570, 720), (840, 960)))]),
        ("Mo-Fr 10-20 Uhr, Sa 10-18 Uhr", [(WEEK, ((600, 1200),)), (SATURDAY, ((600, 1080),))]),
        ("täglich 8-24 Uhr", [((0, 1, 2, 3, 4, 5, 6), ((480, 1440),))]),
        ("Mo, Mi und Fr 8 Uhr bis 12 Uhr", [((0, 2, 4), ((480, 720),))]),
        ("Mi 14-18", [((2,), ((840, 1080),))]),
    ],
)
def test_hours_are_read(text: str, found: list[Any]) -> None:
    assert found == [(one.days, one.spans) for one in opening.parse(text)]


@pytest.mark.parametrize(
    "text", ["nach Vereinbarung", "Mo-Fr", "10-20 Uhr", "Mo-Xx 10-20 Uhr", "Mo 20-10 Uhr", "Mo 10-25 Uhr", "Mo 10"]
)
def test_what_is_none_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="„"):
        opening.parse(text)


def test_a_holiday_and_a_closed_day_are_no_days_of_operation(settings: Settings) -> None:
    hours = ("Mo-Fr 10-20 Uhr", "Sa 10-18 Uhr")

    june = opening.days_of_operation(hours, settings, date(2023, 6, 6), date(2023, 6, 15))
    christmas = opening.days_of_operation(hours, settings, date(2026, 12, 23), date(2026, 12, 28))

    assert 8 == len(june)  # the eight of the press release: without Sunday and Fronleichnam
    assert date(2023, 6, 8) not in june
    assert (date(2026, 12, 23), date(2026, 12, 28)) == christmas
