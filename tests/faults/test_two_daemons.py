"""Two real daemons on one PostgreSQL: one works the mailbox, both send, none twice; one dies."""

import re
from pathlib import Path

from tests.servers.dovecot import Dovecot
from tests.servers.postgresql import PostgreSQL
from tests.servers.smtp import SmtpSink
from tests.support import journeys
from tests.support.journeys import EMERGENCY, OIL, Installation, Process, mail
from tests.support.waiting import until


def receives(running: Process) -> bool:
    return "event='messages received'" in running.log


def test_two_daemons_share_the_work_and_one_takes_over_when_the_other_dies(
    tmp_path: Path, dovecot: Dovecot, postgresql: PostgreSQL, smtp_sink: SmtpSink
) -> None:
    url = postgresql.create_database()
    rules = journeys.WHOLE + journeys.RULES  # the marks are no words that leave as an excerpt
    first = Installation(tmp_path / "first", dovecot, smtp_sink, url, rules=rules)
    second = Installation(tmp_path / "second", dovecot, smtp_sink, url, rules=rules, user=first.user)
    with first.process() as one, second.process() as two:
        first.deliver(*(mail(f"Zeichen A{number:02d}Q: {OIL}") for number in range(40)))
        until(lambda: first.count("deliveries", "state = 'sent'") == 80)
        assert [True, False] == sorted([receives(one), receives(two)], reverse=True)
        worker, other = (one, two) if receives(one) else (two, one)
        worker.kill()
        first.deliver(*(mail(f"Zeichen B{number:02d}Q: {EMERGENCY}") for number in range(20)))
        smtp_sink.wait_for(100)
        assert receives(other)
        until(lambda: first.count("deliveries", "state = 'sent'") == 100)
        code, _ = other.stop()
        assert 0 == code
    signs = [re.findall(r"[AB]\d\dQ", letter.text)[0] for letter in first.letters()]
    assert 100 == len(signs)
    assert all(signs.count(f"A{number:02d}Q") == 2 for number in range(40))
    assert all(signs.count(f"B{number:02d}Q") == 1 for number in range(20))
    assert 60 == first.count("messages")
    assert 60 == len(set(first.numbers()))
    assert 60 == len(dovecot.messages(first.user, "kod-intake/Erledigt"))
