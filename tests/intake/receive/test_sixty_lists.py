"""Sixty lists through a daemon at work, while others are broken in every known way: every row is accounted for."""

import hashlib
from collections import Counter
from datetime import datetime
from pathlib import Path

from intake import phone_log
from intake.base import german
from intake.message import UNREAD
from intake.settings import DropFolderSettings
from tests.intake.phone_log import test_foreign_lists as lists
from tests.intake.receive import test_refused_files as refused
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support.journeys import Clock, Installation
from tests.support.waiting import until

NOW = "2026-11-30 12:00"
BROKEN = {
    **refused.FILES,
    "empty.csv": b"",
    "blank.csv": b" \r\n\r\n",
    "zeros.csv": bytes(5000),
    "broken.ods": b"PK\x03\x04" + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet" + bytes(200),
    "document.pdf": b"%PDF-1.7\n" + bytes(range(256)) * 20,
    "picture.csv": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
}


def test_sixty_lists_are_read_while_others_are_broken(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> None:
    place, clock = Installation(tmp_path, dovecot, smtp_sink), Clock(NOW)
    readable = [case for _, case in lists.CASES if "refused" not in case][:60]
    assert 60 == len(readable)
    files = {f"{number:02} {case['name']}": lists.content(case) for number, case in enumerate(readable)}
    with place.working(clock):
        for name, content in sorted({**BROKEN, **files}.items(), key=lambda pair: pair[0][::-1]):  # in turns
            (tmp_path / name).write_bytes(content)
            (tmp_path / name).rename(place.drop / name)  # whole at once, whenever the daemon looks
        until(lambda: not [path for path in place.drop.iterdir() if path.is_file()], "every file is filed away")

    parked = {path.name for path in (place.drop / "unlesbar").iterdir() if ".grund." not in path.name}
    assert set(BROKEN) == parked
    stored = Counter(
        row["key"].partition(":")[0] for row in place.rows("SELECT key FROM arrivals") if UNREAD not in row["key"]
    )
    assert {name: rows(content, clock.now) for name, content in files.items()} == {
        name: stored[hashlib.sha256(content).hexdigest()] for name, content in files.items()
    }
    assert 0 == place.run("books").returncode


def rows(content: bytes, now: datetime) -> int:
    """How many rows of a list can be stored."""
    read = phone_log.read(
        content,
        name="liste",
        settings=DropFolderSettings(folder=Path("/ablage")),
        today=german.local(now).date(),
        fallback=now,
    )
    return len(read.rows)
