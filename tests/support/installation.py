"""A small installation of KOD intake for tests of the real process: its config.toml, its folders, its command.

``kod-intake run`` is started as a process of its own in its own process group, so that a test can kill it as the
kernel would and still end what it left behind. The rules are few: an oil slick goes to one address, rubbish to two,
both at once at any hour.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests import ROOT
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.support import commands
from tests.support.waiting import CEILING

COMMAND = Path(sys.executable).with_name("kod-intake")
OPERATOR = "betrieb@krefeld.invalid"

_CONFIG = """\
[service]
data = "data"
{database}
[mailboxes.kod]
host = "127.0.0.1"
port = {imap_port}
security = "none"
user = "{user}"
password_env = "KOD_TEST_PASSWORD"
poll_seconds = 5
timeout_seconds = 120
[drop_folders.telefon]
folder = "{drop}"
settle_seconds = 0
[city]
name = "Krefeld"
reference = "KOD"
duty_desk = "kod"
gazetteer = "{gazetteer}"
[smtp]
host = "127.0.0.1"
port = {smtp_port}
security = "none"
from = "kod-weiterleitung@krefeld.invalid"
timeout_seconds = 120
[operator]
address = "betrieb@krefeld.invalid"
command = ["{operator_command}"]
summary = []
[linking]
days = 0
[brake]
letters_per_hour = 0
letters_per_sender = 0
{files}
[recipients.gsak]
name = "GSAK"
address = ["leitstelle@gsak.invalid", "zweite@gsak.invalid"]
[recipients.kbk]
name = "KBK"
address = "bauhof@kbk.invalid"
[recipients.kod]
name = "KOD"
address = "leitstelle@krefeld.invalid"
[[rules]]
name = "Ölspur"
category = "Gefahrenstelle"
recipient = "kbk"
urgency = "sofort"
keywords = ["ölspur"]
[[rules]]
name = "Müll"
category = "Wilder Müll"
recipient = "gsak"
urgency = "sofort"
keywords = ["müllsack"]
"""


class Installation:
    """A configured KOD intake in ``folder``; nothing runs before ``start``."""

    def __init__(
        self,
        folder: Path,
        dovecot: Dovecot,
        *,
        smtp_port: int,
        imap_port: int = 0,
        database: str = "",
        files: str = "",
        beside: "Installation | None" = None,
    ) -> None:
        """A second one ``beside`` another has its mailbox, drop folder and operator."""
        self.folder = folder
        self.dovecot = dovecot
        self.user: str = beside.user if beside else dovecot.new_user()
        self.drop: Path = beside.drop if beside else folder / "telefon"
        self.told: Path = beside.told if beside else folder / "gerufen"
        """A file an alert: what [operator] command was given."""
        self.log = folder / "log.txt"
        self.config = folder / "config.toml"
        self.url = database or f"sqlite:///{folder / 'data' / 'kod-intake.sqlite'}"
        self.process: subprocess.Popen[bytes] | None = None
        """The daemon that was started last."""
        self.environ: dict[str, str] = {}
        """What daemons and commands find in their environment beside what is there."""
        self._processes: list[subprocess.Popen[bytes]] = []
        self._engine = sa.create_engine(self.url)
        self.drop.mkdir(exist_ok=beside is not None)
        self.told.mkdir(exist_ok=beside is not None)
        call = folder / "rufen"
        call.write_text(f'#!/bin/sh\nnew=$(mktemp "{folder}/XXXXXX") && cat >"$new" && mv "$new" "{self.told}"\n')
        call.chmod(0o755)
        self.config.write_text(
            _CONFIG.format(
                database=f'database = "{database}"' if database else "",
                imap_port=imap_port or dovecot.imap_port,
                user=self.user,
                drop=self.drop,
                smtp_port=smtp_port,
                operator_command=call,
                files=files,
                gazetteer=ROOT / "gazetteer.toml",
            ),
            encoding="utf-8",
        )

    def close(self) -> None:
        """End whatever still runs."""
        self.kill()
        self._engine.dispose()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command to its end; what it says is text."""
        return commands.run("--config", self.config, *arguments, environ=self._environ())

    def start(self, command: str = "run") -> int:
        """Start the daemon, or ``once``, and give its process id at once, before it is ready."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [COMMAND, "--config", self.config, command],
                env=self._environ(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._processes.append(self.process)
        return self.process.pid

    def start_and_wait(self) -> int:
        """Start the daemon; its process id when it says that it is ready."""
        address = self.folder / "notify"
        address.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
            notified.bind(str(address))
            notified.settimeout(CEILING)
            process_id = self.start()
            while b"READY=1" not in notified.recv(4096):
                pass
        return process_id

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(CEILING)

    def kill(self) -> None:
        """End every daemon, with what it started itself, the hard way."""
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._processes.clear()

    def inbox(self, folder: str = "INBOX") -> list[bytes]:
        """The mails in a folder of the mailbox, also while the server moves some."""
        while True:
            with contextlib.suppress(FileNotFoundError):
                return [item.raw for item in self.dovecot.messages(self.user, folder)]

    def read_from(self, url: str) -> None:
        """Look into the database by another way than the daemon's, on which a proxy may lie."""
        self._engine.dispose()
        self._engine = sa.create_engine(url)

    def rows(self, query: str, **values: Any) -> list[Any]:
        """What the database says now; nothing before its tables exist."""
        try:
            with self._engine.connect() as connection:
                return list(connection.execute(sa.text(query), values))
        except (sa.exc.OperationalError, sa.exc.ProgrammingError):
            return []

    def count(self, table: str, where: str = "1 = 1") -> int:
        """How many rows of a table there are now."""
        found = self.rows(f"SELECT count(*) FROM {table} WHERE {where}")
        return int(found[0][0]) if found else 0

    def calls(self) -> list[str]:
        """What [operator] command was given, one text a call."""
        return [path.read_text() for path in sorted(self.told.iterdir(), key=lambda path: path.stat().st_mtime_ns)]

    def logged(self) -> str:
        """Everything that the daemons wrote to standard error."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def _environ(self) -> dict[str, str]:
        notify = {"NOTIFY_SOCKET": str(self.folder / "notify")}
        return {**os.environ, "KOD_TEST_PASSWORD": PASSWORD, **notify, **self.environ}


@contextlib.contextmanager
def installed(folder: Path, dovecot: Dovecot, **settings: Any) -> Iterator[Installation]:
    """An installation that leaves no process behind."""
    installation = Installation(folder, dovecot, **settings)
    try:
        yield installation
    finally:
        installation.close()


def mail(number: int, words: str) -> bytes:
    """A citizen's mail that no other equals."""
    return (
        f"From: Anna Beispiel <anna{number}@example.org>\r\nTo: kod@krefeld.invalid\r\nSubject: Meldung {number}\r\n"
        f"Date: Mon, 16 Nov 2026 08:00:00 +0100\r\nMessage-ID: <{number}@example.org>\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\nGuten Tag,\r\n\r\nan der Rheinstraße {number}: {words}.\r\n"
    ).encode()
