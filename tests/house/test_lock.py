"""The lock files: they hold what pyproject.toml asks for, agree with each other, and name no place to fetch from."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
GROUPS = PYPROJECT["dependency-groups"]
RUNNING = PYPROJECT["project"]["dependencies"]
WANTED = {
    "install": [*RUNNING, *EXTRAS["build"], *EXTRAS["postgresql"], *EXTRAS["plots"]],
    "demo": [*RUNNING, *EXTRAS["build"], *EXTRAS["demo"], *EXTRAS["plots"]],
    "test": [*RUNNING, *EXTRAS["build"], *EXTRAS["postgresql"], *EXTRAS["demo"], *EXTRAS["test"]],
    "tools": GROUPS["tools"],
}
"""What each lock file must satisfy."""


@dataclass(frozen=True)
class Pin:
    """One package of a lock file: its exact version and the hashes of its files."""

    version: str
    hashes: frozenset[str]


def _read(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")


def _pins(name: str) -> dict[str, Pin]:
    found: dict[str, Pin] = {}
    for entry in re.sub(r"#.*", "", _read(name)).replace("\\\n", " ").splitlines():
        pinned, *hashes = re.split(r"\s+--hash=", entry.strip())
        if pinned:
            requirement = Requirement(pinned)
            (exactly,) = requirement.specifier
            assert "==" == exactly.operator, entry
            found[canonicalize_name(requirement.name)] = Pin(exactly.version, frozenset(hashes))
    return found


def _requirements(lines: list[str]) -> Iterator[Requirement]:
    for requirement in map(Requirement, lines):
        if requirement.name != PYPROJECT["project"]["name"]:  # an extra that names other extras
            yield requirement


def test_every_dependency_has_an_upper_bound() -> None:
    lines = [*RUNNING, *PYPROJECT["build-system"]["requires"], *(line for extra in EXTRAS.values() for line in extra)]
    unbound = [
        str(wanted)
        for wanted in _requirements([*lines, *(line for group in GROUPS.values() for line in group)])
        if not {"<", "<=", "==", "~="} & {one.operator for one in wanted.specifier}
    ]

    assert [] == unbound


@pytest.mark.parametrize("name", WANTED)
def test_the_lock_satisfies_pyproject(name: str) -> None:
    pins = _pins(name)
    wrong = [
        str(wanted)
        for wanted in _requirements(WANTED[name])
        if not (pin := pins.get(canonicalize_name(wanted.name))) or Version(pin.version) not in wanted.specifier
    ]

    assert [] == wrong, "make lock"


@pytest.mark.parametrize("name", ["install", "demo", "tools"])
def test_what_is_installed_and_shown_is_what_is_tested(name: str) -> None:
    tested = _pins("test")
    here = _pins(name)

    assert {package: tested[package] for package in here if package in tested} == {
        package: pin for package, pin in here.items() if package in tested
    }
    if name != "tools":
        assert set() == here.keys() - tested.keys()


@pytest.mark.parametrize("name", WANTED)
def test_every_package_is_held_by_hashes_and_no_place_is_named(name: str) -> None:
    assert [] == [
        package
        for package, pin in _pins(name).items()
        if not pin.hashes or not all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in pin.hashes)
    ]
    assert [] == re.findall(r"^.*(?:://|--index|--find-links|(?<!\S)/\S).*$", _read(name), flags=re.MULTILINE)


def test_the_build_back_end_is_the_one_of_the_lock() -> None:
    assert set() == set(PYPROJECT["build-system"]["requires"]) - set(EXTRAS["build"])
