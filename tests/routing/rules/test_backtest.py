"""What a changed rule file would have done: differences of two decisions, grouped with their causes."""

from intake.message import Automatic
from routing import rules
from routing.model.decision import State, Urgency
from routing.rules import RuleSet, backtest
from routing.rules.backtest import Cause, Routing, Tally
from tests.support import rule_examples
from tests.support.rule_examples import built, kind, rule

MUELL = rule("Müll", "müllsack", "matratze")
LATERNE = rule("Laterne", "laterne", recipient="kbk", urgency="sammel")
OLD = built(MUELL, LATERNE)
REVIEW = Routing(State.REVIEW, "unclear", ())


def compared(new: RuleSet, *texts: str, old: RuleSet = OLD) -> Tally:
    tally = Tally()
    for number, text in enumerate(texts, 1):
        message = rule_examples.message(text)
        tally.add(f"Zeile {number}", message, rules.classify(message, old), rules.classify(message, new))
    return tally


def to(*going: tuple[str, Urgency]) -> Routing:
    return Routing(State.ROUTED, "", going)


def test_the_same_rules_change_nothing() -> None:
    tally = compared(OLD, "Ein Müllsack", "Laterne aus", "Bitte um Rückruf")
    assert (3, 0, {}) == (tally.total, tally.changed, tally.groups)


def test_a_new_keyword_brings_messages_out_of_review() -> None:
    new = built(rule("Müll", "müllsack", "matratze", "klapprad"), LATERNE)
    tally = compared(new, "Ein Klapprad rostet", "Noch ein Klapprad", "Ein Müllsack", "Bitte um Rückruf")
    [group] = tally.groups.values()
    assert (REVIEW, to(("gsak", Urgency.HEUTE)), 2) == (group.before, group.after, group.count)
    assert {Cause("new", "Müll", "klapprad"): 2} == group.causes
    assert [("Zeile 1", "Klapprad"), ("Zeile 2", "Klapprad")] == [(one.name, one.found) for one in group.examples]


def test_a_keyword_taken_away_sends_messages_into_review() -> None:
    [group] = compared(built(rule("Müll", "müllsack"), LATERNE), "Eine Matratze").groups.values()
    assert (to(("gsak", Urgency.HEUTE)), REVIEW) == (group.before, group.after)
    assert {Cause("gone", "Müll", "matratze"): 1} == group.causes


def test_another_recipient_and_another_urgency_are_changes_of_the_same_rule() -> None:
    moved = built(MUELL | {"recipient": "kbk"}, LATERNE | {"urgency": "heute"})
    tally = compared(moved, "Eine Matratze", "Laterne aus")
    assert 2 == tally.changed
    causes = [cause for group in tally.groups.values() for cause in group.causes]
    assert [Cause("changed", "Müll", "matratze"), Cause("changed", "Laterne", "laterne")] == causes


def test_a_second_recipient_is_a_change() -> None:
    new = built(MUELL, LATERNE, rule("Bett", "lattenrost", recipient="kbk"))
    [group] = compared(new, "Eine Matratze und ein Lattenrost").groups.values()
    assert to(("gsak", Urgency.HEUTE), ("kbk", Urgency.HEUTE)) == group.after


def test_a_new_category_alone_is_counted_apart() -> None:
    tally = compared(built(MUELL | {"category": "Abfall"}, LATERNE), "Eine Matratze", "Laterne aus")
    assert (0, 1) == (tally.changed, tally.renamed)


def test_a_kind_of_mail_that_takes_a_concern_is_a_change() -> None:
    new = built(MUELL, LATERNE, kinds=(kind("Presse", "interview", recipient="kod", state="routed"),))
    [group] = compared(new, "Interview zum Thema Laterne").groups.values()
    assert Routing(State.ROUTED, "Presse", (("kod", Urgency.HEUTE),)) == group.after


def test_examples_are_few_however_many_messages_there_are() -> None:
    new = built(rule("Müll", "müllsack"), LATERNE)
    tally = compared(new, *["Eine Matratze"] * 50)
    [group] = tally.groups.values()
    assert (50, backtest.MOST_EXAMPLES) == (group.count, len(group.examples))


def test_what_waits_for_a_person_goes_nowhere() -> None:
    letter = rule_examples.message("Eine Matratze", automatic=Automatic.BULK)
    assert Routing(State.REVIEW, "bulk", ()) == backtest.outcome(rules.classify(letter, OLD))
