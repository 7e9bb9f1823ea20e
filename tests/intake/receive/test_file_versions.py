"""One list dropped again and again: what it adds, what an edit becomes, what stays two. Real folder, real store."""

import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from intake import drop_folder, storage
from intake.receive import drop_folder as files
from intake.settings import DropFolderSettings
from intake.storage import forgotten, tables
from routing.store import migrations
from tests.servers.postgresql import PostgreSQL

NOW = datetime(2026, 6, 30, 9, 30, tzinfo=UTC)
HEADER = "Datum;Uhrzeit;Anrufer;Tel.;Ort;Anliegen;Bemerkung;erledigt"
ROWS = (
    "09.06.2026;10:12;Hr. Müller;02151 1111;Ostwall 3;Müllsäcke neben dem Papierkorb;;",
    "09.06.2026;11:05;Fr. Hundt;;Theaterplatz;Spritzen auf der Treppe;;",
    "09.06.2026;23:50;;;Petersstr. 117;Ruhestörung, Bässe;;",
    "10.06.2026;8:05;Laubach;02151 99999;Schinkenpl.;Laterne dunkel;;",
)


@pytest.fixture
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterable[Engine]:
    """On SQLite, unless a test says otherwise."""
    url = f"sqlite:///{tmp_path}/kod.db"
    if getattr(request, "param", "sqlite") == "postgresql":
        server: PostgreSQL = request.getfixturevalue("postgresql")
        url = server.create_database()
    engine = storage.create(url)
    migrations.upgrade(engine)
    yield engine
    engine.dispose()


class Desk:
    """Drops versions of lists and says what is stored."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self.path, self.engine, self.now = path, engine, NOW
        self.path.mkdir()
        self.folder = drop_folder.DropFolder("telefon", DropFolderSettings(folder=path, settle_seconds=0))
        self.folder.check()

    def drop(self, *rows: str, name: str = "liste.csv", encoding: str = "cp1252") -> tuple[int, int]:
        """How many rows were new and how many known."""
        self.now += timedelta(hours=1)
        file = self.path / name
        file.write_bytes("\r\n".join([HEADER, *rows, ""]).encode(encoding))
        os.utime(file, (self.now.timestamp(), self.now.timestamp()))
        received = files.receive(self.folder, self.engine, lambda: self.now)
        assert ([name], []) == (received.files, received.stuck)
        return received.new, received.repeated

    def forget(self, text: str) -> None:
        """Delete the row with this text, as retention does."""
        with storage.writing(self.engine) as connection:
            row = connection.execute(sa.select(tables.messages).where(tables.messages.c.text == text)).one()
            digest = forgotten.of_identity(forgotten.key(connection), row.identity)
            forgotten.note(connection, [digest], forgotten.Why.AGE, self.now)
            for table in (tables.waiting, tables.raw_messages, tables.arrivals):
                connection.execute(sa.delete(table).where(table.c.message_id == row.id))
            connection.execute(sa.delete(tables.messages).where(tables.messages.c.id == row.id))

    def counts(self) -> list[tuple[int, ...]]:
        """Of each file in turn: rows, stored, forgotten, handed back, unread."""
        files = tables.files.c
        columns = (files.rows, files.stored, files.forgotten, files.handed_back, files.unread)
        with storage.reading(self.engine) as connection:
            return [tuple(row) for row in connection.execute(sa.select(*columns).order_by(files.read_at))]

    def stored(self) -> int:
        """How many rows there are."""
        with storage.reading(self.engine) as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(tables.arrivals)) or 0

    def edits(self) -> dict[str, str]:
        """The text of each edited row and that of the row it continues."""
        old = tables.messages.alias()
        query = sa.select(tables.messages.c.text, old.c.text.label("before")).join(
            old, old.c.identity == tables.messages.c.follows
        )
        with storage.reading(self.engine) as connection:
            return {row.text: row.before for row in connection.execute(query.where(tables.messages.c.edited))}


@pytest.fixture
def desk(tmp_path: Path, engine: Engine) -> Desk:
    return Desk(tmp_path / "telefon", engine)


def changed(row: str, old: str, new: str) -> str:
    assert old in row
    return row.replace(old, new)


def test_a_grown_resorted_renamed_and_reencoded_list_adds_only_what_is_new(desk: Desk) -> None:
    assert (4, 0) == desk.drop(*ROWS)

    new = "10.06.2026;9:00;;;Nordwall;wilder Müll;;"
    assert (1, 4) == desk.drop(new, *reversed(ROWS), name="Kopie von liste.csv", encoding="utf-8-sig")
    assert {} == desk.edits()


def test_status_and_remarks_may_change(desk: Desk) -> None:
    desk.drop(*ROWS)

    assert (0, 4) == desk.drop(*(row.removesuffix(";;") + ";an KBK gemeldet;x" for row in ROWS))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Müllsäcke neben dem Papierkorb", "Müllsäcke neben dem Papierkorb, jetzt zwanzig Stück"),
        ("Müllsäcke neben dem Papierkorb", "Muellsäcke neben Papierkorb"),
        ("Ostwall 3", "Ostwall 33"),
        ("10:12", "10:21"),
        ("09.06.2026", "08.06.2026"),
        ("10:12", ""),
        ("Ostwall 3;Müllsäcke neben dem Papierkorb", "Westwall 3;Müllsäcke neben Papierkorb"),
    ],
    ids=["text grown", "typing", "place", "time", "date", "time deleted", "place and text"],
)
def test_an_edited_row_continues_its_call(desk: Desk, old: str, new: str) -> None:
    desk.drop(*ROWS)

    assert (1, 3) == desk.drop(*ROWS[1:], changed(ROWS[0], old, new))
    assert ["Müllsäcke neben dem Papierkorb"] == list(desk.edits().values())
    assert (0, 4) == desk.drop(changed(ROWS[0], old, new), *ROWS[1:], name="liste (2).csv")


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_a_row_edited_twice_continues_its_last_words(desk: Desk) -> None:
    desk.drop(*ROWS)
    second = changed(ROWS[0], "Papierkorb", "Papierkorb, zehn Stück")
    desk.drop(second, *ROWS[1:])
    desk.drop(changed(second, "zehn", "zwanzig"), *ROWS[1:])

    assert {
        "Müllsäcke neben dem Papierkorb, zehn Stück": "Müllsäcke neben dem Papierkorb",
        "Müllsäcke neben dem Papierkorb, zwanzig Stück": "Müllsäcke neben dem Papierkorb, zehn Stück",
    } == desk.edits()


def test_an_edit_taken_back_brings_nothing(desk: Desk) -> None:
    desk.drop(*ROWS)
    desk.drop(changed(ROWS[0], "Papierkorb", "Papierkorb, zehn Stück"), *ROWS[1:])

    assert (0, 4) == desk.drop(*ROWS)


@pytest.mark.parametrize(
    "call",
    [
        changed(ROWS[0], "09.06.", "10.06."),
        changed(ROWS[0], "10:12", "14:12"),
        changed(ROWS[0], "Ostwall 3", "Südwall 8"),
        changed(ROWS[0], "Müllsäcke neben dem Papierkorb", "Hund ohne Leine"),
    ],
    ids=["another day", "another time", "another place", "another matter at the same time and place"],
)
def test_two_calls_that_stand_in_one_list_stay_two(desk: Desk, call: str) -> None:
    desk.drop(*ROWS)

    assert (1, 4) == desk.drop(*ROWS, call)
    assert {} == desk.edits()


def test_the_same_words_on_another_day_are_another_call_even_when_the_old_month_was_deleted(desk: Desk) -> None:
    desk.drop(*ROWS)

    assert (1, 1) == desk.drop(ROWS[3], "24.06.2026;16:40;;;Ostwall 3;Müllsäcke neben dem Papierkorb;;")
    assert {} == desk.edits()


def test_another_list_in_the_folder_is_no_newer_version(desk: Desk) -> None:
    desk.drop(*ROWS, name="Telefon Wache.csv")
    other = [changed(row, "Laterne dunkel", "Laterne flackert").replace(";8:05;", ";8:15;") for row in ROWS[3:]]

    assert (1, 0) == desk.drop(*other, name="Telefon Büro.csv")
    assert {} == desk.edits()


def test_a_list_that_shares_no_row_with_an_earlier_one_brings_new_calls(desk: Desk) -> None:
    desk.drop(ROWS[0])

    assert (1, 0) == desk.drop(changed(ROWS[0], "Papierkorb", "Papierkorb, zehn Stück"))
    assert {} == desk.edits()


def test_corrected_rejects_are_new_calls(desk: Desk) -> None:
    desk.drop(*ROWS)

    assert (1, 0) == desk.drop("09.06.2026;10:30;;;Ostwall 3;Müllsäcke im Park;;", name="liste.abgelehnt.csv")
    assert {} == desk.edits()


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_every_row_of_a_file_is_counted_by_what_became_of_it(desk: Desk) -> None:
    mistyped, unread = "11.06.2026;9:00;;;Ostwall 4;;;", "Gasgeruch im Keller"
    desk.drop(*ROWS, ROWS[0], mistyped, unread, "")
    desk.forget("Laterne dunkel")
    desk.drop(*ROWS, "11.06.2026;9:30;;;Ostwall 5;Hund ohne Leine;;")
    desk.drop(*ROWS, ROWS[0], mistyped, unread, "")

    assert [(5, 4, 1, 0, 0), (7, 4 + 1 - 1, 1, 1, 1)] == desk.counts()


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_who_was_taken_over_in_the_middle_of_a_list_stores_no_more_of_it(desk: Desk, engine: Engine) -> None:
    count = 3 * files.ROWS_TOGETHER
    many = [f"09.06.2026;10:12;;;Ostwall {number};Müllsäcke Nr. {number};;" for number in range(count)]
    (desk.path / "liste.csv").write_bytes("\r\n".join([HEADER, *many, ""]).encode("cp1252"))
    one, other = storage.Leases(engine, "one"), storage.Leases(engine, "other")
    stored = []

    def folder(leases: storage.Leases, before: Callable[[], object]) -> drop_folder.DropFolder:
        def may_file() -> None:
            before()
            leases.confirm("folder telefon")

        settings = DropFolderSettings(folder=desk.path, settle_seconds=0)
        return drop_folder.DropFolder("telefon", settings, may_file=may_file)

    def taken_over() -> None:
        stored.append(desk.stored())
        if len(stored) == 2:
            one.close()
            assert other.take("folder telefon")
            files.receive(folder(other, lambda: None), engine, lambda: NOW)

    assert one.take("folder telefon")
    received = files.receive(folder(one, taken_over), engine, lambda: NOW)
    other.close()

    assert stored == [0, files.ROWS_TOGETHER]
    assert (received.stuck, desk.stored()) == (["liste.csv"], count)
    assert [(count, count, 0, 0, 0)] == desk.counts()
