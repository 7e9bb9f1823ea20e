"""The whole service while a mailbox misbehaves: tokens that are refused, a full mailbox, one of two that is away."""

import threading
from pathlib import Path

from imapclient import IMAPClient

from routing.service import channels
from routing.service.watch import reconcile
from tests.servers import processes
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.smtp import SmtpSink
from tests.servers.tokens import CLIENT, SECRET, TokenServer
from tests.support.journeys import LAMP, OIL, Clock, Installation, mail
from tests.support.waiting import until

WEDNESDAY = "2026-06-10 10:00"


def test_a_refused_secret_is_told_once_and_used_once_it_is_right(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with (
        TokenServer() as provider,
        processes.server_folder("dovecot") as folder,
        Dovecot(folder, introspection=provider.introspection) as server,
    ):
        place = Installation(tmp_path, server, smtp_sink)
        provider.behaviour.user = place.user
        secret = tmp_path / "secret"
        secret.touch(0o600)
        secret.write_text("abgelaufen\n")
        del place.mailbox["password_file"]
        place.more = (
            f'[mailboxes.kod.oauth]\ntoken_url = "{provider.token_url}"\nclient_id = "{CLIENT}"\n'
            'scope = "imap"\nclient_secret_file = "secret"\n'
        )
        place.write()
        place.deliver(mail(OIL))
        with place.working(Clock(WEDNESDAY)):
            [alarm] = until(place.alarms)
            assert "falsch oder abgelaufen" in " ".join(alarm.text.split())
            until(lambda: len(provider.requests) > 1)
            assert 1 == len(place.alarms())
            secret.write_text(f"{SECRET}\n")
            until(lambda: place.letters("kbk"))
            until(lambda: len(place.alarms()) == 2)
        assert "behoben" in place.alarms()[1].subject
        assert SECRET not in "".join(told.text for told in place.alarms())


def test_a_large_backlog_comes_by_token_too(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with (
        TokenServer() as provider,
        processes.server_folder("dovecot") as folder,
        Dovecot(folder, introspection=provider.introspection) as server,
    ):
        place = Installation(tmp_path, server, smtp_sink)
        provider.behaviour.user = place.user
        secret = tmp_path / "secret"
        secret.touch(0o600)
        secret.write_text(SECRET)
        del place.mailbox["password_file"]
        place.more = (
            f'[mailboxes.kod.oauth]\ntoken_url = "{provider.token_url}"\nclient_id = "{CLIENT}"\n'
            'client_secret_file = "secret"\n'
        )
        place.write()
        place.deliver(*(mail("ich wollte nur einmal fragen") for _ in range(310)))
        assert 310 == place.once(Clock(WEDNESDAY)).new
        assert 1 == len(provider.requests)


def test_with_a_full_mailbox_new_mail_is_forwarded_all_the_same(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    with (
        processes.server_folder("dovecot") as folder,
        Dovecot(folder, quota=100_000, without=["MOVE"]) as server,
    ):
        place = Installation(tmp_path, server, smtp_sink)
        place.deliver(mail(OIL + " " + "x" * 99_000))
        with place.working(Clock(WEDNESDAY)):
            until(lambda: place.letters("kbk"))
            [alarm] = until(place.alarms)
            assert "voll" in alarm.text
            assert "weiter abgeholt" in " ".join(alarm.text.split())
            place.deliver(mail(OIL))
            until(lambda: len(place.letters("kbk")) == 2)
            assert 1 == len(place.alarms())
            with IMAPClient(server.host, server.imap_port, ssl=False) as outlook:
                outlook.login(place.user, PASSWORD)
                outlook.select_folder("INBOX")
                outlook.delete_messages(outlook.search()[:1])
                outlook.expunge()
            until(lambda: len(place.alarms()) == 2)
        assert "behoben" in place.alarms()[1].subject
        assert ([], 1) == (server.messages(place.user), len(server.messages(place.user, "kod-intake/Erledigt")))


def test_one_of_two_mailboxes_away_holds_up_the_other_not_at_all(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink)
    second = dovecot.new_user()
    away = f'host = "127.0.0.1"\nport = {processes.free_port()}\n'
    there = f'host = "{dovecot.host}"\nport = {dovecot.imap_port}\n'
    login = (
        f'security = "none"\nuser = "{second}"\npassword_file = "password"\npoll_seconds = 1\ntimeout_seconds = 120\n'
    )
    place.more = f"[mailboxes.zweit]\n{away}{login}"
    place.write()
    place.deliver(mail(OIL))
    dovecot.deliver(second, mail(LAMP))
    with place.working(Clock(WEDNESDAY)):
        until(lambda: place.letters("kbk"))
        assert "zweit" in until(place.alarms)[0].text
        place.more = f"[mailboxes.zweit]\n{there}{login}"
        place.write()
        until(lambda: place.letters("ngn"))
    with place.opened(exclusive=False) as work:
        inspected = channels.inspected(work.settings)
        found = [reconcile.compare(work.engine, inspector(work)) for _, inspector in inspected]
    assert [("kod", 1, 1), ("zweit", 1, 1)] == [(one.mailbox, one.on_server, one.stored) for one in found]


def test_a_changed_mailbox_has_one_thread_although_several_follow_the_change(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink)
    away = f'host = "127.0.0.1"\nport = {processes.free_port()}\nsecurity = "none"\n'
    with place.working(Clock(WEDNESDAY)) as running:
        for seconds in range(5, 25):
            place.more = f"[mailboxes.wechselt]\n{away}poll_seconds = {seconds}\n"
            place.write()
            running.runtime.reload()
            following = [threading.Thread(target=running._channel_threads.follow) for _ in range(4)]
            for thread in following:
                thread.start()
            for thread in following:
                thread.join()
        until(lambda: [thread.name for thread in threading.enumerate()].count("mailbox wechselt") == 1)
