"""The numbers of cases and digests: one grammar, and everybody who writes or reads them keeps to it."""

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from intake import mail, reference, storage
from intake.mail import bounce
from intake.message import Kind, Message
from intake.phone_log import cells
from intake.reference import ANY, CaseNumber
from routing import desk
from routing.desk import case_numbers
from routing.replies import reading, recognise
from routing.replies.reading import bodies
from routing.store import migrations, tables
from routing.text.redaction import NO_CITY, redact
from tests import TESTS
from tests.support.letterbox import NOW, rows
from tests.support.waiting import is_cheaper

prefixes = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=10)
years = st.integers(2000, 2099)
serials = st.integers(1, 999_999_999)
positions = st.none() | st.integers(1, 999)
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
recipients = st.from_regex(r"[a-z][a-z0-9_-]{0,30}", fullmatch=True)
around = st.sampled_from(["", " ", "[", "]", "(", ")", "\n", ", AW: ", ", ", ". ", " #k7f3q] "])


@given(prefixes, years, serials, positions, around, around)
def test_a_written_number_is_found_again_with_its_prefix_and_with_any(
    prefix: str, year: int, serial: int, position: int | None, before: str, behind: str
) -> None:
    case = reference.case_number(reference.case_series(prefix, year), serial)
    number = CaseNumber(case, position)

    assert number == reference.find_case(f"{before}{number}{behind}", prefix)
    assert number == reference.find_case(f"{before}{str(number).lower()}{behind}", ANY)
    assert number == reference.parse_case(f" {number}\n", prefix)
    assert CaseNumber(case) == reference.find_case_by_hand(f"{before}{number}{behind}", prefix)
    assert year == reference.year_of(case)


@given(prefixes, prefixes, years, serials)
def test_a_number_of_another_city_is_none_of_ours(ours: str, theirs: str, year: int, serial: int) -> None:
    text = f"[{reference.case_number(reference.case_series(theirs, year), serial)}]"

    assert (ours == theirs) == (reference.find_case(text, ours) is not None)


@given(prefixes, days, recipients, st.integers(1, 99_999), around, around)
def test_a_digest_is_found_again_and_is_no_case(
    prefix: str, day: date, recipient: str, count: int, before: str, behind: str
) -> None:
    number = reference.digest_number(reference.digest_series(prefix, day, recipient), count)

    assert number == reference.find_digest(f"{before}{number}{behind}", prefix)
    assert number == reference.find_digest(f"{before}{number.lower()}{behind}", ANY)
    assert reference.parse_case(number, ANY) is None


@given(st.text("KOD-2026S01 #\n[]", max_size=60), prefixes | st.just(ANY))
def test_whatever_is_found_stands_there_and_is_read_the_same_alone(text: str, prefix: str) -> None:
    for found in reference.find_cases(text, prefix):
        assert str(found.case) in text.upper()
        assert found.case == reference.case_number(found.case.rpartition("-")[0], int(found.case.rpartition("-")[2]))
        assert found == reference.parse_case(str(found), ANY)


@pytest.mark.parametrize(
    "text",
    [
        *("KOD-2026-12345", "KOD-2026-1234567890", "K-2026-000123", "KOD-1926-000123", "KOD-2026-000123x"),
        *("KOD-S-2026-11-23", "KOD-２０２６-000123", "2026-000123", "KOD 2026 000123", "KOD2026-000123"),
    ],
)
def test_what_only_looks_like_a_number_is_none(text: str) -> None:
    assert reference.find_case(text, ANY) is None
    assert reference.find_digest(text, ANY) == ""


def test_leading_zeros_may_be_missing_only_where_the_city_is_known() -> None:
    assert CaseNumber("KOD-2026-000123") == reference.find_case_by_hand("Rückruf KOD-2026-123", "KOD")
    assert reference.find_case_by_hand("Rückruf AZ-2026-12", "KOD") is None
    assert reference.find_case_by_hand("Rückruf AZ-2026-12", ANY) is None


@pytest.mark.parametrize(
    "piece", ["KOD-", "KOD-2026-", "A", "KOD-S-2026-11-23-", "KOD-2026-000123-", "-1", "[", "a_-"]
)
def test_hostile_text_costs_linear_time(piece: str) -> None:
    def work(length: int) -> None:
        text = piece * (length // len(piece)) + "x"
        reference.find_case(text, ANY)
        reference.find_digest(text, ANY)
        reference.find_case_by_hand(text, "KOD")

    assert is_cheaper(lambda: work(200_000), 40, lambda: work(20_000), least=0.002)  # quadratic: a hundredfold


BOUNCE = (TESTS / "mails" / "bounce_gives_the_header_back.eml").read_bytes()


def given_back(number: str) -> str:
    """The number that a bounce of a letter with this number in its subject gives back."""
    raw = BOUNCE.replace(b"X-KOD-Intake: KOD-2026-000123-1\n", b"").replace(
        b"[KOD-2026-000123]", f"[{number}]".encode()
    )
    returned = mail.parse(raw, received_at=NOW).returned
    assert returned is not None
    return returned.number


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = storage.create(storage.url_of_file(tmp_path / "kod.sqlite"))
    migrations.upgrade(engine)
    return engine


@pytest.mark.parametrize("prefix", ["KOD", "DUI", "MUS"])
@pytest.mark.parametrize("position", [None, 1, 12])
def test_all_who_read_numbers_read_the_same(engine: Engine, prefix: str, position: int | None) -> None:
    case = reference.case_number(reference.case_series(prefix, 2026), 123)
    number = str(CaseNumber(case, position))
    subject = f"AW: [{number} #k7f3q] SOFORT: Spritzen"
    message = Message(channel="E-Mail", identity=b"", subject=subject)
    with storage.writing(engine) as connection:
        storage.add(connection, rows("Müll"), NOW)
        connection.execute(sa.insert(tables.cases).values(id=7, number=case, opened_at=NOW, message_id=1))

    assert case == bounce.case_number(subject)
    assert case == cells.case_number(f"Rückruf wg. {number}", prefix)
    assert Kind.OUTGOING_CALL is cells.kind(text=f"Rückruf wg. {number}", status="", direction="", prefix=prefix)
    assert number == given_back(number)
    assert CaseNumber(case, position) == recognise.case_number(message, prefix)
    assert "" == recognise.as_judged(message, prefix).subject
    [answer] = reading.read(f"[{number} #k7f3q] erledigt", bodies.of(()), prefix=prefix)
    assert (case, position, "done") == (answer.number, answer.position, answer.kind.value)
    text = f"Vorgang {number}, {subject}"
    assert text == redact(text, NO_CITY).text
    assert not redact(text, NO_CITY).doubtful
    with storage.reading(engine) as connection:
        assert (7, position) == case_numbers.find(connection, number.lower())


@pytest.mark.parametrize("number", ["KOD-S-2026-11-23-GSAK-1", "MUS-S-2026-11-23-BAUHOF_2-12"])
def test_all_who_read_digests_read_the_same(number: str) -> None:
    prefix = number[:3]
    message = Message(channel="E-Mail", identity=b"", subject=f"AW: [{number} #k7f3q] Sammelliste 7 Hinweise")

    assert number == recognise.digest_number(message, prefix)
    assert number == given_back(number)
    assert message.subject == redact(message.subject, NO_CITY).text


def test_a_case_number_does_not_carry_a_telephone_number_out() -> None:
    assert "KOD-2026-000123-[Telefonnummer entfernt]" == redact("KOD-2026-000123-02151123456", NO_CITY).text


def test_who_types_no_number_is_shown_one_as_the_city_writes_them(engine: Engine) -> None:
    with storage.writing(engine) as connection:
        storage.add(connection, rows("Müll"), NOW)
        connection.execute(sa.insert(tables.cases).values(number="MUS-2026-000007", opened_at=NOW, message_id=1))

    with storage.reading(engine) as connection, pytest.raises(desk.UnknownCaseError, match="MUS-2026-000007"):
        desk.find(connection, "123")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("N-42", 42),
        (" n42 ", 42),
        ("N-", None),
        ("42", None),
        ("N-42-1", None),
        ("N-" + "9" * 19, None),
        ("N-٤", None),
    ],
)
def test_the_number_of_a_message_is_read_and_written(text: str, message: int | None) -> None:
    assert message == reference.parse_message(text)
    assert message is None or message == reference.parse_message(reference.message_number(message))
