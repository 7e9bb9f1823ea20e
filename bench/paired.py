"""Checkouts of the program beside each other: ``python -m bench.paired OLD NEW …``, the later ones against the first.

Time on the wall means little on a machine that others use, and so does one run. So each thing is done by all in turns,
by each checkout's own ``.venv`` with its own bench, and what counts is processor time, children included: the least of
all rounds. ``once`` takes in and judges the same ordinary mails in a new installation that has been started before;
``explain`` is one mail, not for the first time; the peak is the memory of all processes of ``once``.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

WORDS = ("Müllsack", "Laterne", "Schlagloch", "Ratten", "Sperrmüll")
CHILD = """
import json, os, sys, tempfile
from pathlib import Path
sys.path.insert(0, os.getcwd())
try:
    from bench.support import installation, mailbox, mails, measured, sink
except ImportError:  # before bench had folders
    from bench import installation, mailbox, mails, measured, sink
from tests.servers import processes

count, words = int(sys.argv[1]), sys.argv[2:]
with tempfile.TemporaryDirectory(prefix="kod-paired-", ignore_cleanup_errors=True) as folder:
    root = Path(folder)
    root.chmod(0o711)
    processes.give_away(root)
    with mailbox.post_office(root, count, words, security="none", seed=1) as post, sink.fast(root) as port:
        user = post.fill(0)
        config = installation.write(root / "paired", post, user, port, urgency="sammel")
        environment = {**installation.ENVIRONMENT, "XDG_CACHE_HOME": str(root / "cache")}
        run = lambda *command: measured.run(
            installation.command(config, *command), environment=environment, exit_codes=(0, 4)
        )
        run("once")
        post.fill(count, user)
        once = run("once")
        if installation.stored(config) != count:
            sys.exit("not all mails were stored")
        letter = root / "mail.eml"
        letter.write_bytes(next(mails.generate(1, words, seed=1)))
        run("explain", letter)
        explain = min(run("explain", letter).processor_seconds for _ in range(3))
        found = {"once, s": once.processor_seconds, "explain, s": explain, "peak, MB": once.peak_mb}
        print(json.dumps(found))
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.paired", description=__doc__)
    parser.add_argument("checkouts", nargs="+", type=Path, help="folders with a .venv each")
    parser.add_argument("--mails", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    least: list[dict[str, float]] = [{} for _ in chosen.checkouts]
    for _ in range(chosen.rounds):
        for checkout, best in zip(chosen.checkouts, least, strict=True):
            for name, figure in _measured(checkout, chosen.mails).items():
                best[name] = min(figure, best.get(name, figure))
    for name in least[0]:
        figures = " ".join(f"{best[name]:9.2f} ({best[name] / least[0][name]:4.2f} x)" for best in least)
        print(f"{name:12}{figures}")
    return 0


def _measured(checkout: Path, mails: int) -> dict[str, float]:
    """What one round of a checkout took, by the name of the figure."""
    command: list[str | Path] = [checkout.absolute() / ".venv/bin/python", "-c", CHILD, str(mails), *WORDS]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, cwd=checkout, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    sys.exit(main())
