"""Whether an emergency is heard: masks must never silence an urgent rule, and some sentences must always alarm."""

from collections.abc import Iterator

from routing.model.settings import Rule
from routing.rules.lint import sample_texts
from routing.rules.lint.hint import Hint
from routing.rules.lint.probe import Probe, Written

_EXCEPT = "Nehmen Sie except: Nur dieses Wort zählt dann nicht, der übrige Text schon."
PROOF = (
    "Mann liegt bewusstlos auf dem Gehweg und reagiert nicht",
    "Frau blutet stark",
    "Im Keller brennt es",
    "Es riecht nach Gas im Hausflur",
    "Da geht einer mit dem Messer auf Leute los",
    "Auf der Baustelle wurde ein Blindgänger gefunden",
    "Auf dem Spielplatz liegen benutzte Spritzen",
    "Ein Kanaldeckel fehlt, da ist ein offener Schacht",
    "Im Park liegen Giftköder für Hunde",
)
"""Sentences that must reach the desk at once, whatever else a configuration says."""


def silenced(probe: Probe) -> Iterator[Hint]:
    """Words of urgent rules, in order, that something keeps from alarming: grave.

    What signs of danger lack keeps none.
    """
    probe = probe.without_signs()
    reported: set[tuple[int, str]] = set()
    for written in probe.keywords():
        settings = probe.settings(written.rule)
        if not isinstance(settings, Rule) or not probe.rule_set.is_urgent(written.rule):
            continue
        for text in _texts(probe, written):
            why = _why_silent(probe, written, settings, text)
            if why and (written.rule, written.source) not in reported:
                reported.add((written.rule, written.source))
                what = (
                    f"Die Regel ist dringend, aber „{text}“ (Schlüsselwort „{written.source}“) alarmiert nicht. {why}"
                )
                advice = "Machen Sie die Ausnahme länger und genauer, bis sie nur noch das Ungefährliche trifft."
                yield Hint(settings.name, "keywords", written.source, what, advice, is_grave=True)


def hints(probe: Probe) -> Iterator[Hint]:
    """Vetoes of urgent rules, and sentences of ``PROOF`` that alarm nobody, in order."""
    for number, rule in enumerate(probe.rule_set.rules):
        if isinstance(rule, Rule) and rule.unless and probe.rule_set.is_urgent(number):
            what = (
                f"Ein einziges Wort unter unless („{rule.unless[0]}“) bringt diese dringende Regel zum Schweigen, "
                "auch wenn im selben Text ein Notfall steht."
            )
            yield Hint(rule.name, "unless", rule.unless[0], what, _EXCEPT)
    for text in PROOF:
        decision = probe.decision(text)
        if decision.urgency is None or not decision.urgency.is_urgent:
            what = f"Der Satz „{text}“ alarmiert niemanden."
            yield Hint("", "", "", what, "Eine Regel der Dringlichkeit notfall oder sofort sollte ihn finden.")


def _texts(probe: Probe, written: Written) -> Iterator[str]:
    yield from sample_texts.texts(written.source, probe.vocabulary)
    yield from sample_texts.forms(probe.rule_set.keywords[written.number])


def _why_silent(probe: Probe, written: Written, settings: Rule, text: str) -> str:
    """The reason, or nothing: then the text alarms as quickly as the rule says. Looks closely only where a mask is."""
    hits = probe.hits(text)
    if written.number not in hits or not probe.may_hide(hits, written.rule):
        return ""
    urgency = probe.decision(text).urgency
    if urgency is not None and urgency.rank <= settings.urgency.rank:
        return ""
    misses = probe.found(text).near_misses
    return next((miss.why for miss in misses if miss.rule == settings.name), "Eine andere Regel geht vor.")
