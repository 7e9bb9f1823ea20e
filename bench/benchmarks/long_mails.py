"""Long mails of several matters each (``bench.support.long_mails``): what judging a KB costs, and ``once`` on them.

A KB is a thousand characters of what the citizen wrote himself. Rules and places are measured with the shipped rules
and the library's signs, in this process, single thread, processor time, beside the folding that is part of them.
``once`` runs in turns with a naive loop that commits each mail for itself (``bench.baselines.naive``).
"""

import json
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench import report
from bench.benchmarks import once
from bench.options import Options
from bench.support import installation, long_mails, mailbox, measured, sink
from intake import mail
from intake.message import Message
from routing import rules
from routing.config import loader
from routing.text.keywords import folding

MAILS = 2_000
JUDGED = 300
ROUNDS = 5
PAIRS = 2
MILLISECONDS_A_KB = 0.3
LEAST = 1.8
RECEIVED = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


def measure(options: Options) -> Iterator[report.Row]:
    yield _judging(options)
    yield _once(options)


def _judging(options: Options) -> report.Row:
    rule_set, _ = rules.compiled(loader.load(installation.SHIPPED, prove=False))
    raw = long_mails.generate(JUDGED, seed=options.seed)
    messages: list[Message] = [mail.parse(each, received_at=RECEIVED) for each in raw]
    size = sum(len(message.new_text) for message in messages) / 1000
    judging, plain = [], []
    for _ in range(ROUNDS):
        judging.append(_milliseconds(lambda: rules.classify_all(messages, rule_set)) / size)
        plain.append(_milliseconds(lambda: [folding.fold(message.new_text) for message in messages]) / size)
    own, fold = statistics.median(judging), statistics.median(plain)
    concerns = sum(len(decision.concerns) for decision in rules.classify_all(messages, rule_set)) / JUDGED
    what = f"rules and places, {JUDGED} mails with {size / JUDGED:.1f} KB of own text, {concerns:.1f} concerns each"
    budget = f"<= {MILLISECONDS_A_KB} ms a KB"
    folded = f"folding alone: {fold:.3f} ms a KB"
    return report.Row(what, f"{own:.3f} ms a KB", folded, f"{own / fold:.0f} x", budget, own <= MILLISECONDS_A_KB)


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1000


def _once(options: Options) -> report.Row:
    root = options.root
    words = root / "words.json"
    words.write_text(json.dumps(installation.keywords()), encoding="utf-8")
    letters = long_mails.generate(min(options.mails, MAILS), seed=options.seed)
    with mailbox.post_office_with(root, letters, security="none") as post, sink.fast(root) as smtp_port:
        ours, naive = [], []
        for number in range(PAIRS):
            naive.append(_naive(post, root / f"naive{number}.sqlite", words).seconds)
            ours.append(once.run(post, root / f"once{number}", smtp_port, post.count, urgency="sammel").seconds)
    own, other = post.count / statistics.mean(ours), post.count / statistics.mean(naive)
    what = f"once, {post.count} mails of {post.size / post.count / 1000:.0f} KB"
    against = f"naive loop: {other:.0f} mails/s"
    return report.at_least(what, f"{own:.0f} mails/s", against, own / other, LEAST, f">= {LEAST} x")


def _naive(post: mailbox.Post, database: Path, words: Path) -> measured.Run:
    command = measured.python("-m", "bench.baselines.naive", str(post.port), post.fill(), database, words)
    done = measured.run(command)
    once.check("the naive loop", done, int(done.output.split()[0]), post.count)
    return done
