"""The shape of the house: floors, no cycles, no I/O below, a manual in every module, a complete wheel."""

import ast
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests import ROOT
from tests.house import sources
from tests.house.sources import Source

FLOORS = """
base: intake.base
words of intake: intake.message intake.reference intake.settings
words of routing: routing.model
text: intake.mail intake.phone_log routing.text
judgement: routing.planning routing.letters routing.rules
one outside thing each: intake.oauth intake.mailbox intake.drop_folder intake.storage routing.smtp routing.store
    routing.config
rooms above the store: routing.replies routing.desk routing.privacy routing.figures
steps: intake.receive intake.reconcile routing.pipeline
service: routing.service
pages: routing.web
doors: routing.cli
"""
FLOOR = {
    module: floor
    for floor, line in enumerate(FLOORS.strip().replace("\n    ", " ").splitlines())
    for module in line.partition(":")[2].split()
}
ADAPTERS = 5
SHARED_BELOW = {("routing.store", "intake.storage"), ("intake.mailbox", "intake.oauth")}
"""The only adapters that may import another: the one engine and its base; the token a mailbox logs in with."""
IN_ORDER = {
    ("routing.rules", "routing.planning"),
    ("routing.letters", "routing.planning"),
    ("routing.desk", "routing.replies"),
}
"""Rooms of one floor that may import a neighbour."""
IMPURE = {"intake.base.background", "intake.base.child_process", "intake.base.process_memory"}
"""What all stand on and is no pure value: processes and threads."""
OUTSIDE = {
    *("alembic", "apscheduler", "asyncio", "click", "fcntl", "http", "imapclient", "imaplib", "multiprocessing", "os"),
    *("rich", "shutil", "signal", "smtplib", "socket", "sqlalchemy", "sqlite3", "ssl", "subprocess", "tempfile"),
    *("threading", "time", "urllib.request", "watchfiles"),
}
CLOCKS = {"now", "today", "utcnow", "time", "monotonic"}


OURS = sources.read(ROOT, "intake", "routing")


def _houses(source: Source) -> set[str]:
    found = {OURS[name].house for name in sources.imports(source, OURS)}
    return {house for house in found if house.count(".") == 1 and house != source.house}


def test_every_module_has_its_floor() -> None:
    houses = {source.house for source in OURS.values() if "." in source.name}

    assert set() == houses - FLOOR.keys()


@pytest.mark.parametrize("source", [s for s in OURS.values() if "." in s.name], ids=lambda source: source.name)
def test_a_module_imports_only_downward_and_adapters_do_not_import_each_other(source: Source) -> None:
    floor = FLOOR[source.house]

    assert set() == {house for house in _houses(source) if FLOOR[house] > floor}
    beside = {(source.house, house) for house in _houses(source) if FLOOR[house] == floor}
    assert set() == beside - SHARED_BELOW - IN_ORDER


def test_intake_never_imports_routing() -> None:
    intake = [source for source in OURS.values() if source.name.split(".")[0] == "intake"]

    assert [] == [
        (source.name, module) for source in intake for module, _ in source.imported() if module.startswith("routing")
    ]


def test_no_import_goes_in_a_circle() -> None:
    assert [] == sources.cycle(sources.graph(OURS))


@pytest.mark.parametrize(
    "source",
    [s for s in OURS.values() if FLOOR.get(s.house, 9) < ADAPTERS and s.name not in IMPURE],
    ids=lambda source: source.name,
)
def test_the_lower_floors_do_no_input_or_output_and_read_no_clock(source: Source) -> None:
    modules = {module for module, _ in source.imported()}
    calls = [node.func for node in ast.walk(source.tree) if isinstance(node, ast.Call)]
    methods = {call.attr for call in calls if isinstance(call, ast.Attribute)}

    assert set() == {module for module in modules if module in OUTSIDE or module.split(".")[0] in OUTSIDE}
    assert set() == methods & CLOCKS
    assert [] == [call for call in calls if isinstance(call, ast.Name) and call.id in {"open", "print", "input"}]


@pytest.mark.parametrize(
    "source", sources.read(ROOT, "intake", "routing", "bench").values(), ids=lambda source: source.name
)
def test_every_module_says_what_it_does(source: Source) -> None:
    if source.path.stat().st_size:
        assert ast.get_docstring(source.tree)


LOADED_ELSEWHERE = """
import os, pathlib, sys
sys.path.insert(0, sys.argv[1])
import routing
from intake import storage
from routing.config import loader
from routing.config import paths
from routing.store import migrations
target = pathlib.Path(sys.argv[1])
assert target in pathlib.Path(routing.__file__).parents, routing.__file__
assert target in paths.shipped_config().parents
assert list(paths.shipped_templates().glob("*.j2")), "templates"
loaded = loader.load(paths.shipped_config())
assert loaded.vocabulary, "vocabulary"
assert loaded.gazetteer.ways, "gazetteer"
engine = storage.create(storage.url_of_file(pathlib.Path("kod.sqlite").absolute()))
migrations.upgrade(engine)
with storage.reading(engine) as connection:
    print(migrations.current(connection) == migrations.HEAD)
engine.dispose()
"""


def test_the_wheel_carries_templates_configuration_samples_and_migrations(tmp_path: Path) -> None:
    built = tmp_path / "built"
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(built)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
        carried = set(archive.namelist())
    packaged = {path for package in ("intake", "routing") for path in (ROOT / package).rglob("*") if path.is_file()}
    wanted = {str(path.relative_to(ROOT)) for path in packaged if "__pycache__" not in path.parts}
    assert set() == wanted - carried

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    run = subprocess.run(
        [sys.executable, "-I", "-c", LOADED_ELSEWHERE, str(tmp_path / "site")],
        cwd=elsewhere,
        check=False,
        capture_output=True,
        text=True,
    )

    assert "True\n" == run.stdout, run.stderr
