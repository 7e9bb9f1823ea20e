"""How long a step with the server may take altogether: a server that drips keeps nobody for hours.

The socket's own time-out ends silence. A server that sends a byte now and then is never silent, so a step has an end
as well: ``FACTOR`` times the time-out, and a second more for every ``SLOWEST`` bytes that came, so that a large mail
over a slow line still arrives.
"""

import imaplib
import io
import socket
import ssl
import time
from typing import Any

from imapclient import imap4, tls

FACTOR = 5.0
SLOWEST = 20_000
AT_ONCE = 262_144  # bytes to read where they are there: each reading lets another thread go first


class StepDeadline(io.RawIOBase):
    """What imaplib reads from: ``connection``, until one step has waited for it too long (TimeoutError)."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self._connection = connection
        self._seconds = seconds * FACTOR
        self.begin()

    def begin(self) -> None:
        """A new step begins."""
        self._left = self._seconds

    def readable(self) -> bool:
        """True, as ``io.RawIOBase`` wants it of what can be read from. Raises nothing."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what is there, as ``io.RawIOBase`` wants it: how many bytes.

        None when nothing is and the socket does not wait.

        Raises TimeoutError when the step's time is over.
        """
        began = time.monotonic()
        try:
            count = self._connection.recv_into(buffer)
        except BlockingIOError:
            return None
        self._left += count / SLOWEST - (time.monotonic() - began)  # only waiting counts, not what we do ourselves
        if self._left < 0:
            raise TimeoutError("timed out: the server answers too slowly")
        return count


class _WithDeadline(imaplib.IMAP4):
    """imaplib, reading through :class:`StepDeadline` from the greeting on."""

    seconds: float

    def open(self, *args: Any, **how: Any) -> None:
        super().open(*args, **how)
        self.watch_deadline()

    def watch_deadline(self) -> None:
        """Read within the deadline; again after the socket was replaced (STARTTLS)."""
        self.deadline = StepDeadline(self.sock, self.seconds)
        if not hasattr(self, "_readbuf"):  # since Python 3.14 imaplib reads from the socket itself
            self.file = io.BufferedReader(self.deadline, AT_ONCE)


class Plain(_WithDeadline, imap4.IMAP4WithTimeout):
    """Unencrypted, or not yet."""

    def __init__(self, host: str, port: int, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(host, port, seconds)


class Encrypted(_WithDeadline, tls.IMAP4_TLS):
    """TLS from the start."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(host, port, context, seconds)
