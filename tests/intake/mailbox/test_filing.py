"""Filing mail away on servers with and without MOVE and UIDPLUS, without touching what is other people's."""

from collections.abc import Iterator

import pytest

from intake.mailbox import FolderError, QuotaError, folders
from tests.servers import processes
from tests.servers.dovecot import Dovecot
from tests.servers.fault_proxy import FaultProxy
from tests.support.mailboxes import MAIL, mailbox, numbered


@pytest.fixture(scope="module", params=["MOVE", "UIDPLUS", "neither"])
def server(request: pytest.FixtureRequest) -> Iterator[Dovecot]:
    without = {"MOVE": [], "UIDPLUS": ["MOVE"], "neither": ["MOVE", "UIDPLUS"]}[request.param]
    with processes.server_folder("dovecot") as folder, Dovecot(folder, without=without) as dovecot:
        yield dovecot


def test_filing_away_never_takes_other_peoples_mail(server: Dovecot) -> None:
    user = server.new_user()
    mails = numbered(4)
    server.deliver(user, mails[0], flags="ST")  # a person flagged this one as deleted and may still want it back
    for raw in mails[1:]:
        server.deliver(user, raw)
    with FaultProxy(server.imap_port) as proxy, mailbox(server, user, port=proxy.port) as box:
        uids = {mail.raw: mail.uid for batch in box.fetch(box.uids(0)) for mail in batch}
        chosen = [uids[mails[1]], uids[mails[2]]]
        box.file_away(chosen, "done")
        left = server.messages(user)
        assert b"EXPUNGE\r\n" not in proxy.requests.upper().replace(b"UID EXPUNGE", b"")
        capable = box.can_move
    moved = [mail.raw for mail in server.messages(user, "kod-intake/Erledigt")]
    if capable:
        assert mails[1:3] == moved
        assert {mails[0], mails[3]} == {mail.raw for mail in left}
    else:
        assert not moved
        assert {mails[1], mails[2]} == {mail.raw for mail in left if "$kod-intake-gespeichert" in mail.flags}
        assert set(mails) == {mail.raw for mail in left}
    assert {mails[0]} == {mail.raw for mail in left if "\\Deleted" in mail.flags}


def test_several_hundred_mails_are_moved(dovecot: Dovecot, mail_user: str) -> None:
    for raw in numbered(250):
        dovecot.deliver(mail_user, raw)
    with mailbox(dovecot, mail_user) as box:
        box.file_away(box.uids(0)[::2], "unreadable")
        assert list(range(2, 251, 2)) == box.uids(0)
    assert 125 == len(dovecot.messages(mail_user, "kod-intake/Unlesbar"))


def test_what_left_is_told_in_one_line_where_the_server_can(dovecot: Dovecot, mail_user: str) -> None:
    for raw in numbered(30):
        dovecot.deliver(mail_user, raw)
    replies = bytearray()

    def hear(data: bytes) -> bytes:
        replies.extend(data)
        return data

    with (
        FaultProxy(dovecot.imap_port) as proxy,
        mailbox(dovecot, mail_user, port=proxy.port) as box,
        mailbox(dovecot, mail_user, port=proxy.port) as other,
    ):
        uids = box.uids(0)
        assert uids == other.uids(0)
        proxy.rewrite = hear
        box.file_away(uids, "done")
        assert [] == other.uids(0)
    assert 2 == replies.count(b"VANISHED 1:30")
    assert b" EXPUNGE" not in replies


@pytest.mark.parametrize("answer", [b"NO", b"BAD"])
def test_a_server_may_refuse_to_be_brief(dovecot: Dovecot, mail_user: str, answer: bytes) -> None:
    dovecot.deliver(mail_user, MAIL)
    with FaultProxy(dovecot.imap_port) as proxy:
        proxy.rewrite = lambda data: data.replace(b"* ENABLED QRESYNC\r\n", b"").replace(
            b"OK Enabled", answer + b" Enabled"
        )
        with mailbox(dovecot, mail_user, port=proxy.port) as box:
            box.file_away(box.uids(0), "done")
    assert 1 == len(dovecot.messages(mail_user, "kod-intake/Erledigt"))


def test_flags_survive_the_move(dovecot: Dovecot, mail_user: str) -> None:
    dovecot.deliver(mail_user, MAIL, flags="FS")
    with mailbox(dovecot, mail_user) as box:
        box.file_away(box.uids(0), "done")
    [mail] = dovecot.messages(mail_user, "kod-intake/Erledigt")
    assert {"\\Flagged", "\\Seen"} == set(mail.flags)


def test_vanished_mails_and_no_mails_do_not_matter(dovecot: Dovecot, mail_user: str) -> None:
    dovecot.deliver(mail_user, MAIL)
    with mailbox(dovecot, mail_user) as box:
        box.file_away([], "done")
        box.file_away([1, 17, 4711], "done")
        box.file_away([1], "done")
        assert [] == box.uids(0)


def test_target_folders_are_made_and_subscribed(dovecot: Dovecot, mail_user: str) -> None:
    for _ in range(2):  # the second time they are there already
        with mailbox(dovecot, mail_user, done="kod-intake/Erledigt", unreadable="Größe & Co/Zu groß"):
            pass
    made = {"kod-intake/Erledigt", "Größe & Co/Zu groß"}
    assert made == dovecot.folders(mail_user) == dovecot.subscriptions(mail_user)


def test_a_target_folder_that_a_person_removed_is_made_again(server: Dovecot) -> None:
    user = server.new_user()
    server.deliver(user, MAIL)
    with mailbox(server, user) as box:
        [uid] = box.uids(0)
        assert box._client
        box._client.delete_folder("kod-intake/Erledigt")
        box.file_away([uid], "done")
        if box.can_move:
            assert [MAIL] == [mail.raw for mail in server.messages(user, "kod-intake/Erledigt")]


def test_separator_and_prefix_of_the_server_are_respected() -> None:
    with (
        processes.server_folder("dovecot") as folder,
        Dovecot(folder, separator=".", prefix="INBOX.") as server,
    ):
        server.deliver("anna", MAIL)
        with mailbox(server, "anna") as box:
            box.file_away(box.uids(0), "done")
        assert {"kod-intake/Erledigt", "kod-intake/Unlesbar"} == server.folders("anna")
        assert [MAIL] == [mail.raw for mail in server.messages("anna", "kod-intake/Erledigt")]


@pytest.mark.parametrize(
    ("configured", "expected"),
    [
        ("kod-intake/Erledigt", "INBOX.kod-intake.Erledigt"),
        ("INBOX.kod-intake.Erledigt", "INBOX.kod-intake.Erledigt"),
        ("inbox", "INBOX"),
        ("shared/kod", "shared.kod"),
    ],
)
def test_names_are_spelt_as_the_server_does(configured: str, expected: str) -> None:
    assert expected == folders.Naming(".", "INBOX.", ("shared.",)).name(configured)


def test_a_full_mailbox_is_told_apart_and_the_connection_lives_on() -> None:
    with (
        processes.server_folder("dovecot") as folder,
        Dovecot(folder, without=["MOVE"], quota=30_000) as server,
    ):
        for raw in numbered(3, size=8_000):
            server.deliver("anna", raw)
        with mailbox(server, "anna") as box:
            uids = box.uids(0)
            with pytest.raises(QuotaError) as caught:
                box.file_away(uids, "done")
            assert caught.value.person_must_act
            assert "voll" in caught.value.german
            assert uids == box.uids(0)


def test_a_folder_that_may_not_be_changed_asks_for_a_person() -> None:
    with processes.server_folder("dovecot") as folder, Dovecot(folder, rights=True) as server:
        server.deliver("anna", MAIL)
        server.write_acl("anna", "INBOX", "owner lr\n")
        with pytest.raises(FolderError) as caught:
            mailbox(server, "anna").connect()
    assert caught.value.person_must_act
    assert "Schreibrechte" in caught.value.german
