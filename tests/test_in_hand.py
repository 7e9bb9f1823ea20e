"""A mail that ends the process that reads it is kept as bytes alone at the third try."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from intake import mail
from intake.receive.in_hand import InHand

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
RAW = (
    b"From: a@example.invalid\r\nDate: Sun, 22 Nov 2026 10:00:00 +0100\r\nMessage-ID: <1@example.invalid>\r\n"
    b"Subject: Laterne\r\n\r\nDie Laterne am Ostwall ist aus.\r\n"
)
FATAL = """
import os, sys
from pathlib import Path
from intake.receive.in_hand import InHand
with InHand(Path(sys.argv[1])) as in_hand:
    in_hand.read("INBOX;1;1", b"good", lambda: None)
    in_hand.read("INBOX;1;2", b"fatal", lambda: os._exit(9))
"""


def _die(path: Path) -> None:
    assert 9 == subprocess.run([sys.executable, "-c", FATAL, path], check=False).returncode


def _read(path: Path, key: str) -> str:
    with InHand(path) as in_hand:
        message = in_hand.read(key, RAW, lambda: mail.parse(RAW, received_at=NOW))
    in_hand.close()
    return "".join(message.problems)


def test_a_mail_that_was_fatal_twice_is_kept_as_bytes_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "data" / "in-hand-kod"
    _die(path)
    _die(path)

    with InHand(path) as in_hand:
        good = in_hand.read("INBOX;1;1", RAW, lambda: mail.parse(RAW, received_at=NOW))
        fatal = in_hand.read("INBOX;1;2", RAW, lambda: os._exit(9))
    in_hand.close()

    assert ("Laterne", ()) == (good.subject, good.problems)
    assert "zweimal abgebrochen" in fatal.problems[0]
    assert "Laterne am Ostwall" in fatal.new_text


def test_one_kill_while_a_mail_was_read_means_nothing(tmp_path: Path) -> None:
    path = tmp_path / "in-hand-kod"
    _die(path)

    assert "" == _read(path, "INBOX;1;2")
    assert "" == _read(path, "INBOX;1;2"), "what was read is no suspect"


def test_without_a_file_that_can_be_written_mails_are_read_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert "" == _read(tmp_path / "file" / "in-hand-kod", "INBOX;1;2")
