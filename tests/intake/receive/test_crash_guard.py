"""A mail that ends the process that reads it is kept as bytes alone, once it did so twice among others named."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from intake import mail
from intake.mailbox import MailboxError
from intake.message import Message
from intake.receive import crash_guard, mailbox
from intake.receive.crash_guard import CrashGuard
from tests.servers.dovecot import Dovecot
from tests.support.mailboxes import mailbox as opened

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
RAW = (
    b"From: a@example.invalid\r\nDate: Sun, 22 Nov 2026 10:00:00 +0100\r\nMessage-ID: <1@example.invalid>\r\n"
    b"Subject: Laterne\r\n\r\nDie Laterne am Ostwall ist aus.\r\n"
)
FATAL = """
import os, sys
from pathlib import Path
from intake.receive.crash_guard import CrashGuard
guard = CrashGuard(Path(sys.argv[1]))
with guard.reading(["INBOX;1;1", "INBOX;1;2", "INBOX;1;3"]):
    guard.admits("INBOX;1;1")
    if guard.admits("INBOX;1;2"):
        os._exit(9)
"""


def _die(path: Path) -> None:
    assert 9 == subprocess.run([sys.executable, "-c", FATAL, path], check=False).returncode


def _read(path: Path, key: str) -> str:
    guard = CrashGuard(path)
    with guard.reading([key]):
        message = _parsed(guard, key)
    guard.close()
    return "".join(message.problems)


def _parsed(guard: CrashGuard, key: str, *, fatal: bool = False) -> Message:
    if not guard.admits(key):
        return mail.unread(RAW, crash_guard.PROBLEM)
    if fatal:
        os._exit(9)
    return mail.parse(RAW, received_at=NOW)


def test_a_mail_that_was_fatal_twice_is_kept_as_bytes_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "data" / "in-hand-kod"
    _die(path)  # one of three
    _die(path)
    _die(path)

    guard = CrashGuard(path)
    with guard.reading(["INBOX;1;1", "INBOX;1;2", "INBOX;1;3"]):
        good = _parsed(guard, "INBOX;1;1")
        fatal = _parsed(guard, "INBOX;1;2", fatal=True)
    guard.close()

    assert ("Laterne", ()) == (good.subject, good.problems)
    assert "zweimal abgebrochen" in fatal.problems[0]
    assert "Laterne am Ostwall" in fatal.new_text


@pytest.mark.parametrize("deaths", [1, 2])
def test_less_than_two_kills_while_a_mail_alone_was_named_mean_nothing(tmp_path: Path, deaths: int) -> None:
    path = tmp_path / "in-hand-kod"
    for _ in range(deaths):
        _die(path)

    assert "" == _read(path, "INBOX;1;2")
    assert "" == _read(path, "INBOX;1;2"), "what was read is no suspect"


def test_the_others_of_a_batch_in_which_the_process_died_are_no_suspects_for_long(tmp_path: Path) -> None:
    path = tmp_path / "in-hand-kod"
    _die(path)
    _die(path)
    _die(path)

    assert ["", ""] == [_read(path, "INBOX;1;1"), _read(path, "INBOX;1;3")]


def test_a_file_with_anything_else_in_it_is_no_net_and_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "in-hand-kod"
    path.write_bytes(b"\xff\x00 what\n7 INBOX;1;2\n")

    assert "" == _read(path, "INBOX;1;2")


def test_without_a_file_that_can_be_written_mails_are_read_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert "" == _read(tmp_path / "file" / "in-hand-kod", "INBOX;1;2")


def test_a_pass_that_fails_before_it_reads_leaves_no_file_open(
    tmp_path: Path, dovecot: Dovecot, mail_user: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.deliver(mail_user, RAW)

    def fail(*_: object) -> None:
        raise MailboxError("no dates")

    with opened(dovecot, mail_user, since=NOW.date()) as box:
        monkeypatch.setattr(box, "internal_dates", fail)
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(3):
            with pytest.raises(MailboxError):
                mailbox.receive(box, engine, lambda: NOW, crash_file=tmp_path / "in-hand-kod")
        assert before == len(list(Path("/proc/self/fd").iterdir()))
