"""What the process for large backlogs is told, and what it tells, over the pipe between it and its parent."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec import Struct

from intake.base.access_tokens import AccessTokens
from intake.mail.urgent_look import Keyword
from intake.settings import MailboxSettings

STORED = "stored"  # what it tells after each commit


class Lease(Struct, frozen=True):
    """Under which name the mailbox is worked, and by which daemon (``storage.confirm``)."""

    name: str
    holder: str


class Job(Struct, frozen=True):
    """A mailbox to be worked. ``ahead`` is how far our clock is ahead of the machine's."""

    name: str
    settings: MailboxSettings
    login: str | AccessTokens | None
    database: str
    ahead: timedelta
    crash_file: Path | None
    urgent_words: tuple[Keyword, ...] = ()
    lease: Lease | None = None

    def clock(self) -> datetime:
        """What our clock says now. Aware, UTC."""
        return datetime.now(UTC) + self.ahead


class Logged(Struct, frozen=True):
    """A line for the log."""

    level: str
    event: str
    fields: Mapping[str, Any]
