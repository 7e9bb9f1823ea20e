"""The German handbook, read and done: its phone log dropped, its commands run, its letters and outputs collected.

How docs/handbuch.md marks what is proved: ``console`` blocks hold commands (``$ …``) and what they print, ``csv``
blocks are phone logs that were dropped before, ``toml`` blocks are entered into the shipped config.toml (until the
next heading ``##``; ``neu.toml`` in a command names the outcome; with "So ist es falsch" in the first line they must
be refused), ``text brief`` blocks are letters that went out ("…" leaves lines out), ``text datei`` blocks the rejects
file of the phone log. In tables headed "Schlüsselwort" the texts in „…“ are found, or not. Moments, line numbers and
check sums may differ.

When the words of a command have changed, ``python -m tests.support.manuals.handbook`` writes them into the handbook.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

from routing.service import once
from routing.service.runtime import Runtime
from tests import ROOT
from tests.servers.smtp import SmtpSink
from tests.support.waiting import CEILING

HANDBOOK = ROOT / "docs" / "handbuch.md"
MONDAY_MORNING = datetime(2026, 11, 16, 9, 12, tzinfo=UTC)
BLOCK = re.compile(r"^```(\w+(?: \w+)?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ON_THE_STORE = frozenset({"list", "show", "assign", "close", "requeue", "backtest", "suggest"})
"""Commands that are run where the day's messages are stored; the others with the settings shown last."""
COMMAND = re.compile(r"^\$ (?:echo (?P<text>'.*'|\".*\") \| )?kod-intake (?P<words>.*)$", re.MULTILINE)
SERVED = re.compile(r"\[service\].*?(?=\n\[operator\])", re.DOTALL)
SHIPPED = (ROOT / "config.toml").read_text()

DRIVER = """
import contextlib, io, json, sys
from routing import cli
told = []
for words, text in json.load(sys.stdin):
    output = io.StringIO()
    sys.argv = ["kod-intake", *words]
    sys.stdin = io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8")
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output), contextlib.suppress(SystemExit):
        cli.main()
    told.append(output.getvalue())
json.dump(told, sys.__stdout__)
"""


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of the handbook, and where it stands."""

    line: int
    info: str
    text: str
    section: int


def blocks() -> list[Block]:
    """All fenced blocks, in order."""
    handbook = HANDBOOK.read_text()
    return [
        Block(
            handbook.count("\n", 0, found.start()) + 1,
            found[1],
            found[2],
            len(re.findall(r"^## ", handbook[: found.start()], re.MULTILINE)),
        )
        for found in BLOCK.finditer(handbook)
    ]


BLOCKS = blocks()


@dataclass(frozen=True, slots=True)
class Call:
    """A command of the handbook and what the handbook says that it prints."""

    line: int
    words: tuple[str, ...]
    text: str
    shown: str


def calls(block: Block) -> Iterator[Call]:
    """The commands of a console block."""
    found = list(COMMAND.finditer(block.text))
    ends = [match.start() for match in found[1:]] + [len(block.text)]
    for match, end in zip(found, ends, strict=bool(found)):
        shown = block.text[match.end() : end]
        text = shlex.split(match["text"])[0] + "\n" if match["text"] else ""
        yield Call(block.line, tuple(shlex.split(match["words"])), text, shown)


def edited(shipped: str, fragment: str) -> str:
    """config.toml with a fragment of the handbook in it: new tables behind, known rules and keys in their place."""
    tables = tomllib.loads(fragment)
    for rule in (*tables.pop("rules", ()), *tables.pop("kinds", ())):
        shipped = re.sub(
            rf"^\[\[(rules|kinds)\]\]\nname = \"{re.escape(rule['name'])}\"\n.*?(?=^\[\[(rules|kinds)\]\]$|\Z)",
            "",
            shipped,
            flags=re.MULTILINE | re.DOTALL,
        )
    if not tables:
        return f"{shipped}\n{fragment}"
    for header, lines in re.findall(r"^(\[[\w.]+\])\n(.*?)(?=^\[|\Z)", fragment, re.MULTILINE | re.DOTALL):
        start = shipped.find(f"\n{header}\n")
        if start < 0:
            shipped += f"\n{header}\n{lines}"
            continue
        start += len(header) + 2
        end = shipped.find("\n[", start)
        keys = "|".join(re.findall(r"^(\w+) =", lines, re.MULTILINE))
        kept = re.sub(rf"^({keys}) = .*\n", "", shipped[start:end], flags=re.MULTILINE)
        shipped = shipped[:start] + lines + kept + shipped[end:]
    return shipped


def write(folder: Path, fragment: str = "") -> Path:
    """A folder with the shipped settings, a fragment of the handbook in them."""
    folder.mkdir()
    shutil.copyfile(ROOT / "gazetteer.toml", folder / "gazetteer.toml")
    if "[lists]" in fragment:
        (folder / "wortlisten.toml").write_text(fragment)
        fragment = '[files]\nvocabulary = "wortlisten.toml"\n'
    (folder / "config.toml").write_text(edited(SHIPPED, fragment) if fragment else SHIPPED)
    return folder / "config.toml"


def configurations(folder: Path) -> dict[int, Path]:
    """For each toml block (by its line) the settings with what it says."""
    return {block.line: write(folder / f"zeile{block.line}", block.text) for block in BLOCKS if block.info == "toml"}


def work(folder: Path, sink: SmtpSink) -> Path:
    """A Monday at the desk: the handbook's phone logs are read and forwarded; returns the config.toml used."""
    path = write(folder)
    served = (
        '[service]\n[drop_folders.telefon]\nfolder = "telefon"\nsettle_seconds = 0\n[smtp]\nhost = "127.0.0.1"\n'
        f'port = {sink.port}\nsecurity = "none"\nfrom = "kod-weiterleitung@krefeld.invalid"\n'
        'reply_to = "kod@krefeld.invalid"\n'
    )
    path.write_text(SERVED.sub(served, SHIPPED))
    (folder / "telefon").mkdir()
    for number, block in enumerate(block for block in BLOCKS if block.info == "csv"):
        (folder / "telefon" / f"liste{number}.csv").write_text(block.text, encoding="cp1252")
    runtime = Runtime.open(path, os.environ, lambda: MONDAY_MORNING)
    done = once.run(runtime)
    runtime.close()
    assert done.troubles == []
    return path


@dataclass(frozen=True, slots=True)
class Walked:
    """What really happened, in the order of the handbook."""

    told: dict[tuple[int, int], str]
    letters: tuple[str, ...]
    rejects: tuple[str, ...]


def planned_calls(path: Path, changed: dict[int, Path]) -> list[tuple[tuple[int, int], list[str], str]]:
    """All commands, each with the settings that hold at its place."""
    found = []
    latest = Block(0, "", "", -1)
    for block in BLOCKS:
        if block.info == "toml":
            latest = block
        if block.info == "console":
            used = changed[latest.line] if latest.section == block.section else path
            for number, call in enumerate(calls(block)):
                own = path if call.words[0] in ON_THE_STORE else used
                words = [str(used) if word == "neu.toml" else word for word in call.words]
                found.append(((block.line, number), ["--config", str(own), *words], call.text))
    return found


def walk(folder: Path) -> Walked:
    """Do what the handbook says."""
    with SmtpSink() as sink:
        path = work(folder / "kod", sink)
        planned = planned_calls(path, configurations(folder))
        finished = subprocess.run(
            [sys.executable, "-c", DRIVER],
            input=json.dumps([(words, text) for _, words, text in planned]),
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            timeout=CEILING,
            env=os.environ | {"COLUMNS": "100", "LOGNAME": "winter", "NO_COLOR": "1"},
        )
    told = dict(zip((key for key, _, _ in planned), json.loads(finished.stdout), strict=True))
    rejects = (path.read_text("utf-8-sig") for path in folder.rglob("*.abgelehnt.csv"))
    return Walked(told, tuple(letter_text(item.content) for item in sink.messages), tuple(rejects))


def letter_text(raw: bytes) -> str:
    body = message_from_bytes(raw, policy=policy.default).get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def same(text: str) -> list[str]:
    """The lines of an output without what differs from run to run."""
    text = re.sub(r"\d\d\.\d\d\.\d{4} \d\d:\d\d", "<Zeitpunkt>", text)
    text = re.sub(r" #[a-z0-9]{6}\]", " #<Zeichen>]", text)
    text = re.sub(r"\S*/config\.toml", "config.toml", text)
    text = re.sub(r"Zeile \d+", "Zeile <Nr.>", text)
    text = re.sub(r"\d+ (Regeln|Beispiele|Stellen)|Prüfsumme \w+", "<Zahl>", text)
    return [line.rstrip() for line in text.strip().splitlines()]


def refresh() -> None:
    """Write what the commands print now into the handbook; the person who calls this reads the difference."""
    with tempfile.TemporaryDirectory() as folder:
        told = walk(Path(folder)).told
    handbook = HANDBOOK.read_text()
    for block in reversed(BLOCKS):
        if block.info == "console":
            start = handbook.index(block.text, len("".join(handbook.splitlines(keepends=True)[: block.line])))
            lines = [
                f"{command[0]}\n{tidy(told[block.line, number])}"
                for number, command in enumerate(COMMAND.finditer(block.text))
            ]
            handbook = handbook[:start] + "".join(lines) + handbook[start + len(block.text) :]
    HANDBOOK.write_text(handbook)


def tidy(printed: str) -> str:
    """An output without paths and without blanks at the ends of lines."""
    shown = re.sub(r"\S*/config\.toml", "config.toml", printed).strip("\n")
    return "".join(f"{line.rstrip()}\n" for line in shown.splitlines())


if __name__ == "__main__":
    refresh()
