"""config.toml as staff write it: every file of tests/configs with exactly the problems it must be told."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.config import library, loader
from routing.config.checks import web
from routing.config.problems import ConfigurationError, Problem
from routing.model.settings import Settings
from routing.model.web import WebSettings
from tests import ROOT, TESTS

CONFIGS = TESTS / "configs"
SHIPPED = ROOT / "config.toml"
GOOD = (CONFIGS / "good.toml").read_text(encoding="utf-8")


def refusal_of(path: Path) -> ConfigurationError | None:
    try:
        loader.load(path)
    except ConfigurationError as error:
        return error
    return None


def problems_of(path: Path) -> tuple[Problem, ...]:
    refused = refusal_of(path)
    return refused.problems if refused else ()


def told(path: Path) -> list[str]:
    """One line for each problem: place and what, without the advice and without the file's name."""
    sentences = (str(problem).partition("\n")[0] for problem in problems_of(path))
    return [sentence.removeprefix(f"{path.name}, ") for sentence in sentences]


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "config.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_problem_of_a_file_is_told_at_once_with_its_line(path: Path) -> None:
    expected = path.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    assert expected == told(path)


def test_every_example_file_but_two_is_refused() -> None:
    accepted = {path.stem for path in CONFIGS.glob("*.toml") if not problems_of(path)}
    assert accepted == {"good", "warning"}


def test_a_report_counts_the_problems_and_says_what_to_do() -> None:
    path = CONFIGS / "recipients.toml"
    with pytest.raises(ConfigurationError) as caught:
        loader.load(path)
    report = str(caught.value)
    assert report.startswith(f"9 Fehler in {path}:\n")
    assert "recipients.toml, Zeile 20, [[rules]] „Wilder Müll“, Schlüssel recipient: „gask“ ist keine" in report
    assert "    → Bekannt sind: Fundbüro und gsak." in report
    assert caught.value.exit_code == 3


def test_columns_count_characters_not_bytes(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD.replace('["müllkippe*", "wilder müll"]', '["müllkippe*", "@möbel"]'))
    (problem,) = problems_of(path)
    assert problem.line is not None
    line = path.read_text(encoding="utf-8").split("\n")[problem.line - 1]
    assert line.index('"@möbel"') + 1 == problem.column


def test_a_warning_does_not_refuse_the_file() -> None:
    (warning,) = loader.load(CONFIGS / "warning.toml").warnings
    assert warning == (
        "warning.toml, Zeile 19, [[rules]] „Offener Schacht“, Schlüssel recipient: "
        "Ein Notfall geht nur an „kod“; kbk bekommt ihn nicht."
    )


def test_relative_paths_count_from_the_folder_of_the_file(tmp_path: Path) -> None:
    extra = '[service]\ndata = "../state"\n\n[drop_folders.telefon]\nfolder = "telefon"\n\n'
    loaded = loader.load(written(tmp_path, extra + GOOD)).settings
    assert tmp_path.parent / "state" == loaded.service.data
    assert tmp_path / "telefon" == loaded.drop_folders["telefon"].folder


def test_a_relative_config_path_gives_absolute_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, GOOD)
    monkeypatch.chdir(tmp_path)
    loaded = loader.load(Path("config.toml"))
    assert tmp_path / "config.toml" == loaded.path
    assert tmp_path / "data" == loaded.settings.service.data


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path / "config.toml")
    assert "ist nicht zu lesen" in problem.what
    assert problem.line is None


def test_a_folder_in_place_of_the_file_is_said_so(tmp_path: Path) -> None:
    assert ["ist nicht zu lesen" in problem.what for problem in problems_of(tmp_path)] == [True]


@pytest.mark.parametrize("offset", [index for index, mark in enumerate(GOOD) if mark in '"[]=,{}'])
def test_one_missing_character_is_one_problem_on_its_line(tmp_path: Path, offset: int) -> None:
    line = GOOD.count("\n", 0, offset) + 1
    found = problems_of(written(tmp_path, GOOD[:offset] + GOOD[offset + 1 :]))
    assert [line] == [problem.line for problem in found]


# Encodings of Windows editors


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_files_from_windows_editors_are_read_alike(tmp_path: Path, encoding: str) -> None:
    loaded = loader.load(written(tmp_path, GOOD.replace("\n", "\r\n").encode(encoding)))
    assert loaded.settings.rules[0].name == "Wilder Müll"
    assert loaded.texts.keys() == {"config.toml"} | {path.name for path in library.paths(None)}
    assert loaded.texts["config.toml"] == GOOD


@pytest.mark.parametrize("encoding", ["utf-16-le", "cp437", "mac-roman"])
def test_an_uncertain_encoding_is_refused_not_guessed(tmp_path: Path, encoding: str) -> None:
    (problem,) = problems_of(written(tmp_path, GOOD.encode(encoding)))
    assert "UTF-8" in problem.advice


def test_a_single_foreign_byte_is_named_with_its_line(tmp_path: Path) -> None:
    raw = GOOD.encode().replace("Abfall / Müll".encode(), b"Abfall / M\xfcll", 1)
    (problem,) = problems_of(written(tmp_path, raw))
    expected = raw[: raw.index(b"\xfc")].count(b"\n") + 1
    assert expected == problem.line


# Anything at all

_PIECES = (
    *(mark.encode() for mark in ("[", "]", "[[", "]]", '"', "'", '"""', "\n", " = ", ",", "{", "}", "#", "\\", ".")),
    *(word.encode() for word in ("rules", "smtp", "name", "ä", "1", "-", "07:30", "true", "\r", "\t", "„", "a.b")),
    *(b"\xe4", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"[[rules]]\n", b"a = 1\n"),
)


def damaged() -> st.SearchStrategy[bytes]:
    """The shipped file with a few bytes replaced, somewhere."""
    raw = SHIPPED.read_bytes()
    cut = st.tuples(st.integers(0, len(raw)), st.integers(0, 40), st.binary(max_size=6) | st.sampled_from(_PIECES))
    return cut.map(lambda change: raw[: change[0]] + change[2] + raw[change[0] + change[1] :])


TOLERATED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]  # one folder for all examples; a busy machine


@settings(max_examples=90, deadline=None, suppress_health_check=TOLERATED)
@given(raw=st.binary(max_size=200) | st.lists(st.sampled_from(_PIECES), max_size=30).map(b"".join) | damaged())
def test_any_bytes_either_load_or_are_explained(tmp_path: Path, raw: bytes) -> None:
    refused = refusal_of(written(tmp_path, raw))
    if refused is not None:
        assert any(problem.severity == "error" for problem in refused.problems)
        assert all(problem.what for problem in refused.problems)
        assert str(refused)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 5000,
        "a." * 5000 + "b = 1",
        " " * 100_000 + "x",
        "a = " + '"' * 20_001,
        "x" * 100_000 + "=",
        "[" + "a." * 20_000,
        'a = ["x" "y"]\n' * 5000,
        "a = 1\n" * 5000,
        "[t]\n" * 5000,
    ],
    ids=lambda text: text[:12],
)
def test_a_monstrous_file_is_refused_in_time(tmp_path: Path, text: str) -> None:
    assert problems_of(written(tmp_path, text))


def test_the_shipped_file_loads_without_a_warning() -> None:
    loaded = loader.load(SHIPPED)
    assert loaded.warnings == ()
    assert tomllib.loads(loaded.texts["config.toml"])["recipients"].keys() == loaded.settings.recipients.keys()


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "10.1.2.3"])
@pytest.mark.parametrize("proxies", [(), ("10.1.2.4",)])
def test_no_password_crosses_the_net_in_the_clear_whatever_stands_before(host: str, proxies: tuple[str, ...]) -> None:
    settings = Settings.model_construct(web=WebSettings(listen=f"{host}:8642", trusted_proxies=proxies))

    assert [True] == ["unverschlüsselt" in fault.what for fault in web.faults(settings)]
