"""A channel that falls silent is told once, and once when it is heard again."""

from pathlib import Path

import pytest

from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support import journeys
from tests.support.journeys import Clock, Installation, mail
from tests.support.waiting import until


@pytest.fixture
def office(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> Installation:
    return Installation(tmp_path, dovecot, smtp_sink, operator={"silence_hours": 50})


def test_until_there_is_a_history_so_many_hours_count(office: Installation) -> None:
    clock = Clock("2026-06-08 09:00")
    office.deliver(mail(journeys.UNKNOWN), received_at=clock.now)
    with office.working(clock) as running:
        until(lambda: office.count("messages") == 1, "the mail is stored")
        clock.set("2026-06-10 10:00")
        journeys.let_all_look(running)
        assert office.commanded() == []
        clock.set("2026-06-10 12:00")
        until(office.commanded, "the operator is told")
        journeys.let_all_look(running)
        office.deliver(mail(journeys.UNKNOWN), received_at=clock.now)
        until(lambda: len(office.commanded()) == 2, "told that it is over")

    begun, over = office.commanded()
    assert begun.startswith("Störung: Über „kod“ kommt nichts mehr an: nichts Neues seit")
    assert over.startswith("Störung behoben: Über „kod“")
