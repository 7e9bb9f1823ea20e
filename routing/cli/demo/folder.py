"""The demo's folder: everything that goes in and comes out lies in it, and the demo touches nothing else.

A folder that is new or empty is marked as the demo's; a marked one is emptied of what the demo made and filled again.
Any other folder is refused. The configuration in it is the shipped config.toml with other servers and folders, so that
all the city's rules and recipients apply, and it goes on working with every command after the demo.
"""

import re
import shutil
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from msgspec import Struct

from intake.base import german
from intake.base.errors import IntakeError, UsageError

MARKER = ".kod-intake-demo"
PASSWORD = "KOD_INTAKE_DEMO_PASSWORD"  # noqa: S105  (the name of a variable, not a password)
BESIDE = ("gazetteer.toml",)  # the places, which the shipped config.toml names
_MADE = ("config.toml", *BESIDE, "daten", "telefon", "eingang", "briefe")
_REPLACED = re.compile(r"service|smtp|(?:mailboxes|drop_folders)\..+")
_TABLE = re.compile(r"\[+\s*([^\[\]]+?)\s*\]+")


class Folder(Struct, frozen=True):
    """Where things lie in the demo's folder."""

    root: Path

    @property
    def config(self) -> Path:
        """The demo's configuration file."""
        return self.root / "config.toml"

    @property
    def data(self) -> Path:
        """The folder of the database."""
        return self.root / "daten"

    @property
    def phone(self) -> Path:
        """The drop folder of the phone logs."""
        return self.root / "telefon"

    @property
    def mails(self) -> Path:
        """Copies of the sample mails, to look at."""
        return self.root / "eingang"

    @property
    def letters(self) -> Path:
        """The letters as they arrived, a folder for each body."""
        return self.root / "briefe"


def prepare(output: str | None) -> Folder:
    """An empty, marked folder. Raises UsageError for a folder that is not the demo's, IntakeError without rights."""
    root = Path(output) if output else Path("demo")
    try:
        if root.exists() and not _is_ours(root):
            raise UsageError(
                f"{root.absolute()} gehört nicht der Vorführung und bleibt, wie es ist. "
                "Nennen Sie einen anderen Ordner: kod-intake demo --output ORDNER"
            )
        folder = Folder(root)
        root.mkdir(parents=True, exist_ok=True)
        (root / MARKER).write_text("Dieser Ordner gehört kod-intake demo und wird von ihm neu gefüllt.\n")
        for name in _MADE:
            _remove(root / name)
        for path in (folder.data, folder.phone, folder.mails, folder.letters):
            path.mkdir()
    except OSError as error:
        raise IntakeError(f"In {root.absolute()} kann nicht geschrieben werden: {german.refusal(error)}.") from error
    return folder


def _is_ours(root: Path) -> bool:
    return root.is_dir() and ((root / MARKER).is_file() or not any(root.iterdir()))


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def samples() -> dict[str, bytes]:
    """The sample mails (.eml) and phone logs that come with the program, by name, in order."""
    found = resources.files("routing.cli.demo").joinpath("samples").iterdir()
    return {item.name: item.read_bytes() for item in sorted(found, key=lambda item: item.name) if item.is_file()}


def write_config(folder: Folder, shipped: Path, *, imap_port: int, smtp_port: int) -> None:
    """The ``shipped`` config.toml with the demo's servers and folders in place of its own, and the files it names."""
    for name in BESIDE:
        shutil.copyfile(shipped.with_name(name), folder.root / name)
    kept: list[str] = []
    skipping = False
    for line in shipped.read_text(encoding="utf-8").splitlines():
        if table := _TABLE.match(line):
            skipping = bool(_REPLACED.fullmatch(table[1]))
        if not skipping:
            kept.append(line)
    first_table = next(index for index, line in enumerate(kept) if _TABLE.match(line))
    tables = _tables(tomllib.loads(shipped.read_text(encoding="utf-8")), imap_port, smtp_port)
    text = "\n".join((*kept[:first_table], tables, *kept[first_table:], ""))
    folder.config.write_text(text, encoding="utf-8")


def login(shipped: Path) -> str:
    """Who logs in to the mailbox of the ``shipped`` config.toml."""
    return _mailbox(tomllib.loads(shipped.read_text(encoding="utf-8")))[1]


def _mailbox(settings: Mapping[str, Any]) -> tuple[str, str]:
    """The first mailbox: its name in the file and its user."""
    return next((name, box["user"]) for name, box in settings["mailboxes"].items())


def _tables(settings: Mapping[str, Any], imap_port: int, smtp_port: int) -> str:
    name, user = _mailbox(settings)
    return f"""\
# ===== Diese Datei hat "kod-intake demo" geschrieben =====
# Die Tabellen hier oben gehören zur Vorführung. Postfach und Versandserver gab es nur, solange sie
# lief. Alles Weitere (Stellen, Regeln) ist die mitgelieferte config.toml; ändern Sie ruhig etwas.

[service]
data = "daten"

[mailboxes.{name}]
host = "127.0.0.1"
port = {imap_port}
security = "none"
user = "{user}"
password_env = "{PASSWORD}"
since = 2026-11-01

[drop_folders.telefon]
folder = "telefon"
settle_seconds = 0

[smtp]
host = "127.0.0.1"
port = {smtp_port}
security = "none"
from = "{settings["smtp"]["from"]}"
reply_to = "{user}"

"""
