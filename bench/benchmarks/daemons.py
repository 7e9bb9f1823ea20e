"""One, two and four daemons on one PostgreSQL: how much sooner the same mails are on their way.

They receive from four mailboxes whose server takes its time for each command, and send to a server that takes its time
for each letter. All are ready, and share out the mailboxes as they come, before the mails are delivered; it counts
from the first delivery to the last letter that the server accepted. The processor time that the daemons took is told,
too: where it comes near to what the machine's cores have, more daemons wait for them, and not for servers.
"""

import contextlib
import itertools
import secrets
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import report
from bench.benchmarks import urgent
from bench.options import Options
from bench.support import installation, mailbox, measured, service
from tests.servers import processes
from tests.servers.fault_proxy import FaultProxy
from tests.servers.postgresql import PostgreSQL
from tests.servers.smtp import SmtpSink

DAEMONS = (1, 2, 4)
MAILBOXES = ("kod", "nord", "sued", "west")
MAILS = 180  # in each: no backlog that a process of its own would receive, and long enough to forget the beginning
COMMAND_SECONDS = 0.05
LETTER_SECONDS = 0.3
LEAST_TIMES = 1.6


def measure(options: Options) -> Iterator[report.Row]:
    """A row for each doubling."""
    seconds: dict[int, float] = {}
    worked: dict[int, float] = {}
    with (
        processes.server_folder("postgresql") as folder,
        PostgreSQL(folder) as postgresql,
        mailbox.post_office(options.root, 0, (), security="none", seed=options.seed) as post,
        FaultProxy(post.port) as slow,
    ):
        slow.latency = COMMAND_SECONDS / 2  # on the way there, and on the way back
        for number in DAEMONS:
            database = postgresql.create_database()
            found = _measured(options.root / f"of{number}", number, post, slow.port, database)
            seconds[number], worked[number] = found
    count = MAILS * len(MAILBOXES)
    for before, number in itertools.pairwise(DAEMONS):
        yield report.at_least(
            f"{number} daemons on one PostgreSQL: {count} mails of {len(MAILBOXES)} mailboxes received and sent",
            f"{count / seconds[number]:.1f} letters/s with {worked[number] / seconds[number]:.1f} cores",
            f"{before}: {count / seconds[before]:.1f}/s with {worked[before] / seconds[before]:.1f}",
            seconds[before] / seconds[number],
            LEAST_TIMES,
            f">= {LEAST_TIMES} x",
        )


def _measured(root: Path, daemons: int, post: mailbox.Post, port: int, database: str) -> tuple[float, float]:
    """Seconds from the first delivery to the last letter, and the daemons' seconds of processor time."""
    users = [post.fill() for _ in MAILBOXES]
    with SmtpSink() as sink, contextlib.ExitStack() as stack:
        sink.delay = LETTER_SECONDS
        running = []
        for number in range(daemons):
            config = installation.write(root / str(number), post, users[0], sink.port, urgency="heute")
            _share(config, users, port, database)
            running.append(stack.enter_context(service.running(config)).process_id)
        began, before = time.monotonic(), sum(map(measured.processor_seconds, running))
        for number in range(MAILS):
            for place, user in enumerate(users):
                post.server.deliver(user, _mail(number * len(users) + place))
        urgent.until(sink, MAILS * len(users))
        worked = sum(map(measured.processor_seconds, running)) - before
        return sink.messages[MAILS * len(users) - 1].at - began, worked


def _share(config: Path, users: Sequence[str], port: int, database: str) -> None:
    """All four mailboxes behind ``port``, and the database that the daemons have in common."""
    text = config.read_text(encoding="utf-8")
    first, rest = text.split("\n[mailboxes.kod]\n")
    table, rest = rest.split("\n[drop_folders", 1)
    lines = [line for line in table.splitlines() if not line.startswith(("port =", "user ="))]
    tables = (
        "\n".join([f"[mailboxes.{name}]", *lines, f"port = {port}", f'user = "{user}"', ""])
        for name, user in zip(MAILBOXES, users, strict=True)
    )
    shared = first.replace("\n[service]\n", f'\n[service]\ndatabase = "{database}"\n')
    config.write_text(f"{shared}\n{''.join(tables)}[drop_folders{rest}", encoding="utf-8")


def _mail(number: int) -> bytes:
    """A concern that nobody else has."""
    return (
        f"From: Anna Beispiel <{secrets.token_hex(4)}@example.org>\r\nTo: kod@stadt.invalid\r\nSubject: Laterne\r\n"
        f"Message-ID: <{secrets.token_hex(8)}@example.org>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        f"Die Laterne vor Ostwall {number + 1} ist aus.\r\n"
    ).encode()
