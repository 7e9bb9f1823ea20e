"""What the mailbox tests share: settings for a mailbox of the test server, and mails."""

from typing import Any

from intake.mailbox import Mailbox
from intake.settings import MailboxSettings
from tests.servers.dovecot import PASSWORD, Dovecot

MAIL = b"From: anna@example.org\r\nSubject: Laterne\r\n\r\nDie Laterne ist aus.\r\n"


def settings(server: Dovecot, user: str, **changes: Any) -> MailboxSettings:
    """Plain text on loopback, with much patience."""
    values: dict[str, Any] = {
        "host": "localhost",
        "port": server.imap_port,
        "security": "none",
        "user": user,
        "ca_file": server.ca_file,
        "timeout_seconds": 120,
    }
    return MailboxSettings(**(values | changes))


def mailbox(server: Dovecot, user: str, password: str = PASSWORD, **changes: Any) -> Mailbox:
    """A mailbox of ``server``, not yet connected."""
    return Mailbox("kod", settings(server, user, **changes), password)


def numbered(count: int, size: int = 0) -> list[bytes]:
    """Different mails of about ``size`` bytes."""
    filling = b"x" * 70 + b"\r\n"
    return [b"Subject: Nr. %d\r\n\r\n%s" % (number, filling * (size // 72) + b"Ende\r\n") for number in range(count)]
