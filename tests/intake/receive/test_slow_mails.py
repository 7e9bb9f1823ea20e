"""No mail holds up the next: slow ones are read beside, for three seconds at most, and what arrives goes first."""

import time
from datetime import UTC, datetime

import pytest
from sqlalchemy.engine import Engine

from intake import mail, storage
from intake.base import child_process
from intake.mail.urgent_look import UrgentWords
from intake.message import Message
from intake.receive import fetching, mailbox, slow_reading
from intake.receive.meanwhile import Meanwhile
from intake.receive.slow_reading import Job, Reader
from tests.intake.mail.slow_mails import MAILS
from tests.servers.dovecot import Dovecot
from tests.support.mailboxes import mailbox as opened
from tests.support.waiting import until

NOW = datetime(2026, 6, 10, 8, tzinfo=UTC)
WORDS = ((("gasgeruch",),), (("liegt",), ("leblos", "reglos")))


def numbered(number: int, text: str, size: int = 0) -> bytes:
    filling = b"x" * 70 + b"\r\n"
    head = b"From: anna@example.org\r\nSubject: Nr. %d\r\nMessage-ID: <%d@example.org>\r\n\r\n" % (number, number)
    return head + text.encode() + b"\r\n" + filling * (size // 72)


def waiting(engine: Engine) -> list[str]:
    """The subjects of what waits for a decision, in its order."""
    with storage.reading(engine) as connection:
        return [stored.message.subject for stored in storage.undecided(connection, 100)]


def test_what_looks_urgent_is_first_in_the_line(dovecot: Dovecot, mail_user: str, engine: Engine) -> None:
    for number, text in enumerate(["Die Laterne ist aus", "Im Keller ist Gasgeruch", "Müll", "Da liegt einer leblos"]):
        dovecot.deliver(mail_user, numbered(number, text))
    with opened(dovecot, mail_user) as box:
        mailbox.receive(box, engine, lambda: NOW, urgent_words=WORDS)
    assert ["Nr. 1", "Nr. 3", "Nr. 0", "Nr. 2"] == waiting(engine)


def test_of_many_that_look_urgent_the_newest_and_the_oldest_are_first(
    dovecot: Dovecot, mail_user: str, engine: Engine
) -> None:
    for number in range(7):
        dovecot.deliver(mail_user, numbered(number, "Gasgeruch" if number < 6 else "Müll"))
    with opened(dovecot, mail_user) as box:
        mailbox.receive(box, engine, lambda: NOW, urgent_words=WORDS)
    with storage.reading(engine) as connection:
        some, urgent, everything = (
            [stored.message.subject for stored in storage.undecided(connection, limit, urgent_alone=alone)]
            for limit, alone in ((4, True), (9, True), (9, False))
        )
    assert ["Nr. 0", "Nr. 1", "Nr. 4", "Nr. 5"] == some
    assert [f"Nr. {number}" for number in range(6)] == urgent
    assert [f"Nr. {number}" for number in range(7)] == everything


def test_what_arrives_while_another_process_has_the_backlog_is_stored_at_once_and_filed_away_by_that_one(
    dovecot: Dovecot, mail_user: str, engine: Engine
) -> None:
    dovecot.deliver(mail_user, numbered(0, "Müll"))
    dovecot.deliver(mail_user, numbered(1, "Müll"))
    with opened(dovecot, mail_user) as box:
        how = mailbox.How(lambda: None, None, WORDS)
        meanwhile = Meanwhile(box, engine, lambda: NOW, how, highest=box.uids(0)[-1])
        dovecot.deliver(mail_user, numbered(2, "Gasgeruch"))
        dovecot.deliver(mail_user, numbered(3, "Müll", fetching.LARGE))

        def stored() -> list[str]:
            meanwhile.look()
            return waiting(engine)

        until(stored, "it is stored")
        assert ["Nr. 2"] == waiting(engine)
        assert len(box.all_uids()) == 4
    with opened(dovecot, mail_user) as box:
        received = mailbox.receive(box, engine, lambda: NOW, urgent_words=WORDS)
        assert [] == box.all_uids()
    assert received.new == 3
    assert sorted(waiting(engine)) == [f"Nr. {number}" for number in range(4)]


@pytest.mark.parametrize(
    ("text", "urgent"),
    [("GASGERUCH!", True), ("Er liegt reglos da", True), ("reglos", False), ("es liegt Müll", False), ("", False)],
)
def test_a_keyword_counts_when_all_its_words_are_there(text: str, *, urgent: bool) -> None:
    assert urgent is UrgentWords(WORDS).are_in("", text)
    assert not UrgentWords().are_in(text)


def test_small_mails_come_before_large_ones_and_urgent_large_ones_first(
    dovecot: Dovecot, mail_user: str, engine: Engine
) -> None:
    size = fetching.LARGE + 1_000
    for number, (text, filling) in enumerate([("Müll", size), ("Gasgeruch", size), ("Müll", 0)]):
        dovecot.deliver(mail_user, numbered(number, text, filling))
    stored: list[str] = []

    def note() -> None:
        with storage.reading(engine) as connection:
            stored.extend(sorted({one.message.subject for one in storage.undecided(connection, 9)} - set(stored)))

    with opened(dovecot, mail_user) as box:
        mailbox.receive(box, engine, lambda: NOW, urgent_words=WORDS, on_stored=note)
    assert ["Nr. 2", "Nr. 1", "Nr. 0"] == stored


def test_what_arrives_while_a_slow_mail_is_read_is_stored_before_it(
    dovecot: Dovecot, mail_user: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.deliver(mail_user, numbered(0, "langsam", fetching.LARGE + 1_000))
    read = Reader.read
    order: list[str] = []

    def slowly(self: Reader, job: Job) -> Message:
        dovecot.deliver(mail_user, numbered(1, "Gasgeruch"))
        while not order:  # as long as the other is not stored
            pass
        return read(self, job)

    monkeypatch.setattr(Reader, "read", slowly)
    with opened(dovecot, mail_user) as box:
        received = mailbox.receive(box, engine, lambda: NOW, on_stored=lambda: order.extend(waiting(engine)[-1:]))
    assert 2 == received.new
    assert "Nr. 1" == order[0]


def spinning(raw: bytes, **_: object) -> Message:
    while True:
        pass


@pytest.mark.parametrize("fatal", ["parse", "parse and plain"])
def test_a_mail_that_takes_for_ever_is_read_plainly_and_flagged(fatal: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = numbered(7, "Im Keller ist Gasgeruch")
    monkeypatch.setattr(mail, "parse", spinning)
    if "plain" in fatal:
        monkeypatch.setattr(mail, "plain", spinning)
    monkeypatch.setattr(slow_reading, "SECONDS", 0.3)
    monkeypatch.setattr(child_process, "program", lambda _: _copied())
    with Reader() as reader:
        message = reader.read(Job(raw, NOW, len(raw), complete=True))
    assert "Gasgeruch" in message.new_text
    assert message.problems
    assert ("Nr. 7" if fatal == "parse" else "") == message.subject


def _copied() -> child_process.Child:
    """The process as a copy of this one, with what the test has changed in it."""
    return child_process.copy(slow_reading.serve)


@pytest.mark.parametrize("name", ["html: less-than signs", "parts: nested messages", "text: marks of two classes"])
def test_a_large_mail_is_read_by_a_process_of_its_own_as_it_would_be_here(name: str) -> None:
    raw = MAILS[name](300_000)
    with Reader() as reader:
        assert mail.parse(raw, received_at=NOW) == reader.read(Job(raw, NOW, len(raw), complete=True))


def test_no_kind_of_mail_takes_much_longer_than_its_size_allows() -> None:
    """Eight times the size may take eight times as long; twice that is allowed to a busy machine, not sixty-four."""
    slow = {}
    for name, make in MAILS.items():
        seconds = _seconds(make(240_000))
        if seconds > 0.1 and (times := seconds / max(_seconds(make(30_000)), 0.01)) > 24:
            slow[name] = (seconds, times)
    assert {} == slow


def _seconds(raw: bytes) -> float:
    """The processor time that reading takes."""
    begun = time.process_time()
    mail.parse(raw, received_at=NOW)
    return time.process_time() - begun
