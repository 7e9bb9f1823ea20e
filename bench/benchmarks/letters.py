"""Letters: composing, freezing, sending and recording them, against bare ``sendmail`` of the same bytes.

Two runs of ``once`` over the same mails, one with every urgency "heute" and one with every urgency "sammel": their
difference is what the letters cost. The bare sender gets the very bytes that were sent, over one connection.
"""

import contextlib
import smtplib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from bench import report
from bench.options import Options
from bench.support import installation, mailbox, measured, sink
from tests.servers import processes

MOST_MAILS = 2_000


def measure(options: Options) -> Iterator[report.Row]:
    words = installation.words()
    count = min(options.mails, MOST_MAILS)
    with (
        mailbox.post_office(options.root, count, words, security=options.security, seed=options.seed) as post,
        sink.fast(options.root) as smtp_port,
    ):
        seconds = {}
        for urgency in ("sammel", "heute"):
            config = installation.write(options.root / urgency, post, post.fill(), smtp_port, urgency=urgency)
            run = measured.run(
                installation.command(config, "once"), environment=installation.ENVIRONMENT, exit_codes=(0, 4)
            )
            seconds[urgency] = run.seconds
        letters = list(_letters(options.root / "heute"))
        if not letters:
            raise measured.FailedError("no letter was sent")
        rate = len(letters) / (seconds["heute"] - seconds["sammel"])
        bare = len(letters) / _bare(letters, smtp_port)
    size = sum(len(raw) for raw, _ in letters) / len(letters) / 1000
    yield report.at_least(
        f"letters ({len(letters)} of {size:.1f} KB)",
        f"{rate:.0f} letters/s",
        f"bare sendmail, one connection: {bare:.0f}/s",
        rate / bare,
        1 / 10,
        ">= 1/10",
    )


def _letters(folder: Path) -> Iterator[tuple[bytes, str]]:
    statement = (
        "SELECT raw, address FROM deliveries JOIN letters ON letters.id = letter_id WHERE deliveries.state = 'sent'"
    )
    with contextlib.closing(sqlite3.connect(installation.database(folder / "config.toml"))) as connection:
        yield from connection.execute(statement)


def _bare(letters: list[tuple[bytes, str]], port: int) -> float:
    with smtplib.SMTP(processes.LOOPBACK, port) as connection:
        started = time.perf_counter()
        for raw, address in letters:
            connection.sendmail("kod@stadt.invalid", [address], raw)
        return time.perf_counter() - started
