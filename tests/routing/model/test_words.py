"""Every state that is stored has a German word."""

from routing.model import words
from routing.model.decision import State, Urgency
from routing.replies.reading import AnswerKind
from routing.store.outbox import Held


def test_every_value_that_is_stored_has_a_word() -> None:
    assert set(State) == words.DECISION.keys()
    assert set(Urgency) == words.URGENCY.keys() == words.URGENCY_WHEN.keys()
    assert set(Held) == words.HELD.keys() == words.HELD_BECAUSE.keys()
    assert set(AnswerKind) == words.ANSWER.keys() == words.ANSWER_IN_TIMELINE.keys()
