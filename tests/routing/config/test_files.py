"""The files around config.toml: where it is found, word lists and streets, the last good copy, the shipped file."""

import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from routing.config import last_known_good, library, loader, model_keys, paths
from routing.config.checks import semantics
from routing.config.problems import ConfigurationError
from routing.config.rulebook import sources
from routing.config.toml import document
from routing.model.gazetteer import Gazetteer
from routing.model.rule_files import ConfigFile, LibraryFile
from tests import ROOT, TESTS
from tests.support.waiting import is_cheaper

SHIPPED = ROOT / "config.toml"
GOOD = (TESTS / "configs" / "good.toml").read_text(encoding="utf-8")


def written(folder: Path, extra: str = "", city: str = "") -> Path:
    """The good file with ``extra`` above it and ``city`` at its end, where its table [city] is."""
    path = folder / "config.toml"
    path.write_text(extra + GOOD + city, encoding="utf-8")
    return path


def told(path: Path) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        loader.load(path)
    return [str(problem).partition("\n")[0] for problem in caught.value.problems]


# Where config.toml is


def test_the_option_comes_before_the_variable_and_the_variable_before_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.toml", "b.toml", "config.toml"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    environ = {"KOD_INTAKE_CONFIG": "b.toml"}
    assert paths.find(Path("a.toml"), environ) == tmp_path / "a.toml"
    assert paths.find(None, environ) == tmp_path / "b.toml"
    assert paths.find(None, {}) == tmp_path / "config.toml"


@pytest.mark.parametrize(("option", "environ"), [("x.toml", {}), (None, {"KOD_INTAKE_CONFIG": "x.toml"})])
def test_a_named_file_that_is_missing_is_not_replaced_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str | None, environ: dict[str, str]
) -> None:
    (tmp_path / "config.toml").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=r"x\.toml gibt es nicht") as caught:
        paths.find(Path(option) if option else None, environ)
    assert caught.value.exit_code == 3


def test_without_any_file_all_places_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(paths, "SYSTEM", tmp_path / "etc" / "config.toml")
    with pytest.raises(ConfigurationError) as caught:
        paths.find(None, {})
    expected = ("--config", "KOD_INTAKE_CONFIG", str(tmp_path / "config.toml"), str(tmp_path / "etc/config.toml"))
    assert all(place in str(caught.value) for place in expected)


# Word lists and streets


def test_word_lists_and_streets_are_read_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "worte.toml").write_text('[lists]\n"möbel" = ["sofa", "sessel"]\n', encoding="utf-8")
    (tmp_path / "orte.toml").write_bytes(
        '# unsere\nsquares = ["Großmarkt"]\n[streets]\nunbekannt = ["Ostwall"]'.encode("cp1252")
    )
    path = written(tmp_path, '[files]\nvocabulary = "worte.toml"\n\n', 'gazetteer = "orte.toml"\n')
    loaded = loader.load(path)
    assert loaded.vocabulary == {"möbel": ("sofa", "sessel")}
    assert loaded.gazetteer == Gazetteer(city="Krefeld", ways=("Ostwall", "Großmarkt"))
    shipped = {path.name for path in library.paths(None)}
    assert loaded.texts.keys() == {"config.toml", "worte.toml", "orte.toml"} | shipped
    assert loaded.settings.files.vocabulary == tmp_path / "worte.toml"


def test_mistakes_in_word_lists_are_told_with_their_own_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "worte.toml").write_text('[lists]\na = "sofa"\nb = ["x" "y"]\n[list]\n', encoding="utf-8")
    path = written(tmp_path, 'farbe = 1\n[files]\nvocabulary = "worte.toml"\n\n')
    assert told(path) == [
        "config.toml, Zeile 1, Schlüssel farbe: Unbekannter Schlüssel.",
        "worte.toml, Zeile 2, [lists], Schlüssel a: „sofa“ ist nicht möglich, hier muss eine Liste stehen.",
        "worte.toml, Zeile 3, [lists]: Hinter diesem Eintrag der Liste fehlt ein Komma.",
        "worte.toml, Zeile 4, [list]: Unbekannte Tabelle. Meinten Sie „lists“?",
    ]


def test_mistakes_in_the_places_are_told_with_their_own_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "orte.toml").write_text(
        'districts = ["Linn"]\nsquares = ["Neumarkt", 5]\nstrassen = ["Ostwall"]\n'
        "[box]\nsouth = 51.4\nnorth = 51.2\nwest = 6.4\neast = 6.7\n"
        '[boroughs]\n"Ost" = ["Lin"]\n[streets]\n"Lynn" = ["Ostwall"]\nunbekannt = ["Am\\tTor", ""]\n',
        encoding="utf-8",
    )
    assert told(written(tmp_path, city='gazetteer = "orte.toml"\n')) == [
        "orte.toml, Zeile 2, Schlüssel squares: 5 ist nicht möglich, hier muss ein Text stehen.",
        "orte.toml, Zeile 3, Schlüssel strassen: Unbekannte Tabelle.",
        "orte.toml, Zeile 4, [box]: Dieses Rechteck ist keines: Süden liegt unter Norden, Westen links von Osten.",
        "orte.toml, Zeile 10, [boroughs], Schlüssel Ost: „Lin“ ist kein Stadtteil. Meinten Sie „Linn“?",
        "orte.toml, Zeile 12, [streets], Schlüssel Lynn: „Lynn“ ist kein Stadtteil. Meinten Sie „Linn“?",
        "orte.toml, Zeile 13, [streets], Schlüssel unbekannt: „Am�Tor“ ist kein Name eines Ortes.",
        "orte.toml, Zeile 13, [streets], Schlüssel unbekannt: „“ ist kein Name eines Ortes.",
    ]


def test_a_list_of_streets_of_the_old_kind_is_told(tmp_path: Path) -> None:
    (tmp_path / "strassen.txt").write_text("Ostwall\nRoßstraße\n", encoding="utf-8")
    assert len(told(written(tmp_path, city='gazetteer = "strassen.txt"\n'))) == 2


def test_the_city_is_no_other_town_and_a_street_in_two_districts_has_none(tmp_path: Path) -> None:
    (tmp_path / "orte.toml").write_text(
        'districts = ["Linn", "Oppum"]\ntowns = ["Krefeld", "Moers"]\n'
        '[streets]\n"Linn" = ["Rheinbabenstraße", "Hauptstraße"]\n"Oppum" = ["Hauptstraße"]\n',
        encoding="utf-8",
    )
    places = loader.load(written(tmp_path, city='gazetteer = "orte.toml"\n')).gazetteer
    assert places.towns == ("Moers",)
    assert places.district_of == (("Rheinbabenstraße", "Linn"),)


def test_a_named_file_that_is_missing_is_told_at_its_key(tmp_path: Path) -> None:
    path = written(tmp_path, '[files]\nvocabulary = "fehlt.toml"\n\n', 'gazetteer = "fehlt.txt"\n')
    assert [sentence.partition(": Die Datei")[0] for sentence in told(path)] == [
        "config.toml, Zeile 2, [files], Schlüssel vocabulary",
        "config.toml, Zeile 48, [city], Schlüssel gazetteer",
    ]


def test_the_fingerprint_follows_every_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "orte.toml").write_text('parks = ["Ostpark"]\n', encoding="utf-8")
    path = written(tmp_path, city='gazetteer = "orte.toml"\n')
    first = loader.load(path).fingerprint
    assert re.fullmatch("[0-9a-f]{64}", first)
    assert first == loader.load(path).fingerprint
    (tmp_path / "orte.toml").write_text('parks = ["Nordpark"]\n', encoding="utf-8")
    assert first != loader.load(path).fingerprint


# The last good copy


def test_the_last_good_copy_is_the_same_in_every_part(tmp_path: Path) -> None:
    (tmp_path / "worte.toml").write_text('[lists]\n"möbel" = ["sofa"]\n', encoding="utf-8")
    path = written(tmp_path, '[files]\nvocabulary = "worte.toml"\n\n[drop_folders.t]\nfolder = "t"\n\n')
    loaded = loader.load(path)
    last_known_good.keep(loaded, tmp_path / "state")
    path.unlink()
    assert loaded == last_known_good.last_good(tmp_path / "state")


def test_the_shipped_file_survives_keeping(tmp_path: Path) -> None:
    loaded = loader.load(SHIPPED)
    last_known_good.keep(loaded, tmp_path)
    last_known_good.keep(loaded, tmp_path)
    assert loaded == last_known_good.last_good(tmp_path)
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"path": 1', b"\xff"])
def test_without_a_usable_copy_there_is_none(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "last-good-config.json").write_bytes(content)
    assert last_known_good.last_good(tmp_path) is None


def with_words(folder: Path) -> Path:
    """A configuration with both word files, kept in the folder "state" beside it."""
    (folder / "andere").mkdir()
    (folder / "worte.toml").write_text('[lists]\n"möbel" = ["sofa"]\n', encoding="utf-8")
    (folder / "andere" / "worte.toml").write_text('parks = ["Ostpark"]\n', encoding="utf-8")
    path = written(folder, '[files]\nvocabulary = "worte.toml"\n\n', 'gazetteer = "andere/worte.toml"\n')
    last_known_good.keep(loader.load(path), folder / "state")
    return path


def test_what_did_not_change_is_taken_as_it_was_kept(tmp_path: Path) -> None:
    path = with_words(tmp_path)
    assert loader.load(path) == last_known_good.unchanged(path, tmp_path / "state")
    kept = (tmp_path / "state" / "last-good-config.json").stat()
    last_known_good.keep(loader.load(path), tmp_path / "state")
    assert kept.st_ino == (tmp_path / "state" / "last-good-config.json").stat().st_ino, "it was written again"


@pytest.mark.parametrize("changed", ["config.toml", "worte.toml", "andere/worte.toml"])
@pytest.mark.parametrize("how", ["longer", "gone", "unreadable"])
def test_a_file_that_changed_is_read_and_checked_again(tmp_path: Path, changed: str, how: str) -> None:
    path = with_words(tmp_path)
    file = tmp_path / changed
    if how == "gone":
        file.unlink()
    elif how == "unreadable":
        file.write_bytes(b"\xff\x00")
    else:
        file.write_bytes(file.read_bytes() + b"\n")
    assert last_known_good.unchanged(path, tmp_path / "state") is None


def test_the_same_text_in_another_place_is_read_again(tmp_path: Path) -> None:
    path = with_words(tmp_path)
    other = path.with_name("andere.toml")
    other.write_bytes(path.read_bytes())
    assert last_known_good.unchanged(other, tmp_path / "state") is None


def test_what_another_user_wrote_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = with_words(tmp_path)
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    assert last_known_good.unchanged(path, tmp_path / "state") is None


def test_a_link_to_somebody_elses_copy_is_not_believed(tmp_path: Path) -> None:
    path = with_words(tmp_path)
    file = tmp_path / "state" / "last-good-config.json"
    file.rename(tmp_path / "anderswo.json")
    file.symlink_to(tmp_path / "anderswo.json")
    assert last_known_good.unchanged(path, tmp_path / "state") is None


def test_another_program_checks_again_what_was_good(tmp_path: Path) -> None:
    path = with_words(tmp_path)
    file = tmp_path / "state" / "last-good-config.json"
    kept = json.loads(file.read_bytes())
    file.write_text(json.dumps(kept | {"program": "0" * 64}), encoding="utf-8")
    assert last_known_good.unchanged(path, tmp_path / "state") is None
    assert loader.load(path) == last_known_good.last_good(tmp_path / "state")  # which a broken file falls back to


@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff"])
def test_without_a_usable_copy_nothing_counts_as_unchanged(tmp_path: Path, content: bytes | None) -> None:
    path = with_words(tmp_path)
    file = tmp_path / "state" / "last-good-config.json"
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    assert last_known_good.unchanged(path, tmp_path / "state") is None


def test_a_copy_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = loader.load(written(tmp_path))
    state = tmp_path / "state"
    last_known_good.keep(loaded, state)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        last_known_good.keep(loaded.model_copy(update={"fingerprint": "new"}), state)
    assert loaded == last_known_good.last_good(state)
    assert len(list(state.iterdir())) == 1


# The shipped file


def tables_of(model: type[BaseModel], opened: str = "") -> Iterator[tuple[str, set[str]]]:
    """Every table of the model with its keys: ("recipients", {"name", "address" ...})."""
    known = model_keys.by_key(model)
    yield opened, set(known)
    for key, field in known.items():
        if inner := model_keys.table_of(field.annotation):
            yield from tables_of(inner, f"{opened}.{key}".strip("."))


OF_RULES = ("responsible", "changes", "changes.tests", "rules", "kinds", "rules.tests", "kinds.tests")
"""Tables about rules; the keys of [responsible] are categories."""


def keys_in(text: str) -> dict[str, set[str]]:
    """The keys of a file by table without names of recipients, those behind a # included."""
    names = r"(mailboxes|drop_folders|recipients)\.[\w-]+"
    found: dict[str, set[str]] = {"": set()}
    opened = ""
    for line in text.split("\n"):
        if header := re.match(r"(?:# )?\[\[?([\w.-]+)\]\]?\s*$", line):
            opened = re.sub(names, r"\1", header[1])
        elif key := re.match(r"(?:# )?([a-z_]+) = ", line):
            found.setdefault(opened, set()).add(key[1])
    return found


def test_the_shipped_file_and_the_model_know_the_same_keys() -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    shown = keys_in(text)
    for opened, known in tables_of(ConfigFile):
        if opened and opened not in OF_RULES:
            tables = {key for key in known if f"{opened}.{key}" in dict(tables_of(ConfigFile))}
            assert known - tables == shown.get(opened), opened
    rules = text.partition("# ===== Wer wofür zuständig ist =====")[2]
    for opened, known in tables_of(ConfigFile):
        if opened in OF_RULES:
            assert opened == "responsible" or known >= shown.get(opened, set()), opened
            assert all(key in rules for key in known), opened


def test_no_line_of_the_settings_part_is_too_long_to_read() -> None:
    part = SHIPPED.read_text(encoding="utf-8").partition("# ===== Wer wofür zuständig ist =====")[0]
    assert [] == [line for line in part.split("\n") if len(line) > 100]


def test_commented_out_settings_of_the_shipped_file_are_sound_when_taken_in() -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    part = text.partition("# ===== Wer wofür zuständig ist =====")[0]
    tables = re.findall(r"(?m)^# \[+[a-z_.]+\]+\n(?:# .*\n)+", part)
    plain = functools.reduce(lambda rest, table: rest.replace(table, ""), tables, text)
    for line in re.findall(r"(?m)^# ([a-z_]+ = \S.*)$", plain.partition("# ===== Wer wofür zuständig ist =====")[0]):
        assert sound_when_taken_in(plain.replace(f"\n# {line}\n", f"\n{line}\n", 1)), line
    for table in tables:  # a whole table, with one of its keys at a time left out
        for left_out in [r"\w+_env", r"\w+_file"]:
            lines = re.sub(rf"(?m)^# {left_out} = .*\n", "", table)
            opened = re.sub(r"(?m)^# (?=\[|[a-z_]+ = )", "", lines)
            assert sound_when_taken_in(text.replace(table, opened)), opened


def sound_when_taken_in(text: str) -> bool:
    read = document.read(text.encode(), "config.toml", ConfigFile)
    if read.problems or read.faults or not read.value:
        return False
    return not list(semantics.faults(sources.Sources(read, read.value, [], {}).settings))


def test_every_address_and_host_of_the_shipped_file_is_invented() -> None:
    loaded = loader.load(SHIPPED).settings
    addresses = [*loaded.operator.address, loaded.smtp.from_, loaded.smtp.reply_to or "", loaded.smtp.host]
    for recipient in loaded.recipients.values():
        addresses += (*recipient.address, *recipient.urgent_address)
    addresses += (part for mailbox in loaded.mailboxes.values() for part in (mailbox.user, mailbox.host))
    assert [] == [address for address in addresses if not address.endswith(".invalid")]


def test_the_recipients_of_the_contract_are_there() -> None:
    expected = "gsak kbk ngn kod streetwork bauaufsicht bussgeld datenschutz leitung presse fundbuero"
    assert expected.split() == list(loader.load(SHIPPED).settings.recipients)


def test_reading_with_lines_and_checking_costs_little_more_than_tomllib() -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    books = [path.read_text(encoding="utf-8") for path in library.subjects(None)]

    def read_and_check() -> None:
        read = document.read(text.encode(), "config.toml", ConfigFile)
        assert read.value
        parts = [document.read(book.encode(), "buch.toml", LibraryFile) for book in books]
        assert list(semantics.faults(sources.Sources(read, read.value, parts, {}).settings)) == []

    assert is_cheaper(read_and_check, 10, lambda: [tomllib.loads(each) for each in (text, *books)])


def test_templates_are_found_in_the_checkout() -> None:
    assert paths.shipped_templates() == ROOT / "templates"


def test_templates_are_found_in_an_installed_wheel(tmp_path: Path) -> None:
    """A wheel holds both packages and, by pyproject's force-include, routing/shipped."""
    for package in ("intake", "routing"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "shipped"))
    (tmp_path / "routing" / "shipped" / "templates").mkdir(parents=True)
    command = [sys.executable, "-c", "from routing.config import paths; print(paths.shipped_templates())"]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert str(tmp_path / "routing" / "shipped" / "templates") == answer.stdout.strip()


def test_the_wheel_carries_what_the_shipped_file_needs() -> None:
    included = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    carried = included["targets"]["wheel"]["force-include"]
    assert {"templates": "routing/shipped/templates", "config.toml": "routing/shipped/config.toml"}.items() <= (
        carried.items()
    )
    settings = loader.load(SHIPPED).settings
    assert settings.city.gazetteer
    assert carried[settings.city.gazetteer.name] == f"routing/shipped/{settings.city.gazetteer.name}"
