"""What the journeys share: a whole installation in a temporary folder, mails, a clock that can be set, the letters.

An installation has a config.toml of its own, a mailbox on a real Dovecot, a drop folder, a real SMTP sink and a
database. It is worked in one of three ways: ``once`` (the steps one after the other, by a clock that can be set),
``working`` (all threads of the daemon inside this process, by such a clock), or ``process`` (the real ``kod-intake``).
"""

import contextlib
import email
import email.policy
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from apscheduler.events import EVENT_JOB_EXECUTED, JobExecutionEvent

from intake import storage
from intake.base.german import BERLIN
from intake.receive import batches
from routing.service import channels, daemon, runtime
from routing.service import once as once_steps
from routing.service.daemon import database_watch
from tests import ROOT
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.smtp import Received, SmtpSink
from tests.support import commands
from tests.support.waiting import CEILING, until

SHIPPED = ROOT
OPERATOR = "betrieb@krefeld.invalid"
ADDRESSES = {
    "gsak": "leitstelle@gsak.invalid",
    "kbk": "hinweise@kbk.invalid",
    "ngn": "stoerung@ngn.invalid",
    "kod": "kod-leitstelle@krefeld.invalid",
}
CITY = f"""[city]
name = "Krefeld"
reference = "KOD"
duty_desk = "kod"
holidays = "NW"
gazetteer = "{ROOT / "gazetteer.toml"}"
other_bodies = ["SWK"]
plates = ["KR", "MG", "VIE", "KLE", "WES"]
"""
BODIES = """
[recipients.gsak]
name = "GSAK"
address = ["leitstelle@gsak.invalid"]
schedule = ["Mo-Fr 07:30", "Mo-Fr 13:00", "Sa 09:00"]
[recipients.kbk]
name = "Kommunalbetrieb Krefeld"
address = ["hinweise@kbk.invalid"]
schedule = ["Mo-Fr 07:30"]
[recipients.ngn]
name = "Netzgesellschaft Niederrhein"
address = ["stoerung@ngn.invalid"]
schedule = ["Mo-Fr 07:30"]
[recipients.kod]
name = "KOD-Leitstelle"
address = ["kod-leitstelle@krefeld.invalid"]
schedule = ["Mo-So 08:15"]
[recipients.kod.office]
days = "Mo-So"
times = "08:00-24:00"
holidays = ""
"""
WHOLE = re.sub(r"(\[recipients\.\w+\]\n)", r'\1text = "full"\n', BODIES)
"""The same bodies, which get the whole text: for tests whose marks are no words that an excerpt knows."""
RULES = """
[[rules]]
name = "Gefahr für Menschen"
category = "Akute Gefahr"
recipient = "kod"
urgency = "notfall"
keywords = ["bewusstlos*"]
[[rules]]
name = "Ölspur"
category = "Ölspur"
recipient = ["kbk", "kod"]
urgency = "sofort"
keywords = ["ölspur*"]
[[rules]]
name = "Laterne"
category = "Straßenbeleuchtung"
recipient = "ngn"
urgency = "heute"
keywords = ["laterne"]
[[rules]]
name = "Müll"
category = "Müllablagerung"
recipient = "gsak"
urgency = "sammel"
keywords = ["müllsack", "matratze"]
[[rules]]
name = "Ratten"
category = "Ratten"
recipient = "kbk"
urgency = "liste"
keywords = ["ratte"]
"""
OIL = "auf der Straße ist eine Ölspur"  # goes out at once to kbk and kod
LAMP = "die Laterne ist aus"  # to ngn within office hours
RUBBISH = "hier liegen Müllsäcke"  # in gsak's next digest
EMERGENCY = "ein Mann liegt bewusstlos auf dem Gehweg"  # to kod alone
RATS = "im Park sind Ratten"  # in kbk's weekly list
UNKNOWN = "ich wollte nur einmal fragen"  # no rule matches

_numbers = itertools.count(1)


def moment(text: str) -> datetime:
    """A moment on Krefeld's clock ("2026-06-10 09:00") in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


Done = once_steps.Done
work_once = once_steps.run
"""Everything that is due on an open runtime."""


def receive_files(work: runtime.Runtime) -> batches.Received:
    """Store what lies in the drop folder, and decide nothing yet."""
    (folder,) = (one for one in channels.configured(work.settings) if not one.has_thread)
    return folder.receive(work, lambda: None)


class Clock:
    """A clock that stands until it is set, in Krefeld's time; ``asked`` counts how often each thread asked."""

    def __init__(self, text: str) -> None:
        self.now = moment(text)
        self.asked: Counter[str] = Counter()

    def __call__(self) -> datetime:
        self.asked[threading.current_thread().name] += 1
        return self.now

    def set(self, text: str) -> None:
        self.now = moment(text)

    def advance(self, **amount: float) -> None:
        self.now += timedelta(**amount)


def let_all_look(running: daemon.Daemon, rounds: int = 2) -> None:
    """Return when each regular job of the daemon ran so often again: what it does then, it would have done."""
    ran: Counter[str] = Counter()

    def note(event: JobExecutionEvent) -> None:
        ran[event.job_id] += 1

    scheduler = running._alarm_clock._scheduler
    scheduler.add_listener(note, EVENT_JOB_EXECUTED)
    try:
        until(lambda: all(ran[job.id] >= rounds for job in scheduler.get_jobs()), "each regular job ran")
    finally:
        scheduler.remove_listener(note)


def mail(
    text: str, subject: str = "Hinweis", *, message_id: str = "", sender: str = "anna@example.org", **headers: str
) -> bytes:
    """A citizen's mail with a Message-ID of its own; headers with "_" for "-"."""
    message = EmailMessage()
    message["From"] = f"Anna Beispiel <{sender}>"
    message["To"] = "kod@krefeld.invalid"
    message["Subject"] = subject
    message["Date"] = "Wed, 10 Jun 2026 08:00:00 +0200"
    message["Message-ID"] = message_id or f"<{next(_numbers)}@example.org>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(f"Guten Tag,\n\n{text}.\n")
    return message.as_bytes(policy=email.policy.SMTP)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that the sink got."""

    to: tuple[str, ...]
    subject: str
    text: str
    message_id: str
    raw: bytes

    @property
    def title(self) -> str:
        """The subject without the token behind the number, which nobody can know beforehand."""
        return re.sub(r" #[a-z0-9]{6}\]", "]", self.subject)


def read_letter(received: Received) -> Letter:
    """The letter in an accepted mail."""
    message = email.message_from_bytes(received.content, policy=email.policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    return Letter(received.recipients, message["Subject"], text, message["Message-ID"], received.content)


@dataclass
class Process:
    """A ``kod-intake`` that runs; ``log`` is its standard error."""

    popen: "subprocess.Popen[bytes]"
    output: Path

    @property
    def log(self) -> str:
        return self.output.read_text(errors="replace")

    def stop(self) -> tuple[int, float]:
        """SIGTERM; the exit code and how many seconds the end took."""
        began = time.monotonic()
        self.popen.send_signal(signal.SIGTERM)
        code = self.popen.wait(CEILING)
        return code, time.monotonic() - began

    def kill(self) -> None:
        self.popen.kill()
        self.popen.wait()


@dataclass
class Installation:
    """config.toml, mailbox, drop folder and database of one KOD intake; ``write`` after a change."""

    folder: Path
    server: Dovecot
    sink: SmtpSink
    database: str = ""
    user: str = ""
    mailbox: dict[str, Any] = field(default_factory=dict)
    smtp: dict[str, Any] = field(default_factory=dict)
    desk: dict[str, Any] = field(
        default_factory=lambda: {"schedule": [], "review_minutes": 0}
    )  # no daily list beside the letters counted
    brake: dict[str, Any] = field(default_factory=lambda: {"letters_per_hour": 0, "letters_per_sender": 0})
    linking: dict[str, Any] = field(default_factory=lambda: {"days": 0})  # the same text again is another letter here
    operator: dict[str, Any] = field(default_factory=lambda: {"silence_hours": 0})  # clocks leap here
    more: str = ""
    rules: str = BODIES + RULES

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.user = self.user or self.server.new_user()
        self.told = self.folder / "told"
        self.password = self.folder / "password"
        self.password.touch(0o600)
        self.password.write_text(PASSWORD + "\n")
        self.drop = self.folder / "telefon"
        self.drop.mkdir(exist_ok=True)
        self.mailbox = {
            "host": self.server.host,
            "port": self.server.imap_port,
            "security": "none",
            "user": self.user,
            "password_file": str(self.password),
            "poll_seconds": 1,
            "timeout_seconds": 120,
        } | self.mailbox
        self.smtp = {
            "host": self.sink.host,
            "port": self.sink.port,
            "security": "none",
            "from": "weiterleitung@krefeld.invalid",
            "timeout_seconds": 120,
        } | self.smtp
        self.config = self.folder / "config.toml"
        self.write()

    def shipped_rules(self) -> None:
        """Use Krefeld's own bodies, rules and kinds."""
        text = (SHIPPED / "config.toml").read_text(encoding="utf-8")
        self.rules = text[text.index("[recipients.gsak]") :]
        self.write()

    def write(self, more_rules: str = "") -> None:
        """Write config.toml as an editor does: all of it at once."""
        told = ["/bin/sh", "-c", f'{{ cat; echo "----"; }} >> "{self.told}"']
        service = {"data": "data"} | ({"database": self.database} if self.database else {})
        text = (
            CITY
            + _table("service", service)
            + _table("mailboxes.kod", self.mailbox)
            + _table("drop_folders.telefon", {"folder": "telefon", "settle_seconds": 0})
            + _table("smtp", self.smtp)
            + _table(
                "operator", {"address": [OPERATOR], "command": told, "summary": [], "silence_hours": 0} | self.operator
            )
            + (_table("desk", self.desk) if self.desk else "")
            + _table("linking", self.linking)
            + _table("brake", self.brake)
            + self.more
            + self.rules
            + more_rules
        )
        self.save(text)

    def save(self, text: str) -> None:
        """Put ``text`` into config.toml."""
        fresh = self.config.with_suffix(".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.rename(self.config)

    def deliver(self, *mails: bytes, **how: Any) -> None:
        """Mails arrive in the mailbox."""
        for raw in mails:
            self.server.deliver(self.user, raw, **how)

    # the three ways to work

    @contextlib.contextmanager
    def opened(self, clock: Callable[[], datetime] = runtime.utc_now, **how: Any) -> Iterator[runtime.Runtime]:
        """The runtime, opened and in the end closed."""
        work = runtime.Runtime.open(self.config, {}, clock, **how)
        try:
            yield work
        finally:
            work.close()

    def once(self, clock: Callable[[], datetime] = runtime.utc_now) -> once_steps.Done:
        """Everything that is due, once."""
        with self.opened(clock) as work:
            return once_steps.run(work)

    @contextlib.contextmanager
    def working(self, clock: Callable[[], datetime] = runtime.utc_now) -> Iterator[daemon.Daemon]:
        """The daemon at work inside this process; its alarm clock rings every half second."""
        with pytest.MonkeyPatch.context() as patch, self.opened(clock) as work:
            patch.setattr(daemon, "DUE_SECONDS", 0.5)
            patch.setattr(daemon, "FILES_SECONDS", 0.5)
            patch.setattr(daemon, "BEAT_SECONDS", 0.5)
            patch.setattr(database_watch, "BEAT_SECONDS", 0.5)
            patch.setattr(daemon, "STOP_SECONDS", CEILING)  # a thread that ends late on a busy machine ends
            running = daemon.Daemon(work)
            running.start()
            try:
                yield running
            finally:
                running.end()
                threads = [thread.name for thread in running.threads if thread.is_alive()]
                assert threads == [], "threads were left behind"

    @contextlib.contextmanager
    def process(self, *arguments: str, ready: str = "event='ready'") -> Iterator[Process]:
        """The real ``kod-intake run`` (or another command), after its log said ``ready``; ended in the end."""
        with self.start(*arguments) as running:

            def is_ready() -> bool:
                assert running.popen.poll() is None, running.log
                return ready in running.log

            until(is_ready, ready)
            yield running

    @contextlib.contextmanager
    def start(self, *arguments: str) -> Iterator[Process]:
        """The real process, without waiting for anything."""
        output = self.folder / f"output{next(_numbers)}"
        setpriv = shutil.which("setpriv")  # a killed test run leaves nothing behind
        guard = [setpriv, "--pdeathsig", "KILL"] if setpriv else []
        with output.open("wb") as log:
            popen = subprocess.Popen(
                [*guard, *self.command(*(arguments or ("run",)))],
                env=os.environ | {"TZ": "UTC"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        running = Process(popen, output)
        try:
            yield running
        finally:
            running.kill()

    def command(self, *arguments: str) -> list[str]:
        """The command line of ``kod-intake``."""
        door = "from routing.cli import main; main()"
        return [sys.executable, "-c", door, "--config", str(self.config), *arguments]

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """A command of the real ``kod-intake``, to its end."""
        return commands.run("--config", self.config, *arguments)

    # what came of it

    def letters(self, *to: str) -> list[Letter]:
        """Letters to these bodies (all but alarms without any), in the order of arrival."""
        wanted = {ADDRESSES.get(name, name) for name in to}
        found = [read_letter(received) for received in list(self.sink.messages)]
        return [letter for letter in found if (wanted & set(letter.to) if wanted else OPERATOR not in letter.to)]

    def alarms(self) -> list[Letter]:
        """What the operator was mailed."""
        return self.letters(OPERATOR)

    def commanded(self) -> list[str]:
        """What the operator was told by the second way."""
        return self.told.read_text().split("----\n")[:-1] if self.told.exists() else []

    def rows(self, query: str, **values: Any) -> list[Mapping[str, Any]]:
        """Rows of the database, as it is now."""
        engine = storage.create(self.database or storage.url_of_file(self.folder / "data" / "kod-intake.sqlite"))
        try:
            with storage.reading(engine) as connection:
                return [dict(row) for row in connection.execute(sa.text(query), values).mappings()]
        finally:
            engine.dispose()

    def count(self, table: str, where: str = "1 = 1") -> int:
        """How many rows there are."""
        return int(self.rows(f"SELECT count(*) AS n FROM {table} WHERE {where}")[0]["n"])

    def numbers(self) -> list[str]:
        """The case numbers, in order."""
        return [row["number"] for row in self.rows("SELECT number FROM cases ORDER BY id")]


def _table(name: str, values: Mapping[str, Any]) -> str:
    lines = (
        f"{key} = {json.dumps(value, ensure_ascii=False) if type(value) is not date else value}\n"
        for key, value in values.items()
    )
    return f"[{name}]\n{''.join(lines)}\n"
