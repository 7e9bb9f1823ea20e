"""Reading a mailbox on a real IMAP server: UIDs, bytes, dates, and what people do to it meanwhile."""

import resource
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from intake.mailbox import FolderError, Mailbox, MailboxError, fetch
from intake.mailbox import client as clients
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.support.mailboxes import MAIL, mailbox, numbered, settings


def raws(box: Mailbox, uids: list[int], **limits: int) -> list[bytes]:
    return [mail.raw for batch in box.fetch(uids, **limits) for mail in batch]


def test_mails_come_oldest_first_with_their_exact_bytes(dovecot: Dovecot, mail_user: str) -> None:
    sent = numbered(250)
    for raw in sent:
        dovecot.deliver(mail_user, raw)
    with mailbox(dovecot, mail_user) as box:
        uids = box.uids(0)
        batches = list(box.fetch(uids))
        assert sent == [mail.raw for batch in batches for mail in batch]
        assert uids == [mail.uid for batch in batches for mail in batch]
        assert [100, 100, 50] == [len(batch) for batch in batches]
        assert all(mail.complete and mail.size == len(mail.raw) for batch in batches for mail in batch)


def test_fetching_marks_nothing_as_read(dovecot: Dovecot, mail_user: str) -> None:
    dovecot.deliver(mail_user, MAIL)
    with mailbox(dovecot, mail_user) as box:
        assert raws(box, box.uids(0)) == [MAIL]
    [mail] = dovecot.messages(mail_user)
    assert "\\Seen" not in mail.flags


@pytest.mark.parametrize(
    "raw",
    [
        "Subject: Müll\r\n\r\nÄÖÜ ß\r\n".encode("latin-1"),
        bytes(range(1, 256)) * 40,
        b"",
        b"\r\n",
        b"Subject: ) UID 99 BODY[] {3}\r\n\r\n* 1 FETCH (UID 7 BODY[] {1}\r\na)\r\n",
        b"Subject: lang\r\n\r\n" + b"z" * 300_000 + b"\r\n",
    ],
    ids=["latin-1", "every byte", "empty", "blank line", "looks like an answer", "long line"],
)
def test_odd_bytes_arrive_as_they_are(dovecot: Dovecot, mail_user: str, raw: bytes) -> None:
    dovecot.deliver(mail_user, raw)
    dovecot.deliver(mail_user, MAIL)
    with mailbox(dovecot, mail_user) as box:
        assert [raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), MAIL] == raws(box, box.uids(0))


def test_nothing_above_the_last_uid_is_nothing(dovecot: Dovecot, mail_user: str) -> None:
    for raw in numbered(3):
        dovecot.deliver(mail_user, raw)
    with mailbox(dovecot, mail_user) as box:
        assert [2, 3] == box.uids(1)
        assert [] == box.uids(3)
        assert [] == box.uids(1_000_000)
        assert [1, 2, 3] == box.all_uids()


def test_mail_that_comes_while_connected_is_found(dovecot: Dovecot, mail_user: str) -> None:
    with mailbox(dovecot, mail_user) as box:
        assert [] == box.uids(0)
        dovecot.deliver(mail_user, MAIL)
        assert [1] == box.uids(0)


def test_dates_are_the_servers_in_utc(dovecot: Dovecot, mail_user: str) -> None:
    moments = [datetime(2019, 3, 31, 1, 30, tzinfo=UTC), datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC)]
    for moment in moments:
        dovecot.deliver(mail_user, MAIL, received_at=moment)
    with mailbox(dovecot, mail_user) as box:
        uids = box.uids(0)
        assert dict(zip(uids, moments, strict=True)) == box.internal_dates([*uids, 4711])
        assert moments == [mail.received_at for batch in box.fetch(uids) for mail in batch]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'1 (INTERNALDATE " 1-feb-2026 00:30:00 +0100" UID 1)', datetime(2026, 1, 31, 23, 30, tzinfo=UTC)),
        (b'1 (UID 1 INTERNALDATE "22-Nov-2026 18:00:00 -0330")', datetime(2026, 11, 22, 21, 30, tzinfo=UTC)),
    ],
)
def test_zones_of_dates_are_taken_off(text: bytes, expected: datetime) -> None:
    assert expected == fetch.read_date(text)


@pytest.mark.parametrize(
    "text",
    [b"1 (UID 1)", b'1 (INTERNALDATE "99-Nov-2026 18:00:00 +0000")', b'1 (INTERNALDATE "01-Foo-2026 18:00:00 +0000")'],
)
def test_a_senseless_date_becomes_the_time_of_fetching(text: bytes) -> None:
    assert abs(datetime.now(UTC) - fetch.read_date(text)) < timedelta(seconds=10)


def test_unusual_forms_of_answers_are_read_too() -> None:
    data: list[Any] = [
        (b"1 (BODY[] {3}", b"abc"),
        b" UID 7)",
        b"2 (FLAGS (\\Seen) UID 8)",
        (b"3 (FLAGS (\\Seen) UID 9 BODY[] {2}", b"de"),
        b")",
        b'4 (UID 10 BODY[] "fg")',
        b"5 (UID 11 BODY[] NIL)",
        (b"6 (UID 12 BODY[]<0> {1}", b"h"),
        b")",
    ]
    assert [(7, b"abc"), (9, b"de"), (10, b"fg"), (11, b""), (12, b"h")] == list(fetch.bodies(data))


def test_batches_are_limited_in_bytes(dovecot: Dovecot, mail_user: str) -> None:
    for raw in numbered(7, size=30_000):
        dovecot.deliver(mail_user, raw)
    with mailbox(dovecot, mail_user) as box:
        batches = list(box.fetch(box.uids(0), max_bytes=100_000))
        assert [3, 3, 1] == [len(batch) for batch in batches]


def test_a_mail_larger_than_a_batch_still_comes(dovecot: Dovecot, mail_user: str) -> None:
    [large] = numbered(1, size=50_000)
    dovecot.deliver(mail_user, large)
    with mailbox(dovecot, mail_user) as box:
        assert [large] == raws(box, box.uids(0), max_bytes=1_000)


def test_an_oversized_mail_comes_as_its_first_megabyte(dovecot: Dovecot, mail_user: str) -> None:
    [large] = numbered(1, size=3_000_000)
    for raw in (MAIL, large, MAIL):
        dovecot.deliver(mail_user, raw)
    with mailbox(dovecot, mail_user, max_size=2_000_000) as box:
        mails = [mail for batch in box.fetch(box.uids(0)) for mail in batch]
    assert [True, False, True] == [mail.complete for mail in mails]
    assert [len(MAIL), len(large), len(MAIL)] == [mail.size for mail in mails]
    assert [MAIL, large[: 1024 * 1024], MAIL] == [mail.raw for mail in mails]


def test_a_mail_that_a_person_removes_meanwhile_is_simply_absent(dovecot: Dovecot, mail_user: str) -> None:
    for raw in numbered(300):
        dovecot.deliver(mail_user, raw)
    with mailbox(dovecot, mail_user) as box, mailbox(dovecot, mail_user) as person:
        uids = box.uids(0)
        batches = box.fetch(uids)
        first = next(batches)
        person.file_away([5, 150, 151, 299], "done")
        later = [mail for batch in batches for mail in batch]
        assert list(range(1, 101)) == [mail.uid for mail in first]
        assert {*range(101, 301)} - {150, 151, 299} <= {mail.uid for mail in later} <= {*range(101, 301)}
        assert [] == raws(box, [5])
        assert 296 == len(box.all_uids())


def test_a_person_reading_and_flagging_disturbs_nothing(dovecot: Dovecot, mail_user: str) -> None:
    for raw in numbered(120):
        dovecot.deliver(mail_user, raw)
    with mailbox(dovecot, mail_user) as box, mailbox(dovecot, mail_user) as person:
        uids = box.uids(0)
        batches = box.fetch(uids)
        fetched = [mail.uid for mail in next(batches)]
        assert person._client
        person._client.add_flags(list(range(1, 121)), ["\\Seen", "UID"])
        fetched += [mail.uid for batch in batches for mail in batch]
        assert uids == fetched
        assert numbered(120) == raws(box, uids)


def test_uid_validity_tells_a_restored_mailbox(dovecot: Dovecot, mail_user: str) -> None:
    dovecot.deliver(mail_user, MAIL)
    with mailbox(dovecot, mail_user) as box:
        before = box.uid_validity
    dovecot.bump_uid_validity(mail_user)
    with mailbox(dovecot, mail_user) as box:
        assert before
        assert before != box.uid_validity
        assert [MAIL] == raws(box, box.uids(0))


def test_a_full_folder_is_searched_in_windows(
    dovecot: Dovecot, mail_user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for raw in numbered(25):
        dovecot.deliver(mail_user, raw)
    monkeypatch.setattr("intake.mailbox.FULL", 20)
    monkeypatch.setattr("intake.mailbox.SEARCH_WINDOW", 10)
    with mailbox(dovecot, mail_user) as box:
        assert list(range(1, 26)) == box.all_uids()
        dovecot.deliver(mail_user, MAIL)
        assert [25, 26] == box.uids(24)


def test_sets_of_uids_join_runs_and_stay_short() -> None:
    assert ["1:3,7,9:10"] == list(clients.uid_sets([1, 2, 3, 7, 9, 10], 100))
    assert ["1:2", "3:4", "5"] == list(clients.uid_sets([1, 2, 3, 4, 5], 2))
    assert [] == list(clients.uid_sets([], 100))
    scattered = list(range(4_000_000_000, 4_000_004_000, 2))
    written = list(clients.uid_sets(scattered, 2_000))
    assert max(map(len, written)) <= 7_000
    assert ",".join(map(str, scattered)) == ",".join(written)


def test_another_folder_than_the_inbox_is_read(dovecot: Dovecot, mail_user: str) -> None:
    dovecot.deliver(mail_user, MAIL, folder="Bürger/Eingang")
    with mailbox(dovecot, mail_user, folder="Bürger/Eingang") as box:
        assert [MAIL] == raws(box, box.uids(0))


def test_a_missing_folder_asks_for_a_person(dovecot: Dovecot, mail_user: str) -> None:
    box = mailbox(dovecot, mail_user, folder="Gibtsnicht")
    with pytest.raises(FolderError) as caught:
        box.connect()
    assert caught.value.person_must_act
    assert "„Gibtsnicht“" in caught.value.german
    with pytest.raises(MailboxError, match="not connected"):
        box.uids(0)


def test_many_waiting_mails_need_no_more_memory(dovecot: Dovecot, mail_user: str) -> None:
    for raw in numbered(2_000, size=20_000):
        dovecot.deliver(mail_user, raw)
    with mailbox(dovecot, mail_user) as box:
        uids = box.uids(0)
        batches = box.fetch(uids, max_bytes=2_000_000)
        next(batches)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        assert 1_900 == sum(len(batch) for batch in batches)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 12_000  # kB; all mails are 40 MB


def test_settings_and_name_stay_readable(dovecot: Dovecot) -> None:
    given = settings(dovecot, "anna")
    box = Mailbox("kod", given, PASSWORD)
    assert ("kod", given, 0) == (box.name, box.settings, box.uid_validity)
