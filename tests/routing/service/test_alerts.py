"""Telling the operator: once each, over restarts, for all daemons together, also when file or database is out."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from intake import storage
from intake.base import errors
from routing.service import alerts, outage_texts
from routing.service.alerts import by_mail, commands, messenger, state_file
from routing.service.daemon.outages import Outages
from routing.store import migrations
from tests.servers.dovecot import Dovecot
from tests.servers.postgresql import PostgreSQL
from tests.servers.smtp import SmtpSink
from tests.support.journeys import Clock, Installation
from tests.support.waiting import CEILING, until

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)


class Office:
    """One machine: its data folder, what its operator was told by mail and by command."""

    def __init__(self, folder: Path, url: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.told = folder / "told"
        self.mailed: list[str] = []
        self.mail_works = True
        self.engine = storage.create(url, storage.Patience(connect=2, statement=2, lock=0.1))
        migrations.upgrade(self.engine)
        self.leases = storage.Leases(self.engine, "none")
        self._start()

    def restart(self, *, patience: float = CEILING) -> None:
        """Another process on the same machine, after the one before has ended."""
        self.alerts.close(patience)
        self.leases.close()
        self._start()

    def _start(self) -> None:
        command = ["/bin/sh", "-c", f'head -n 1 >> "{self.told}"']
        settings = cast("Any", SimpleNamespace(operator=SimpleNamespace(command=command)))
        self.leases = storage.Leases(self.engine, os.urandom(4).hex())
        self.leases.renew([])
        self.alerts = alerts.Alerts(
            self.engine,
            lambda: settings,
            self._mail,
            clock=lambda: NOW,
            folder=self.folder,
            leases=self.leases,
        )

    def _mail(self, alarm: alerts.Alarm, _: datetime) -> None:
        if not self.mail_works:
            raise errors.TemporaryError("no server")
        self.mailed.append(alarm.text.partition("\n")[0])

    def commanded(self) -> list[str]:
        """What the operator was told by the second way, once nothing is on its way."""
        assert self.alerts.flush(CEILING)
        return self.told.read_text().splitlines() if self.told.exists() else []

    def close(self) -> None:
        self.alerts.close(CEILING)
        self.leases.close()
        self.engine.dispose()


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> Any:
    made = Office(tmp_path / "one", database_url)
    yield made
    made.close()


BOTH = ["Störung: Versand steht", "Störung behoben: Versand steht"]


def test_an_outage_has_one_beginning_and_one_end_over_a_restart(office: Office) -> None:
    for _ in range(3):
        office.alerts.begin("smtp", "Versand steht", "", NOW)
    office.restart()
    office.alerts.begin("smtp", "Versand steht", "", NOW)
    office.restart()
    assert office.alerts.end("smtp", NOW + timedelta(minutes=3))
    assert not office.alerts.end("smtp", NOW + timedelta(minutes=4))
    assert BOTH == office.commanded() == office.mailed


def test_what_could_not_be_mailed_is_mailed_by_the_next_process(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.mail_works = False
    office.alerts.begin("smtp", "Versand steht", "", NOW)
    file = state_file.StateFile(office.folder)
    until(lambda: not file.read().pending[0].command, "the command was run all the same")
    office.restart(patience=0)
    office.mail_works = True
    office.alerts.refresh()
    assert BOTH[:1] == office.commanded() == office.mailed


def test_an_alarm_that_the_server_does_not_take_is_not_mailed(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    """The answer to a letter is an outcome and no error: an alarm with another than "sent" was lost."""
    place = Installation(tmp_path, dovecot, smtp_sink)
    with place.opened(Clock("2026-06-09 10:00")) as work:

        def send() -> None:
            alarm = alerts.Alarm("Versand steht", "", NOW)
            by_mail.send(alarm, NOW, work.settings, work.active.environment, work.transport)

        for reply in ("452 4.3.1 disk full", "550 5.7.1 no"):
            smtp_sink.data_reply = reply
            with pytest.raises(errors.TemporaryError, match=reply[:3]):
                send()
        smtp_sink.data_reply = None
        send()
    assert 1 == len(place.alarms())


def test_a_command_that_never_ends_holds_up_no_mail_and_is_ended(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "COMMAND_SECONDS", 0.1)
    monkeypatch.setattr(messenger, "FIRST_PAUSE", 0.01)
    settings = cast("Any", SimpleNamespace(operator=SimpleNamespace(command=["/bin/sh", "-c", "sleep 1000 & wait"])))
    held = alerts.Alerts(None, lambda: settings, office._mail, clock=lambda: NOW, folder=None)
    held.begin("smtp", "Versand steht", "", NOW)
    assert held.flush(CEILING)
    assert BOTH[:1] == office.mailed


@pytest.mark.parametrize(
    "lose", [os.unlink, lambda path: os.truncate(path, 0), lambda path: path.write_bytes(b"?" * 9)]
)
def test_without_the_file_the_database_remembers(office: Office, lose: Callable[[Path], None]) -> None:
    office.alerts.begin("smtp", "Versand steht", "", NOW)
    office.commanded()
    lose(office.folder / state_file.NAME)
    office.restart()
    office.alerts.begin("smtp", "Versand steht", "", NOW)
    assert office.alerts.end("smtp", NOW)
    assert BOTH == office.commanded()


def test_a_half_written_file_is_as_before(tmp_path: Path) -> None:
    file = state_file.StateFile(tmp_path)
    for name in ("one", "two"):
        with file.changing() as state:
            state.conditions[name] = alerts.Condition(name, NOW, name)
    path = tmp_path / state_file.NAME
    with path.open("r+b") as raw:
        raw.seek(0 if file.read().turn % 2 == 0 else state_file.HALF)
        raw.write(b"\0" * 100)
    assert {"one"} == set(state_file.StateFile(tmp_path).read().conditions)
    assert 2 * state_file.HALF == path.stat().st_size


def test_two_daemons_tell_once_and_the_last_who_sees_it_ends_it(tmp_path: Path, postgresql: PostgreSQL) -> None:
    url = postgresql.create_database()
    one, two = Office(tmp_path / "one", url), Office(tmp_path / "two", url)
    for office in (one, two, one, two):
        office.alerts.begin("smtp", "Versand steht", "", NOW)
    assert not one.alerts.end("smtp", NOW)
    two.alerts.begin("smtp", "Versand steht", "", NOW)
    assert two.alerts.end("smtp", NOW)
    one.alerts.refresh()
    assert not one.alerts.end("smtp", NOW)
    assert BOTH == [*one.commanded(), *two.commanded()]
    one.close()
    two.close()


def test_a_daemon_that_is_gone_keeps_no_outage_alive(tmp_path: Path, postgresql: PostgreSQL) -> None:
    url = postgresql.create_database()
    gone, two = Office(tmp_path / "one", url), Office(tmp_path / "two", url)
    for name in ("smtp", "mailbox kod"):
        gone.alerts.begin(name, "Versand steht", "", NOW)
        two.alerts.begin(name, "Versand steht", "", NOW)
    assert two.alerts.end("mailbox kod", NOW), "whoever has the lease judges alone"
    assert not two.alerts.end("smtp", NOW)
    gone.close()
    two.alerts.refresh()
    assert two.alerts.end("smtp", NOW)
    two.close()


def test_an_outage_of_the_database_itself_is_told_once_with_its_new_causes(office: Office) -> None:
    outages = Outages(office.alerts, office.folder, lambda: NOW)
    away, refused = errors.DatabaseOutError("connection refused"), errors.DatabaseOutError("wrong password")
    refused.person_must_act, refused.cause = True, "authentication failed"
    for failures in range(1, 6):
        outages.failed("dispatch", outage_texts.DISPATCH, away, failures)
        outages.failed("smtp", outage_texts.SENDING, away, failures)
    outages.failed("smtp", outage_texts.SENDING, refused, 6)
    outages.failed("dispatch", outage_texts.DISPATCH, refused, 6)
    outages.fine("smtp")
    outages.fine("dispatch")
    what = outage_texts.DATABASE.what
    assert [f"Störung: {what}", f"Störung, neue Ursache: {what}", f"Störung behoben: {what}"] == office.commanded()


def test_a_daemon_that_is_not_the_first_leaves_the_database_to_the_first(office: Office) -> None:
    outages = Outages(office.alerts, office.folder, lambda: NOW, lambda: False)
    for failures in range(1, 6):
        outages.failed("smtp", outage_texts.SENDING, errors.DatabaseOutError("away"), failures)
    outages.fine("smtp")
    assert [] == office.commanded()
