"""The real process ends soon whatever it is doing; commands beside it; a second one refuses."""

import functools
import subprocess
import threading
from pathlib import Path

from tests.servers.dovecot import Dovecot
from tests.servers.fault_proxy import FaultProxy
from tests.servers.smtp import SmtpSink
from tests.support.journeys import LAMP, OIL, RUBBISH, UNKNOWN, Installation, mail
from tests.support.waiting import until

LONGEST = 60
"""Seconds; ten on a quiet machine. What the process waits for in these tests takes ten times as long."""


def test_it_ends_while_it_waits_for_mail_and_a_second_one_refuses_meanwhile(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    with FaultProxy(dovecot.imap_port) as proxy:
        place = Installation(tmp_path, dovecot, smtp_sink, mailbox={"port": proxy.port, "poll_seconds": 600})
        with place.process() as running:
            until(lambda: b"IDLE" in proxy.requests)
            for command in ("run", "once"):
                second = place.run(command)
                assert 1 == second.returncode
                assert "arbeitet schon mit dieser Datenbank" in second.stderr
                assert "Traceback" not in second.stderr
            code, seconds = running.stop()
    assert 0 == code, running.log
    assert seconds < LONGEST
    assert "thread left behind" not in running.log


def test_it_ends_while_the_sending_server_hangs_and_repeats_the_letter_in_doubt_after_the_start(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink, smtp={"timeout_seconds": 600})
    smtp_sink.delay = 600
    place.deliver(mail(OIL))
    with place.process() as running:
        until(lambda: place.count("deliveries", "state = 'sending'") == 1)
        code, seconds = running.stop()
    assert (0, True) == (code, seconds < LONGEST), running.log
    smtp_sink.stop()
    smtp_sink.delay = 0
    smtp_sink.start()
    place.once()
    assert 2 == place.count("deliveries", "state = 'sent'")
    assert 1 == place.count("deliveries", "in_doubt")
    assert 2 == len({letter.message_id for letter in place.letters()})


def test_it_ends_while_the_mail_server_is_a_black_hole(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> None:
    with FaultProxy(dovecot.imap_port) as proxy:
        proxy.black_hole = True
        login = {"port": proxy.port, "timeout_seconds": 600}
        place = Installation(tmp_path, dovecot, smtp_sink, mailbox=login)
        with place.process() as running:
            until(lambda: proxy.connections)
            code, seconds = running.stop()
    assert (0, True) == (code, seconds < LONGEST), running.log


def test_a_mailboxs_thread_that_has_left_at_the_end_is_not_replaced(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink)
    with place.working() as running:
        place.deliver(mail(OIL))
        until(lambda: place.count("messages") == 1)
        running._signals.stop.set()
        running._channel_threads.leave()
        until(lambda: not any(thread.is_alive() for thread in running._channel_threads.threads))
        running._channel_threads.follow()  # the regular job, which was just at it
        assert [] == running._channel_threads.threads


def test_it_ends_in_the_middle_of_a_backlog_and_finishes_it_after_the_start(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    with FaultProxy(dovecot.imap_port) as proxy:
        proxy.hold_on_request = (b"BODY.PEEK[]", 7)
        place = Installation(tmp_path, dovecot, smtp_sink, mailbox={"port": proxy.port, "timeout_seconds": 600})
        place.deliver(*(mail(f"Nr. {number}: {RUBBISH}") for number in range(1000)))
        with place.process(ready="event=") as running:
            stored = place.folder / "data" / "kod-intake.sqlite"
            until(lambda: place.count("messages") > 100 if stored.exists() else 0)
            code, seconds = running.stop()
        assert (0, True) == (code, seconds < LONGEST), running.log
        assert place.count("messages") < 1000
        proxy.heal()
        place.once()
    assert (1000, 1000, 1000) == (place.count("messages"), place.count("decisions"), place.count("forwards"))
    assert 1000 == len(dovecot.messages(place.user, "kod-intake/Erledigt"))


def _has_more(place: Installation, before: int) -> bool:
    return place.count("decisions") > before


def test_what_people_do_by_commands_is_picked_up_by_the_running_daemon(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink)
    smtp_sink.recipient_replies["hinweise@kbk.invalid"] = "550 5.1.1 unknown"
    with place.working():
        for words in (UNKNOWN, RUBBISH, OIL):  # one after the other: the newest would come first
            before = place.count("decisions")
            place.deliver(mail(words))
            until(functools.partial(_has_more, place, before))
        until(lambda: place.count("deliveries", "state = 'parked'") == 1)
        unknown, rubbish, _ = place.numbers()
        done = place.run("assign", unknown, "gsak", "--urgency", "sofort")
        assert (0, f"{unknown} ist gsak zugewiesen.\n") == (done.returncode, done.stdout), done.stderr
        until(lambda: len(place.letters("gsak")) == 1, "the assigned one goes out")
        done = place.run("close", rubbish, "--reason", "schon abgeholt")
        assert (0, f"{rubbish} ist geschlossen.\n") == (done.returncode, done.stdout)
        assert 1 == place.count("forwards", "state = 'cancelled'")
        smtp_sink.recipient_replies.clear()
        done = place.run("requeue", "letters")
        assert (0, "1 Schreiben wird noch einmal versucht.\n") == (done.returncode, done.stdout)
        until(lambda: len(place.letters("kbk")) == 1, "the parked letter goes out")
        done = place.run("requeue", rubbish)  # decided again, and planned again
        assert 0 == done.returncode
        until(lambda: place.count("forwards", "state = 'planned'") == 1)
        assert 0 == place.run("status").returncode
    assert "schon abgeholt" in place.run("show", rubbish).stdout


def test_commands_do_not_disturb_a_daemon_that_is_busy(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink)
    place.deliver(mail(UNKNOWN))
    place.once()
    place.deliver(*(mail(LAMP) for _ in range(300)))
    results: list[subprocess.CompletedProcess[str]] = []

    def look() -> None:
        results.extend(place.run(*command) for command in (["list"], ["assign", place.numbers()[0], "gsak"]))

    with place.process(ready="event="):
        person = threading.Thread(target=look)
        person.start()
        until(lambda: place.count("decisions", "actor = 'daemon'") == 301)
        person.join()
    assert [0, 0] == [result.returncode for result in results], results
    assert 302 == place.count("decisions")
