"""Reconciliation: the server's folders against the store, against real servers, every difference explained."""

import gc
import json
import tracemalloc
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from imapclient import IMAPClient
from sqlalchemy.engine import Engine

from intake import mail, reconcile, storage
from intake.base import errors
from intake.mailbox import Fetched, ListedMail, Opened, ReadOnlyMailbox
from intake.receive import mailbox as mails
from intake.reconcile import Comparison, Folder, Why
from intake.reconcile.numbers import Numbers
from intake.settings import MailboxSettings
from routing.cli.commands.service.reconcile import reconcile as reconcile_command
from routing.cli.context import CommandContext
from routing.service import channels, health
from routing.service.watch import reconcile as reconciling
from routing.store import migrations
from tests.servers import processes
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.fault_proxy import FaultProxy
from tests.servers.smtp import SmtpSink
from tests.support.journeys import LAMP, OIL, Clock, Installation, moment
from tests.support.journeys import mail as citizens_mail
from tests.support.mailboxes import mailbox, settings
from tests.support.waiting import until

NOW = datetime(2026, 6, 10, 8, tzinfo=UTC)
DONE, UNREADABLE = "kod-intake/Erledigt", "kod-intake/Unlesbar"


def opened(url: str) -> Iterator[Engine]:
    made = storage.create(url)
    migrations.upgrade(made)
    yield made
    made.dispose()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    yield from opened(f"sqlite:///{tmp_path / 'kod.sqlite'}")


@pytest.fixture
def either(database_url: str) -> Iterator[Engine]:
    """Once of each engine."""
    yield from opened(database_url)


def numbered(count: int, first: int = 0) -> list[bytes]:
    return [
        b"Message-ID: <%d@example.org>\r\nSubject: Nr. %d\r\n\r\nText\r\n" % (number, number)
        for number in range(first, first + count)
    ]


def receive(server: Dovecot, user: str, engine: Engine, **changes: Any) -> None:
    with mailbox(server, user, **changes) as box:
        mails.receive(box, engine, lambda: NOW, reconcile=True)


def compare(server: Dovecot, user: str, engine: Engine, **changes: Any) -> Comparison:
    with ReadOnlyMailbox("kod", settings(server, user, **changes), PASSWORD) as box:
        return reconcile.mailbox(box, engine)


def person(server: Dovecot, user: str, folder: str = "INBOX") -> IMAPClient:
    client = IMAPClient(server.host, server.imap_port, ssl=False)
    client.login(user, PASSWORD)
    client.select_folder(folder)
    return client


def balanced(found: Comparison) -> bool:
    """Whether the explanations account for the whole difference of the two numbers."""
    explained = sum(found.count(why) for why in Why if why is not Why.STORED) + found.elsewhere - found.gone
    return found.on_server == found.stored + explained


def test_what_was_received_is_all_there(dovecot: Dovecot, mail_user: str, engine: Engine) -> None:
    for raw in [*numbered(203), b"Subject: ohne Kennung\r\n\r\nText\r\n"]:
        dovecot.deliver(mail_user, raw)
    receive(dovecot, mail_user, engine)
    found = compare(dovecot, mail_user, engine)
    assert "Postfach „kod“: 204 auf dem Server, 204 gespeichert, 0 ungeklärt." == found.summary
    assert [] == list(found.explanations())
    assert [("INBOX", 0), (DONE, 204), (UNREADABLE, 0)] == [(one.name, one.on_server) for one in found.folders]


def test_each_difference_has_its_explanation(dovecot: Dovecot, mail_user: str, either: Engine) -> None:
    engine = either
    old = datetime(2026, 5, 1, tzinfo=UTC)
    for raw in numbered(6):
        dovecot.deliver(mail_user, raw, received_at=NOW)
    dovecot.deliver(mail_user, b"Subject: riesig\r\n\r\n" + b"x" * 1_100_000, received_at=NOW)
    for raw in numbered(4, 100):
        dovecot.deliver(mail_user, raw, received_at=old)
    rules = {"since": date(2026, 6, 1), "max_size": 1_000_000}
    receive(dovecot, mail_user, engine, **rules)
    with person(dovecot, mail_user, DONE) as outlook:
        [first, second, third, fourth, *_] = outlook.search()
        outlook.delete_messages([first, second])
        outlook.expunge([first, second])
        outlook.copy([third], DONE)
        outlook.move([fourth], "INBOX")
    for raw in numbered(2, 200):
        dovecot.deliver(mail_user, raw, received_at=NOW)
    found = compare(dovecot, mail_user, engine, **rules)
    assert balanced(found)
    assert (2, 2, 4, 1, 0) == (
        found.gone,
        found.count(Why.WAITING),
        found.count(Why.OLDER),
        found.count(Why.COPY),
        found.unexplained,
    )
    assert [
        "2 Nachrichten sind eingetroffen und werden noch abgeholt.",
        "4 Nachrichten sind älter als der Stichtag (01.06.2026) und bleiben liegen.",
        "1 Nachricht liegt ein weiteres Mal auf dem Server.",
        "2 Nachrichten sind gespeichert, liegen aber nicht mehr in diesen Ordnern (gelöscht oder verschoben).",
    ] == list(found.explanations())


def test_what_somebody_put_among_the_done_is_unexplained(dovecot: Dovecot, mail_user: str, engine: Engine) -> None:
    dovecot.deliver(mail_user, numbered(1)[0])
    receive(dovecot, mail_user, engine)
    strange = [numbered(1, 7)[0], b"Subject: ohne Kennung\r\n\r\nText\r\n", b"\x00\xff"]
    for raw in strange:
        dovecot.deliver(mail_user, raw, folder=DONE, received_at=NOW)
    found = compare(dovecot, mail_user, engine)
    assert (4, 1, 3) == (found.on_server, found.stored, found.unexplained)
    assert balanced(found)
    assert [2, 3, 4] == [one.uid for one in found.differences]
    what = "kod-intake/Erledigt, Nr. 2, eingegangen 10.06.2026 10:00: nicht gespeichert"
    assert what in found.differences[0].sentence
    with person(dovecot, mail_user, DONE) as outlook:  # what the sentence advises
        outlook.move([2, 3, 4], "INBOX")
    receive(dovecot, mail_user, engine)
    assert 0 == compare(dovecot, mail_user, engine).unexplained


def test_a_store_of_yesterday_is_noticed(dovecot: Dovecot, mail_user: str, engine: Engine) -> None:
    for raw in numbered(5):
        dovecot.deliver(mail_user, raw)
    receive(dovecot, mail_user, engine)
    with storage.writing(engine) as connection:  # the two newest were not yet in the backup
        for table in ("waiting", "raw_messages", "arrivals", "messages"):
            column = "id" if table == "messages" else "message_id"
            connection.execute(sa.text(f"DELETE FROM {table} WHERE {column} > 3"))
    assert 2 == compare(dovecot, mail_user, engine).unexplained


def test_a_mail_with_another_head_is_known_by_its_content(dovecot: Dovecot, mail_user: str, engine: Engine) -> None:
    dovecot.deliver(mail_user, numbered(1)[0])
    receive(dovecot, mail_user, engine)
    for _ in range(2):  # brought again, through another alias, by people
        dovecot.deliver(mail_user, b"Received: from somewhere\r\n" + numbered(1)[0], folder=DONE)
    found = compare(dovecot, mail_user, engine)
    assert (2, 0) == (found.count(Why.COPY), found.unexplained)


def test_a_forged_message_id_hides_nothing(dovecot: Dovecot, mail_user: str, engine: Engine) -> None:
    dovecot.deliver(mail_user, numbered(1)[0])
    receive(dovecot, mail_user, engine)
    dovecot.deliver(mail_user, numbered(1)[0] + b"und etwas anderes\r\n", folder=DONE)
    assert 1 == compare(dovecot, mail_user, engine).unexplained


def test_a_mail_that_the_server_does_not_give_is_told(dovecot: Dovecot, mail_user: str, engine: Engine) -> None:
    receive(dovecot, mail_user, engine)
    dovecot.deliver(mail_user, numbered(1)[0], folder=DONE)
    with FaultProxy(dovecot.imap_port) as proxy:
        proxy.rewrite = lambda data: data.replace(b"BODY[]", b"BODY[9]")
        found = compare(dovecot, mail_user, engine, port=proxy.port)
    assert 1 == found.unexplained
    assert "gibt sie nicht heraus" in found.differences[0].sentence


def test_another_uid_validity_changes_nothing(dovecot: Dovecot, mail_user: str, engine: Engine) -> None:
    for raw in numbered(3):
        dovecot.deliver(mail_user, raw)
    receive(dovecot, mail_user, engine)
    with person(dovecot, mail_user, DONE) as outlook:
        outlook.move(outlook.search(), "INBOX")
    dovecot.bump_uid_validity(mail_user)
    dovecot.bump_uid_validity(mail_user, DONE)
    found = compare(dovecot, mail_user, engine)
    assert (3, 3, 0) == (found.on_server, found.stored, found.unexplained)


def test_looking_changes_nothing(dovecot: Dovecot, mail_user: str, engine: Engine) -> None:
    for raw in numbered(3):
        dovecot.deliver(mail_user, raw)
    found = compare(dovecot, mail_user, engine)  # never received: the target folders are not there
    assert (3, 0, 3) == (found.on_server, found.stored, found.count(Why.WAITING))
    assert set() == dovecot.folders(mail_user)
    assert all(not stored.flags for stored in dovecot.messages(mail_user))


def test_a_mail_is_brought_over_the_wire_only_in_doubt(dovecot: Dovecot, mail_user: str, engine: Engine) -> None:
    for raw in numbered(50):
        dovecot.deliver(mail_user, raw + b"x" * 10_000)
    receive(dovecot, mail_user, engine)
    with FaultProxy(dovecot.imap_port) as proxy:
        assert 50 == compare(dovecot, mail_user, engine, port=proxy.port).on_server
        assert b"BODY.PEEK[]" not in proxy.requests
        assert b"EXAMINE" in proxy.requests
        assert b"SELECT" not in proxy.requests


class Made(ReadOnlyMailbox):
    """A mailbox of any size whose mails are made up as they are listed."""

    def __init__(self, count: int) -> None:
        super().__init__("kod", MailboxSettings(host="localhost"), None)
        self._count = count

    def open(self, folder: str) -> Opened | None:
        return Opened(self._count, 1) if folder == DONE else None

    def listed(self, opened: Opened) -> Iterator[list[ListedMail]]:
        for start in range(1, opened.count, 1000):
            yield [
                ListedMail(uid, 100, NOW, b"Message-ID: <%d@x>\r\n\r\n" % uid) for uid in range(start, start + 1000)
            ]

    def fetch(self, uids: Sequence[int]) -> Iterator[list[Fetched]]:
        assert len(uids) <= reconcile.FETCHED
        yield from ()


def test_memory_does_not_grow_with_the_mailbox(engine: Engine) -> None:
    def peak(count: int) -> int:
        gc.collect()
        gc.disable()  # our processes let the collector run seldom: nothing may depend on it
        tracemalloc.start()
        try:
            found = reconcile.mailbox(Made(count), engine)
            assert (count, count, reconcile.SHOWN) == (found.on_server, found.unexplained, len(found.differences))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            gc.enable()

    peak(1_000)  # what is loaded and cached once
    assert peak(12_000) < 1.3 * peak(3_000)


def test_large_numbers_are_written_as_people_do() -> None:
    folders = (Folder("INBOX", {Why.WAITING: 1}), Folder(DONE, {Why.STORED: 1204}))
    found = Comparison(mailbox="kod", folders=folders, stored=1205, gone=1, elsewhere=0, since=None, differences=())
    assert balanced(found)
    assert [
        "Postfach „kod“: 1.205 auf dem Server, 1.205 gespeichert, 0 ungeklärt.",
        "  INBOX                        1",
        "  kod-intake/Erledigt      1.204",
        "  – 1 Nachricht ist eingetroffen und wird noch abgeholt.",
        "  – 1 Nachricht ist gespeichert, liegt aber nicht mehr in diesen Ordnern (gelöscht oder verschoben).",
    ] == reconciling.report(found).splitlines()


# When, and by which door


@pytest.mark.parametrize(
    ("last", "now", "expected"),
    [
        ("2026-06-09 03:30", "2026-06-10 03:29", False),
        ("2026-06-09 03:30", "2026-06-10 03:30", True),
        ("2026-06-10 03:31", "2026-06-10 23:59", False),
        ("2026-06-08 03:31", "2026-06-10 00:10", True),  # the machine was off
        ("2026-06-08 03:31", "2026-06-10 02:00", False),  # never in this hour
        ("2026-06-08 03:31", "2026-06-10 02:59", False),
        ("2026-03-28 03:31", "2026-03-29 03:30", True),  # the day without 02:00
        ("2026-10-24 03:31", "2026-10-25 02:30", False),  # the day with two of it
        ("2026-10-24 03:31", "2026-10-25 03:30", True),
    ],
)
def test_the_night_comes_once_a_day(last: str, now: str, *, expected: bool) -> None:
    assert expected == reconciling.due(moment(last), None, moment(now))
    assert expected == reconciling.due(None, moment(last), moment(now))  # as long as it was never done
    assert not reconciling.due(None, None, moment(now))


def command(place: Installation, *arguments: str) -> int:
    """``kod-intake reconcile`` inside this process; its exit code."""
    return int(
        reconcile_command.main(list(arguments), obj=CommandContext(place.config, {}), standalone_mode=False) or 0
    )


def test_the_command_tells_staff_and_machines(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink)
    place.deliver(citizens_mail(OIL), citizens_mail(LAMP))
    place.once(Clock("2026-06-10 10:00"))
    capsys.readouterr()
    assert 0 == command(place)
    assert capsys.readouterr().out.startswith("Postfach „kod“: 2 auf dem Server, 2 gespeichert, 0 ungeklärt.\n  INBOX")
    dovecot.deliver(place.user, citizens_mail(OIL), folder=DONE)
    run = place.run("reconcile", "--json", "kod")  # once as a process of its own
    assert (4, "") == (run.returncode, run.stderr)
    told = json.loads(run.stdout)
    assert (3, 2, 1) == (told["on_server"], told["stored"], told["unexplained"])
    assert [(DONE, 3)] == [(one["folder"], one["uid"]) for one in told["differences"]]
    with pytest.raises(errors.UsageError, match=r"„kdo“ gibt es nicht\. In config\.toml stehen: kod\."):
        command(place, "kdo")
    place.mailbox["port"] = processes.free_port()
    place.write()
    assert 1 == command(place)
    assert "Postfach „kod“" in capsys.readouterr().err


def health_of(place: Installation, clock: Clock) -> tuple[health.Trouble, ...]:
    with place.opened(clock, exclusive=False) as work:
        return health.read(work.engine, work.settings, channels.configured(work.settings), clock()).troubles


def test_the_daemon_reconciles_at_night_and_tells_what_is_unexplained(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink)
    clock = Clock("2026-06-10 10:00")
    place.deliver(citizens_mail(OIL))
    with place.working(clock):
        until(lambda: place.letters("kbk"))
        dovecot.deliver(place.user, citizens_mail(LAMP), folder=DONE)
        looked = clock.asked["night"]
        until(lambda: clock.asked["night"] >= looked + 2)
        assert [] == place.alarms()
        clock.set("2026-06-11 03:31")
        [alarm] = until(place.alarms)
        assert "1 Nachricht auf dem Server nicht gespeichert" in alarm.text.replace("\n", " ")
        assert "kod-intake reconcile" in alarm.text
        assert "reconcile kod" in {trouble.name for trouble in health_of(place, clock)}
        with person(dovecot, place.user, DONE) as outlook:
            outlook.move([outlook.search()[-1]], "INBOX")
        until(lambda: place.letters("ngn") or place.count("messages") == 2)
        clock.set("2026-06-12 03:31")
        until(lambda: len(place.alarms()) == 2)
    assert "behoben" in place.alarms()[1].subject


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"Message-ID: <a@b>\r\n\r\n", "a@b"),
        (b"message-id:\r\n <a@\r\n b>\r\n\r\n", "a@b"),
        (b"Message-ID: a@b\r\n\r\n", "a@b"),
        (b"Message-ID: \xff\x00<\r\n\r\n", None),
        (b"\r\n", ""),
        (b"", ""),
        (b"\xff" * 1000, ""),
    ],
)
def test_a_message_id_is_spelt_as_the_reader_does(head: bytes, expected: str | None) -> None:
    found = mail.message_id(head)
    assert found == mail.parse(head + b"Text", received_at=NOW).message_id
    assert expected in {None, found}


def test_numbers_are_a_set() -> None:
    numbers = Numbers()
    assert [True, True, False, True] == [numbers.add(number) for number in (1, 900, 1, 8)]
    assert (3, True, False, False) == (len(numbers), 900 in numbers, 899 in numbers, 10_000 in numbers)
    other = Numbers()
    other.include([1, 2])
    assert (2, 1) == (numbers.without(other), other.without(numbers))
