"""A year of the clock: what is over age is in no file any more, everything else is there, and the books add up."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import storage
from routing import desk
from routing.service import channels
from routing.service.runtime import Runtime
from routing.service.watch import retention as deletion
from routing.store import books, tables
from tests.routing.privacy import marks
from tests.routing.privacy.marks import Person
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support import journeys
from tests.support.journeys import Clock, Installation

START = "2026-12-01 09:00"
CLOSED, HELD, OPEN, SENT, THANKS, ROWS, YOUNG, LATER = (
    [Person(number) for number in range(first, last)]
    for first, last in ((0, 12), (12, 17), (17, 22), (22, 32), (32, 38), (38, 50), (50, 60), (60, 62))
)


@pytest.fixture
def office(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> Installation:
    office = Installation(tmp_path / "kod", dovecot, smtp_sink)
    office.write('[[kinds]]\nname = "Dank"\nkind = "dank"\nstate = "kept"\nkeywords = ["vielen dank für"]\n')
    return office


def deliver(office: Installation, clock: Clock, people: list[Person], words: str) -> None:
    office.deliver(*(person.mail(words) for person in people), received_at=clock.now)


def filled(office: Installation, work: Runtime, clock: Clock) -> None:
    """A day on which all but the young write or call, and the next, on which the lists go out."""
    deliver(office, clock, CLOSED, journeys.RUBBISH)
    deliver(office, clock, HELD, journeys.LAMP)
    deliver(office, clock, OPEN, journeys.UNKNOWN)
    deliver(office, clock, SENT, journeys.OIL)
    deliver(office, clock, THANKS, "vielen Dank für die Hilfe")
    rows = "".join(person.row(journeys.RUBBISH) for person in ROWS)
    (office.drop / "liste.csv").write_text(marks.HEADER + rows, encoding="utf-8")
    journeys.work_once(work)
    clock.advance(days=1)
    journeys.work_once(work)


def messages_of(office: Installation, people: list[Person]) -> list[int]:
    """Their messages, by the telephone number that each of them leaves."""
    found = office.rows("SELECT id, new_text, contact FROM messages")
    wanted = [person.mark("phone") for person in people]
    return [row["id"] for row in found if any(one in row["new_text"] + row["contact"] for one in wanted)]


def close(office: Installation, work: Runtime, people: list[Person]) -> None:
    numbers = {row["message_id"]: row["number"] for row in office.rows("SELECT message_id, number FROM cases")}
    for message in messages_of(office, people):
        desk.close(work.engine, numbers[message], work.clock(), actor="anna")


def hold(office: Installation, work: Runtime, people: list[Person]) -> None:
    with storage.writing(work.engine) as connection:
        for number, message in enumerate(messages_of(office, people), 1):
            row = {"id": number, "kind": "hold", "message_id": message, "reason": "Klage", "actor": "anna"}
            connection.execute(sa.insert(tables.holds).values(row | {"since": work.clock()}))


def night(work: Runtime) -> None:
    journeys.work_once(work)
    assert not deletion.work(work, channels.clearing(work.settings), actor="daemon").troubles


def folders(office: Installation) -> list[Path]:
    """Where marks could be: data, drop folder, and the server's mails (not the index that it keeps for itself)."""
    maildir = office.server.root / "mail" / office.user / "Maildir"
    return [office.folder / "data", office.drop, *(path for path in maildir.rglob("*") if path.name in {"cur", "new"})]


def all_of(people: list[Person]) -> list[str]:
    return [mark for person in people for mark in person.marks]


def test_what_is_over_age_is_nowhere_and_all_else_is_there(office: Installation) -> None:
    clock = Clock(START)
    of_rows = [mark for person in ROWS for mark in person.row_marks]
    written = all_of(CLOSED + HELD + OPEN + SENT + THANKS) + of_rows
    with office.opened(clock) as work:
        filled(office, work, clock)
        close(office, work, CLOSED + HELD + ROWS)
        hold(office, work, HELD)
        assert set(marks.found(written, *folders(office))) == set(written)

        clock.advance(days=95)
        deliver(office, clock, LATER, journeys.LAMP)
        night(work)
        assert office.count("raw_messages") == len(HELD + OPEN + SENT + LATER)
        for _ in range(2):
            clock.advance(days=95)
            night(work)
        deliver(office, clock, YOUNG, journeys.RUBBISH)
        clock.advance(days=95)
        night(work)
        account = books.read(work.engine)

    gone, there = all_of(CLOSED + SENT + THANKS) + of_rows, all_of(HELD + OPEN + YOUNG)
    left = marks.found(gone + there, *folders(office))
    assert not {mark: files for mark, files in left.items() if mark in gone}
    assert set(there) <= set(left)
    assert not account.difference
    figures = office.rows("SELECT counts, count(*) AS n FROM figures GROUP BY counts")
    assert {row["counts"]: row["n"] for row in figures} == {
        "concern": len(CLOSED + SENT + ROWS),
        "message": len(THANKS),
    }
    protocol = office.rows("SELECT rule, place, count FROM deletions")
    assert sum(row["count"] for row in protocol if row["rule"] == "cases = 180") == len(CLOSED + SENT + ROWS)
    assert any(row["place"].startswith("Mailserver") and row["count"] for row in protocol)
