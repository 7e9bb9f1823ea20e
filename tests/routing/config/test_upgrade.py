"""A file of before the rule library, with a city's own changes, becomes library and changes."""

import tomllib
from pathlib import Path

from routing.config import loader
from routing.config.rulebook import upgrade
from tests import ROOT

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
    assert told == ['Die Regel „Ampel“ hatte recipient = "ngn"; ihre Kategorie I02 hat anderes.']
    new = tmp_path / "new" / "config.toml"
    (tmp_path / "new" / "gazetteer.toml").write_bytes((ROOT / "gazetteer.toml").read_bytes())
    tables = tomllib.loads(new.read_text(encoding="utf-8"))
    assert tables["responsible"]["X01"]["recipient"] == ["kod"]
    assert {"rule": "Verwahrlostes Grundstück", "add": ["geisterhaus"]} in tables["changes"]
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
