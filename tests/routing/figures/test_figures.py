"""The figures are those of the raw rows, cell by cell, and stay the same when the rows are forgotten."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from intake import storage
from routing import figures
from routing.config import loader
from routing.figures import periods, tables
from routing.figures.tables import Share
from routing.figures.values import Report
from routing.model.retention import RetentionSettings
from routing.model.settings import Settings
from routing.privacy.deletion import retention
from routing.store import migrations
from tests import ROOT
from tests.routing.figures.recount import recount
from tests.routing.figures.year import Year
from tests.servers.postgresql import PostgreSQL

WAYS = ("Ostwall", "Rheinstraße")
STREETS = {
    "Ostwall 12": "Ostwall",
    "Ostwall 3, im Hof": "Ostwall",
    "Rheinstraße": "Rheinstraße",
    "bei Frau Muster im Hof": "(anderer Ort)",
    "Am Unbekannten Weg 4": "(anderer Ort)",
    "": "",
}
YEAR = (date(2026, 1, 1), date(2026, 12, 31))
JUNE = (date(2026, 6, 1), date(2026, 6, 30))
TEN_DAYS = (date(2026, 3, 25), date(2026, 4, 3))  # the clocks are put forward in them


@pytest.fixture(scope="module")
def settings() -> Settings:
    return loader.load(ROOT / "config.toml").settings


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("year") / "kod.sqlite"


@pytest.fixture(scope="module")
def engine(file: Path) -> Iterator[sa.Engine]:
    engine = storage.create(storage.url_of_file(file))
    migrations.upgrade(engine)
    Year(engine, seed=20).fill(2_000)
    yield engine
    engine.dispose()


def _report(engine: sa.Engine, settings: Settings, days: tuple[date, date]) -> Report:
    period = periods.of_days(*days)
    return figures.report(engine, settings, period.since, period.until, streets=WAYS)


def _plain(counts: Any) -> Any:
    return json.loads(msgspec.json.encode(counts)) | {"first_at": counts.first_at}


@pytest.mark.parametrize("days", [YEAR, JUNE, TEN_DAYS], ids=["year", "month", "days"])
def test_every_number_is_that_of_the_raw_rows(
    engine: sa.Engine, settings: Settings, file: Path, days: tuple[date, date]
) -> None:
    found = _report(engine, settings, days)

    assert found.counts.concerns > 20
    assert recount(file, *days, STREETS) == _plain(found.counts)
    assert recount(file, found.earlier.first, found.earlier.last, STREETS) == _plain(found.before)


def test_every_cell_of_the_tables_is_that_of_the_raw_rows(engine: sa.Engine, settings: Settings, file: Path) -> None:
    report = _report(engine, settings, JUNE)
    here, there = recount(file, *JUNE, STREETS), recount(file, date(2026, 5, 1), date(2026, 5, 31), STREETS)
    whole = here["concerns"]
    known: dict[str, Any] = {table.key: table for table in tables.of(report)}

    for key in ("channel", "category", "district", "street", "body", "urgency"):
        now, then = here["by"][key], there["by"][key]
        wanted = sorted((now.get(one, 0), Share(now.get(one, 0) / whole), then.get(one, 0)) for one in {*now, *then})
        assert wanted == sorted(row[1:4] for row in known[key].rows), key
        assert all(row[4] == row[1] - row[3] for row in known[key].rows), key
    for key, count in (("weekday", 7), ("hour", 24)):
        assert [here["by"][key].get(str(one), 0) for one in range(count)] == [row[1] for row in known[key].rows]
    for key in ("week", "month"):
        assert sorted(here["by"][key].values()) == sorted(row[1] for row in known[key].rows)
    assert [whole, *(here["shares"][one] for one in figures.values.SHARES), here["further"]] == [
        row[1] for row in known["overview"].rows[:-1]
    ]
    assert [tuple(one.values()) for one in here["spots"]] == list(known["spots"].rows)
    assert [(one["count"], one["median"], one["nine_in_ten"]) for one in here["times"].values()] == [
        row[1:4] for row in known["times"].rows
    ]
    assert sorted(here["others"].values()) == sorted(row[1] for row in known["others"].rows)
    assert whole == sum(row[1] for row in known["desks"].rows)


def test_it_survives_that_rows_are_forgotten(tmp_path: Path, settings: Settings) -> None:
    engine = storage.create(storage.url_of_file(tmp_path / "kod.sqlite"))
    migrations.upgrade(engine)
    Year(engine, seed=7).fill(600)
    before = _report(engine, settings, YEAR)
    retention.run(engine, RetentionSettings(figures=0, silent=0), datetime(2027, 6, 1, tzinfo=UTC))
    with storage.reading(engine) as connection:
        living = connection.scalar(sa.text("SELECT count(*) FROM messages"))
        forgotten = connection.scalar(sa.text("SELECT count(*) FROM figures"))
    after = _report(engine, settings, YEAR)
    engine.dispose()

    assert living > 50 < forgotten
    assert _without_places(before) == _without_places(after)
    assert sum(after.counts.by["street"].values()) < sum(before.counts.by["street"].values())


def _without_places(report: Report) -> Any:
    found = msgspec.to_builtins(report, str_keys=True)
    for counts in (found["counts"], found["before"]):
        del counts["spots"], counts["by"]["street"]
    return found


def test_it_is_the_same_on_postgresql(tmp_path: Path, settings: Settings, postgresql: PostgreSQL) -> None:
    found = []
    for url in (storage.url_of_file(tmp_path / "kod.sqlite"), postgresql.create_database()):
        engine = storage.create(url)
        migrations.upgrade(engine)
        Year(engine, seed=5).fill(300)
        retention.run(engine, RetentionSettings(figures=0, silent=0), datetime(2026, 12, 1, tzinfo=UTC))
        found.append(_report(engine, settings, YEAR))
        engine.dispose()

    assert found[0] == found[1]


def test_an_empty_database_has_a_report(tmp_path: Path, settings: Settings) -> None:
    engine = storage.create(storage.url_of_file(tmp_path / "kod.sqlite"))
    migrations.upgrade(engine)
    report = _report(engine, settings, JUNE)
    engine.dispose()

    assert ("Im Juni 2026 sind in Krefeld keine Bürgeranliegen eingegangen.",) == report.press
    assert all(row[1] in {0, None} for table in tables.of(report) for row in table.rows)
