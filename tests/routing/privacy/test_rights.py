"""Rights of a person: she is found, gets what is hers and nobody else's, and is nowhere once she is erased."""

import json
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import storage
from routing.privacy import export, holds, persons
from routing.service import channels, erasure, runtime
from routing.service.safekeeping import aftermath, fitness, restore
from routing.service.safekeeping import backup as making
from routing.store import books, held
from routing.text.redaction import city_words
from tests.routing.privacy import marks
from tests.routing.privacy.marks import Person
from tests.routing.privacy.test_retention import all_of, folders, messages_of
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support import journeys
from tests.support import office as one_office
from tests.support.journeys import Clock, Installation

ERASED, HELD, CALLERS, OTHERS = (
    [Person(number) for number in range(first, last)] for first, last in ((0, 6), (6, 8), (8, 10), (10, 20))
)


@pytest.fixture
def office(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> Installation:
    return Installation(tmp_path / "kod", dovecot, smtp_sink)


@pytest.fixture
def clock() -> Clock:
    return Clock("2026-12-01 09:00")


def fill(office: Installation, work: runtime.Runtime, clock: Clock) -> None:
    """Everybody writes; the first two of the erased are answered by a body, which quotes them; two call."""
    for words, people in (
        (journeys.OIL, ERASED[:3]),
        (journeys.RUBBISH, ERASED[3:5] + OTHERS),
        (journeys.UNKNOWN, ERASED[5:]),
    ):
        office.deliver(*(person.mail(words) for person in people), received_at=clock.now)
    office.deliver(*(person.mail(journeys.LAMP) for person in HELD), received_at=clock.now)
    (office.drop / "liste.csv").write_text(marks.HEADER + "".join(one.row(journeys.RUBBISH) for one in CALLERS))
    journeys.work_once(work)
    letter = office.letters("kbk")[0]
    office.deliver(
        journeys.mail(
            f"erledigt\n\n> {ERASED[0].mark('text')}",
            f"AW: {letter.subject}",
            sender=journeys.ADDRESSES["kbk"],
            In_Reply_To=letter.message_id,
        )
    )
    clock.advance(days=1)
    journeys.work_once(work)


def test_an_erased_person_is_nowhere_not_even_after_a_restore(office: Installation, clock: Clock) -> None:
    backup = office.folder.parent / "sicherung.tar.gz"
    places = {one.mark("place") for one in CALLERS}  # of open concerns: somebody must go there
    erased = all_of(ERASED) + [mark for one in CALLERS for mark in one.row_marks if mark not in places]
    there = all_of(HELD + OTHERS)
    with office.opened(clock) as work:
        fill(office, work, clock)
        configuration = work.active.configuration
        making.make(work.engine, configuration, backup, clock.now)
        with storage.writing(work.engine) as connection:
            holds.begin(connection, held.Kind.HOLD, messages_of(office, HELD), "Klage", clock.now, actor="anna")
        assert set(marks.found(erased + there, *folders(office))) == set(erased + there)

        done = erasure.erase(
            work, messages_of(office, ERASED + HELD + CALLERS), channels.clearing(work.settings), actor="anna"
        )
        storage.rewrite(work.engine)

        assert len(done.erased.kept) == len(HELD)
        assert {one.recipient for one in done.erased.told} >= {"kbk", "kod", "gsak"}
        assert done.files == 2
        assert len(done.erased.open_cases) >= len(CALLERS)
        assert not done.troubles
        left = marks.found(erased + there, *folders(office))
        assert not {mark: files for mark, files in left.items() if mark in erased}
        assert set(left) == set(there)
        assert not books.read(work.engine).difference
        journeys.work_once(work)
        notices = [letter for letter in office.letters("kbk") if "-Datenschutz]" in letter.subject]
        assert len(notices) == 1
        assert not any(mark in notices[0].text for mark in erased)

    with restore.unpacked(backup, configuration) as found:
        restore.put(found, runtime.database_url(configuration), configuration, clock.now)
    with office.opened(clock, check=fitness.check_restored) as work:
        work.compile()
        aftermath.go_on(work)
    left = marks.found(erased + there, *folders(office))
    assert not {mark: files for mark, files in left.items() if mark in erased}
    assert set(left) == set(there)


def test_an_export_has_every_mark_of_hers_and_none_of_anybody_else_s(office: Installation, clock: Clock) -> None:
    her, neighbour = OTHERS[0], OTHERS[1]
    mentions = (
        f"{journeys.OIL}. Herr {neighbour.mark('name').title()} hat angerufen. "
        f"Seine Nummer: {neighbour.mark('phone')}, Mail {neighbour.address}"
    )
    office.deliver(her.mail(mentions), neighbour.mail(f"{journeys.LAMP}. Frau {her.mark('name').title()} weiß mehr"))
    archive = office.folder / "auskunft.zip"
    with office.opened(clock) as work:
        journeys.work_once(work)
        city = city_words.of_configuration(work.active.configuration)
        with storage.reading(work.engine) as connection:
            found = persons.find(connection, [her.address, her.mark("phone"), f"Anna {her.mark('name')}"])
            values = export.collect(connection, found, [persons.term(her.mark("name"))], city)
        export.write(archive, values, "Krefeld", clock.now)

    with zipfile.ZipFile(archive) as file:
        texts = [file.read(name).decode() for name in (export.PAGE, export.DATA)]
    assert [one.is_sender for one in found] == [True, False]
    assert archive.stat().st_mode & 0o777 == 0o600
    for text in texts:
        wanted = [mark for mark in her.marks if mark not in {her.mark("content"), her.mark("quote")}]
        assert [mark for mark in wanted if mark not in text.lower()] == []
        assert [mark for mark in neighbour.marks if mark in text.lower()] == []
    assert json.loads(texts[1])["nachrichten"][0]["weitergegeben"]


def test_who_is_named_by_number_is_read_alone(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with one_office.opened(tmp_path / "small", smtp_sink) as place:
        for sender in ("anna@example.org", "berta@example.org", "carla@example.org"):
            place.store(f"{journeys.RUBBISH}, weiß {sender}", sender=sender)
        place.run()
        with storage.reading(place.work.engine) as connection:
            asked: list[str] = []
            sa.event.listen(connection, "before_cursor_execute", lambda *told: asked.append(told[2]))
            [by_number] = persons.candidates(connection, ["N-2"], [])
            [known] = persons.candidates(connection, ["N-2"], ["berta@example.org"])

        assert (True, (("Nummer", "genannt"),)) == (by_number.is_sender, by_number.why)
        assert ("berta@example.org", "Absender") in known.why
        assert not [one for one in asked if "messages.id > " in one]
