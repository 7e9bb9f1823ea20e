"""``python -m bench``: run the benchmarks and print one table. Exit code 1 when a budget is missed."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import report
from bench.benchmarks import (
    classify,
    daemon,
    daemons,
    letters,
    long_mails,
    once,
    pages,
    read,
    rows,
    start,
    store,
    urgent,
)
from bench.options import Options
from tests.servers import processes

BENCHMARKS: dict[str, Callable[[Options], Iterator[report.Row]]] = {
    "once": once.measure,
    "idle": daemon.idle,
    "arrival": daemon.arrival,
    "read": read.measure,
    "rows": rows.measure,
    "classify": classify.measure,
    "long": long_mails.measure,
    "letters": letters.measure,
    "urgent": urgent.measure,
    "slowest": urgent.slowest,
    "connections": urgent.connections,
    "daemons": daemons.measure,
    "start": start.measure,
    "store": store.measure,
    "pages": pages.measure,
}


def main() -> int:
    chosen = _arguments()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode, as packages have
    found: list[report.Row] = []
    for name in chosen.only or BENCHMARKS:
        started = time.monotonic()
        print(f"{name} ...", file=sys.stderr, flush=True)
        found += _run(name, chosen)
        print(f"{name} took {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    report.show(found, f"kod-intake, seed {chosen.seed}, Python {sys.version.split()[0]}")
    return 1 if any(row.passed is False for row in found) else 0


def _run(name: str, chosen: argparse.Namespace) -> list[report.Row]:
    found: list[report.Row] = []
    with tempfile.TemporaryDirectory(prefix="kod-bench-", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        root.chmod(0o711)  # the servers run as another user
        processes.give_away(root)
        options = Options(
            *(root, chosen.mails, chosen.seed, chosen.security, chosen.samples, chosen.concerns, chosen.idle_seconds),
            rows=chosen.rows,
        )
        try:
            for row in BENCHMARKS[name](options):
                found.append(row)  # noqa: PERF402  (what was measured before a failure stays)
        except Exception as error:  # one benchmark that fails must not hide the others' figures
            print(f"{name} failed: {error!r}", file=sys.stderr)
            found.append(report.Row(name, f"did not run: {type(error).__name__}", passed=False))
    return found


def _arguments() -> argparse.Namespace:
    usual = Options(Path())
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=BENCHMARKS, help="run only this one; may be given again")
    parser.add_argument("--mails", type=int, default=usual.mails)
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--security", choices=("none", "tls"), default=usual.security, help="of the IMAP connections")
    parser.add_argument("--samples", type=int, default=usual.samples, help="mails timed one by one")
    parser.add_argument("--concerns", type=int, default=usual.concerns, help="size of the big database")
    parser.add_argument("--idle-seconds", type=float, default=usual.idle_seconds)
    parser.add_argument("--rows", type=int, default=usual.rows, help="of the phone log; memory is that of ten times")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
