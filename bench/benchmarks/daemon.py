"""The daemon at rest and at work: memory and processor when idle; from a mail's arrival to its commit and its letter.

Latencies count from the moment at which Dovecot itself tells of the mail: it collects changes for half a second before
it says anything in IDLE, and that is not ours. The same mail is dropped into a twin mailbox, on which a bare
connection idles; a second listener on the same mailbox would not do, since the daemon may file the mail away before it
is told of. One mail at a time, with pauses in which the server has nothing left to tell.
"""

import contextlib
import random
import re
import socket
import sqlite3
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import report
from bench.options import Options
from bench.support import installation, mailbox, measured, service
from tests.servers.smtp import SmtpSink

IDLE_MB, IDLE_SHARE = 90, 0.002
COMMIT_MEDIAN, COMMIT_P99, LETTER_P99 = 0.100, 0.300, 0.500
PATIENCE = 15
CASE = re.compile(rb"KOD-\d{4}-(\d{6})")


def idle(options: Options) -> Iterator[report.Row]:
    with (
        mailbox.post_office(options.root, 0, (), security=options.security, seed=options.seed) as post,
        SmtpSink() as s,
    ):
        config = installation.write(options.root / "idle", post, post.fill(), s.port)
        with service.running(config) as daemon:
            time.sleep(3)
            before = measured.processor_seconds(daemon.process_id)
            time.sleep(options.idle_seconds)
            share = (measured.processor_seconds(daemon.process_id) - before) / options.idle_seconds
            memory = measured.resident_bytes(daemon.process_id) / 1e6
    yield report.Row("idle daemon, memory (RSS)", f"{memory:.0f} MB", "", "", f"<= {IDLE_MB} MB", memory <= IDLE_MB)
    yield report.Row(
        f"idle daemon, processor over {options.idle_seconds:.0f} s",
        f"{share:.2%} of a core",
        "",
        "",
        f"<= {IDLE_SHARE:.1%}",
        share <= IDLE_SHARE,
    )


def arrival(options: Options) -> Iterator[report.Row]:
    word = installation.word_of("sofort")
    commits, letters, notices = [], [], []
    with (
        mailbox.post_office(options.root, 0, (), security=options.security, seed=options.seed) as post,
        SmtpSink() as s,
    ):
        user, twin = post.fill(), post.fill()
        config = installation.write(options.root / "arrival", post, user, s.port)
        with service.running(config), Notices(post, twin) as notified, _database(config) as database:
            time.sleep(2)
            chance = random.Random(options.seed)
            for number in range(options.samples):
                time.sleep(chance.uniform(0.55, 0.85))
                delivered = time.monotonic()
                for mailbox_of in (twin, user):
                    post.server.deliver(mailbox_of, _mail(number, word))
                committed = _wait_for_commit(database, number + 1)
                accepted = _wait_for_letter(s, number + 1)
                notice = notified.after(delivered)
                notices.append(notice - delivered)
                commits.append(committed - notice)
                letters.append(accepted - notice)
    median, p99 = statistics.median(commits), _p99(commits)
    yield report.Row(
        f"mail arrives → committed, {options.samples} mails",
        f"median {median * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms",
        f"Dovecot's notification (after {statistics.median(notices) * 1000:.0f} ms)",
        "",
        "<= 100 ms, p99 <= 300 ms",
        median <= COMMIT_MEDIAN and p99 <= COMMIT_P99,
    )
    yield report.Row(
        f"sofort: mail arrives → letter accepted, {options.samples} mails",
        f"median {statistics.median(letters) * 1000:.0f} ms, p99 {_p99(letters) * 1000:.0f} ms",
        "Dovecot's notification",
        "",
        "p99 <= 500 ms",
        _p99(letters) <= LETTER_P99,
    )


def _p99(values: Sequence[float]) -> float:
    return sorted(values)[max(0, round(len(values) * 0.99) - 1)]


def _mail(number: int, word: str) -> bytes:
    return (
        f"From: Anna Beispiel <anna{number}@example.org>\r\nTo: kod@stadt.invalid\r\nSubject: Meldung {number}\r\n"
        f"Message-ID: <{number}@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        f"Guten Tag,\r\n\r\nan der Rheinstraße {number + 1} gibt es folgendes: {word}.\r\n"
    ).encode()


@contextlib.contextmanager
def _database(config: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(installation.database(config), isolation_level=None)) as connection:
        yield connection


def _wait_for_commit(database: sqlite3.Connection, count: int) -> float:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if database.execute("SELECT count(*) FROM messages").fetchone()[0] >= count:
            return time.monotonic()
        time.sleep(0.001)
    raise measured.FailedError(f"mail {count} was not stored within {PATIENCE} s")


def _wait_for_letter(sink: SmtpSink, case: int) -> float:
    """When the first letter about the case of this number was accepted (a case may go to several recipients)."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for received in sink.messages[-20:]:
            if (found := CASE.search(received.content)) and int(found[1]) == case:
                return received.at
        time.sleep(0.001)
    raise measured.FailedError(f"the letter of case {case} did not come within {PATIENCE} s")


class Notices:
    """A bare connection that idles on a mailbox and notes when the server says that mail is there."""

    def __init__(self, post: mailbox.Post, user: str) -> None:
        self._box = mailbox.log_in(post.port, user, post.server.ca_file if post.security == "tls" else None)
        self._box.select("INBOX", readonly=True)
        self._box.send(b"x IDLE\r\n")
        self._box.readline()
        self._times: list[float] = []
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> "Notices":  # noqa: PYI034  (final in practice)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._box.sock.shutdown(socket.SHUT_RDWR)  # ends the reading: to close what another thread reads would wait
        self._thread.join(5)
        self._box.shutdown()

    def after(self, moment: float) -> float:
        """When the server first told of mail after ``moment``; waits for it."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._times) and self._times[-1] > moment, PATIENCE)
            return next(when for when in self._times if when > moment)

    def _listen(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while line := self._box.readline():
                if line.rstrip().endswith(b"EXISTS"):
                    with self._changed:
                        self._times.append(time.monotonic())
                        self._changed.notify_all()
