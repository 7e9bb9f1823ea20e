"""What a message's clauses say of what was found in it: of each concern, of danger, and of its being a report."""

from collections.abc import Iterable, Sequence

from routing.rules.engine import evidence
from routing.rules.engine.signs import danger, report
from routing.rules.engine.values import Field, Findings, RuleSet


def weigh(fields: Sequence[Field], findings: Findings, rule_set: RuleSet) -> None:
    """What the clauses say of each match, whether somebody is in danger, whether it is a report."""
    findings.words = sum(len(one.folded.words.split()) for one in fields)
    findings.fields = [(one.name, one.folded) for one in fields]
    read: list[report.Field] = []
    strengths: list[list[evidence.Strength]] = []
    for one in fields:
        found = [each for name, each in findings.found if name == one.name]
        weighed = evidence.weigh(found, one.marks, one.clauses, one.folded, bits=rule_set.bits, words=findings.words)
        strengths.append(weighed)
        findings.strengths += weighed
        concerns = [each for each in weighed if each.rule < rule_set.first_kind]
        read.append(report.Field(one.clauses, one.marks, one.places, concerns))
        findings.looked.append(danger.Looked(one.clauses, one.marks, _rules_in(weighed, rule_set)))
    findings.danger = danger.look(findings.looked, rule_set.library, words=findings.words)
    if findings.danger.signs:
        findings.beside_danger = _beside(findings.danger, strengths[findings.danger.field])
    findings.report = report.features(read, words=findings.words, against=rule_set.library.against)


def _beside(found: danger.Danger, strengths: Iterable[evidence.Strength]) -> frozenset[int]:
    """The rules clearly met in the danger's sentences; ``strengths`` are those of its field."""
    sentences = (found.sentence, found.sentence + 1)
    return frozenset(one.rule for one in strengths if one.weight >= evidence.CLEAR and one.sentence in sentences)


def _rules_in(strengths: Iterable[evidence.Strength], rule_set: RuleSet) -> list[tuple[int, str]]:
    """Where rules of ordinary things apply, and what that says of danger: the name of a feature.

    Urgent rules do not count: they were written from few cities and would vouch for their own errors.
    """
    return [(one.start, name) for one in strengths if (name := _speaks_for(one, rule_set))]


def _speaks_for(strength: evidence.Strength, rule_set: RuleSet) -> str:
    if strength.rule >= rule_set.first_kind:
        return "regel.art"
    if rule_set.is_urgent(strength.rule):
        return ""
    return "regel.sache" if strength.weight >= evidence.FULL else "regel.nebenbei"
