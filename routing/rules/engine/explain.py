"""A decision in German sentences for somebody at the desk: what, why, with which words, and what nearly happened.

The one place for these sentences. ``explain`` puts them together as plain text, for an example that fails; the command
of that name (``routing.cli.output.explanation``) adds colours, marks, and when a letter would go out.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from intake.message import Message
from routing.model import words
from routing.model.decision import SEEN_FIRST, Concern, Decision, Match, NearMiss, Place, State
from routing.rules.engine.signs import worry
from routing.rules.engine.values import Findings, RuleSet
from routing.text import stems

ALARM = "Achtung: dringendes Wort in einer Nachricht, die kein Hinweis ist. Die Leitstelle wird sofort verständigt."
NEAR_MISSES = "Gefunden, aber nicht gezählt:"
MOST_MATCHES = 5
MOST_WORDS = 4
LEAST = 0.5
"""A single word that counts less is not worth telling."""
_WORD = re.compile(r"[a-z0-9]+")
_AROUND = 60  # characters of the text before and behind a word
_MARGIN = "   "


def explain(decision: Decision, message: Message) -> str:
    """The decision as plain text: lines in order, without a line break at its end."""
    return "\n".join(_lines(decision, message))


def _lines(decision: Decision, message: Message) -> Iterator[str]:
    yield f"{result(decision)} {decision.reason}"
    if decision.alert:
        yield ALARM
    for number, concern in enumerate(decision.concerns, 1):
        yield f"{heading(number, concern)} ({words.URGENCY_WHEN[concern.urgency]})"
        yield from (f"{_MARGIN}{line}" for line in _inside(concern, decision, message))
    if decision.places:
        yield places(decision)
    if decision.homes:
        yield homes(decision)
    if decision.near_misses:
        yield NEAR_MISSES
        yield from near_misses(decision.near_misses)


def _inside(concern: Concern, decision: Decision, message: Message) -> Iterator[str]:
    if why := no_letter(concern, decision):
        yield why
    if concern.doubt:
        yield doubt(concern)
    if where := own_places(concern, decision):
        yield where
    for match in concern.matches[:MOST_MATCHES]:
        yield f"{field(match)}: {_in_context(match, message)}"
    yield from word_lines(concern.matches[:MOST_MATCHES])


def result(decision: Decision) -> str:
    """What becomes of the message: "Ergebnis: wird weitergeleitet."."""
    return f"Ergebnis: {words.DECISION[decision.state]}."


def heading(number: int, concern: Concern) -> str:
    """Number, category and bodies: "1. S01 Wilder Müll → gsak"."""
    identity = f"{concern.category_id} " if concern.category_id else ""
    return f"{number}. {identity}{concern.category} → {', '.join(concern.recipients) or 'niemand'}"


def no_letter(concern: Concern, decision: Decision) -> str:
    """Why no letter about the concern goes out (yet); empty when one does."""
    if State.REVIEW in {concern.state, decision.state}:
        return "Noch nicht weitergeleitet: wartet auf Klärung."
    if concern.state is not State.KEPT:
        return ""
    served = set(concern.recipients) <= set(decision.recipients)
    why = "Ein anderes Anliegen dieser Nachricht geht schon an dieselbe Stelle" if served else "hier nur erwähnt"
    return f"Kein eigenes Schreiben: {why}."


def doubt(concern: Concern) -> str:
    """Why a person must look before it is an emergency; empty when nothing is in doubt."""
    return f"Zweifel: {concern.doubt}." if concern.doubt else ""


def places(decision: Decision) -> str:
    """The places that the text names: "Ort: Hauptstraße 12; Nordpark"."""
    return f"Ort: {'; '.join(map(_place, decision.places))}"


def own_places(concern: Concern, decision: Decision) -> str:
    """Where one of several concerns is: "Ort dieses Anliegens: Hauptstraße 12"; empty where that is the message's."""
    if not decision.places or concern.places == decision.places:
        return ""
    return f"Ort dieses Anliegens: {'; '.join(map(_place, concern.places)) or 'keiner genannt'}"


def homes(decision: Decision) -> str:
    """What was taken for where somebody lives: "Wohnung oder Absender, kein Ort: Hauptstraße 12"."""
    return f"Wohnung, Absender oder nur erwähnt, also nicht der Ort: {'; '.join(map(_place, decision.homes))}"


def _place(place: Place) -> str:
    return " ".join(filter(None, (place.street, place.number, place.district, place.town)))


def field(match: Match) -> str:
    """Where the word stands: in the subject or in the text."""
    return "Betreff" if match.field == "subject" else "Text"


def word_lines(matches: Iterable[Match], shown: Callable[[str], str] = str) -> Iterator[str]:
    """Each different word that was found, in order, with its keyword and rule; ``shown`` makes it fit for printing."""
    counted = Counter((shown(_one_line(match.found)), match.keyword, match.rule) for match in matches)
    for (found, keyword, rule), number in counted.items():
        times = f" ({number}-mal)" if number > 1 else ""
        yield f"gefunden „{found}“{times}, Schlüsselwort „{keyword}“ der Regel „{rule}“"


def near_misses(found: Iterable[NearMiss], shown: Callable[[str], str] = str) -> Iterator[str]:
    """Words that did not count, in order, each once with all the keywords that would have found it, and why."""
    together: dict[tuple[str, str, str], list[str]] = {}
    for miss in found:
        together.setdefault((shown(_one_line(miss.found)), miss.rule, miss.why), []).append(miss.keyword)
    for (word, rule, why), keywords in together.items():
        name = "Schlüsselwort" if len(keywords) == 1 else "Schlüsselwörter"
        yield f"  „{word}“ für die Regel „{rule}“ ({name} {', '.join(keywords)}): {why}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _in_context(match: Match, message: Message) -> str:
    text = message.subject if match.field == "subject" else message.new_text
    before = text[max(0, match.start - _AROUND) : match.start]
    after = text[match.end : match.end + _AROUND]
    left = "…" if match.start > _AROUND else ""
    right = "…" if match.end + _AROUND < len(text) else ""
    return _one_line(f"{left}{before}[{match.found}]{after}{right}")


def single_words(
    decision: Decision, findings: Findings, rule_set: RuleSet, clean: Callable[[str], str]
) -> Iterator[str]:
    """Sentences, in order: which single words made a danger or a look likely, and which speak against it.

    The lists of signs stand with the concern; what every other word counts was fitted. ``clean`` as in ``word_lines``.
    """
    library, danger = rule_set.library, findings.danger
    if danger.signs and any(concern.urgency.is_alarm for concern in decision.concerns):
        clauses = findings.looked[danger.field].clauses
        last = min(danger.sentence + 1, clauses.sentences - 1)
        stretch = (danger.field, clauses.span(danger.sentence)[0], clauses.span(last)[1])
        yield from _counted("Für eine Gefahr", [stretch], findings, library.danger.words, clean)
    if decision.kind == SEEN_FIRST:
        yield from _counted(
            "Dafür, es zuerst anzusehen,", worry.told(findings.looked), findings, library.worry.words, clean
        )


def _counted(
    what: str,
    stretches: Iterable[tuple[int, int, int]],
    findings: Findings,
    weights: Mapping[str, float],
    clean: Callable[[str], str],
) -> Iterator[str]:
    found: dict[str, tuple[float, str]] = {}
    for field, begin, end in stretches:
        folded = findings.fields[field][1]
        for word in _WORD.finditer(findings.looked[field].clauses.text, begin, end):
            stem = stems.stem(word[0])
            if abs(weight := weights.get(stem, 0.0)) >= LEAST and stem not in found:
                found[stem] = weight, f"„{clean(folded.original[slice(*folded.span(word.start(), word.end()))])}“"
    ordered = sorted(found.values(), key=lambda one: -abs(one[0]))
    speaking = ", ".join([word for weight, word in ordered if weight > 0][:MOST_WORDS]) or "keine"
    against = ", ".join([word for weight, word in ordered if weight < 0][:MOST_WORDS]) or "keine"
    if ordered:
        yield f"{what} sprechen die Wörter: {speaking}; dagegen: {against}."
