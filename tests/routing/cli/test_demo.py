"""The demo, run as a newcomer runs it: the installed program in an empty folder, then what came out of it."""

import fcntl
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from intake import mail, storage
from routing.cli.demo import folder as folders
from routing.cli.demo import journey, outcome
from routing.cli.demo.servers import Arrived
from tests import ROOT
from tests.support.waiting import CEILING

INSTALLED = "import sys; sys.path.insert(0, {site!r}); from routing.cli import main; main()"

PERSONAL = (
    *(
        "Quastenberg",
        "Hofstraße 27",
        "47798",
        "3920012",
        "Yildiz",
        "Hempel",
        "Aylin",
        "4710123",
        "Petersilge",
        "3920047",
    ),
    *("Brombeer", "Renate", "Osterloh", "KR-DO", "4710188", "w.mueller", "Amselfeld", "Zwickel", "Hannelore"),
    *("Tannhuber", "Korbinian", "KR-KT", "Feldhaus", "Lindenblatt", "Schlehdorn", "Gernot", "Kirschstein", "3920063"),
    *("guenther", "Günther", "Habermehl", "Luise", "Wachholz", "Cornelia", "Eschweiler", "Thorben", "3920088"),
    *("Laubach", "Hundt", "Krüger", "2151123456", "99999", "5201234567", "1636600", "55555"),
)
"""Planted in the samples: names, homes, numbers, plates. Not one of them may leave."""


@dataclass(frozen=True)
class Shown:
    """A finished demo."""

    cwd: Path
    output: str

    @property
    def letters(self) -> dict[str, list[str]]:
        """Each body's letters as text."""
        bodies = sorted((self.cwd / "demo" / "briefe").iterdir())
        return {body.name: [path.read_text() for path in sorted(body.glob("*.txt"))] for body in bodies}


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the program as a wheel installs it (site) and a demo run twice (demo); made once for all workers.

    The second run's output lies beside them.
    """
    base = tmp_path_factory.getbasetemp()
    root = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "newcomer"
    root.mkdir(exist_ok=True)
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / "output.txt").exists():
            _install(root)
            first, second = (command(root, "demo", installed=root / "site") for _ in range(2))
            for done in (first, second):
                assert 0 == done.returncode, done.stdout + done.stderr
                assert "" == done.stderr
            (root / "output.txt").write_text(second.stdout)
    return root


def _install(root: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(root)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = root.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(root / "site")


@pytest.fixture(scope="module")
def installed(newcomer: Path) -> Path:
    """The folder to import the installed program from."""
    return newcomer / "site"


@pytest.fixture(scope="module")
def shown(newcomer: Path) -> Shown:
    """The demo after its second run."""
    return Shown(newcomer, (newcomer / "output.txt").read_text())


def command(cwd: Path, *words: str, installed: Path, path: str = "") -> "subprocess.CompletedProcess[str]":
    start = [sys.executable, "-c", INSTALLED.format(site=str(installed))]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": path, "PYTHONUTF8": "1"}
    return subprocess.run(
        [*start, *words], cwd=cwd, env=environ, capture_output=True, text=True, check=False, timeout=CEILING
    )


def about(letters: Sequence[str], words: str) -> list[str]:
    return [letter for letter in letters if words in " ".join(letter.split())]


def test_every_body_gets_its_letters(shown: Shown) -> None:
    letters = shown.letters
    assert about(letters["gsak"], "wilde Müllkippe")
    assert about(letters["gsak"], "Matratze und Sperrmüll")
    assert about(letters["kbk"], "tiefes Schlagloch")
    assert about(letters["kbk"], "eine Kette hängt herunter")
    assert about(letters["kbk"], "laufen seit Tagen Ratten")
    assert about(letters["kod"], "SOFORT: Spritzen")
    assert about(letters["streetwork"], "obdachloser Mann")
    assert about(letters["bussgeld"], "Einspruch gegen den Bußgeldbescheid")


def test_what_can_wait_is_collected_for_the_next_list(shown: Shown) -> None:
    (lamps,) = shown.letters["ngn"]
    assert lamps.startswith("Sammelliste vom Dienstag, 24. November 2026: 2 Hinweise")
    (bins,) = about(shown.letters["gsak"], "Sammelliste vom Montag, 23. November 2026")
    assert about([bins], "Biotonne")
    assert about([bins], "Altglascontainer am Sprödentalplatz")
    assert "Montag, 23. November 2026, 13:00 Uhr      Uhr vorgestellt" in shown.output


def test_an_emergency_goes_to_the_duty_desk_alone(shown: Shown) -> None:
    assert ["kod"] == [body for body, letters in shown.letters.items() if about(letters, "bewusstlos")]


def test_a_mail_that_came_twice_and_words_of_a_quote_bring_nothing_more(shown: Shown) -> None:
    letters = shown.letters
    assert ["gsak"] == [body for body, own in letters.items() for _ in about(own, "Papierkorb an der Ecke")]
    assert ["kbk"] == [body for body, own in letters.items() for _ in about(own, "ist der Gully verstopft")]
    assert not any(about(own, "es brennt") for own in letters.values())


def test_what_matches_nothing_and_what_needs_no_answer_is_shown_with_its_reason(shown: Shown) -> None:
    waiting, _, rest = shown.output.partition("Nur gespeichert")
    assert re.search(r"KOD-2026-\d+ „Bitte um Rückruf“ +Keine Regel trifft zu", waiting)
    assert "Danke" in rest
    assert "verpasster Anruf" in rest
    assert not any(about(own, "bittet um Rückruf") for own in shown.letters.values())


def test_no_letter_holds_what_would_name_a_citizen(shown: Shown) -> None:
    for path in (shown.cwd / "demo" / "briefe").rglob("*.*"):
        text = path.read_text(errors="replace")
        if path.suffix == ".eml":
            letter = message_from_bytes(path.read_bytes(), policy=policy.default)
            parts = [part.get_payload(decode=True) or b"" for part in letter.walk()]
            text = "\n".join([*map(str, letter.values()), *(bytes(part).decode(errors="replace") for part in parts)])
        assert [] == [word for word in PERSONAL if word.casefold() in text.casefold()], path


def test_the_planted_words_stand_in_the_samples() -> None:
    text = "".join(_readable(name, raw) for name, raw in folders.samples().items())
    assert [] == [word for word in PERSONAL if word not in text]


def _readable(name: str, raw: bytes) -> str:
    if name.endswith(".eml"):
        message = mail.parse(raw, received_at=journey.BEGIN)
        return f"{message.from_name} {message.from_addr}\n{message.text}\n"
    return raw.decode("utf-8", "ignore") + raw.decode("utf-16" if name.startswith("C") else "cp1252")


def test_the_terminal_names_the_files_and_keeps_to_100_columns(shown: Shown) -> None:
    named = re.findall(r"demo/briefe/\S+\.txt", shown.output)
    assert named
    assert [] == [name for name in named if not (shown.cwd / name).is_file()]
    assert 100 == max(map(len, shown.output.splitlines()))
    assert "\x1b" not in shown.output
    html = next((shown.cwd / "demo/briefe/gsak").glob("*.html")).read_text()
    assert "<html" in html


def test_the_three_commands_it_names_work_on_its_configuration(shown: Shown, installed: Path) -> None:
    named = re.findall(r"^kod-intake (--config demo/config\.toml .*)$", shown.output, re.MULTILINE)
    assert ["list", "show", "explain"] == [line.split()[2] for line in named]
    for line in named:
        done = command(shown.cwd, *line.split(), installed=installed)
        assert 0 == done.returncode, done.stderr
        assert done.stdout


def test_a_folder_that_is_not_the_demos_is_left_alone(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "config.toml").write_text("meins")
    done = command(tmp_path, "demo", installed=installed)
    assert 2 == done.returncode
    assert "gehört nicht der Vorführung" in done.stderr
    assert ["config.toml"] == [path.name for path in (tmp_path / "demo").iterdir()]
    assert "meins" == (tmp_path / "demo" / "config.toml").read_text()


def test_a_missing_package_is_told_in_one_line(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "pymap.py").write_text("raise ModuleNotFoundError(\"No module named 'pymap'\", name='pymap')\n")
    done = command(tmp_path, "demo", installed=installed, path=str(tmp_path))
    assert 1 == done.returncode
    assert (
        "Für die Vorführung fehlt das Paket pymap. Installieren Sie es mit: pip install 'kod-intake[demo]'\n"
        == done.stderr
    )
    assert ["pymap.py"] == [path.name for path in tmp_path.iterdir() if path.name != "__pycache__"]


def test_a_letter_that_did_not_arrive_is_missed(shown: Shown) -> None:
    engine = storage.create(storage.url_of_file(shown.cwd / "demo" / "daten" / "kod-intake.sqlite"))
    try:
        arrived = [_arrived(path.read_bytes()) for path in sorted((shown.cwd / "demo" / "briefe").rglob("*.eml"))]
        assert [] == outcome.missing(engine, arrived)
        (line,) = outcome.missing(engine, arrived[1:])
    finally:
        engine.dispose()
    assert arrived[0].recipients[0] in line


def _arrived(raw: bytes) -> Arrived:
    to = message_from_bytes(raw, policy=policy.default)["To"]
    return Arrived(tuple(address.addr_spec for address in to.addresses), raw)
