"""What cannot wait: an emergency behind everything else, the slowest mail, letters to a server that takes its time.

The emergency is a mail delivered while the daemon works off a thousand due letters, a thousand mails and twenty of the
slowest ones; it counts from its delivery to the moment at which the mail server accepted its letter, against the same
with nothing waiting. The slowest mails are the tests' collection (``tests.intake.mail.slow_mails``): all kinds at a
tenth of the size, then the worst of them whole.
"""

import contextlib
import itertools
import secrets
import statistics
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench import report
from bench.options import Options
from bench.support import installation, mailbox, measured, service
from intake import storage
from routing.model.decision import Urgency
from routing.store import migrations, outbox
from tests.intake.mail import slow_mails
from tests.servers import processes
from tests.servers.smtp import SmtpSink

LETTERS, MAILS, SLOW = 1_000, 1_000, 20
SAMPLES = 5
SERVER_SECONDS = 0.3  # what the mail server takes for a letter
MOST_TIMES = 3
WHOLE, PART, WORST = 40_000_000, 4_000_000, 12
MOST_SECONDS = 3.0
LEAST_TIMES = 4
CONNECTIONS = (1, 4, 6)
SENT = 48
PATIENCE = 60
EMERGENCY = "Ein Mann liegt bewusstlos auf dem Gehweg und atmet nicht"
_numbers = itertools.count(1)


def measure(options: Options) -> Iterator[report.Row]:
    quiet = _latencies(options, "quiet", letters=0, mails=0, slow=())
    slow = [make(PART // 2) for make in list(slow_mails.MAILS.values())[:SLOW]]
    busy = _latencies(options, "busy", letters=LETTERS, mails=MAILS, slow=slow)
    ours, theirs = max(busy), statistics.median(quiet)  # the worst: the later ones have less before them
    yield report.at_most(
        f"notfall behind {LETTERS} letters, {MAILS} mails, {SLOW} slow mails: delivered → accepted",
        f"worst {ours * 1000:.0f} ms, median {statistics.median(busy) * 1000:.0f} ms",
        f"nothing waiting: {theirs * 1000:.0f} ms",
        ours / theirs,
        MOST_TIMES,
        f"<= {MOST_TIMES} x",
    )


def slowest(_: Options) -> Iterator[report.Row]:
    part = {name: slow_mails.seconds_to_read(make(PART)) for name, make in slow_mails.MAILS.items()}
    worst = sorted(part, key=lambda name: part[name])[-WORST:]
    whole = {name: slow_mails.seconds_to_read(slow_mails.MAILS[name](WHOLE)) for name in worst}
    name = max(whole, key=lambda each: whole[each])
    yield report.Row(
        f"one mail of {WHOLE // 1_000_000} MB, the slowest of {len(part)} kinds ({name})",
        f"{whole[name]:.2f} s of processor time",
        "",
        "",
        f"<= {MOST_SECONDS:.0f} s",
        whole[name] <= MOST_SECONDS,
    )


def connections(options: Options) -> Iterator[report.Row]:
    seconds = {}
    with SmtpSink() as sink:
        sink.delay = SERVER_SECONDS
        with mailbox.post_office(options.root, 0, (), security=options.security, seed=options.seed) as post:
            for number in CONNECTIONS:
                config = installation.write(options.root / f"over{number}", post, post.fill(), sink.port)
                _append(config, f"connections = {number}\n")
                _fill_outbox(config, SENT)
                began, before = time.monotonic(), len(sink.messages)
                with service.running(config):
                    until(sink, before + SENT)
                seconds[number] = sink.messages[-1].at - max(began, sink.messages[before].at - SERVER_SECONDS)
    for number in CONNECTIONS[1:]:
        times = seconds[1] / seconds[number]
        yield report.Row(
            f"{SENT} letters over {number} connections, {SERVER_SECONDS} s each",
            f"{SENT / seconds[number]:.1f} letters/s",
            f"one connection: {SENT / seconds[1]:.1f}/s",
            f"{times:.2f} x",
            f">= {LEAST_TIMES} x" if number == CONNECTIONS[-1] else "",
            times >= LEAST_TIMES if number == CONNECTIONS[-1] else None,
        )


def _latencies(options: Options, name: str, *, letters: int, mails: int, slow: Sequence[bytes]) -> list[float]:
    words = installation.words()
    found = []
    folder = options.root / name
    folder.mkdir(mode=0o711)
    processes.give_away(folder)
    with (
        mailbox.post_office(folder, mails, words, security=options.security, seed=options.seed) as post,
        SmtpSink() as sink,
    ):
        sink.delay = SERVER_SECONDS
        user = post.fill()
        for raw in slow:
            post.server.deliver(user, raw)
        config = installation.write(folder / "run", post, user, sink.port)
        _fill_outbox(config, letters)
        with service.running(config):
            if letters:
                until(sink, 5)
            for _ in range(SAMPLES):
                found.append(_latency(post, user, sink))
                time.sleep(0.5)
    return found


def _latency(post: mailbox.Post, user: str, sink: SmtpSink) -> float:
    place = f"Ostwall {next(_numbers)}"
    raw = (
        f"From: Anna Beispiel <{secrets.token_hex(4)}@example.org>\r\nTo: kod@stadt.invalid\r\nSubject: Hilfe\r\n"
        f"Message-ID: <{secrets.token_hex(8)}@example.org>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        f"{EMERGENCY}, {place}.\r\n"
    ).encode()
    before = len(sink.messages)
    delivered = time.monotonic()
    post.server.deliver(user, raw)
    while time.monotonic() < delivered + PATIENCE:
        for received in sink.messages[before:]:
            if b"NOTFALL" in received.content and place.encode() in received.content:
                return received.at - delivered
        time.sleep(0.002)
    raise measured.FailedError(f"the letter about {place} did not come within {PATIENCE} s")


def _append(config: Path, line: str) -> None:
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("\n[smtp]\n", f"\n[smtp]\n{line}"), encoding="utf-8")


def _fill_outbox(config: Path, count: int) -> None:
    """So many ordinary letters are frozen and due."""
    path = installation.database(config)
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = storage.create(storage.url_of_file(path))
    try:
        migrations.upgrade(engine)
        new = [
            outbox.NewLetter(
                mail_id=f"<{number}.{secrets.token_hex(8)}@stadt.invalid>",
                recipient="gsak",
                urgency=Urgency.HEUTE,
                sender="kod@stadt.invalid",
                subject=f"Vorgang {number}",
                raw=b"Subject: Vorgang\r\n\r\n" + b"x" * 70 + b"\r\n",
                addresses=("gsak@stadt.invalid",),
                forwards=(),
            )
            for number in range(count)
        ]
        with storage.writing(engine) as connection:
            outbox.freeze(connection, new, datetime.now(UTC))
    finally:
        engine.dispose()


def until(sink: SmtpSink, count: int) -> None:
    """Wait for so many letters in all. Raises FailedError when they do not come."""
    with contextlib.suppress(AssertionError):
        sink.wait_for(count)
        return
    raise measured.FailedError(f"{len(sink.messages)} of {count} letters came")
