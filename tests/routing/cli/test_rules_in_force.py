"""``rules`` and ``rules find``: which rules are in force, who gets what, which of them know a word, and where."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from routing.cli.commands.rules import in_force
from routing.cli.context import CommandContext
from tests import ROOT

CHANGE = '\n[[changes]]\nrule = "Sperrmüll auf der Straße"\nadd = ["sitzknubbel"]\n'


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped file with one change of the city at its end."""
    folder = tmp_path_factory.mktemp("regeln")
    (folder / "gazetteer.toml").write_bytes((ROOT / "gazetteer.toml").read_bytes())
    path = folder / "config.toml"
    path.write_text((ROOT / "config.toml").read_text(encoding="utf-8") + CHANGE, encoding="utf-8")
    return path


def run(config: Path, *words: str, columns: int = 100) -> Result:
    result = CliRunner(env={"COLUMNS": str(columns)}).invoke(
        in_force.rules, list(words), obj=CommandContext(config, {}), standalone_mode=False
    )
    assert result.exception is None, result.exception
    return result


def test_every_rule_is_told_with_who_gets_it_and_where_it_stands(config: Path) -> None:
    lines = run(config).output.splitlines()
    at = lines.index("Straßenlaterne")
    assert lines[at + 1] == "    I01 Straßen / Beleuchtung auf Wegen und Straßen → ngn, Sammelliste"
    file, _, line = lines[at + 2].strip().partition(", Zeile ")
    written = (ROOT / "routing" / "library" / file).read_text(encoding="utf-8").splitlines()
    assert written[int(line.partition(",")[0]) - 1] == "[[rules]]"
    assert max(map(len, lines)) <= 100


def test_a_changed_rule_names_the_line_of_the_change(config: Path) -> None:
    lines = run(config).output.splitlines()
    place = lines[lines.index("Sperrmüll auf der Straße") + 2]
    number = int(place.partition("geändert in Zeile ")[2].partition(" ")[0])
    assert config.read_text(encoding="utf-8").splitlines()[number - 1] == "[[changes]]"


def test_for_machines_each_rule_is_a_line(config: Path) -> None:
    told = [json.loads(line) for line in run(config, "--json").output.splitlines()]
    lamp = next(one for one in told if one["name"] == "Straßenlaterne")
    assert (lamp["id"], lamp["recipients"], lamp["urgency"], lamp["file"]) == (
        "I01",
        ["ngn"],
        "sammel",
        "10_licht.toml",
    )
    assert {"name", "id", "category", "recipients", "urgency", "state", "file", "line", "changes"} == lamp.keys()


@pytest.mark.parametrize("columns", [80, 100, 200])
@pytest.mark.parametrize("word", ["laterne", "matratze", "ratten"])
def test_what_knows_a_word_fits_the_terminal(config: Path, word: str, columns: int) -> None:
    assert max(map(len, run(config, "find", word, columns=columns).output.splitlines())) <= min(columns, 100)


def test_the_rules_that_know_a_word_come_first_where_it_is_enough(config: Path) -> None:
    lines = run(config, "find", "Matratzen").output.splitlines()
    assert lines[0] == "Müllablagerung"
    assert "„@möbel“ (Liste @moebel)" in lines[2]
    assert "08_abfall.toml, Zeilen " in lines[3]
    end = lines.index("Hier zählt es nicht (except oder unless):")
    assert "Feuer und Rauch" in lines[:end]
    assert any(line.startswith("    Lagern und Campieren: „matratze“; 04_menschen.toml") for line in lines[end:])


def test_a_word_of_the_city_is_found_in_its_own_file(config: Path) -> None:
    lines = run(config, "find", "sitzknubbel").output.splitlines()
    assert lines[0] == "Sperrmüll auf der Straße"
    number = int(lines[-1].partition("config.toml, Zeile ")[2])
    assert "sitzknubbel" in config.read_text(encoding="utf-8").splitlines()[number - 1]


def test_for_machines_each_keyword_that_knows_it_is_a_line(config: Path) -> None:
    told = [json.loads(line) for line in run(config, "find", "laterne", "--json").output.splitlines()]
    assert {"rule", "key", "keyword", "lists", "places"} == told[0].keys()
    assert ("Straßenlaterne", "keywords", "laterne") in {(one["rule"], one["key"], one["keyword"]) for one in told}
    assert {one["key"] for one in told} == {"keywords", "except"}


def test_of_a_word_that_no_rule_knows_it_says_what_to_do(config: Path) -> None:
    result = run(config, "find", "xylophonkonzert")
    assert (1, True) == (result.return_value, result.output.startswith("Keine Regel kennt „xylophonkonzert“."))
    assert run(config, "find", "xylophonkonzert", "--json").output == ""
