"""Names in the middle of a sentence, in small letters too: what is certain goes, what may be one is for a person."""

import pytest

from routing.text import redaction
from tests.routing.text.cities import KREFELD


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("der schmitz von nebenan hat angerufen", "der [Name entfernt] von nebenan hat angerufen"),
        ("Der Schmitz von nebenan hat angerufen", "Der [Name entfernt] von nebenan hat angerufen"),
        ("sagt der petra müller ihr mann", "sagt der [Name entfernt] ihr mann"),
        ("gestern hat Petra müller dort", "gestern hat [Name entfernt] dort"),
        ("hans peter müller war da", "[Name entfernt] war da"),
    ],
)
def test_a_certain_name_goes(text: str, left: str) -> None:
    redacted = redaction.redact(text, KREFELD)
    assert left == redacted.text
    assert not redacted.doubtful


@pytest.mark.parametrize(
    "text",
    [
        "in der hans müller straße liegt müll",
        "die lampe von gegenüber flackert",
        "der rewe von nebenan",
        "die leute von nebenan",
        "das wasser kommt von oben",
        "die jungs von drüben",
        "der bäcker von nebenan",
        "ernst klein geschrieben",
    ],
)
def test_ordinary_words_stay_and_ask_nobody(text: str) -> None:
    redacted = redaction.redact(text, KREFELD)
    assert (text, False) == (redacted.text, redacted.doubtful)
    assert not redaction.may_be_doubtful(text, KREFELD)


@pytest.mark.parametrize("text", ["der grabowski von nebenan parkt dort", "der schneider von gegenüber"])
def test_what_may_be_a_name_is_for_a_person(text: str) -> None:
    assert redaction.redact(text, KREFELD).doubtful
    assert redaction.may_be_doubtful(text, KREFELD)
