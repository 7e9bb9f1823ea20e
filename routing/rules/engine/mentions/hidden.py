"""Why a word that a rule looks for does not count where it stands, in German."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from routing.model.settings import Rule
from routing.rules.engine import evidence
from routing.rules.engine.mentions import location_mentions, masks, resolved
from routing.rules.engine.signs.marks import Sort
from routing.rules.engine.values import Field, RuleSet, Span
from routing.text.keywords import dictionary, folding
from routing.text.keywords.values import Form, Keyword


def why(
    hits: Field, rule_set: RuleSet, rule: int, keyword: int, span: Span, at: int, *, exceptions: list[Span]
) -> str:
    """Why a match, which begins at ``at`` of the original, does not count, in German; empty when it does."""
    start, end = span
    index = bisect_left(exceptions, (end, 0)) - 1
    if index >= 0 and start < exceptions[index][1]:
        begins, ends = exceptions[index]
        if not (start <= begins and ends <= end and span != (begins, ends)):
            return "Das Wort steht in der Ausnahmeliste der Regel."
    if hits.places and not rule_set.keywords[keyword].names_place:
        place = hits.places[bisect_right(hits.places, start, key=lambda hit: hit.start) - 1]
        if place.start <= start and end <= place.end:
            return "Das Wort gehört zu einer Orts- oder Straßenangabe."
    urgent = rule_set.is_urgent(rule)
    if not urgent and "..." in rule_set.keywords[keyword].source and _speaks_of_another(hits, rule, span):
        return "Das letzte Wort beschreibt etwas anderes, das gleich danach steht."
    if hits.foreign and not urgent and dictionary.is_known(hits.folded.text[start:end]):
        return "Der Text ist in einer anderen Sprache geschrieben, das Wort ist deutsch."
    if not urgent and (another := _another_word(hits, rule_set.keywords[keyword], hits.folded.text[start:end], at)):
        return another
    if hits.folded.original[at].isupper() and masks.is_name(hits.folded, start, end, urgent=urgent):
        return "Das Wort ist hier ein Name."
    if rule in rule_set.weak and location_mentions.only_where(hits.folded.original, at):
        return "Das Wort sagt hier nur, wo etwas ist."
    if hits.signatures:
        for begins, ends, only_name in hits.signatures:
            if begins <= at < ends and (only_name or not urgent):
                return "Das Wort steht in der Unterschrift."
    return ""


def is_resolved(hits: Field, rule_set: RuleSet, rule: int, span: Span) -> bool:
    """Whether the sentence says that what a rule found is gone or done; nothing of that ends an alarm."""
    settings = rule_set.rules[rule]
    if not isinstance(settings, Rule) or settings.urgency.is_alarm:
        return False
    if resolved.is_resolved(hits.folded, *span, hits.signs):
        return not _another_is_resolved(hits, span[1])
    return rule_set.is_urgent(rule) and resolved.is_denied(hits.folded, *span)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Stretches of a text in order, those that touch joined."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


_ANOTHER = re.compile(
    r"(?:,|\bund|;) (?:auch )?(?:der|die|das|ein|eine|mein|meine|unser|unsere|alles|rest) [a-z]+(?: \w+){0,3}?"
    r" (?:ist|sind|war|wurde)\b"
)
_FAULTS = frozenset({"kaputt", "fehlt", "voll", "dreckig", "dunkel", "waechst", "nass", "glatt"})
_ONE_SENTENCE = 140


def _another_is_resolved(hits: Field, end: int) -> bool:
    """Whether something is wrong with the thing, and what is said to be gone or fine is named behind that."""
    another = _ANOTHER.search(hits.folded.text, end, end + _ONE_SENTENCE)
    return another is not None and any(
        mark.sort is Sort.STATE and mark.name in _FAULTS and end <= mark.start < another.start() for mark in hits.marks
    )


def _another_word(hits: Field, keyword: Keyword, word: str, at: int) -> str:
    if _has_another_head(keyword, word):
        return "Das Wort ist zusammengesetzt und meint etwas anderes, nämlich sein Ende."
    return "Das Wort ist hier klein geschrieben, also ein Tunwort." if _is_verb(hits, keyword, word, at) else ""


_IN_CAPITALS = re.compile(r"[^.!?:\s]\s[A-ZÄÖÜ]")
"""A capital letter within a sentence: its writer tells nouns by them."""


_HEADS = folding.word_list(
    """
    kreisel fest feste umzug verein amt aemter firma haeuschen laden markt viertel kalender gebuehr gebuehren
    karte termin mann maenner wagen auto autos fahrzeug fahrzeuge fahrer betrieb betriebe werk schule kurs konzept
    satzung verordnung verbrennung steuer mitarbeiter abteilung koalition detektiv detektive anlass museum foto
    fotos bild bilder buch
    """
)
_LAST_LETTERS = tuple(_HEADS)


def _has_another_head(keyword: Keyword, word: str) -> bool:
    """Whether a word that only begins like a keyword is named for its end: a Müllmann is no Müll."""
    if not word.endswith(_LAST_LETTERS) or " " in word or len(keyword.parts) != 1:
        return False
    forms = [form for phrase in keyword.parts[0] if len(phrase.slots) == 1 for form in phrase.slots[0]]
    if any(_stands_for(form, word, ending) for form in forms if form.endings for ending in form.endings):
        return False
    begins = [form.literal for form in forms if form.endings is None and word.startswith(form.literal)]
    return (
        bool(begins)
        and not any(word[len(literal) :].strip("esn") == "" for literal in begins)
        and all(any(word[len(literal) :].endswith(head) for head in _HEADS) for literal in begins)
    )


def _is_verb(hits: Field, keyword: Keyword, word: str, at: int) -> bool:
    """Whether a word in small letters is found as a noun in -e with an -n ("wir wollen" for Wolle)."""
    original = hits.folded.original
    if not word.endswith("en") or " " in word or not original[at].islower() or len(keyword.parts) != 1:
        return False
    forms = [form for phrase in keyword.parts[0] if len(phrase.slots) == 1 for form in phrase.slots[0]]
    return (
        any(_stands_for(form, word, "n") for form in forms if form.literal[-1] == "e")
        and not any(_stands_for(form, word, "") for form in forms)
        and _IN_CAPITALS.search(original) is not None
    )


def _stands_for(form: Form, word: str, ending: str) -> bool:
    if form.endings is None:
        return not ending and form.literal in word
    whole = form.literal + ending
    return ending in form.endings and (word.endswith(whole) if form.open_start else word == whole)


def _speaks_of_another(hits: Field, rule: int, span: Span) -> bool:
    """Whether a phrase ends with an adjective of what another rule finds: "Gehweg liegt ein kaputter | Stuhl"."""
    start, end = span
    last = hits.folded.text.rfind(" ", start, end) + 1
    things = {at for other, found in hits.keywords.items() if other != rule for at, _, _ in found}
    own = any(at == end + 1 for at, _, _ in hits.keywords[rule])
    return not own and evidence.noun_of(hits.folded, last, end, things) >= 0
