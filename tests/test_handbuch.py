"""The German handbook, tried by doing what it says: its commands are run, its settings loaded, its examples judged.

How docs/handbuch.md marks what is proved: ``console`` blocks hold commands (``$ …``) and what they print, ``csv``
blocks are phone logs that were dropped before, ``toml`` blocks are entered into the shipped config.toml (until the
next heading ``##``; with "So ist es falsch" in the first line they must be refused), ``text brief`` blocks are letters
that went out ("…" leaves lines out), ``text datei`` blocks the rejects file of the phone log. In tables headed
"Schlüsselwort" the texts in „…“ are found, or not. Moments, line numbers and check sums may differ.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from routing import config, once
from routing.cli import desk, rules
from routing.cli import work as doors
from routing.runtime import Runtime
from tests import rule_examples
from tests.servers.smtp import SmtpSink

ROOT = Path(__file__).parents[1]
HANDBOOK = ROOT / "docs" / "handbuch.md"
MONDAY_MORNING = datetime(2026, 11, 16, 9, 12, tzinfo=UTC)
WRONG = "So ist es falsch"
BLOCK = re.compile(r"^```(\w+(?: \w+)?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ (?:echo (?P<text>'.*'|\".*\") \| )?kod-intake (?P<words>.*)$", re.MULTILINE)
SERVED = re.compile(r"\[service\].*?(?=\n\[operator\])", re.DOTALL)
SHIPPED = (ROOT / "config.toml").read_text()
VOCABULARY = (ROOT / "vocabulary.toml").read_text()

DRIVER = """
import contextlib, io, json, sys
from routing import cli
cli._commands()
cli._commands = lambda: None
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
    lists = "[lists]" in fragment
    (folder / "config.toml").write_text(SHIPPED if lists or not fragment else edited(SHIPPED, fragment))
    (folder / "vocabulary.toml").write_text(VOCABULARY + fragment.replace("[lists]", "") if lists else VOCABULARY)
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
                own = path if call.words[0] in {"list", "show", "assign", "close", "requeue"} else used
                found.append(((block.line, number), ["--config", str(own), *call.words], call.text))
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
            timeout=60,
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
    text = re.sub(r"\S*/config\.toml", "config.toml", text)
    text = re.sub(r"Zeile \d+", "Zeile <Nr.>", text)
    text = re.sub(r"\d+ (Regeln|Beispiele|Stellen)|Prüfsumme \w+", "<Zahl>", text)
    return [line.rstrip() for line in text.strip().splitlines()]


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Walked:
    return walk(tmp_path_factory.mktemp("handbuch"))


CALLS = [(call, (block.line, number)) for block in BLOCKS for number, call in enumerate(calls(block))]


@pytest.mark.parametrize(
    ("call", "key"), [pytest.param(*one, id=f"line{one[0].line}-{one[0].words[0]}") for one in CALLS]
)
def test_a_command_prints_what_the_handbook_shows(walked: Walked, call: Call, key: tuple[int, int]) -> None:
    assert same(walked.told[key]) == same(call.shown)


@pytest.mark.parametrize("block", [pytest.param(one, id=f"line{one.line}") for one in BLOCKS if one.info == "toml"])
def test_settings_of_the_handbook_are_accepted_or_refused_as_it_says(block: Block, tmp_path: Path) -> None:
    path = write(tmp_path / "kod", block.text)
    if WRONG in block.text.partition("\n")[0]:
        with pytest.raises(config.ConfigurationError):
            config.load(path, environ={})
    else:
        config.load(path, environ={})


@pytest.mark.parametrize(
    "block", [pytest.param(one, id=f"line{one.line}") for one in BLOCKS if one.info == "text brief"]
)
def test_a_letter_of_the_handbook_goes_out_like_that(walked: Walked, block: Block) -> None:
    parts = [re.escape(part.strip("\n")) for part in block.text.split("\n…\n")]
    pattern = re.compile(".*".join(parts), re.DOTALL)
    assert any(pattern.search(letter) for letter in walked.letters)


@pytest.mark.parametrize(
    "block", [pytest.param(one, id=f"line{one.line}") for one in BLOCKS if one.info == "text datei"]
)
def test_rejected_rows_come_back_as_the_handbook_shows(walked: Walked, block: Block) -> None:
    assert block.text in walked.rejects


def test_the_handbook_is_read_in_25_minutes() -> None:
    words = HANDBOOK.read_text().split()
    assert len(words) < 25 * 180


def keyword_examples() -> Iterator[tuple[str, bool, str]]:
    """Keyword, whether it is found, text: from the tables headed "Schlüsselwort"."""
    table = False
    for line in HANDBOOK.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            table = False
        elif cells[0] == "Schlüsselwort":
            table = True
        elif table and not cells[0].startswith("-"):
            keyword = cells[0].strip("`")
            yield from ((keyword, True, text) for text in re.findall("„(.+?)“", cells[1]))
            yield from ((keyword, False, text) for text in re.findall("„(.+?)“", cells[2]))


@pytest.mark.parametrize(("keyword", "found", "text"), list(keyword_examples()))
def test_a_keyword_finds_what_the_handbook_says(keyword: str, text: str, *, found: bool) -> None:
    vocabulary = {
        name: tuple(words) for name, words in tomllib.loads(VOCABULARY)["lists"].items() if f"@{name}" in keyword
    }
    assert found is bool(rule_examples.found(text, keyword, vocabulary=vocabulary))


def test_the_table_of_commands_is_complete() -> None:
    commands = {command.name for command in (*desk.COMMANDS, *rules.COMMANDS, *doors.COMMANDS)}
    assert commands == set(re.findall(r"^\| `kod-intake ([a-z]+)", HANDBOOK.read_text(), re.MULTILINE))
