"""Storing messages: once each, on both databases, and safe to repeat."""

import hashlib
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from msgspec.structs import replace
from sqlalchemy.engine import Engine

from intake import storage
from intake.base import background, errors
from intake.message import Arrival, Attachment, Automatic, BouncedLetter, Failure, Message
from intake.receive import batches
from intake.receive.batches import Received
from intake.storage import message_rows
from intake.storage import tables as stored_tables
from intake.storage.message_rows import MessageRow
from routing.store import migrations, tables

NOW = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = storage.create(database_url)
    migrations.upgrade(engine)
    yield engine
    engine.dispose()


def message(text: str = "Müllsäcke am Ostwall", **changes: object) -> Message:
    values: dict[str, object] = {
        "channel": "E-Mail",
        "identity": hashlib.sha256(text.encode()).digest(),
        "subject": "Müll",
        "text": text,
        "new_text": text,
        "attachments": (Attachment("foto.jpg", "image/jpeg", 1234, inline=True),),
        "message_id": "a@b",
        "references": ("c@d",),
        "automatic": Automatic.BULK,
        "case_number": "KOD-2026-000123",
        "returned": BouncedLetter(
            "a@b", "KOD-2026-000123-1", (Failure("c@example.org", "5.1.1", "failed", "unknown"),)
        ),
        "date": NOW - timedelta(hours=1),
        "problems": ("Der Absender fehlt.",),
    }
    return Message(**(values | changes))  # type: ignore[arg-type]  # built by name


def arrival(text: str = "Müllsäcke am Ostwall", *, key: str = "INBOX;1;1", source: str = "kod") -> Arrival:
    return Arrival(source=source, key=key, received_at=NOW, raw=text.encode(), message=message(text))


def add(engine: Engine, *arrivals: Arrival) -> storage.Added:
    with storage.writing(engine) as connection:
        return storage.add(connection, arrivals, NOW)


def test_the_migrated_schema_is_what_the_code_says(engine: Engine) -> None:
    with storage.reading(engine) as connection:
        assert [] == compare_metadata(MigrationContext.configure(connection), tables.metadata)


def test_walking_through_the_history_ends_at_the_same_schema(database_url: str) -> None:
    walked = storage.create(database_url)
    with storage.writing(walked) as connection:
        migrations.walk(connection)
    with storage.reading(walked) as connection:
        assert migrations.HEAD == migrations.current(connection)
        assert [] == compare_metadata(MigrationContext.configure(connection), tables.metadata)
    migrations.upgrade(walked)
    walked.dispose()


def test_a_database_of_the_first_schema_keeps_what_it_has(database_url: str) -> None:
    old = storage.create(database_url)
    with storage.writing(old) as connection:
        migrations.walk(connection, "0001")
        number, added_later = 1, "bytes_gone_at"
        row = {
            name: value for name, value in message_rows.values(number, arrival(), NOW).items() if name != added_later
        }
        connection.execute(sa.insert(stored_tables.messages).values(row))
        case = {"id": 1, "number": "KOD-2026-000001", "opened_at": NOW, "message_id": number}
        connection.execute(sa.insert(tables.cases).values(case))
        words = dict.fromkeys(("state", "category", "category_id", "urgency", "place", "district"), "x")
        concern = words | {"id": 1, "case_id": 1, "message_id": number, "position": 1, "opened_at": NOW}
        connection.execute(sa.insert(tables.concerns).values(concern))
        plan = {"concern_id": 1, "recipient": "gsak", "urgency": "heute", "template": "forward", "state": "planned"}
        connection.execute(sa.insert(tables.forwards).values(plan | {"id": 1, "planned_at": NOW, "due_at": NOW}))
    migrations.upgrade(old)
    with storage.reading(old) as connection:
        [forward] = connection.execute(sa.select(tables.forwards)).all()
        assert ("gsak", None) == (forward.recipient, forward.report_id)
        assert [] == compare_metadata(MigrationContext.configure(connection), tables.metadata)
    old.dispose()


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    add(engine, arrival())
    migrations.upgrade(engine)
    with storage.reading(engine) as connection:
        assert storage.count_waiting(connection)[0] == 1


def test_a_database_of_a_newer_version_is_refused_in_german(engine: Engine) -> None:
    with storage.writing(engine) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrations.NewerDatabaseError, match="neueren Version"):
        migrations.upgrade(engine)


def test_a_message_comes_back_as_it_went_in(engine: Engine) -> None:
    added = add(engine, arrival())
    with storage.reading(engine) as connection:
        stored = storage.get(connection, added.new[0])
        assert stored is not None
        assert (message(), NOW, "kod") == (stored.message, stored.received_at, stored.source)
        assert "Müllsäcke am Ostwall".encode() == storage.raw(connection, added.new[0])


def test_the_same_arrival_twice_is_stored_once(engine: Engine) -> None:
    first = add(engine, arrival())
    again = add(engine, arrival())
    assert (1, 0) == (len(first.new), first.repeated)
    assert (0, 1) == (len(again.new), again.repeated)


def test_one_mail_through_two_aliases_is_one_message_seen_twice(engine: Engine) -> None:
    add(engine, arrival(key="INBOX;1;1"))
    second = add(engine, arrival(key="INBOX;1;2"), arrival(key="INBOX;7;1"))
    assert ((), 2) == (second.new, second.repeated)
    with storage.reading(engine) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(stored_tables.arrivals)) == 3


def test_copies_within_one_batch_are_one_message(engine: Engine) -> None:
    added = add(engine, arrival(key="a"), arrival(key="b"), arrival("etwas anderes", key="c"))
    assert (2, 1) == (len(added.new), added.repeated)


def test_a_decided_message_waits_no_longer(engine: Engine) -> None:
    added = add(engine, arrival(), arrival("Laterne", key="INBOX;1;2"))
    with storage.writing(engine) as connection:
        assert list(added.new) == [stored.id for stored in storage.undecided(connection, 10)]
        storage.decided(connection, [added.new[0]])
    with storage.reading(engine) as connection:
        assert (1, NOW) == storage.count_waiting(connection)


def test_an_exception_stores_nothing(engine: Engine) -> None:
    with pytest.raises(RuntimeError), storage.writing(engine) as connection:
        storage.add(connection, [arrival()], NOW)
        raise RuntimeError
    with storage.reading(engine) as connection:
        assert (0, None) == storage.count_waiting(connection)


def test_a_naive_time_never_enters(engine: Engine) -> None:
    with pytest.raises(ValueError, match="naive"), storage.writing(engine) as connection:
        storage.add(connection, [arrival()], datetime(2026, 11, 23))  # noqa: DTZ001  (that is the point)


def test_threads_that_store_at_once_lose_and_double_nothing(engine: Engine) -> None:
    def work(part: int) -> None:
        for number in range(20):
            add(engine, arrival(f"Hinweis {part} {number}", key=f"INBOX;{part};{number}"))

    threads = [threading.Thread(target=work, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with storage.reading(engine) as connection:
        ids = list(connection.scalars(sa.select(stored_tables.messages.c.id)))
    assert (80, 80) == (len(ids), len(set(ids)))


def test_a_row_has_the_columns_of_its_table() -> None:
    assert tuple(stored_tables.messages.c.keys()) == MessageRow._fields


def test_batches_are_committed_in_their_order_while_the_next_one_is_read(engine: Engine) -> None:
    def store(number: int) -> tuple[int, int]:
        item = arrival(f"Nummer {number}", key=f"INBOX;1;{number}")
        return number, batches.store(engine, [item], NOW, storage.Mark("kod", 1, number)).new

    told = list(background.pipelined(store, range(5), name="store"))
    assert [(number, 1) for number in range(5)] == told
    with storage.reading(engine) as connection:
        assert storage.Mark("kod", 1, 4) == storage.mark(connection, "kod")
        assert 5 == connection.scalar(sa.select(sa.func.count()).select_from(stored_tables.messages))


def test_a_commit_that_fails_is_told_and_what_it_held_can_be_stored_again(tmp_path: Path) -> None:
    engine = storage.create(storage.url_of_file(tmp_path / "kod.sqlite"))
    migrations.upgrade(engine)
    first, second = arrival("eins", key="INBOX;1;1"), arrival("zwei" * 20_000, key="INBOX;1;2")
    done: list[Received] = []
    kept = resource.getrlimit(resource.RLIMIT_FSIZE)

    def store(number: int, item: Arrival) -> Received:
        return batches.store(engine, [item], NOW, storage.Mark("kod", 1, number))

    def store_all() -> None:
        items = [(1, first), (2, second), (2, first)]
        done.extend(background.pipelined(lambda item: store(*item), items, name="store"))

    with storage.writing(engine) as connection:
        storage.add(connection, [first], NOW)
    written = (tmp_path / "kod.sqlite-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (written + 50_000, kept[1]))  # the kernel refuses what grows larger
    try:
        with pytest.raises(errors.StorageFullError):
            store_all()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept)
    assert [(0, 1)] == [(one.new, one.repeated) for one in done]
    with storage.reading(engine) as connection:
        assert storage.Mark("kod", 1, 1) == storage.mark(connection, "kod")
    store_all()
    assert [(0, 1), (0, 1), (1, 0), (0, 1)] == [(one.new, one.repeated) for one in done]
    engine.dispose()


def test_what_cannot_be_stored_as_it_was_read_is_kept_with_its_raw_text(engine: Engine) -> None:
    good, bad = arrival("gut", key="INBOX;1;1"), arrival("schlecht", key="INBOX;1;2")
    bad = replace(bad, raw=b"Hier brennt es\0\xff", message=replace(bad.message, text="\ud800"))
    received = batches.store(engine, [good, bad], NOW, storage.Mark("kod", 1, 2))
    assert (2, 0) == (received.new, received.repeated)
    with storage.reading(engine) as connection:
        kept = storage.undecided(connection, 10)
        assert [good.message.text, "Hier brennt es"] == [one.message.text.strip("\ufffd ") for one in kept]
        assert "ließ sich nicht ablegen" in kept[1].message.problems[0]
        assert bad.raw == storage.raw(connection, kept[1].id)
        assert storage.Mark("kod", 1, 2) == storage.mark(connection, "kod")


def test_the_mark_remembers_how_far_a_mailbox_was_read(engine: Engine) -> None:
    with storage.writing(engine) as connection:
        assert storage.mark(connection, "kod") is None
        storage.set_mark(connection, storage.Mark("kod", 7, 12), NOW)
        storage.set_mark(connection, storage.Mark("kod", 7, 15), NOW)
    with storage.reading(engine) as connection:
        assert storage.Mark("kod", 7, 15) == storage.mark(connection, "kod")


def test_a_full_database_is_a_full_disk(tmp_path: Path) -> None:
    """SQLite's own limit gives the same error as a disk without space."""
    engine = storage.create(f"sqlite:///{tmp_path / 'small.sqlite'}")
    migrations.upgrade(engine)
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar() or 0
    engine.dispose()
    sa.event.listen(engine, "connect", lambda raw, _: raw.execute(f"PRAGMA max_page_count={pages + 10}").close())
    with pytest.raises(errors.StorageFullError):
        for number in range(100):
            add(engine, arrival("x" * 20_000 + str(number), key=str(number)))
    engine.dispose()


def test_a_second_holder_of_the_lock_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from intake import storage;"
        f"storage.FileLock(pathlib.Path({str(tmp_path / 'x.lock')!r})).acquire(); print('held', flush=True);"
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        lock = storage.FileLock(tmp_path / "x.lock")
        with pytest.raises(errors.AlreadyRunningError, match=f"Prozess {holder.pid}"):
            lock.acquire()
        holder.kill()
        holder.wait()
        lock.acquire()
        lock.release()
