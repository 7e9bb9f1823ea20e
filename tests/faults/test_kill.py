"""``kill -9`` of the real daemon between a real IMAP server and a real SMTP server, and what must hold afterwards.

Every mail and every call is stored exactly once, every letter arrives, and it arrives twice only where the kill fell
between the server's acceptance and our commit: with the same Message-ID and bytes, and marked as in doubt.
``make chaos ARGS="--kills 1000"`` does the same that often and prints figures.
"""

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.chaos import kills
from tests.faults.chaos.closing import check
from tests.faults.chaos.killer import MOMENTS, TOLD_OF_CHILD, Killer, children
from tests.servers.dovecot import Dovecot
from tests.servers.fault_proxy import FaultProxy
from tests.servers.postgresql import PostgreSQL
from tests.servers.smtp import SmtpSink
from tests.support.installation import Installation, installed, mail
from tests.support.waiting import CEILING, until

SEED = 7


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """SQLite in the data folder, unless a test says otherwise."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return ""
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.create_database()


@pytest.fixture
def killer(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, database: str) -> Iterator[Killer]:
    with (
        FaultProxy(dovecot.imap_port) as imap,
        FaultProxy(smtp_sink.port) as smtp,
        installed(tmp_path, dovecot, smtp_port=smtp.port, imap_port=imap.port, database=database) as installation,
    ):
        yield Killer(installation, smtp_sink, imap, smtp, seed=SEED)


def test_killed_at_any_moment_nothing_is_lost_and_repeats_are_known(killer: Killer) -> None:
    kills.play(killer, kills.moments(len(MOMENTS) + 2, SEED))
    assert {"letter taken by the server, not committed", "mail not stored", "mail stored, not moved"} <= set(
        killer.books.phases
    ), "the kills missed what they are for"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_same_holds_on_postgresql(killer: Killer) -> None:
    for moment in ("a mail is committed", "the server took a letter, unanswered", "the server holds a letter back"):
        killer.round(moment)
    check(killer)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_living_daemon_keeps_what_it_sends_and_a_dead_ones_letters_are_taken_over(
    killer: Killer, smtp_sink: SmtpSink
) -> None:
    installation = killer.installation
    smtp_sink.delay = 600
    installation.dovecot.deliver(installation.user, mail(1, "ölspur"))
    first = installation.start()
    until(lambda: installation.count("deliveries", "state = 'sending'"), "the first daemon sends")
    sending = installation.rows("SELECT instance, in_doubt FROM deliveries")
    second = installation.start_and_wait()
    assert sending == installation.rows("SELECT instance, in_doubt FROM deliveries")
    assert first != second
    installation.kill()
    smtp_sink.delay = 0
    installation.start_and_wait()
    [received] = smtp_sink.wait_for(1)
    assert b"Rheinstra" in received.content
    until(lambda: installation.count("deliveries", "state = 'sent' AND in_doubt"), "sent, and known as in doubt")


def test_what_may_have_arrived_is_shown_as_in_doubt(killer: Killer, smtp_sink: SmtpSink) -> None:
    installation = killer.installation
    killer.round("the server took a letter, unanswered")
    letter = next(iter(killer.books.doubtful))[0]
    smtp_sink.stop()
    installation.start_and_wait()
    status = installation.run("status", "--json")
    assert len(killer.books.doubtful) == json.loads(status.stdout)["in_doubt"]
    smtp_sink.start()
    until(lambda: not installation.count("deliveries", "state <> 'sent'"), "all letters were sent")
    [(number,)] = installation.rows(
        "SELECT number FROM cases JOIN concerns ON cases.id = case_id JOIN forwards ON concerns.id = concern_id "
        "JOIN letters ON letters.id = letter_id WHERE mail_id LIKE :letter",
        letter=f"%{letter}%",
    )
    assert "möglicherweise doppelt" in installation.run("show", number).stdout


@pytest.mark.parametrize("command", ["run", "once"])
def test_a_kill_in_a_large_backlog_leaves_no_helper_and_no_gap(killer: Killer, command: str) -> None:
    installation = killer.installation
    process_id, mails = _in_a_backlog(killer, command)
    os.kill(process_id, signal.SIGKILL)
    assert installation.process is not None
    installation.process.wait()
    assert installation.count("messages") < len(mails)
    killer.imap.heal()
    until(lambda: not _group_lives(process_id), "the reading process ended by itself")
    installation.start_and_wait()
    until(lambda: not installation.inbox(), "all is stored and moved")
    _check_all_stored(installation, mails)


@pytest.mark.parametrize("command", ["run", "once"])
def test_where_the_process_for_a_backlog_is_killed_the_other_does_its_work(killer: Killer, command: str) -> None:
    installation = killer.installation
    process_id, mails = _in_a_backlog(killer, command)
    [helper] = children(process_id)
    os.kill(helper, signal.SIGKILL)
    assert installation.count("messages") < len(mails)
    killer.imap.heal()
    until(lambda: not installation.inbox(), "all is stored and moved")
    if command == "once":
        assert installation.process is not None
        assert 0 == installation.process.wait(CEILING)
    assert TOLD_OF_CHILD in installation.logged()
    _check_all_stored(installation, mails)


def _in_a_backlog(killer: Killer, command: str) -> tuple[int, list[bytes]]:
    """The id of the process that a command started, some of whose backlog is stored, and the mails of it.

    The mail server gives no more than the first of them before the proxy heals.
    """
    installation = killer.installation
    killer.imap.hold_on_request = (b"BODY.PEEK[]", 3)
    mails = [mail(number, "eine Frage") for number in range(400)]
    for raw in mails:
        installation.dovecot.deliver(installation.user, raw)
    process_id = installation.start(command)
    until(lambda: installation.count("messages"), "the first batch is stored")
    return process_id, mails


def _check_all_stored(installation: Installation, mails: list[bytes]) -> None:
    stored = installation.rows("SELECT data FROM raw_messages")
    assert Counter(mails) == Counter(bytes(row.data) for row in stored)
    assert len(mails) == installation.count("arrivals") == installation.count("messages")


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
