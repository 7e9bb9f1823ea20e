"""Passwords by file, environment and systemd credential; never elsewhere."""

from pathlib import Path

import pytest
import structlog

from intake.settings import Login
from routing.config import loader, secrets
from routing.config.problems import ConfigurationError
from tests import TESTS

SECRET = "hunter2 mit Leerzeichen "


def written(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def refused(login: Login, environ: dict[str, str] | None = None, name: str = "mailboxes.kod") -> str:
    with pytest.raises(ConfigurationError) as caught:
        secrets.read(login, name, environ=environ or {})
    assert caught.value.exit_code == 3
    assert SECRET not in str(caught.value)
    return str(caught.value)


def test_the_first_line_of_a_file_is_the_password(tmp_path: Path) -> None:
    login = Login(host="h", user="u", password_file=written(tmp_path / "p", f"{SECRET}\r\nzweite Zeile\n"))
    assert secrets.read(login, "smtp", environ={}) == SECRET


def test_an_environment_variable_holds_the_password() -> None:
    login = Login(host="h", user="u", password_env="KOD_PASSWORD")
    assert secrets.read(login, "smtp", environ={"KOD_PASSWORD": SECRET}) == SECRET


@pytest.mark.parametrize("name", ["mailboxes.kod", "mailboxes.kod.password"])
def test_a_systemd_credential_holds_the_password(tmp_path: Path, name: str) -> None:
    written(tmp_path / "mailboxes.kod.password", SECRET + "\n", 0o400)
    login = Login(host="h", user="u")
    assert secrets.read(login, name, environ={"CREDENTIALS_DIRECTORY": str(tmp_path)}) == SECRET


def test_a_login_without_a_user_needs_no_password() -> None:
    assert secrets.read(Login(host="h"), "smtp", environ={}) is None


@pytest.mark.parametrize("environ", [{}, {"CREDENTIALS_DIRECTORY": "/does/not/exist"}])
def test_a_missing_password_names_all_three_ways(environ: dict[str, str]) -> None:
    told = refused(Login(host="h", user="u"), environ)
    assert all(way in told for way in ("password_file", "password_env", "LoadCredential=mailboxes.kod.password:"))


def test_an_unset_variable_is_named() -> None:
    assert "KOD_PASSWORD ist nicht gesetzt" in refused(Login(host="h", user="u", password_env="KOD_PASSWORD"))


def test_a_missing_an_empty_and_an_unreadable_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\xfd")
    written(tmp_path / "empty", "\n")
    for file, expected in [("none", "nicht zu lesen"), ("empty", "ist leer"), ("binary", "kein lesbarer Text")]:
        assert expected in refused(Login(host="h", user="u", password_file=tmp_path / file))


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_change_is_refused(tmp_path: Path, mode: int) -> None:
    login = Login(host="h", user="u", password_file=written(tmp_path / "p", SECRET, mode))
    assert "chmod 600" in refused(login)


def test_a_file_that_everybody_may_read_is_only_warned_about(tmp_path: Path) -> None:
    login = Login(host="h", user="u", password_file=written(tmp_path / "p", SECRET, 0o644))
    with structlog.testing.capture_logs() as logs:
        assert secrets.read(login, "smtp", environ={}) == SECRET
    assert [entry["log_level"] for entry in logs] == ["warning"]
    assert SECRET not in str(logs)


def test_loading_does_not_read_secrets(tmp_path: Path) -> None:
    text = (TESTS / "configs" / "good.toml").read_text(encoding="utf-8")
    path = tmp_path / "config.toml"
    path.write_text(text.replace('user = "kod', 'password_file = "not/there"\nuser = "kod'), encoding="utf-8")
    loaded = loader.load(path)
    assert tmp_path / "not/there" == loaded.settings.mailboxes["kod"].password_file


def test_a_report_never_repeats_a_password() -> None:
    with pytest.raises(ConfigurationError) as caught:
        loader.load(TESTS / "configs" / "secrets.toml")
    assert "sehr-geheim" not in str(caught.value)
    assert "sehr-geheim" not in repr(caught.value.problems)
