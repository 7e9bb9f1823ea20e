"""``python -m tests.faults.chaos``: play seeds for a while; exit code 1 when one of them found something."""

import argparse
import itertools
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.chaos import kills, plan, table
from tests.faults.chaos.play import play


def main() -> int:
    """What the command line asks for."""
    chosen = _arguments()
    if chosen.plan:
        events = plan.events(chosen.seed, seconds=chosen.seconds, engine=chosen.engine, daemons=chosen.daemons)
        print(*events, sep="\n")
        return 0
    if chosen.table:
        table.renew()
        return 0
    if chosen.kills:
        with tempfile.TemporaryDirectory() as name:
            how = {"kills": chosen.kills, "engine": chosen.engine, "seed": chosen.seed, "minutes": chosen.minutes}
            print(kills.run(Path(name), **how), flush=True)
        return 0
    end, failed = time.monotonic() + 60 * chosen.minutes, 0
    for seed in itertools.count(chosen.seed):
        folder = Path(tempfile.mkdtemp(prefix=f"chaos-{seed}-"))
        run = play(folder, seed, seconds=chosen.seconds, engine=chosen.engine, daemons=chosen.daemons)
        failed += bool(run.findings)
        print(f"{run.report}\n{folder}" if run.findings else run, flush=True)
        if not run.findings:
            shutil.rmtree(folder)
        if time.monotonic() >= end:
            return 1 if failed else 0
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos ARGS=…", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--minutes", type=float, default=0.0, help="so long further seeds, or kills at most")
    parser.add_argument("--seconds", type=float, default=60.0, help="for how long faults come in each run")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--daemons", type=int, default=1, help="3 needs --engine postgresql")
    parser.add_argument("--kills", type=int, default=0, help="kill -9 so often in one installation instead")
    parser.add_argument("--plan", action="store_true", help="print the events of the seed and play nothing")
    parser.add_argument("--table", action="store_true", help="renew the table in docs/operations.md")
    chosen = parser.parse_args()
    if chosen.engine == "sqlite" and chosen.daemons != 1:
        parser.error("several daemons need PostgreSQL")
    return chosen


if __name__ == "__main__":
    sys.exit(main())
