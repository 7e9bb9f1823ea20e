"""Killing the daemon at chosen moments, and keeping the books of what that may have doubled.

Moments are seen from outside, without any hook in the program: what a proxy between it and the IMAP or SMTP server
sees go by, what another connection to the database sees committed, what happens to the file in the drop folder. At a
random moment the kill falls anywhere in the work of the round. The process that receives a backlog beside the daemon
is killed too, before the daemon is.
"""

import contextlib
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.fault_proxy import FaultProxy
from tests.servers.smtp import SmtpSink
from tests.support.installation import OPERATOR, Installation, mail
from tests.support.waiting import CEILING, until

RANDOM = "at random"
CHILD = "the process for a backlog, then the daemon"
BACKLOG = 310
"""Mails, of which a process beside receives all that it can."""
MOMENTS = (
    "a mail is downloaded",
    "a mail is committed",
    "a mail was moved, unanswered",
    "a message is decided",
    "a letter is frozen",
    "a letter is announced to the database",
    "a letter is about to be handed over",
    "the server holds a letter back",
    "the server took a letter, unanswered",
    "the server's answer is just out",
    "a row of the phone log is committed",
    "the phone log is being moved",
)
QUESTIONS = 1_000_000  # their numbers begin here
TOLD_OF_CHILD = "the process for the backlog failed, going on here"
Letter = tuple[str, str]  # Message-ID without brackets, address


@dataclass(slots=True)
class Books:
    """What happened: how often each letter may have arrived, and what each kill interrupted."""

    due: Counter[Letter] = field(default_factory=Counter)
    """How often the server took a letter although its outcome was never committed."""
    doubtful: set[Letter] = field(default_factory=set)
    """Deliveries found in ``sending`` after a kill."""
    notes: set[tuple[Letter, str]] = field(default_factory=set)
    """Each attempt (by its moment) that was cut off: of each the timeline must have a line."""
    phases: Counter[str] = field(default_factory=Counter)
    mails: list[bytes] = field(default_factory=list)
    """Each leads to one letter."""
    questions: list[bytes] = field(default_factory=list)
    """Mails that lead to none."""
    calls: list[str] = field(default_factory=list)
    """The words of each row that was laid into the drop folder."""
    logs: list[bytes] = field(default_factory=list)
    """What these files held: each one row more, which must be refused."""


class Killer:
    """Starts the daemon of an installation over and over, kills it each time and notes what that left."""

    def __init__(
        self, installation: Installation, sink: SmtpSink, imap: FaultProxy, smtp: FaultProxy, *, seed: int
    ) -> None:
        self.installation = installation
        self.sink = sink
        self.books = Books()
        self.imap = imap
        self._smtp = smtp
        self._chance = random.Random(seed)
        self._seen = 0
        smtp.latency = 0.002

    def round(self, moment: str) -> None:
        """New work, a start, a kill at ``moment``; AssertionError when the moment does not come."""
        self._seen = len(self.sink.messages)
        if moment == CHILD:
            self._kill_child()
            self._note()
            return
        before = self._chance.random() < 0.7 or moment != RANDOM
        if before:
            self._bring_work(moment)
            self._kill_at(moment, self.installation.start)
        else:
            self.installation.start_and_wait()
            self._kill_at(moment, lambda: self._bring_work(moment))
        self._note()

    def _bring_work(self, moment: str) -> None:
        books = self.books
        for _ in range(3):
            number = len(books.mails)
            raw = mail(number, "ölspur" if number % 3 else "müllsack")
            books.mails.append(raw)
            self.installation.dovecot.deliver(self.installation.user, raw)
        if "phone log" in moment or moment == RANDOM:
            start = len(books.calls)
            words = [f"Ölspur Nr. {start + number}" for number in range(3)]
            if "row" in moment:  # stored in several commits, of which the kill may meet the first
                words += [f"Frage Nr. {start + number}" for number in range(3, 900)]
            books.calls += words
            rows = "".join(f"16.11.2026;08:00;Ostwall {start};{text}\n" for text in words)
            books.logs.append(f"Datum;Uhrzeit;Ort;Anliegen\n{rows}16.11.2026;08:00;Ostwall;\n".encode())
            file = self.installation.drop / f"liste{start}.csv.tmp"
            file.write_bytes(books.logs[-1])
            file.rename(file.with_suffix(""))

    def _kill_child(self) -> None:
        """Kill the process beside in the middle of a backlog, then the daemon, which goes on by itself."""
        installation, books, imap = self.installation, self.books, self.imap
        for _ in range(BACKLOG):
            books.questions.append(mail(QUESTIONS + len(books.questions), "eine Frage"))
            installation.dovecot.deliver(installation.user, books.questions[-1])
        stored = installation.count("messages")
        failed = installation.logged().count(TOLD_OF_CHILD)
        imap.hold_on_request = (b"BODY.PEEK[]", imap.requests.count(b"BODY.PEEK[]") + 3)
        daemon = installation.start()
        until(lambda: installation.count("messages") > stored, "the first of the backlog are stored")
        for child in children(daemon):
            os.kill(child, signal.SIGKILL)
        imap.heal()
        until(lambda: installation.logged().count(TOLD_OF_CHILD) > failed, "the daemon noticed")
        until(self._is_stored, "the daemon goes on by itself")
        installation.kill()

    def _is_stored(self) -> bool:
        return self.installation.count("arrivals", "source = 'kod'") == len(self.books.mails + self.books.questions)

    def _kill_at(self, moment: str, begin: Callable[[], object]) -> None:
        with self._armed(moment) as come:
            begin()
            assert come.wait(CEILING), f"it never came to this: {moment}\n{self.installation.logged()[-3000:]}"
            self.installation.kill()  # whatever the killed process had started itself

    def _strike(self) -> bool:
        """Whether there was a daemon to kill: what the last one left may look like the moment before a start."""
        process = self.installation.process
        if process is None or process.returncode is not None:
            return False
        os.kill(process.pid, signal.SIGKILL)
        return True

    @contextlib.contextmanager
    def _armed(self, moment: str) -> Iterator[threading.Event]:
        """The daemon is killed when the moment comes, and the event is set."""
        come = threading.Event()
        watcher: threading.Thread | None = None
        strike = _Strike(self._strike, come)
        try:
            if moment == RANDOM:
                self.imap.rewrite = strike.when(b"OK", after=self._chance.uniform(0, 0.95), hold=False)
            elif moment in self._by_proxy:
                proxy, words, after = self._by_proxy[moment]
                proxy.rewrite = strike.when(words, after=after, hold=not after)
                self.sink.delay = 0.3 if "holds" in moment else 0.0
            else:
                if moment == "a mail is committed":
                    self.imap.rewrite = _silent_after_download(self.imap)
                watcher = threading.Thread(target=strike.watch, args=(self._happened(moment),))
                watcher.start()
            yield come
        finally:
            come.set()
            if watcher is not None:
                watcher.join()
            self.imap.rewrite = self._smtp.rewrite = None
            self.imap.cut_all()
            self.imap.black_hole = False
            self.sink.delay = 0.0

    @property
    def _by_proxy(self) -> dict[str, tuple[FaultProxy, bytes, float]]:
        return {
            "a mail is downloaded": (self.imap, b"BODY[]", 0),
            "a mail was moved, unanswered": (self.imap, b"COPYUID", 0),
            "a letter is about to be handed over": (self._smtp, b"354 ", 0),
            "the server holds a letter back": (self._smtp, b"354 ", 0.15),
            "the server took a letter, unanswered": (self._smtp, b"queued as", 0),
            "the server's answer is just out": (self._smtp, b"queued as", self._chance.uniform(0.0005, 0.004)),
        }

    def _happened(self, moment: str) -> Callable[[], object]:
        count, drop = self.installation.count, self.installation.drop
        if moment == "the phone log is being moved":
            done = drop / "erledigt"
            done.mkdir(exist_ok=True)
            return lambda: (
                any(path.name.startswith(".unterwegs-") for path in done.iterdir()) or not any(drop.glob("*.csv"))
            )
        tables = {
            "a mail is committed": ("messages", "channel = 'E-Mail'"),
            "a message is decided": ("decisions", "1 = 1"),
            "a letter is frozen": ("letters", "1 = 1"),
            "a letter is announced to the database": ("deliveries", "started_at IS NOT NULL"),
            "a row of the phone log is committed": ("messages", "channel = 'Telefon'"),
        }
        table, where = tables[moment]
        before = count(table, where)
        return lambda: count(table, where) > before

    def _note(self) -> None:
        """What the kill left: which letters were on their way, and which of them the server has all the same."""
        until(lambda: not self.sink._open, "the server noticed that the sender is gone", pause=0.005)
        rows = self.installation.rows(
            "SELECT mail_id, address, started_at FROM deliveries JOIN letters ON letters.id = letter_id "
            "WHERE state = 'sending'"
        )
        doubtful = {(row.mail_id.strip("<>"), row.address) for row in rows}
        taken = received(self.sink, self._seen)
        self.books.doubtful |= doubtful
        self.books.notes |= {((row.mail_id.strip("<>"), row.address), str(row.started_at)) for row in rows}
        for letter in doubtful:
            self.books.due[letter] += taken[letter]
        self.books.phases.update(self._phases(doubtful, taken))

    def _phases(self, doubtful: set[Letter], taken: Counter[Letter]) -> Iterator[str]:
        """Everything that the kill interrupted; receiving, deciding and sending run side by side."""
        count, drop = self.installation.count, self.installation.drop
        stored = {row.mail_id for row in self.installation.rows("SELECT mail_id FROM messages")}
        inbox = {_number(raw) for raw in self.installation.inbox()}
        log_stored = self.installation.rows("SELECT text FROM messages WHERE channel = 'Telefon' AND kind = ''")
        happened = {
            "letter taken by the server, not committed": taken.keys() & doubtful,
            "letter being sent, not taken": doubtful - taken.keys(),
            "letter or forward planned": count("forwards", "state = 'planned'")
            or count("deliveries", "state = 'planned'"),
            "mail not stored": inbox - stored,
            "mail stored, not moved": inbox & stored,
            "message not decided": count("waiting"),
            "phone log not read": any(drop.glob("*.csv")) and len(log_stored) < len(self.books.calls),
            "phone log stored, not moved": any(drop.glob("*.csv")) and len(log_stored) == len(self.books.calls),
            "phone log half moved": any((drop / "erledigt").glob(".unterwegs-*")),
        }
        yield from (phase for phase, found in happened.items() if found) if any(happened.values()) else ["at rest"]


def received(sink: SmtpSink, start: int = 0) -> Counter[Letter]:
    """How often the server took each letter for each address, from its ``start``-th mail on; alarms aside."""
    return Counter(
        (_number(item.content), address)
        for item in sink.messages[start:]
        for address in item.recipients
        if address != OPERATOR
    )


def _number(raw: bytes) -> str:
    """A mail's Message-ID, without brackets."""
    head = raw.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ")
    line = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"message-id:"))
    return line.partition(b":")[2].strip().strip(b"<>").decode()


def children(process_id: int) -> list[int]:
    """The processes that a process started, of those that live."""
    threads = Path(f"/proc/{process_id}/task").glob("*/children")
    return [int(child) for listed in threads for child in listed.read_text().split()]


class _Strike:
    """One blow, in the thread that sees the moment."""

    def __init__(self, kill: Callable[[], bool], come: threading.Event) -> None:
        self._kill = kill
        self._come = come

    def now(self) -> None:
        if not self._come.is_set() and self._kill():
            self._come.set()

    def when(self, words: bytes, *, after: float, hold: bool) -> Callable[[bytes], bytes]:
        """For a proxy: ``after`` seconds after the server said ``words``, which it holds back for good or not."""
        met = threading.Event()

        def rewrite(data: bytes) -> bytes:
            if not met.is_set() and words in data:
                met.set()
                threading.Timer(after, self.now).start() if after else self.now()
            return b"" if hold and met.is_set() else data

        return rewrite

    def watch(self, happened: Callable[[], object]) -> None:
        """As soon as ``happened`` holds."""
        while not self._come.is_set():
            if happened():
                self.now()
            time.sleep(0.0001)


def _silent_after_download(proxy: FaultProxy) -> Callable[[bytes], bytes]:
    """For a proxy: nothing passes any more once mails were downloaded, so that no MOVE is quicker than the kill."""
    said = bytearray()

    def rewrite(data: bytes) -> bytes:
        said.extend(data)
        if b"Fetch completed" in said[said.find(b"BODY[]") :] and b"BODY[]" in said:
            proxy.black_hole = True
        return data

    return rewrite
