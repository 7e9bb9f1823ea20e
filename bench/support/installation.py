"""A config.toml for a measured run: the shipped one, with its own mailbox, drop folder, sender and data folder.

The shipped rules stay. With ``urgency`` all of them get this one: with "sammel" a run is receiving, classifying,
planning and filing away, and sends nothing.
"""

import contextlib
import functools
import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from bench.support import mailbox, measured
from routing.config import library, loader
from routing.model.settings import Rule
from tests.servers import dovecot

SHIPPED = Path(__file__).parents[2] / "config.toml"
REPLACED = re.compile(r"^\[(service|mailboxes\.|drop_folders\.|smtp|files|brake)")
ALWAYS = 'days = "Mo-So"\ntimes = "00:00-24:00"\nclosed = []\nholidays = ""\n'  # letters of "heute" go out now
COMMAND = Path(measured.python()[0]).with_name("kod-intake")


def write(folder: Path, post: mailbox.Post, user: str, smtp_port: int, *, urgency: str = "") -> Path:
    """Write config.toml into the new ``folder``; the password comes by the environment (see ``ENVIRONMENT``)."""
    (folder / "telefon").mkdir(parents=True)
    path = folder / "config.toml"
    text = _without_tables(SHIPPED.read_text(encoding="utf-8"))
    text = text.replace('gazetteer = "', f'gazetteer = "{SHIPPED.parent}/')
    if urgency:
        text = re.sub(r'\burgency = "\w+"', f'urgency = "{urgency}"', text)
        _library(folder / "library", urgency)
        text = re.sub(r"^(days|times|closed|holidays) = ", r"# \1 = ", text, flags=re.MULTILINE)
        text = text.replace("\n[office]\n", f"\n[office]\n{ALWAYS}")
        text = text.replace("\n[recipients.kod.office]\n", f"\n[recipients.kod.office]\n{ALWAYS}")
    files = '[files]\nlibrary = "library"\n' if urgency else ""
    own = f"""
[service]
data = "data"
[mailboxes.kod]
host = "{dovecot.Dovecot.host}"
port = {post.port}
security = "{post.security}"
user = "{user}"
password_env = "BENCH_PASSWORD"
ca_file = "{post.server.ca_file}"
[drop_folders.telefon]
folder = "telefon"
{files}[smtp]
host = "127.0.0.1"
port = {smtp_port}
security = "none"
from = "kod-weiterleitung@krefeld.invalid"
[brake]
letters_per_hour = 0
"""
    path.write_text(text + own, encoding="utf-8")
    return path


ENVIRONMENT = {"BENCH_PASSWORD": dovecot.PASSWORD}


def command(config: Path, *arguments: str | Path) -> list[str | Path]:
    """The command line of ``kod-intake`` with this configuration."""
    return [COMMAND, "--config", config, *arguments]


def database(config: Path) -> Path:
    """The database of the run."""
    return config.parent / "data" / "kod-intake.sqlite"


def stored(config: Path) -> int:
    """How many messages the run's database holds."""
    with contextlib.closing(sqlite3.connect(database(config))) as connection:
        return int(connection.execute("SELECT count(*) FROM messages").fetchone()[0])


def word_of(urgency: str) -> str:
    """A keyword of the first shipped rule of this urgency."""
    return next(word for rule in _rules() if rule.urgency == urgency for word in _plain(rule.keywords))


def keywords() -> dict[str, list[str]]:
    """The shipped rules' keywords as plain lower-case words: what the straight-line script and the generator use."""
    return {rule.name: _plain(rule.keywords) for rule in _rules()}


@functools.cache
def _rules() -> tuple[Rule, ...]:
    return loader.load(SHIPPED, prove=False).settings.rules


def words() -> list[str]:
    """All of those keywords, in their order."""
    return [word for group in keywords().values() for word in group]


def _plain(words: Sequence[str]) -> list[str]:
    return [word.strip("*").lower() for word in words if not set(word.strip("*")) & set("/@*")]


def _library(folder: Path, urgency: str) -> None:
    """A copy of the rule library in which every rule has this urgency."""
    folder.mkdir()
    for path in library.subjects(None):
        text = path.read_text(encoding="utf-8")
        written = re.sub(r'^urgency = "\w+"', f'urgency = "{urgency}"', text, flags=re.MULTILINE)
        (folder / path.name).write_text(written, encoding="utf-8")


def _without_tables(text: str) -> str:
    kept: list[str] = []
    skipping = False
    for line in text.splitlines(keepends=True):
        if line.startswith("["):
            skipping = bool(REPLACED.match(line))
        if not skipping:
            kept.append(line)
    return "".join(kept)
