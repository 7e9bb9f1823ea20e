"""status --nagios and metrics: a line and a code that the plugin guidelines know, a file that is there as a whole."""

import re
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec import structs

from routing import cli
from routing.service.health import Health, Trouble, monitoring
from tests.routing.cli.test_tools_for_staff import SMALL

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
WELL = Health(
    at=NOW,
    daemon_seen=NOW,
    sources=(),
    messages=7,
    waiting=2,
    waiting_since=NOW - timedelta(minutes=3),
    review=1,
    planned=0,
    unsent=0,
    unsent_since=None,
    parked=0,
    in_doubt=0,
    conditions=(),
    troubles=(),
)
LINE = re.compile(r"INTAKE (OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]+( \| (\w+=\d+s? ?)+)?")


def _troubled(*names: str) -> Health:
    return structs.replace(WELL, troubles=tuple(Trouble(name, f"Etwas | ist\nmit {name}.") for name in names))


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (WELL, 0),
        (_troubled("parked"), 1),
        (_troubled("brake", "bounced"), 1),
        (_troubled("parked", "urgent"), 2),
        (_troubled("what nobody has thought of"), 2),
        (structs.replace(_troubled("database"), asked=False), 2),
    ],
)
def test_a_line_and_a_code_as_the_guidelines_want_them(state: Health, code: int) -> None:
    found, line = monitoring.nagios(state)

    assert code == found
    assert LINE.fullmatch(line), line
    assert line.startswith(f"INTAKE {monitoring.WORDS[code]} - ")
    assert state.asked == ("waiting_age=180s" in line)


def test_figures_that_could_not_be_asked_are_not_made_up() -> None:
    assert b"kod_intake_waiting 2.0" in monitoring.exposition(WELL)
    unknown = monitoring.exposition(structs.replace(_troubled("database"), asked=False))
    assert b"kod_intake_waiting" not in unknown
    assert b"kod_intake_healthy 0.0" in unknown


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(f'[service]\ndata = "daten"\n{SMALL}', encoding="utf-8")
    return path


def _run(*arguments: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(cli.group, [str(one) for one in arguments], standalone_mode=False)
    return done.return_value if done.exception is None else -1, done.output


def test_a_service_that_does_not_run_is_critical_and_a_broken_file_unknown(config: Path) -> None:
    code, line = _run("--config", config, "status", "--nagios")
    assert (2, True) == (code, bool(LINE.fullmatch(line.strip()))), line
    config.write_text("[city", encoding="utf-8")
    code, line = _run("--config", config, "status", "--nagios")
    assert (3, True) == (code, bool(LINE.fullmatch(line.strip()))), line


def test_the_textfile_is_whole_readable_and_alone(config: Path, tmp_path: Path) -> None:
    folder = tmp_path / "textfile"
    folder.mkdir()
    target = folder / "kod.prom"
    target.write_text("alt")
    _run("--config", config, "metrics", "--textfile", target)

    assert "kod_intake_healthy 0.0\n" in target.read_text()
    assert 0o644 == stat.S_IMODE(target.stat().st_mode)
    assert [target] == list(folder.iterdir())
    assert -1 == _run("--config", config, "metrics", "--textfile", tmp_path / "nirgends" / "kod.prom")[0]
