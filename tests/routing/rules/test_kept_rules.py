"""Compiled rules that were kept are the same rules: taken apart word by word, they find what they found at once."""

import pytest

from routing import rules
from routing.config import loader
from routing.model.library import KeptIndex
from routing.model.settings import Configuration
from routing.text.keywords import folding, matching, phrases
from tests import ROOT
from tests.support import rule_examples

TEXT = (
    "Am Kinderspielplatz liegen Spritzen, die Latrene flackert und Sperrmül steht an der Hubertusstr. 14 seit Tagen."
)


@pytest.fixture(scope="module")
def shipped() -> Configuration:
    return loader.load(ROOT / "config.toml", prove=False)


def test_each_keyword_is_the_same_when_it_is_asked_for_alone(shipped: Configuration) -> None:
    whole, _ = rules.compiled(shipped)
    kept, problems = rules.compiled(shipped.model_copy(update={"index": KeptIndex(whole.index.to_keep())}))
    assert kept is not whole
    assert not problems
    assert kept.owners == whole.owners
    plain, mistyped = whole.index.find(folding.fold(TEXT)), whole.index.find_mistyped(folding.fold(TEXT))
    assert plain
    assert mistyped
    assert plain == kept.index.find(folding.fold(TEXT))
    assert mistyped == kept.index.find_mistyped(folding.fold(TEXT))
    assert kept.index.to_keep() == whole.index.to_keep()
    for one, other in zip(whole.keywords, kept.keywords, strict=True):
        assert one._replace(expression=None) == other._replace(expression=None)
        assert (one.expression is None) == (other.expression is None)


def test_the_quick_way_to_all_literals_gives_those_that_are_looked_for(shipped: Configuration) -> None:
    parts = list(dict.fromkeys(part for keyword in rules.compiled(shipped)[0].keywords for part in keyword.parts))
    beginnings, targets = phrases._Beginnings(), phrases.Targets(parts.__getitem__)
    assert len(parts) > 10_000
    for number, part in enumerate(parts):
        assert list(beginnings.of(part)) == list(targets.of(number))


@pytest.mark.parametrize("what", ["cut short", "one bit", "other rules"])
def test_what_was_kept_and_is_not_the_same_any_more_is_made_anew(what: str) -> None:
    settings = rule_examples.settings(rule_examples.rule("Müll", "müllsack", "sofa + gehweg", "/matratzen?/"))
    whole, _ = rules.build(settings, {}, rule_examples.KREFELD)
    kept = whole.index.to_keep()
    if what == "other rules":
        other = rule_examples.settings(rule_examples.rule("Müll", "müllsack"))
        kept = rules.build(other, {}, rule_examples.KREFELD)[0].index.to_keep()
    kept = {"cut short": kept[:-7], "one bit": kept[:-9] + bytes([kept[-9] ^ 1]) + kept[-8:]}.get(what, kept)
    with pytest.raises(ValueError, match="the outline is"):
        matching.Index(whole.keywords, kept)
    anew, _ = rules.build(settings, {}, rule_examples.KREFELD, kept=kept)
    text = folding.fold("Ein Sofa auf dem Gehweg, daneben Matratzen und ein Müllsack")
    assert {0, 1, 2} <= {number for number, _, _ in whole.index.find(text)}
    assert whole.index.find(text) == anew.index.find(text)
