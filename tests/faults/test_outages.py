"""What is out is told, once, and nothing is filed away meanwhile: a database that vanishes, a start that fails."""

import json
import re
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.fault_proxy import FaultProxy
from tests.servers.postgresql import PostgreSQL
from tests.servers.smtp import SmtpSink
from tests.support.installation import OPERATOR, Installation, installed, mail
from tests.support.waiting import until


@pytest.fixture
def one(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> Iterator[Installation]:
    with installed(tmp_path, dovecot, smtp_port=smtp_sink.port) as made:
        yield made


def database(one: Installation) -> Path:
    return one.folder / "data" / "kod-intake.sqlite"


def deliver(one: Installation, *numbers: int) -> None:
    for number in numbers:
        one.dovecot.deliver(one.user, mail(number, "ölspur"))


def titles(one: Installation) -> list[str]:
    """What the operator was told by the second way, the first lines."""
    return [call.partition("\n")[0] for call in one.calls()]


def mails_to_operator(sink: SmtpSink) -> int:
    return sum(message.recipients == (OPERATOR,) for message in list(sink.messages))


def test_nothing_is_filed_away_into_a_database_that_was_deleted(one: Installation, smtp_sink: SmtpSink) -> None:
    one.start_and_wait()
    deliver(one, 1)
    until(lambda: one.count("deliveries", "state = 'sent'") == 1)
    for file in database(one).parent.glob("kod-intake.sqlite*"):
        if not file.name.endswith(("turn", "identity")):
            file.unlink()
    deliver(one, 2, 3)
    until(lambda: titles(one) and mails_to_operator(smtp_sink), "told by both ways")
    tried = one.logged().count("is gone")
    until(lambda: one.logged().count("is gone") > tried + 2, "it goes on trying")
    assert 2 == len(one.inbox())
    status = one.run("status")
    assert 4 == status.returncode
    assert "kod-intake.sqlite fehlt" in status.stdout
    assert ["Störung: Die Datenbank ist zurzeit nicht zu benutzen."] == titles(one)


def test_a_start_that_fails_is_told_once_and_so_is_the_one_that_works(one: Installation, smtp_sink: SmtpSink) -> None:
    one.start_and_wait()
    assert 0 == one.stop()
    good = one.folder / "good"
    shutil.copy(database(one), good)
    database(one).write_bytes(b"no database " * 5000)
    deliver(one, 1)
    for _ in range(2):
        assert 1 == one.run("run").returncode
    assert ["Störung: Der Dienst kann nicht starten."] == titles(one)
    assert 1 == mails_to_operator(smtp_sink)
    assert 1 == len(one.inbox())
    status = one.run("status")
    assert 4 == status.returncode
    assert "beschädigt" in status.stdout
    shutil.copy(good, database(one))
    one.start_and_wait()
    until(lambda: len(titles(one)) == 2)
    assert "Störung behoben: Der Dienst kann nicht starten." == titles(one)[1]
    until(lambda: not one.inbox(), "it works")


def test_a_locked_database_is_told_by_status_and_to_the_operator(one: Installation) -> None:
    one.start_and_wait()
    other = sqlite3.connect(database(one), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    status = one.run("status")
    assert 4 == status.returncode
    assert "gesperrt" in status.stdout
    until(lambda: titles(one))
    other.execute("ROLLBACK")
    other.close()
    until(lambda: len(titles(one)) == 2)
    what = "Die Datenbank ist zurzeit nicht zu benutzen."
    assert [f"Störung: {what}", f"Störung behoben: {what}"] == titles(one)


def test_a_database_that_gives_no_answer_is_told_and_worked_with_again(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, postgresql: PostgreSQL
) -> None:
    url = postgresql.create_database()
    with (
        FaultProxy(postgresql.port) as proxy,
        installed(
            tmp_path,
            dovecot,
            smtp_port=smtp_sink.port,
            database=url.replace(str(postgresql.port), str(proxy.port)),
        ) as one,
    ):
        one.start_and_wait()
        proxy.black_hole = True
        deliver(one, 1)
        until(lambda: titles(one) and mails_to_operator(smtp_sink), "told by both ways")
        status = one.run("status")
        assert 4 == status.returncode
        assert "Die Datenbank antwortet nicht" in status.stdout
        proxy.heal()
        until(lambda: len(smtp_sink.messages) - mails_to_operator(smtp_sink) == 1, "the letter is out")
        until(lambda: len(titles(one)) == 2)
        what = "Die Datenbank ist zurzeit nicht zu benutzen."
        assert [f"Störung: {what}", f"Störung behoben: {what}"] == titles(one)


def test_a_wrong_password_behind_an_old_outage_is_told_and_a_reload_reads_the_right_one(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    with (
        FaultProxy(dovecot.imap_port) as proxy,
        installed(tmp_path, dovecot, smtp_port=smtp_sink.port, imap_port=proxy.port) as one,
    ):
        password = tmp_path / "password"
        password.touch(0o600)
        password.write_text(PASSWORD)
        text = one.config.read_text().replace('password_env = "KOD_TEST_PASSWORD"', f'password_file = "{password}"')
        one.config.write_text(text)
        one.start_and_wait()
        proxy.refuse = True
        proxy.cut_all()
        until(lambda: titles(one))
        password.write_text("falsch")
        proxy.heal()
        until(lambda: len(titles(one)) == 2)
        what = "Das Postfach „kod“ lässt sich nicht abholen."
        assert [f"Störung: {what}", f"Störung, neue Ursache: {what}"] == titles(one)
        password.write_text(PASSWORD)
        assert one.process is not None
        one.process.send_signal(signal.SIGHUP)
        until(lambda: len(titles(one)) == 3)
        assert f"Störung behoben: {what}" == titles(one)[2]


def test_a_line_for_each_message_and_letter_as_json_and_nothing_a_citizen_said(one: Installation) -> None:
    deliver(one, 1, 2)
    done = one.run("--log-format", "json", "once")
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    decided = [line for line in lines if line["event"] == "message decided"]
    tried = [line for line in lines if line["event"] == "letter tried"]
    assert ["routed", "routed"] == [line["outcome"] for line in decided]
    assert {"sent"} == {line["outcome"] for line in tried}
    assert {line["number"] for line in decided} == {line["number"] for line in tried}
    assert all(re.fullmatch(r"KOD-\d{4}-\d{6}", line["number"]) for line in decided)
    assert not re.search("Rheinstra|Anna|example.org", done.stderr)
    assert "" == one.run("--log-level", "error", "once").stderr
