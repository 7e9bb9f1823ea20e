"""A file of before the rule library, with a city's own changes, becomes library and changes."""

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from intake import storage
from intake.message import Arrival
from routing.cli.commands.rules import backtest
from routing.cli.context import CommandContext
from routing.cli.output import input_texts
from routing.config import lint_hints, loader
from routing.config.rulebook import upgrade
from routing.model.settings import Configuration
from routing.service.runtime import Runtime
from tests import ROOT
from tests.support import city_of_before

HEAD = (ROOT / "config.toml").read_text(encoding="utf-8").partition("# ===== Wer wofür zuständig ist =====")[0]
RULES = """
[[rules]]
name = "Verwahrlostes Grundstück"
id = "X01"
category = "Schrottimmobilie / Privatgrundstück"
recipient = "bauaufsicht"
urgency = "sammel"
keywords = ["altes wort"]

[[rules]]
name = "Ampel"
id = "I02"
category = "Straßen / Ampeln"
recipient = "kbk"
urgency = "heute"
keywords = ["ampel"]

[[rules]]
name = "Ampel ausgefallen"
id = "I02"
category = "Straßen / Ampeln"
recipient = "kbk"
urgency = "sofort"
keywords = ["ampel aus"]

[[rules]]
name = "Gestank"
id = "S07"
category = "Straßen / Gehweg- und Straßenreinigung"
recipient = "gsak"
urgency = "sammel"
keywords = ["stinkt"]
"""
FLAG = """
[[rules]]
name = "Fahnenmast"
category = "Fahnen"
recipient = "kbk"
urgency = "sammel"
keywords = ["fahnenmast"]
"""


def written(folder: Path, rules: str, lists: str) -> Path:
    folder.mkdir()
    settings = HEAD.replace('# vocabulary = "wortlisten.toml"', 'vocabulary = "vocabulary.toml"')
    (folder / "config.toml").write_text(f"{settings}\n{rules}", encoding="utf-8")
    (folder / "vocabulary.toml").write_text(lists, encoding="utf-8")
    return folder / "config.toml"


def test_what_a_city_had_changed_is_carried_over_and_what_cannot_be_is_told(tmp_path: Path) -> None:
    shipped = written(tmp_path / "shipped", RULES, '[lists]\nmoebel = ["sofa"]\n')
    changed = RULES.replace('"bauaufsicht"', '"kod"').replace('"altes wort"', '"altes wort", "geisterhaus"')
    changed = changed.replace('recipient = "kbk"\nurgency = "heute"', 'recipient = "ngn"\nurgency = "heute"')
    changed = changed.partition('[[rules]]\nname = "Gestank"')[0] + FLAG
    lists = '[lists]\nmoebel = ["sofa", "polsterecke"]\nfahnen = ["fahne"]\n'
    city = written(tmp_path / "city", changed, lists)
    told = upgrade.write(city, shipped, tmp_path / "new")
    assert told == []
    new = tmp_path / "new" / "config.toml"
    (tmp_path / "new" / "gazetteer.toml").write_bytes((ROOT / "gazetteer.toml").read_bytes())
    tables = tomllib.loads(new.read_text(encoding="utf-8"))
    assert tables["responsible"]["X01"]["recipient"] == "kod"
    assert {"rule": "Verwahrlostes Grundstück", "add": ["geisterhaus"]} in tables["changes"]
    assert tables["responsible"]["I02"]["recipient"] == "kbk"
    assert tables["responsible"]["I02-ampel"]["recipient"] == "ngn"
    assert {"rule": "Ampel", "category": "I02-ampel"} in tables["changes"]
    assert {"rule": "Gestank", "off": True} in tables["changes"]
    assert {"list": "moebel", "add": ["polsterecke"]} in tables["changes"]
    assert [rule["name"] for rule in tables["rules"]] == ["Fahnenmast"]
    loaded = loader.load(new)
    assert loaded.vocabulary["fahnen"] == ("fahne",)
    assert "polsterecke" in loaded.vocabulary["moebel"]
    by_name = {rule.name: rule for rule in loaded.settings.rules}
    assert by_name["Verwahrlostes Grundstück"].recipient == ("kod",)
    assert "Gestank" not in by_name
    assert "Müllablagerung" in by_name


# The rules of the last version before the library, with what a city had changed in them over the years

SAMPLES = sorted((ROOT / "routing" / "cli" / "demo" / "samples").glob("*.eml"))
WISHED = frozenset({"Spritzen und Nadeln", "Straßenlaterne", "Ratten", "E-Scooter", "Graffiti", "Gestank"})
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("upgrade")
    shipped = city_of_before.written(path / "shipped", city_of_before.shipped())
    city = city_of_before.written(path / "city", city_of_before.changed())
    assert upgrade.write(city, shipped, path / "new") == [
        "Die Tabelle [city] ist neu: Sie ist die mitgelieferte; prüfen Sie jede Zeile."
    ]
    return path


@pytest.fixture(scope="module")
def upgraded(folder: Path) -> Configuration:
    return loader.load(folder / "new" / "config.toml")


def test_a_city_of_before_the_library_is_in_order_at_once(upgraded: Configuration) -> None:
    assert (upgraded.warnings, lint_hints.hints(upgraded)) == ((), ())
    assert {"Alter Deich", "Am Kolk"} <= set(upgraded.gazetteer.places)


def test_its_file_holds_only_what_is_its_own_beside_the_shipped_text(folder: Path) -> None:
    shipped = set((ROOT / "config.toml").read_text(encoding="utf-8").splitlines())
    of_before = set(city_of_before.shipped()["config.toml"].splitlines())
    lines = (folder / "new" / "config.toml").read_text(encoding="utf-8").splitlines()
    assert len(lines) < 700
    own = [line for line in lines if line and line not in shipped | of_before and not line.startswith("#")]
    assert len(own) < 45
    assert "letters_per_hour = 60" in own


def test_every_wish_of_the_city_is_still_granted(upgraded: Configuration) -> None:
    rules = {rule.name: rule for rule in upgraded.settings.rules}
    assert not any("ngn" in rule.recipient for rule in rules.values())
    assert rules["Straßenlaterne"].recipient == ("stadtwerke",)
    assert rules["E-Scooter"].urgency == "heute"
    assert rules["Ratten"].recipient == ("kbk", "kod")
    assert (rules["Graffiti"].recipient, rules["Graffiti"].id) == (("gsak",), "S16")
    assert rules["Spritzen und Nadeln"].recipient == ("kod", "streetwork")
    assert "polsterecke" in rules["Sperrmüll auf der Straße"].keywords
    assert "lärm vom stadtfest" in rules["Lärm"].except_
    assert "Gestank" not in rules
    assert rules["Fahnenmast"].recipient == ("kbk",)
    assert "polsterwürfel" in upgraded.vocabulary["moebel"]
    assert upgraded.settings.recipients["gsak"].schedule == ("Mo-Fr 06:30",)
    assert upgraded.settings.brake.letters_per_hour == 60


def test_what_was_decided_before_is_compared_with_the_upgraded_rules(folder: Path) -> None:
    """The history was decided by the shipped rules; what differs is what the city has otherwise, the urgent first."""
    place = folder / "running"
    place.mkdir()
    for path in (ROOT / "config.toml", ROOT / "gazetteer.toml"):
        (place / path.name).write_bytes(path.read_bytes())
    runtime = Runtime.open(place / "config.toml", {}, lambda: NOW)
    read = [input_texts.read(str(path)) for path in SAMPLES]
    messages = [replace(one, identity=bytes([number]) * 32) for number, one in enumerate(read)]
    with storage.writing(runtime.engine) as connection:
        arrived = [
            Arrival(source="t", key=str(n), received_at=NOW, raw=b"", message=m) for n, m in enumerate(messages)
        ]
        storage.add(connection, arrived, NOW)
    runtime.dispatch()
    runtime.close()
    for path in (folder / "new").iterdir():
        (place / path.name).write_bytes(path.read_bytes())
    groups = compared(place, "--stored", "--all")["groups"]
    assert [group["urgent"] for group in groups] == sorted((group["urgent"] for group in groups), reverse=True)
    assert groups[0]["urgent"]
    causes = {cause["rule"] for group in groups for cause in group["causes"]}
    assert causes <= {*WISHED, "Spritzen, wo Kinder sind"}
    assert {"Spritzen und Nadeln", "Straßenlaterne"} <= causes
    assert compared(place)["changed"] == 0  # the file in force against itself


def compared(place: Path, *words: str) -> Any:
    context = CommandContext(place / "config.toml", {})
    done = CliRunner().invoke(backtest.backtest, [str(place / "config.toml"), *words, "--json"], obj=context)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return json.loads(done.stdout)
