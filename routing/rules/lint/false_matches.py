"""Keywords that find what they cannot mean: everyday words, surnames, and streets and squares that get through."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from intake.base import german
from routing.model.gazetteer import Gazetteer
from routing.model.settings import Rule
from routing.rules.lint import common_words
from routing.rules.lint.hint import Hint
from routing.rules.lint.probe import Probe, Written
from routing.text.keywords import folding, patterns

MOST_SHOWN = 5
_WAYS = {
    (True, True): (patterns.SHORTEST_INFIX, "es enthält"),
    (True, False): (patterns.SHORTEST_PREFIX, "so endet"),
    (False, True): (patterns.SHORTEST_PREFIX, "so beginnt"),
}
"""By where the stars stand: how short is very short, and what it finds."""
_NARROWER = "Schreiben Sie das Wort ohne Stern oder länger, oder nehmen Sie das Gefundene unter except auf."
_MEANT = "Ist es so gewollt, schreiben Sie zu der Regel ein Beispiel mit dem Wort; dann entfällt der Hinweis."
Found = dict[tuple[str, str], list[str]]
"""Words found, by rule and keyword."""


def hints(probe: Probe, gazetteer: Gazetteer) -> Iterator[Hint]:
    """For each keyword, in order, the everyday words, surnames and places that it finds; then very short wildcards."""
    kinds: tuple[tuple[Iterable[str], str, str, str], ...] = (
        (common_words.WORDS, "", "", ": So etwas steht in Nachrichten über alles Mögliche."),
        (common_words.SURNAMES, "den Nachnamen", "die Nachnamen", "."),
        (gazetteer.places, "den Ort", "die Orte", "."),
    )
    reported: set[tuple[str, str]] = set()
    for known, one, many, end in kinds:
        for (rule, keyword), words in _found(probe, known).items():
            reported.add((rule, keyword))
            what = f"{_named(keyword)} findet auch {_shown(words, one, many)}{end}"
            yield Hint(rule, "keywords", keyword, what, f"{_NARROWER} {_MEANT}")
    for written in probe.keywords():
        rule = probe.settings(written.rule).name
        if (rule, written.source) not in reported and (way := _very_short(probe, written)):
            what = f"„{written.source}“ ist sehr kurz: Es findet jedes Wort, das {way}."
            yield Hint(rule, "keywords", written.source, what, f"Schreiben Sie die gemeinten Wörter aus. {_MEANT}")


def _very_short(probe: Probe, written: Written) -> str:
    """What a wildcard of the shortest length allowed finds; nothing when an example shows a word that is meant."""
    word = written.source.strip("*")
    shortest, way = _WAYS.get((written.source.startswith("*"), written.source.endswith("*")), (0, ""))
    if not word.isalnum() or len(word) > shortest:
        return ""
    examples = (test.text for test in probe.settings(written.rule).tests if test.matches)
    return "" if any(written.number in probe.hits(text) for text in examples) else way


def _found(probe: Probe, words: Iterable[str]) -> Found:
    """What the keywords find, except the word that they are themselves and what an example says is meant."""
    found: Found = defaultdict(list)
    listed = {folding.plain(entry.strip("*")) for entries in probe.vocabulary.values() for entry in entries}
    for word in words:
        if not any(number < probe.rule_set.first_place for number in probe.hits(word)):
            continue
        for rule, matches in probe.found(word).matches.items():
            keyword = matches[0].keyword
            written = listed if "@" in keyword else {folding.plain(keyword.strip("*"))}
            if folding.plain(word) not in written and not _is_weak(probe, rule) and not _is_meant(probe, rule, word):
                found[probe.settings(rule).name, keyword].append(word)
    return found


def _is_weak(probe: Probe, rule: int) -> bool:
    """Whether the rule counts only where no other does: common words are what it is for."""
    settings = probe.settings(rule)
    return isinstance(settings, Rule) and settings.yields == "any"


def _is_meant(probe: Probe, rule: int, word: str) -> bool:
    wanted = f" {folding.plain(word)} "
    examples = (test.text for test in probe.settings(rule).tests if test.matches)
    return any(wanted in folding.fold(text).words for text in examples)


def _named(keyword: str) -> str:
    return f"Die Wortliste in „{keyword}“" if "@" in keyword else f"„{keyword}“"


def _shown(words: list[str], one: str = "", many: str = "") -> str:
    listed = [f"„{word}“" for word in words[:MOST_SHOWN]]
    if len(words) > MOST_SHOWN:
        listed.append(german.counted(len(words) - MOST_SHOWN, "weiteres", "weitere"))
    return f"{one if len(words) == 1 else many} {german.listed(listed)}".strip()
