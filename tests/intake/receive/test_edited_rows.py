"""What an edited row sends out: what is new in it reaches its body or a person, what was forwarded never goes twice.

Real lists in a real folder, real letters at a real SMTP server.
"""

from collections import Counter
from pathlib import Path

import pytest

from routing import desk
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support import journeys
from tests.support.journeys import EMERGENCY, LAMP, OIL, RUBBISH, UNKNOWN, Clock, Installation

HEADER = "Datum;Uhrzeit;Ort;Anliegen"
FIRST = "10.06.2026;09:00;Ostwall 3;"
OTHER = f"10.06.2026;09:05;Nordwall 9;{LAMP}"  # so that the next list is a version of this one


class Office:
    """Drops one list again and again, and says what went out meanwhile."""

    def __init__(self, place: Installation) -> None:
        self.place, self.clock = place, Clock("2026-06-10 10:00")  # a Wednesday
        self._seen: Counter[str] = Counter()

    def drop(self, text: str, *more: str) -> dict[str, int]:
        """How many letters each body gets until the next week after the list whose first row says ``text``."""
        rows = [HEADER, FIRST + text, *more, OTHER, ""]
        (self.place.drop / "liste.csv").write_bytes("\r\n".join(rows).encode("cp1252"))
        with self.place.opened(self.clock) as work:
            for _ in range(3):
                journeys.work_once(work)
                self.clock.advance(days=3)
        letters = Counter({body: len(self.place.letters(body)) for body in ("gsak", "kbk", "ngn", "kod")})
        new, self._seen = letters - self._seen, letters
        return dict(new)

    def concerns(self) -> list[tuple[str, str]]:
        """The state and category of each concern in the case of the first row."""
        query = (
            "SELECT concerns.state, category FROM concerns JOIN cases ON cases.id = case_id "
            "JOIN messages ON messages.id = cases.message_id WHERE messages.place = 'Ostwall 3' ORDER BY position"
        )
        return [(row["state"], row["category"]) for row in self.place.rows(query)]


@pytest.fixture
def office(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> Office:
    return Office(Installation(tmp_path, dovecot, smtp_sink))


def test_a_matter_for_another_body_goes_to_that_body_and_to_nobody_else(office: Office) -> None:
    assert {"gsak": 1, "ngn": 1} == office.drop(RUBBISH)

    assert {"ngn": 1} == office.drop(f"{RUBBISH}, und {LAMP}")
    assert [("open", "Müllablagerung"), ("open", "Straßenbeleuchtung")] == office.concerns()
    assert 2 == office.place.count("cases")
    assert any("KOD-2026-000001-2" in letter.text for letter in office.place.letters("ngn"))


def test_the_same_again_in_other_words_goes_to_nobody(office: Office) -> None:
    office.drop(RUBBISH)

    assert {} == office.drop(f"{RUBBISH}, jetzt zwanzig, dazu eine Matratze")
    assert {} == office.drop(f"{RUBBISH}, jetzt dreißig")
    assert [("open", "Müllablagerung")] == office.concerns()


@pytest.mark.parametrize(
    ("urgent", "letters"), [(OIL, {"kbk": 1, "kod": 1}), (EMERGENCY, {"kod": 1})], ids=["oil", "emergency"]
)
def test_what_is_more_urgent_goes_out_at_once_and_only_once(
    office: Office, urgent: str, letters: dict[str, int]
) -> None:
    office.drop(RUBBISH)

    assert letters == office.drop(f"{RUBBISH}; {urgent}")
    assert {} == office.drop(f"{RUBBISH}; {urgent}!!!")


def test_a_row_edited_twice_before_anything_is_decided_brings_its_new_matter_once(office: Office) -> None:
    place = office.place
    with place.opened(office.clock) as work:
        for text in (RUBBISH, f"{RUBBISH}, und {LAMP}", f"{RUBBISH}, und {LAMP} seit Tagen"):
            rows = [HEADER, FIRST + text, OTHER, ""]
            (place.drop / "liste.csv").write_bytes("\r\n".join(rows).encode("cp1252"))
            journeys.receive_files(work)

    assert {"gsak": 1, "ngn": 2} == office.drop(f"{RUBBISH}, und {LAMP} seit Tagen")
    assert [("open", "Müllablagerung"), ("open", "Straßenbeleuchtung")] == office.concerns()


def test_what_nobody_understood_goes_out_when_it_is_written_clearly(office: Office) -> None:
    assert {"ngn": 1} == office.drop(UNKNOWN)

    assert {"gsak": 1} == office.drop(f"{UNKNOWN}: {RUBBISH}")
    assert [("review", ""), ("open", "Müllablagerung")] == office.concerns()


def test_an_edit_that_says_nothing_any_more_changes_nothing(office: Office) -> None:
    office.drop(RUBBISH)

    assert {} == office.drop("hier liegen S\u00e4cke")
    assert [("open", "Müllablagerung")] == office.concerns()


def test_a_second_caller_with_another_matter_is_heard(office: Office) -> None:
    more = f"10.06.2026;09:03;dito;s. o., außerdem {LAMP}"

    assert {"gsak": 1, "ngn": 2} == office.drop(RUBBISH, more)
    assert [("open", "Müllablagerung"), ("open", "Straßenbeleuchtung")] == office.concerns()


def test_judging_the_row_again_leaves_what_its_edit_brought(office: Office) -> None:
    office.clock.set("2026-06-13 10:00")  # a Saturday: nothing is composed yet
    place = office.place
    with place.opened(office.clock) as work:
        for text in (RUBBISH, f"{RUBBISH}, und {LAMP}"):
            rows = [HEADER, FIRST + text, OTHER, ""]
            (place.drop / "liste.csv").write_bytes("\r\n".join(rows).encode("cp1252"))
            journeys.work_once(work)
    with place.opened(office.clock) as work:
        desk.requeue(work.engine, "KOD-2026-000001", office.clock(), actor="anna")

    assert {"gsak": 1, "ngn": 2} == office.drop(f"{RUBBISH}, und {LAMP}")
