"""Reading mails, bytes to fields, against the standard library's parser with ``policy.default`` on the same mails.

The standard library is asked for what it can give: subject, sender, date, the preferred body, and name, type and size
of each attachment. Ours gives these and the new text, the kind of mail and its identity as well. In one process and
thread, both in turn; the generated mails of all benchmarks, and the damaged and odd ones of the tests' corpus.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

from bench import report
from bench.options import Options
from bench.support import mails
from intake import mail

LEAST = 3
MAILS = 600
ROUNDS = 5
RECEIVED = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
CORPUS = Path(__file__).parents[2] / "tests" / "mails"


def measure(options: Options) -> Iterator[report.Row]:
    usual = list(mails.generate(min(options.mails, MAILS), ["wilde Müllkippe", "Schlagloch"], seed=options.seed))
    yield _row("generated mails", usual, LEAST)
    odd = [path.read_bytes() for path in sorted(CORPUS.glob("*.eml"))]
    yield _row("the tests' odd mails", odd, None)


def _row(what: str, raw: Sequence[bytes], least: float | None) -> report.Row:
    ours: list[float] = []
    library: list[float] = []
    for _ in range(ROUNDS):
        ours.append(_seconds(_read, raw))
        library.append(_seconds(_library, raw))
    own, theirs = statistics.median(ours), statistics.median(library)
    size = sum(map(len, raw)) / len(raw) / 1000
    measured = f"{own / len(raw) * 1e6:.0f} µs a mail"
    against = f"policy.default: {theirs / len(raw) * 1e6:.0f} µs"
    name = f"reading {len(raw)} {what} ({size:.0f} KB on average)"
    if least is None:
        return report.Row(name, measured, against, f"{theirs / own:.2f} x")
    return report.at_least(name, measured, against, theirs / own, least, f">= {least} x as fast")


def _seconds(read: Callable[[bytes], object], raw: Sequence[bytes]) -> float:
    started = time.perf_counter()
    for each in raw:
        read(each)
    return time.perf_counter() - started


def _read(raw: bytes) -> object:
    return mail.parse(raw, received_at=RECEIVED)


def _library(raw: bytes) -> object:
    try:
        message = message_from_bytes(raw, policy=policy.default)
        sender = message["from"].addresses if message["from"] else ()
        body = message.get_body(("plain", "html"))
        files = [
            (part.get_filename(), part.get_content_type(), len(part.get_payload(decode=True) or b""))
            for part in message.iter_attachments()
        ]
        return str(message["subject"]), sender, message["date"], body.get_content() if body else "", files
    except Exception as error:  # it does raise on some of the odd ones; what it took until then counts
        return error
