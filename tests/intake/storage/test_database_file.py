"""An SQLite file that others can reach: deleted, replaced, cut off, overwritten, locked."""

import os
import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from intake import storage
from intake.base import errors
from routing.store import migrations

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kod.sqlite"


@pytest.fixture
def engine(path: Path) -> Iterator[Engine]:
    made = storage.create(storage.url_of_file(path))
    migrations.upgrade(made)
    storage.mark_file(made)
    beat(made)
    yield made
    made.dispose()


def beat(engine: Engine) -> None:
    with storage.writing(engine) as connection:
        storage.beat(connection, "daemon", NOW)


def deleted(path: Path) -> None:
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()


def replaced_by_a_copy(path: Path) -> None:
    copy = path.with_name("copy")
    shutil.copy(path, copy)
    copy.replace(path)


def replaced_by_nothing(path: Path) -> None:
    path.with_name("empty").touch()
    path.with_name("empty").replace(path)


def moved_away(path: Path) -> None:
    path.parent.rename(path.parent.with_name("elsewhere"))


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def cut_in_half(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint").fetchall()
    connection.close()
    os.truncate(path, path.stat().st_size // 2)


def overwritten(path: Path) -> None:
    path.write_bytes(b"something else " * 10_000)


def log_deleted(path: Path) -> None:
    Path(f"{path}-wal").unlink()


FAULTS = [
    deleted,
    replaced_by_a_copy,
    replaced_by_nothing,
    moved_away,
    emptied,
    cut_in_half,
    overwritten,
    log_deleted,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_file_that_is_no_longer_ours_is_written_to_no_more(
    engine: Engine, path: Path, fault: Callable[[Path], None]
) -> None:
    storage.check(engine)
    beat(engine)
    fault(path)
    with pytest.raises(errors.DatabaseLostError):
        storage.check(engine)
    with pytest.raises(errors.DatabaseOutError):
        beat(engine)
    with pytest.raises(errors.DatabaseLostError):
        storage.confirm(engine, "mailbox kod", "one")


def test_what_stands_only_in_a_deleted_log_is_saved(engine: Engine, path: Path) -> None:
    storage.check(engine)
    beat(engine)
    log_deleted(path)
    with pytest.raises(errors.DatabaseLostError):
        beat(engine)
    with sqlite3.connect(path) as other:
        assert [("daemon",)] == other.execute("SELECT name FROM heartbeats").fetchall()
    other.close()


def test_a_file_that_was_put_back_is_ours_again(engine: Engine, path: Path) -> None:
    path.rename(path.with_name("away"))
    with pytest.raises(errors.DatabaseLostError):
        beat(engine)
    path.with_name("away").rename(path)
    beat(engine)


def test_a_start_without_the_database_that_was_there_is_refused(path: Path) -> None:
    url = storage.url_of_file(path)
    storage.recognise(url)
    made = storage.create(url)
    migrations.upgrade(made)
    storage.mark_file(made)
    made.dispose()
    storage.recognise(url)
    shutil.copy(path, path.with_name("backup"))
    path.unlink()
    with pytest.raises(errors.DatabaseLostError, match="missing"):
        storage.recognise(url)
    other = storage.create(storage.url_of_file(path.with_name("other")))
    migrations.upgrade(other)
    storage.mark_file(other)
    other.dispose()
    path.with_name("other").rename(path)
    with pytest.raises(errors.DatabaseLostError, match="another"):
        storage.recognise(url)
    path.with_name("backup").replace(path)
    storage.recognise(url)


def test_damage_inside_is_found_by_reading_it_all_and_lasts(engine: Engine, path: Path) -> None:
    assert storage.quick_check(engine)
    assert not storage.quick_check(engine, largest=10)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint").fetchall()
    connection.close()
    with path.open("r+b") as file:
        for page in range(3, path.stat().st_size // 8192, 2):
            file.seek(page * 8192)
            file.write(os.urandom(4096))
    with pytest.raises(errors.DatabaseLostError):
        storage.quick_check(engine)
    with pytest.raises(errors.DatabaseLostError):
        beat(engine)


@pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_lock_of_somebody_else_is_told_as_one(path: Path, how: str) -> None:
    made = storage.create(storage.url_of_file(path), storage.Patience(connect=1, statement=1, lock=0.05))
    migrations.upgrade(made)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute(f"BEGIN {how}")
    with pytest.raises(errors.DatabaseOutError) as told:
        beat(made)
    assert "gesperrt" in told.value.german
    other.execute("ROLLBACK")
    beat(made)
    other.close()
    made.dispose()


def test_who_has_the_turn_and_hangs_holds_nobody_up_for_ever(path: Path) -> None:
    one = storage.create(storage.url_of_file(path), storage.Patience(connect=1, statement=1, lock=0.05))
    migrations.upgrade(one)
    with storage.writing(one), pytest.raises(errors.DatabaseOutError), storage.writing(one):
        pass
    beat(one)
    one.dispose()


def test_a_checkpoint_that_had_no_room_is_no_cut_off_file(path: Path, engine: Engine) -> None:
    with storage.writing(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE much (word BLOB)")
        connection.exec_driver_sql("INSERT INTO much VALUES (zeroblob(300000))")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, before[1]))  # as on a disk that is full
    try:
        with engine.connect() as connection, pytest.raises(Exception, match=r"disk|full"):
            connection.exec_driver_sql("PRAGMA wal_checkpoint").fetchall()
        page, pages = (connection_value(path, name) for name in ("page_size", "page_count"))
        assert path.stat().st_size < page * pages, "the header says more than there is"
        with pytest.raises(errors.StorageFullError):
            storage.check(engine)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    storage.check(engine)
    assert path.stat().st_size >= page * pages
    engine.dispose()
    beat(engine)


def connection_value(path: Path, name: str) -> int:
    with sqlite3.connect(path) as connection:
        [(value,)] = connection.execute(f"PRAGMA {name}").fetchall()
    connection.close()
    return int(value)
