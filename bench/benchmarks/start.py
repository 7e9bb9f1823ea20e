"""How long a command takes before it works, against the bare import of the third-party packages that it uses.

The list of packages is taken from the command itself: every module of site-packages that it has loaded by its end. The
bare side imports exactly these in a fresh Python. Both have their bytecode, as when installed. Both in turn, medians.
``explain`` finds what its first call has proved; the figure of a first call stands below it.
"""

import json
import statistics
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import report
from bench.options import Options
from bench.support import installation, mailbox, mails, measured, service
from tests.servers.smtp import SmtpSink

ROUNDS = 7
MOST = 2
TRACED = """
import atexit, json, sys
def note():
    third = [name for name, module in list(sys.modules.items())
             if "site-packages" in str(getattr(getattr(module, "__spec__", None), "origin", ""))]
    open(sys.argv_note, "w").write(json.dumps(third))
sys.argv_note, sys.argv = sys.argv[1], ["kod-intake", *sys.argv[2:]]
atexit.register(note)
from routing.cli import main
main()
"""
BARE = """
import importlib, json, sys
for name in json.load(open(sys.argv[1])):
    importlib.import_module(name)
"""


def measure(options: Options) -> Iterator[report.Row]:
    root = options.root
    with mailbox.post_office(root, 0, (), security=options.security, seed=options.seed) as post, SmtpSink() as smtp:
        config = installation.write(root / "start", post, post.fill(), smtp.port)
        yield from _explain(config, options)
        yield _ready(config)


def _explain(config: Path, options: Options) -> Iterator[report.Row]:
    letter = config.parent / "mail.eml"
    letter.write_bytes(next(mails.generate(1, ["wilde Müllkippe"], seed=options.seed)))
    command = installation.command(config, "explain", letter)
    cache = {"XDG_CACHE_HOME": str(config.parent / "cache")}
    measured.run(_traced(config, "explain", letter), environment=cache)
    yield _row("explain of one mail", config, lambda: measured.run(command, environment=cache).seconds)
    nowhere = {"XDG_CACHE_HOME": "", "HOME": ""}  # each time as if nothing had ever been proved
    first = statistics.median(measured.run(command, environment=nowhere).seconds for _ in range(ROUNDS))
    yield report.Row("the same, the rules' examples tried first", f"{first * 1000:.0f} ms")


def _ready(config: Path) -> report.Row:
    with service.running(config, _traced(config, "run")):
        pass

    def start() -> float:
        with service.running(config) as daemon:
            return daemon.start_seconds

    return _row("start of the daemon until it is ready", config, start)


def _traced(config: Path, *arguments: str | Path) -> list[str | Path]:
    return measured.python("-c", TRACED, _note(config), "--config", config, *arguments)


def _note(config: Path) -> Path:
    return config.parent / "modules.json"


def _row(what: str, config: Path, once: Callable[[], float]) -> report.Row:
    names = json.loads(_note(config).read_text())
    bare = measured.python("-c", BARE, _note(config))
    pairs = [(once(), measured.run(bare).seconds) for _ in range(ROUNDS)]
    own, imports = (statistics.median(values) for values in zip(*pairs, strict=True))
    packages = len({name.partition(".")[0] for name in names})
    against = f"import of its {packages} packages: {imports * 1000:.0f} ms"
    return report.at_most(what, f"{own * 1000:.0f} ms", against, own / imports, MOST, f"<= {MOST} x")
