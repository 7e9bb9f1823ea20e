"""German letters in ASCII: each purpose has its spelling."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from intake.base import umlauts


def test_what_people_write_in_two_ways_is_compared_alike() -> None:
    assert "muellstrasse" == umlauts.written_out("MÜLLSTRAẞE") == umlauts.written_out("Muellstraße")


def test_a_subject_keeps_its_capitals() -> None:
    assert 'Oelspur - Gruene Strasse "nah"' == umlauts.transliterated("Ölspur – Grüne Straße „nah“")


def test_a_list_has_a_dictionarys_order() -> None:
    assert ["Ahr", "Ähre", "Am Wall"] == sorted(["Am Wall", "Ähre", "Ahr"], key=umlauts.sorted_as)


@given(st.text().map(lambda text: unicodedata.normalize("NFC", text)))
def test_writing_out_is_done_after_once_and_leaves_no_umlaut(text: str) -> None:
    once = umlauts.written_out(text)
    assert not set("äöüßÄÖÜẞ") & set(once)
    assert once == umlauts.written_out(once)
