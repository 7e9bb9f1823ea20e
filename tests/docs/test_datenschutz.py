"""The chapter for the data protection officer, tried by doing what it says: its commands print what it shows."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from routing import cli
from routing.model.retention import RetentionSettings
from tests import ROOT
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support import journeys
from tests.support.journeys import Clock, Installation

CHAPTER = (ROOT / "docs" / "datenschutz.md").read_text(encoding="utf-8")
CALL = re.compile(r"^    \$ kod-intake (.+)\n((?:    (?!\$ ).+\n)*)", re.MULTILINE)


def calls() -> Iterator[tuple[str, str]]:
    """(command, what it prints) of the chapter, in order."""
    for words, shown in CALL.findall(CHAPTER):
        yield words, re.sub(r"^    ", "", shown, flags=re.MULTILINE)


def test_the_chapter_s_commands_print_what_it_shows(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Installation(tmp_path / "kod", dovecot, smtp_sink)
    text = f"{journeys.UNKNOWN}. Meine Nummer ist 0151 / 234 56 78"
    office.deliver(journeys.mail(text, sender="gerda@example.org").replace(b"Anna", b"Gerda"))
    office.deliver(journeys.mail(journeys.RUBBISH))
    office.once(Clock("2026-12-01 09:00"))
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()

    for words, shown in calls():
        done = runner.invoke(cli.group, ["--config", str(office.config), *shlex.split(words)], standalone_mode=False)
        assert done.exception is None, words
        if shown:
            assert (words, re.sub(r"\d\d\.\d\d\.(?:\d{4})? \d\d:\d\d", "WANN", done.output)) == (
                words,
                re.sub(r"\d\d\.\d\d\.(?:\d{4})? \d\d:\d\d", "WANN", shown),
            )
        else:
            assert "person erase" not in done.output


def test_the_chapter_names_every_key_with_its_days() -> None:
    shown = dict(re.findall(r"^\| `(\w+)` \|.*?\| (\d+) \|", CHAPTER, re.MULTILINE))

    assert shown == {name: str(field.default) for name, field in RetentionSettings.model_fields.items()}
