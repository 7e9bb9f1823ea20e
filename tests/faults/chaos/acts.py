"""What each fault of a plan does: a context manager by its name, entered when it begins, left at its end."""

import contextlib
import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import psycopg

from tests.faults.chaos.city import City, Seat
from tests.faults.chaos.killer import BACKLOG, children
from tests.faults.chaos.plan import Event
from tests.servers.fault_proxy import FaultProxy

Act = Callable[[City, Event], AbstractContextManager[None]]
KBK = "bauhof@kbk.invalid"


def work(city: City, event: Event) -> None:
    """Work of the kinds of ``plan.WORK`` comes."""
    if event.what == "rows":
        city.lay_down(event.amount)
    elif event.what == "backlog":
        for _ in range(BACKLOG):
            city.deliver("eine Frage", leads_to_letter=False)
    else:
        words = {"emergency": "ölspur", "rubbish": "müllsack", "question": "eine Frage"}[event.what]
        city.deliver(words, leads_to_letter=event.what != "question")


@contextlib.contextmanager
def _daemon_killed(city: City, event: Event) -> Iterator[None]:
    with _down(city.seats[event.which]) as seat:
        seat.send(signal.SIGKILL, group="children" in event.what)
        yield


@contextlib.contextmanager
def _daemon_stopped(city: City, event: Event) -> Iterator[None]:
    with _down(city.seats[event.which]) as seat:
        seat.send(signal.SIGTERM)
        yield


@contextlib.contextmanager
def _down(seat: Seat) -> Iterator[Seat]:
    seat.wanted = False
    try:
        yield seat
    finally:
        if seat.process_id:  # it has not ended yet by itself
            seat.send(signal.SIGKILL, group=True)
            seat.installation.process.wait()  # type: ignore[union-attr]
        seat.wanted = True


@contextlib.contextmanager
def _child_killed(city: City, event: Event) -> Iterator[None]:
    seat = city.seats[event.which]
    if found := sorted(children(seat.process_id)) if seat.process_id else []:
        with contextlib.suppress(ProcessLookupError):
            os.kill(found[event.amount % len(found)], signal.SIGKILL)
    yield


@contextlib.contextmanager
def _daemon_hangs(city: City, event: Event) -> Iterator[None]:
    seat = city.seats[event.which]
    seat.send(signal.SIGSTOP, group=True)
    yield
    seat.send(signal.SIGCONT, group=True)


@contextlib.contextmanager
def _server_away(stop: Callable[[], None], start: Callable[[], None]) -> Iterator[None]:
    stop()
    yield
    for wait in (0.2,) * 100:
        with contextlib.suppress(OSError):  # another program has its port just now
            return start()
        time.sleep(wait)
    return start()


@contextlib.contextmanager
def _way(proxy: FaultProxy | None, *, cut: bool = True, **faults: Any) -> Iterator[None]:
    """The proxy has these faults; with ``cut`` what is open ends at both ends of the time."""
    assert proxy is not None
    for name, value in faults.items():
        setattr(proxy, name, value)
    if cut:
        proxy.cut_all()
    yield
    proxy.heal()
    proxy.cut_all()


def _garbled(event: Event) -> Callable[[bytes], bytes]:
    """Now and then a piece from the server is noise, but none with bytes of a mail: nobody could notice that."""
    chance = random.Random(event.amount)

    def rewrite(data: bytes) -> bytes:
        if b"BODY[" in data or len(data) > 2000 or chance.random() < 0.5:
            return data
        return chance.randbytes(min(len(data), 60)) + b"\r\n"

    return rewrite


@contextlib.contextmanager
def _password_replaced(city: City, _: Event) -> Iterator[None]:
    right = city.password.read_text()
    city.password.write_text("falsch")
    city.imap.cut_all()
    yield
    city.password.write_text(right)


@contextlib.contextmanager
def _sink(city: City, **faults: Any) -> Iterator[None]:
    before = {name: getattr(city.sink, name) for name in faults}
    for name, value in faults.items():
        setattr(city.sink, name, value)
    yield
    for name, value in before.items():
        setattr(city.sink, name, value)


def _database(city: City) -> Path:
    return city.first.folder / "data" / "kod-intake.sqlite"


@contextlib.contextmanager
def _database_locked(city: City, _: Event) -> Iterator[None]:
    other: sqlite3.Connection | None = None
    with contextlib.suppress(sqlite3.OperationalError):  # no file just now, or somebody writes
        other = sqlite3.connect(f"file:{_database(city)}?mode=rw", uri=True, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
    yield
    if other is not None:
        other.close()


@contextlib.contextmanager
def _database_moved(city: City, event: Event) -> Iterator[None]:
    files = [path for path in _database(city).parent.glob("kod-intake.sqlite*") if path.suffix[-4:] in _OF_SQLITE]
    seat = city.seats[0]
    for path in files:  # first the file itself, on the same disk: the daemon keeps it open
        path.rename(path.with_name(f"weg-{path.name}"))
    if "replaced" in event.what:
        with contextlib.suppress(sqlite3.OperationalError):  # its disk is full just now
            sqlite3.connect(_database(city)).execute("CREATE TABLE anything (x)").connection.close()
    yield
    with _down(seat):
        seat.send(signal.SIGKILL, group=True)
        for path in _database(city).parent.glob("kod-intake.sqlite*"):
            if path.suffix[-4:] in _OF_SQLITE:
                path.unlink()
        for path in files:
            path.with_name(f"weg-{path.name}").rename(path)


_OF_SQLITE = {"lite", "-wal", "-shm"}


@contextlib.contextmanager
def _sessions_ended(city: City, _: Event) -> Iterator[None]:
    with contextlib.suppress(psycopg.Error), _postgresql(city) as connection:  # no server just now
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    yield


@contextlib.contextmanager
def _table_locked(city: City, _: Event) -> Iterator[None]:
    other: psycopg.Connection[Any] | None = None
    with contextlib.suppress(psycopg.Error):  # no server or no table just now, or somebody writes
        other = _postgresql(city)
        other.execute("SET lock_timeout = '3s'; BEGIN; LOCK TABLE messages IN ACCESS EXCLUSIVE MODE")
    yield
    if other is not None:
        other.close()


def _postgresql(city: City) -> "psycopg.Connection[Any]":
    return psycopg.connect(city.url.replace("+psycopg", ""), autocommit=True, connect_timeout=30)


@contextlib.contextmanager
def _disk_full(city: City, event: Event) -> Iterator[None]:
    seat = city.seats[event.which]
    with contextlib.suppress(ProcessLookupError):
        seat.disk.fill(seat.process_id)
    yield
    with contextlib.suppress(ProcessLookupError):
        seat.disk.free(seat.process_id)


@contextlib.contextmanager
def _clock(city: City, event: Event) -> Iterator[None]:
    seconds = (86400 if "day" in event.what else 3600) * (-1 if "back" in event.what else 1)
    clock = city.seats[event.which].clock
    if clock is not None:  # else there is no compiler
        clock.set(seconds)
    yield
    if clock is not None:
        clock.set(0)


@contextlib.contextmanager
def _configuration(city: City, event: Event) -> Iterator[None]:
    seat = city.seats[event.which]
    seat.write(f"{seat.good}# {event.amount}\n" if "edited" in event.what else f"{seat.good}\n[[[[\n")
    yield
    if "broken" in event.what:
        seat.write(seat.good)


@contextlib.contextmanager
def _reload(city: City, event: Event) -> Iterator[None]:
    city.seats[event.which].send(signal.SIGHUP)
    yield


@contextlib.contextmanager
def _looked_at(city: City, event: Event) -> Iterator[None]:
    command, asked = ["status", "list", "books"][event.amount % 3], time.monotonic()
    done = city.first.run(command)
    assert "Traceback" not in done.stderr, done.stderr
    if command == "status":
        city.looks.append((asked, done.returncode))
    yield


ACTS: dict[str, Act] = {
    "daemon killed": _daemon_killed,
    "daemon and children killed": _daemon_killed,
    "child killed": _child_killed,
    "daemon stopped": _daemon_stopped,
    "daemon hangs": _daemon_hangs,
    "mail server restarts": lambda city, _: _server_away(city.dovecot.stop, city.dovecot.start),
    "mail server is killed": lambda city, _: _server_away(city.dovecot.kill, city.dovecot.start),
    "mail server cut after bytes": lambda city, event: _way(city.imap, cut_after=event.amount),
    "mail server cut at FETCH": lambda city, _: _way(city.imap, cut_on_reply=b"BODY[]"),
    "mail server cut at MOVE": lambda city, _: _way(city.imap, cut_on_reply=b"COPYUID"),
    "mail server silent at FETCH": lambda city, _: _way(city.imap, mute_on_request=b"BODY.PEEK[]"),
    "mail server answers nothing": lambda city, _: _way(city.imap, cut=False, black_hole=True),
    "mail server garbled": lambda city, event: _way(city.imap, cut=False, rewrite=_garbled(event)),
    "mail server drips": lambda city, _: _way(city.imap, cut=False, drip=0.005),
    "mail server refuses": lambda city, _: _way(city.imap, refuse=True),
    "password replaced": _password_replaced,
    "sending server restarts": lambda city, _: _server_away(city.sink.stop, city.sink.start),
    "sending server slow": lambda city, _: _sink(city, delay=0.7),
    "sending server takes letters and hangs up": lambda city, _: _sink(city, cut="after the final dot, kept"),
    "sending server loses letters and hangs up": lambda city, _: _sink(city, cut="after the final dot, lost"),
    "sending server full": lambda city, _: _sink(city, data_reply="452 4.3.1 disk full"),
    "sending server puts an address off": lambda city, _: _sink(city, recipient_replies={KBK: "451 4.2.0 busy"}),
    "letter's answer cut": lambda city, _: _way(city.smtp, cut_on_reply=b"queued as"),
    "letter's answer held back": lambda city, _: _way(city.smtp, cut=False, mute_on_reply=b"queued as"),
    "sending server answers nothing": lambda city, _: _way(city.smtp, cut=False, black_hole=True),
    "sending server garbled": lambda city, event: _way(city.smtp, cut=False, rewrite=_garbled(event)),
    "database locked": _database_locked,
    "database moved away": _database_moved,
    "database replaced by an empty one": _database_moved,
    "database server restarts": lambda city, _: _server_away(_started(city).stop, _started(city).start),
    "database sessions ended": _sessions_ended,
    "database way cut": lambda city, _: _way(city.database),
    "database answers nothing": lambda city, _: _way(city.database, cut=False, black_hole=True),
    "database refuses": lambda city, _: _way(city.database, refuse=True),
    "database garbled": lambda city, event: _way(city.database, cut=False, rewrite=_garbled(event)),
    "table locked": _table_locked,
    "disk full": _disk_full,
    "clock an hour back": _clock,
    "clock an hour ahead": _clock,
    "clock a day back": _clock,
    "clock a day ahead": _clock,
    "config.toml edited": _configuration,
    "config.toml broken": _configuration,
    "reload": _reload,
    "looked at": _looked_at,
}


def _started(city: City) -> Any:
    assert city.postgresql is not None
    return city.postgresql
