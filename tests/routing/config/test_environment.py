"""What the environment says in place of config.toml: checked like the file, no secret kept."""

from pathlib import Path

import pytest

from routing.config import last_known_good, loader
from routing.config.problems import ConfigurationError
from routing.config.toml import environment
from tests.support import journeys

FILE = f"""{journeys.CITY}[service]
data = "data"
[mailboxes.amts-post]
host = "imap.invalid"
user = "kod"
password_env = "KOD_INTAKE_SECRET"
[smtp]
host = "smtp.invalid"
from = "kod@krefeld.invalid"
[operator]
address = "betrieb@krefeld.invalid"
{journeys.BODIES}{journeys.RULES}"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_variables_stand_in_for_keys_of_every_kind(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = loader.load(config)
    for name, value in {
        "SMTP_HOST": "mx.invalid",
        "SMTP_PORT": "2525",
        "SMTP_FROM": "andere@krefeld.invalid",
        "SMTP_SEND": "false",
        "SERVICE_DATA": "anderswo",
        "OPERATOR_ADDRESS": '["a@krefeld.invalid", "b@krefeld.invalid"]',
        "OPERATOR_COMMAND": '["/bin/ruf", "[1]"]',
        "WEB_LISTEN": "127.0.0.1:8642",
        "MAILBOXES_AMTS_POST_HOST": "posteingang.invalid",
    }.items():
        monkeypatch.setenv(f"KOD_INTAKE_{name}", value)
    loaded = loader.load(config)
    smtp, operator = loaded.settings.smtp, loaded.settings.operator

    assert ("mx.invalid", 2525, "andere@krefeld.invalid", False) == (smtp.host, smtp.port, smtp.from_, smtp.send)
    assert ("a@krefeld.invalid", "b@krefeld.invalid") == operator.address
    assert ("/bin/ruf", "[1]") == operator.command
    assert config.parent / "anderswo" == loaded.settings.service.data
    assert ("127.0.0.1", 8642) == loaded.settings.web.address
    assert "posteingang.invalid" == loaded.settings.mailboxes["amts-post"].host
    assert before.fingerprint == loaded.fingerprint, "what it decides is the same"


def test_a_mistake_names_its_variable_and_a_name_that_is_none_is_told(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOD_INTAKE_SMTP_HSOT", "mx.invalid")
    monkeypatch.setenv("KOD_INTAKE_SECRET", "geheim")
    monkeypatch.setenv("KOD_INTAKE_RULES", "[]")
    warnings = "\n".join(loader.load(config).warnings)
    monkeypatch.setenv("KOD_INTAKE_SMTP_PORT", "achtzig")
    monkeypatch.setenv("KOD_INTAKE_SERVICE_DATABASE", "postgresql://kod:geheim@db/kod")
    with pytest.raises(ConfigurationError) as refused:
        loader.load(config)

    assert "KOD_INTAKE_SMTP_HSOT" in warnings
    assert "KOD_INTAKE_RULES" in warnings
    assert "KOD_INTAKE_SECRET" not in warnings
    assert "Umgebungsvariable KOD_INTAKE_SMTP_PORT: „achtzig“" in str(refused.value)
    assert "Umgebungsvariable KOD_INTAKE_SERVICE_DATABASE" in str(refused.value)
    assert "geheim" not in str(refused.value)


def test_what_is_kept_holds_for_the_same_variables_alone_and_no_secret(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOD_INTAKE_SECRET", "sehr-geheim")
    monkeypatch.setenv("KOD_INTAKE_SMTP_HOST", "mx.invalid")
    state = config.parent / "data"
    last_known_good.keep(loader.load(config), state)
    kept = last_known_good.unchanged(config, state)
    monkeypatch.setenv("KOD_INTAKE_SMTP_HOST", "anderer.invalid")

    assert kept is not None
    assert "mx.invalid" == kept.settings.smtp.host
    assert last_known_good.unchanged(config, state) is None
    assert "sehr-geheim" not in (state / last_known_good.FILE).read_text()


def test_every_variable_has_its_meaning_and_none_reaches_the_rules() -> None:
    said = environment.meanings(["kod"])

    assert all(said.values()), [name for name, meaning in said.items() if not meaning]
    assert not [name for name in said if name.startswith(("KOD_INTAKE_RULES", "KOD_INTAKE_RECIPIENTS"))]
    assert len(said) == len(environment.names(["kod"])) > 40
    assert not [name for name in said if name.endswith(("_PASSWORD", "_SECRET", "_TOKEN"))]
