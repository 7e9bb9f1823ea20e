import pytest

from routing.text.places.mending import Mender, distance, sound
from routing.text.places.names import Names
from tests.support.rule_examples import KREFELD

MENDER = Mender(Names(KREFELD).official.items())


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("philadelfiastrasse", "Philadelphiastraße"),
        ("huelzerstrasse", "Hülser Straße"),
        ("gladbcherstrasse", "Gladbacher Straße"),
        ("uerdignerstrasse", "Uerdinger Straße"),
        ("victoriastrasse", "Viktoriastraße"),
        ("ostwal", "Ostwall"),
        ("bergstrasse", ""),
        ("annastrasse", ""),
        ("kirchstrasse", ""),
        ("gehweg", ""),
        ("", ""),
    ],
)
def test_a_letter_or_two_are_mended_and_no_word_that_german_knows(word: str, name: str) -> None:
    assert name == MENDER.mended(word)


def test_a_name_that_only_sounds_alike_is_another_street() -> None:
    mender = Mender([("ritterstrasse", "Ritterstraße")])
    assert "" == mender.mended("ratherstrasse")
    assert "Ritterstraße" == mender.mended("riterstrasse")


def test_no_official_name_is_changed() -> None:
    names = Names(KREFELD).official
    assert {} == {key: MENDER.mended(key) for key in names if MENDER.mended(key) not in {"", names[key]}}


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [("ab", "ab", 0), ("ab", "ba", 1), ("abc", "ac", 1), ("abc", "axc", 1), ("ab", "xyzw", 3)],
)
def test_the_distance_counts_letters_to_change(one: str, other: str, steps: int) -> None:
    assert steps == distance(one, other, 2)


def test_what_sounds_alike_is_alike() -> None:
    assert sound("huelser") == sound("huelzer")
    assert sound("ritter") != sound("roster")
