"""Choices of forms: what nobody ticked says nothing, and a text of boxes costs what its length costs."""

import time

import pytest

from routing.text import web_forms


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("[ ] Laterne [x] Müll", "            [x] Müll"),
        ("☐ Laterne\n☑ Müll", "         \n☑ Müll"),
        ("( ) ja (x) nein", "       (x) nein"),
        ("kein Kasten", "kein Kasten"),
    ],
)
def test_what_nobody_ticked_is_blanked(text: str, left: str) -> None:
    assert left == web_forms.unchecked(text)


def test_twice_the_boxes_take_twice_the_time() -> None:
    def seconds(boxes: int) -> float:
        began = time.process_time()
        web_forms.unchecked("[ ]ab " * boxes)
        return time.process_time() - began

    assert seconds(80_000) < 8 * max(seconds(20_000), 0.01)  # four times the text; sixteen where each is looked past
