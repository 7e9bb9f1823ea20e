"""The sentences for the press: rounded, with days of operation, and right in their grammar."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from intake import storage
from intake.message import Arrival, Message
from routing import figures
from routing.config import loader
from routing.figures import periods, press
from routing.model.settings import Contact, ContactDesk, Settings
from routing.store import migrations, tables
from tests import ROOT


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "ein"),
        (8, "acht"),
        (13, "13"),
        (20, "20"),
        (49, "rund 50"),
        (50, "50"),
        (54, "rund 50"),
        (1_251, "rund 1.300"),
    ],
)
def test_numbers_are_rounded_as_the_press_does(number: int, said: str) -> None:
    assert said == press.rounded(number)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2023, 6, 6), date(2023, 6, 15), "6. bis 15. Juni 2023"),
        (date(2026, 5, 30), date(2026, 6, 2), "30. Mai bis 2. Juni 2026"),
        (date(2026, 12, 30), date(2027, 1, 2), "30. Dezember 2026 bis 2. Januar 2027"),
        (date(2026, 6, 6), date(2026, 6, 6), "6. Juni 2026"),
    ],
)
def test_a_period_is_said_as_short_as_can_be(first: date, last: date, said: str) -> None:
    assert said == periods.said(periods.of_days(first, last))


@pytest.mark.parametrize(
    ("text", "first", "earlier"),
    [("2026-01", date(2026, 1, 1), date(2025, 12, 1)), ("3.2026", date(2026, 3, 1), date(2026, 2, 1))],
)
def test_a_month_is_compared_with_the_one_before(text: str, first: date, earlier: date) -> None:
    month = periods.parse_month(text)

    assert (first, earlier) == (month.first, periods.before(month).first)
    assert month == periods.between(month.since, month.until)


def _settings(**desk: Any) -> Settings:
    shipped = loader.load(ROOT / "config.toml").settings
    city = shipped.city.model_copy(update={"contact": Contact(desks=(ContactDesk(**desk),))})
    return shipped.model_copy(update={"city": city})


def _said(folder: Path, settings: Settings, first: date, last: date, channels: dict[str, int]) -> figures.Report:
    """So many concerns by each channel, one an hour from the first day on."""
    engine = storage.create(storage.url_of_file(folder / "kod.sqlite"))
    migrations.upgrade(engine)
    period = periods.of_days(first, last)
    with storage.writing(engine) as connection:
        moments = (period.since + timedelta(hours=hour) for hour in range(sum(channels.values())))
        names = (name for name, count in channels.items() for _ in range(count))
        items = [_arrival(number, name, at) for number, (name, at) in enumerate(zip(names, moments, strict=True))]
        for number, item in zip(storage.add(connection, items, period.since).new, items, strict=True):
            values = {"id": number, "opened_at": item.received_at, "message_id": number}
            connection.execute(tables.cases.insert().values(values | {"number": f"KOD-2026-{number}"}))
            concern = {"case_id": number, "position": 1, "state": "open", "category": f"Thema {number}"}
            concern |= {"category_id": "", "urgency": "sammel", "place": "", "district": ""}
            connection.execute(tables.concerns.insert().values(values | concern))
    report = figures.report(engine, settings, period.since, period.until)
    engine.dispose()
    return report


def _arrival(number: int, channel: str, at: datetime) -> Arrival:
    message = Message(channel=channel, identity=number.to_bytes(32, "big"), message_id=f"{number}@example.org")
    return Arrival(source="kod", key=f"INBOX;1;{number}", received_at=at, raw=b"", message=message)


def test_the_sentence_of_the_press_release_comes_out_of_the_data(tmp_path: Path) -> None:
    settings = _settings(name="Kontaktpunkt City", hours=("Mo-Fr 10-20 Uhr", "Sa 10-18 Uhr"))
    came = {"Kontaktpunkt City": 40, "Kontaktpunkt": 11, "E-Mail": 30}

    report = _said(tmp_path, settings, date(2023, 6, 6), date(2023, 6, 15), came)

    assert (
        "Rund 80 Bürgeranliegen sind vom 6. bis 15. Juni 2023 in Krefeld eingegangen.",
        (
            "Rund 50 Bürgeranliegen sind an acht Betriebstagen vom 6. bis 15. Juni 2023 in der Anlaufstelle "
            "„Kontaktpunkt City“ aufgenommen worden."
        ),
    ) == report.press
    assert [("Kontaktpunkt City", 51, 8), ("E-Mail", 30, 2)] == [
        (one.name, one.concerns, one.days) for one in report.desks
    ]


def test_hours_that_nobody_can_read_are_told(tmp_path: Path) -> None:
    settings = _settings(name="Kontaktpunkt City", hours=("nach Vereinbarung",))

    report = _said(tmp_path, settings, date(2023, 6, 6), date(2023, 6, 6), {"Kontaktpunkt City": 1})

    assert report.press[1].startswith(
        "Ein Bürgeranliegen ist an einem Betriebstag am 6. Juni 2023 in der Anlaufstelle"
    )
    assert "„nach Vereinbarung“ ist keine Öffnungszeit" in report.notes[0]
