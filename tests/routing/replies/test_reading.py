"""Reading a body's reply: what it says, never its opposite, and several cases in one reply."""

import re

import pytest

from routing.replies import reading
from routing.replies.reading import bodies, letter_text
from tests import TESTS

BODIES = bodies.of(
    [
        ("kod", "KOD-Leitstelle"),
        ("gsak", "GSAK"),
        ("kbk", "Kommunalbetrieb Krefeld"),
        ("ngn", "Netzgesellschaft Niederrhein"),
    ],
    ["SWK"],
)
REPLIES = TESTS / "data" / "replies.txt"
FOR_A_PERSON = {"unclear", "question"}
LINE = re.compile(r"([a-z]+): (.*)")


def replies() -> list[tuple[str, str]]:
    """(outcome, text) of the written replies."""
    lines = [line for line in REPLIES.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    found = [match.groups() for match in map(LINE.fullmatch, lines) if match]
    assert len(lines) == len(found)
    return [(outcome, text.replace("⏎", "\n")) for outcome, text in found]


def read(text: str, *, year: int = 0, quoted: str = "") -> tuple[reading.Answer, ...]:
    return reading.read(text, BODIES, prefix="KOD", year=year, quoted=quoted)


def outcome(text: str) -> str:
    [answer] = read(text)
    return answer.kind.value


def test_no_reply_is_read_as_its_opposite() -> None:
    read = [(expected, outcome(text), text) for expected, text in replies()]

    assert len(read) >= 400
    wrong = [row for row in read if row[1] not in {row[0], "unclear"} and not {row[0], row[1]} <= FOR_A_PERSON]
    assert [] == wrong


def test_nearly_every_plain_reply_is_understood() -> None:
    plain = [(expected, outcome(text)) for expected, text in replies() if expected not in FOR_A_PERSON]

    assert sum(expected == read for expected, read in plain) >= 0.94 * len(plain)


@pytest.mark.parametrize(
    "negated", ["nicht ", "noch nicht ", "leider nicht ", "nur teilweise ", "nie ", "nit ", "kaum "]
)
def test_a_negation_before_the_saying_is_never_overheard(negated: str) -> None:
    said = ["erledigt", "beseitigt", "abgeholt", "gereinigt", "repariert", "ausgetauscht", "geleert", "beauftragt"]
    for word in said:
        for frame in ("{}{}", "Ist {}{}.", "Wurde {}{}", "Haben wir {}{}.", "Der Müll wurde gestern {}{}, MfG"):
            assert "unclear" == outcome(frame.format(negated, word)), frame.format(negated, word)


@pytest.mark.parametrize("turned", ["Wenn {}", "Ist das {}?", "Muss {} werden", "Angeblich {}", "{}, aber", "Fast {}"])
def test_a_condition_a_question_and_a_doubt_are_no_facts(turned: str) -> None:
    assert outcome(turned.format("erledigt")) in FOR_A_PERSON


def test_a_reply_to_a_digest_answers_each_case_by_its_number() -> None:
    text = (
        "KOD-2026-000123-1 erledigt, -000124 nicht unsere Straße, bitte an KBK\nKOD-2026-000125: wird morgen abgeholt"
    )

    assert [
        ("KOD-2026-000123", 1, "done", ""),
        ("KOD-2026-000124", None, "refused", "kbk"),
        ("KOD-2026-000125", None, "commissioned", ""),
    ] == [(one.number, one.position, one.kind.value, one.other) for one in read(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Erledigt: KOD-2026-000123 und KOD-2026-000124", "123 done, 124 done"),
        ("KOD-2026-000123, -000124 und -000125 sind erledigt.", "123 done, 124 done, 125 done"),
        ("Erledigt:\nKOD-2026-000123\nKOD-2026-000124\nNicht zuständig:\n000125", "123 done, 124 done, 125 refused"),
        ("1. KOD-2026-000123 - abgeholt\n2. KOD-2026-000124 - noch nicht abgeholt", "123 done, 124 unclear"),
        ("Zu KOD-2026-000123: haben wir\ngestern beseitigt.\nMfG\nKOD-2026-000124", "123 done"),
        ("KOD-2026-000123 erledigt\nKOD-2026-000123 nicht erledigt", "123 unclear"),
        ("000123 erledigt 000124 ist in Arbeit", "123 done, 124 commissioned"),
        ("Die KOD-2026-000123-1 ist erledigt, die -2 nicht", "123-1 done, 123-2 unclear"),
    ],
)
def test_numbers_and_their_words_are_written_in_many_ways(text: str, expected: str) -> None:
    found = read(text, year=2026)

    told = [f"{one.number[-3:]}{f'-{one.position}' if one.position else ''} {one.kind.value}" for one in found]
    assert expected == ", ".join(told)


def test_answers_between_the_quoted_lines_belong_to_the_number_above_them() -> None:
    quoted = (
        "Am 23.11.2026 schrieb KOD:\n> 1. KOD-2026-000123\n> Säcke\nerledigt\n> 2. KOD-2026-000124\n> Laterne\n"
        "nicht unsere Lampe, NGN\n"
    )

    found = read("erledigt\nnicht unsere Lampe, NGN", year=2026, quoted=quoted)

    assert [("KOD-2026-000123", "done", ""), ("KOD-2026-000124", "refused", "ngn")] == [
        (one.number, one.kind.value, one.other) for one in found
    ]


def test_the_whole_list_is_done_only_when_the_reply_says_so() -> None:
    assert [(True, False)] == [
        (one.everything, two.everything)
        for one, two in zip(
            read("Alles erledigt"),
            read("Erledigt"),
            strict=True,
        )
    ]


@pytest.mark.parametrize("text", ["", " \n", "x" * 6000, "erledigt " * 200, "nicht " * 500 + "zuständig", "> " * 900])
def test_empty_and_endless_replies_are_for_a_person(text: str) -> None:
    assert "unclear" == outcome(text)


MUSTERSTADT = bodies.of([("leitstelle", "Leitstelle"), ("bauhof", "BHM Bauhof"), ("leitung", "Leitung")], ["STW"])


@pytest.mark.parametrize(
    ("text", "expected", "other"),
    [
        ("Das macht der BHM.", "refused", ""),
        ("Bitte an den Bauhof", "refused", "bauhof"),
        ("Das macht die STW.", "refused", ""),
        ("Das macht die GSAK.", "unclear", ""),
        ("Das Kabel liegt bei der Leitung.", "unclear", "leitung"),
        ("Erledigt. MUS-2026-000123", "done", ""),
        ("erledigt bhm", "done", ""),  # known, so no dialect's "not"
        ("erledigt gsak", "unclear", ""),
    ],
)
def test_another_city_calls_its_bodies_by_other_names(text: str, expected: str, other: str) -> None:
    [answer] = reading.read(text, MUSTERSTADT, prefix="MUS")
    assert (expected, other) == (answer.kind.value, answer.other)


def test_who_speaks_names_nobody_but_others() -> None:
    [answer] = reading.read("Nicht zuständig, GSAK an KBK", BODIES, speakers={"gsak"}, prefix="KOD")
    assert "kbk" == answer.other


def test_an_order_behind_blanks_is_no_line_of_ours() -> None:
    text = "      1 gsak\n2 kbk\n_________\n- - - - - -\n----- Ursprüngliche Nachricht -----\n"

    assert "      1 gsak\n2 kbk" == letter_text.left(text, "", "")
