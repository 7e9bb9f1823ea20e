"""The systemd unit: valid, hardened, and in agreement with the program and the shipped configuration."""

import configparser
import re
import subprocess
from pathlib import Path

import pytest

from routing.config import loader, paths, secrets
from tests import ROOT

UNIT = ROOT / "deploy" / "kod-intake.service"
EXPOSURE = 2.0
"""systemd's own scale from 0 (closed) to 10 (open)."""


def _values(key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", UNIT.read_text(encoding="utf-8"), flags=re.MULTILINE)


@pytest.fixture(params=["kod-intake.service", "kod-intake@.service"])
def installed_unit(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The unit with programs that exist on this machine: systemd looks whether they do."""
    unit = UNIT.with_name(request.param)
    text = re.sub(r"^(Exec\w+)=\S+", r"\1=/bin/true", unit.read_text(encoding="utf-8"), flags=re.MULTILINE)
    path = tmp_path / unit.name.replace("@", "@krefeld")
    path.write_text(text, encoding="utf-8")
    return path


def test_systemd_finds_nothing_to_complain_about(installed_unit: Path) -> None:
    run = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", installed_unit], check=False, capture_output=True, text=True
    )

    assert (0, "") == (run.returncode, run.stderr + run.stdout)


def test_systemd_rates_the_service_as_closed(installed_unit: Path) -> None:
    rate = ["systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE * 10:.0f}"]
    run = subprocess.run([*rate, installed_unit], check=False, capture_output=True, text=True)

    assert 0 == run.returncode, run.stdout[-200:]


def test_the_credentials_of_the_unit_are_the_passwords_that_the_shipped_configuration_needs(tmp_path: Path) -> None:
    settings = loader.load(paths.shipped_config()).settings
    for credential in _values("LoadCredential"):
        path = tmp_path / credential.partition(":")[0]
        path.write_text("geheim\n")
        path.chmod(0o400)
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}

    logins = {"smtp": settings.smtp} | {f"mailboxes.{name}": box for name, box in settings.mailboxes.items()}
    assert {"geheim"} == {secrets.read(login, name, environ=environ) for name, login in logins.items()}


@pytest.mark.parametrize("name", ["kod-intake", "kod-intake-failed"])
def test_the_unit_of_one_city_among_several_is_the_same_with_its_name(name: str) -> None:
    one, several = ((UNIT.parent / f"{name}{at}.service").read_text(encoding="utf-8") for at in ("", "@"))
    said = [text[text.index("[Unit]") :] for text in (one, several)]
    back = said[1].replace("/%i/", "/").replace("-%i\n", "\n").replace("@%i", "").replace(" of %i", "")

    assert said[0] == back
    assert {"%i"} == set(re.findall(r"%\w", said[1]))


def test_a_stop_leaves_the_daemon_more_than_the_ten_seconds_it_may_take() -> None:
    assert ["15"] == _values("TimeoutStopSec")


def test_no_line_is_said_twice() -> None:
    parser = configparser.RawConfigParser(strict=True, delimiters="=", comment_prefixes="#")
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # keys of units have capitals
    text = re.sub(r"^(LoadCredential|SystemCallFilter)=.*\n", "", UNIT.read_text(encoding="utf-8"), flags=re.MULTILINE)

    parser.read_string(text)  # raises DuplicateOptionError

    assert ["Unit", "Service", "Install"] == parser.sections()
