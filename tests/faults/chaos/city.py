"""What a run of chaos is played on: real servers, proxies before them, one or three daemons, and the work that came.

The servers are its own, as they are killed. A daemon that ends by itself is started again after two seconds, as the
unit does; exit codes 2 and 3 end it for good.
"""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.chaos.clock import SettableClock, library
from tests.faults.small_disk import SmallDisk, small_disk
from tests.servers import processes
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.fault_proxy import FaultProxy
from tests.servers.postgresql import PostgreSQL
from tests.servers.smtp import SmtpSink
from tests.support.installation import Installation, installed, mail

RESTART_SECONDS = 2.0
FOR_A_PERSON = (2, 3)
"""Exit codes after which nobody starts the daemon again."""
ROOM = 64
"""Megabytes of each daemon's disk."""
_TIMES = {"timeout_seconds = 120": "timeout_seconds = 10", "poll_seconds = 5": "poll_seconds = 2"}


@dataclass
class Work:
    """What came, in order."""

    letters: dict[str, float] = field(default_factory=dict)
    """The words of what must lead to a letter at once, to when it came (monotonic)."""
    mails: list[bytes] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    logs: int = 0


class Seat:
    """One daemon's place: its installation, its disk, its clock; whether it is to run now."""

    def __init__(self, installation: Installation, disk: SmallDisk) -> None:
        self.installation = installation
        self.disk = disk
        self.clock: SettableClock | None = None
        self.good = installation.config.read_text(encoding="utf-8")
        self.wanted = True
        self.ended: list[int] = []
        """Exit codes of those that ended by themselves."""
        self._restart_at = 0.0

    def write(self, text: str) -> None:
        """Write config.toml as an editor does."""
        fresh = self.installation.config.with_suffix(".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.rename(self.installation.config)

    @property
    def process_id(self) -> int:
        """Of its daemon; 0 when none runs."""
        process = self.installation.process
        return process.pid if process is not None and process.poll() is None else 0

    def send(self, number: signal.Signals, *, group: bool = False) -> None:
        """A signal to its daemon, or to that and all it started."""
        if self.process_id:
            (os.killpg if group else os.kill)(self.process_id, number)

    def look_after(self) -> None:
        """Start it again where it ended by itself."""
        if not self.wanted or self.process_id:
            return
        process = self.installation.process
        if process is None:
            self.installation.start()
        elif not self._restart_at:
            self._restart_at = time.monotonic() + RESTART_SECONDS
            self.ended.append(process.returncode)
            self.wanted = process.returncode not in FOR_A_PERSON
        elif time.monotonic() >= self._restart_at:
            self._restart_at = 0.0
            self.installation.start()


@dataclass
class City:
    """Everything that an event can reach."""

    dovecot: Dovecot
    sink: SmtpSink
    postgresql: PostgreSQL | None
    imap: FaultProxy
    smtp: FaultProxy
    database: FaultProxy | None
    password: Path
    url: str
    """The database, directly."""
    seats: list[Seat] = field(default_factory=list)
    work: Work = field(default_factory=Work)
    looks: list[tuple[float, int]] = field(default_factory=list)
    """When (monotonic) `status` was asked, and its exit code."""

    @property
    def first(self) -> Installation:
        """Through which mailbox, drop folder and database are looked at."""
        return self.seats[0].installation

    def deliver(self, words: str, *, leads_to_letter: bool) -> None:
        """A citizen's mail, which no other equals."""
        number = len(self.work.mails)
        raw = mail(number, words)
        self.work.mails.append(raw)
        if leads_to_letter:
            self.work.letters[f"{number}@example.org"] = time.monotonic()
        self.dovecot.deliver(self.first.user, raw)

    def lay_down(self, rows: int) -> None:
        """A phone log of so many rows, each of which but one in five leads to a letter."""
        work = self.work
        start, work.logs = len(work.calls), work.logs + 1
        words = [f"{'Ölspur' if number % 5 else 'Frage'} Nr. {number}" for number in range(start, start + rows)]
        work.calls += words
        work.letters.update({text: time.monotonic() for text in words if "Ölspur" in text})
        rows_text = "".join(f"16.11.2026;08:00;Ostwall {start};{text}\n" for text in words)
        file = self.first.drop / f"liste{start}.csv.tmp"
        file.write_text(f"Datum;Uhrzeit;Ort;Anliegen\n{rows_text}", encoding="utf-8")
        file.rename(file.with_suffix(""))


@contextlib.contextmanager
def city(folder: Path, *, engine: str, daemons: int, clocks: bool) -> Iterator[City]:
    """Servers and installations, no daemon started; with ``clocks`` each has a clock that can be set."""
    with contextlib.ExitStack() as stack:
        enter = stack.enter_context
        dovecot = enter(Dovecot(enter(processes.server_folder("dovecot"))))
        sink = enter(SmtpSink())
        imap, smtp = enter(FaultProxy(dovecot.imap_port)), enter(FaultProxy(sink.port))
        postgresql, way, url = None, None, ""
        if engine == "postgresql":
            postgresql = enter(PostgreSQL(enter(processes.server_folder("postgresql"))))
            way, url = enter(FaultProxy(postgresql.port)), postgresql.create_database()
        password = folder / "password"
        password.touch(0o600)
        password.write_text(PASSWORD)
        made = City(dovecot, sink, postgresql, imap, smtp, way, password, url)
        for number in range(daemons):
            home = folder / f"daemon{number}"
            home.mkdir()
            disk = enter(small_disk(home / "data", ROOM))
            installation = enter(
                installed(
                    home,
                    dovecot,
                    smtp_port=smtp.port,
                    imap_port=imap.port,
                    database=url.replace(str(postgresql.port), str(way.port)) if postgresql and way else "",
                    beside=made.seats[0].installation if made.seats else None,
                )
            )
            if url:
                installation.read_from(url)
            text = installation.config.read_text(encoding="utf-8")
            for old, new in {**_TIMES, 'password_env = "KOD_TEST_PASSWORD"': f'password_file = "{password}"'}.items():
                text = text.replace(old, new)
            installation.config.write_text(text, encoding="utf-8")
            made.seats.append(Seat(installation, disk))
            if clocks and (preloaded := library(home)):
                made.seats[-1].clock = SettableClock(home / "clock", preloaded)
                installation.environ |= made.seats[-1].clock.environ
        yield made
