"""What was proved is remembered for the user who asked, and for nobody else; what is not is tried each time."""

import time
from pathlib import Path

import pytest

from routing.cli import proved
from routing.cli.context import CommandContext
from routing.config import last_known_good
from routing.config.problems import ConfigurationError
from tests import ROOT
from tests.support.journeys import CITY

SMALL = f"""
{CITY}[smtp]
host = "smtp.invalid"
from = "kod@stadt.invalid"
[operator]
address = ["betrieb@stadt.invalid"]
[recipients.kod]
name = "KOD"
address = ["leitstelle@stadt.invalid"]
[[rules]]
name = "Müll"
category = "Abfall"
recipient = "kod"
urgency = "heute"
keywords = ["müllsack"]
[[rules.tests]]
text = "Ein Müllsack am Zaun"
"""


def asked(folder: Path, **environ: str) -> CommandContext:
    path = folder / "config.toml"
    if not path.exists():
        path.write_text(SMALL, encoding="utf-8")
    return CommandContext(path, environ)


def test_the_next_command_need_not_prove_what_the_first_did(tmp_path: Path) -> None:
    context, kept = asked(tmp_path, XDG_CACHE_HOME=str(tmp_path / "cache")), tmp_path / "cache/kod-intake"
    first = proved.configuration(context)
    assert first == last_known_good.unchanged(context.config_path(), kept) == proved.configuration(context)
    assert 0 == 0o077 & (kept / last_known_good.FILE).stat().st_mode


def test_a_change_is_proved_and_what_is_broken_refused(tmp_path: Path) -> None:
    context = asked(tmp_path, HOME=str(tmp_path))
    proved.configuration(context)
    path = context.config_path()
    path.write_text(SMALL.replace('["müllsack"]', '["sofa"]'), encoding="utf-8")
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="Die Regel trifft nicht zu, soll aber"):
            proved.configuration(context)
    path.write_text(SMALL, encoding="utf-8")
    assert ("müllsack",) == proved.configuration(context).settings.rules[0].keywords


@pytest.mark.parametrize("environ", [{}, {"XDG_CACHE_HOME": "here"}, {"HOME": "/dev/null"}])
def test_without_a_place_for_it_nothing_is_kept(
    tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    context = asked(tmp_path, **environ)
    assert proved.configuration(context) == proved.configuration(context)
    assert ["config.toml"] == [path.name for path in tmp_path.iterdir()]


def test_explaining_the_shipped_rules_again_is_much_faster(tmp_path: Path) -> None:
    context = CommandContext(ROOT / "config.toml", {"XDG_CACHE_HOME": str(tmp_path)})

    def seconds() -> float:
        started = time.process_time()
        proved.configuration(context)
        return time.process_time() - started

    assert seconds() > 3 * min(seconds() for _ in range(3))
