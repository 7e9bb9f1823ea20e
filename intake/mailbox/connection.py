"""A connection to one mailbox's server, held over many commands: opened, watched step by step, dropped when in doubt.

:class:`Connection` knows nothing of folders; what it is used for is in its two children: ``Mailbox`` (which receives
and files away) and ``ReadOnlyMailbox`` (which only looks). It belongs to one thread; only ``interrupt`` may be called
from others. After a time-out or a broken connection it is closed: ``connect`` again.
"""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

from intake.base.access_tokens import AccessTokens
from intake.mailbox import errors
from intake.mailbox.client import Client, Password, Token, open_client, shut
from intake.mailbox.errors import LoginRefusedError, MailboxError
from intake.settings import MailboxSettings


@dataclass(frozen=True, slots=True)
class OneToken:
    """A token that somebody else got, and no other."""

    token: str = field(repr=False)

    def access(self) -> str:
        """The token."""
        return self.token

    def refused(self) -> bool:
        """There is no other."""
        return False


class Connection:
    """The server of ``settings``. ``connect`` before use, or use as a context manager.

    ``login`` is the password, None without a user, or where tokens come from.
    """

    def __init__(self, name: str, settings: MailboxSettings, login: str | AccessTokens | None) -> None:
        self.name = name
        self.settings = settings
        self._login = login
        self._client: Client | None = None
        self._last_word = 0.0  # when the server was last spoken to, by ``time.monotonic``
        port = settings.port or (993 if settings.security == "tls" else 143)
        self._place = errors.Place(name, settings.host, port, settings.user)

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def lent_login(self) -> str | AccessTokens | None:
        """What a process beside this one logs in with: the password, or one token. Raises as :meth:`connect` does."""
        login = self._login
        return login if login is None or isinstance(login, str) else OneToken(login.access())

    def connect(self) -> None:
        """Connect, encrypt, log in, get ready. Raises MailboxError; TemporaryError when no token is to be had."""
        self.close()
        try:
            self._client = self._opened()
        except errors.KNOWN as error:
            raise errors.translate(error, self._place, "connecting") from error
        try:
            self._prepare()
        except MailboxError:
            self._drop()
            raise

    def close(self) -> None:
        """Log out if the server answers soon; never raises."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            client.hurry()
            client.logout()
        except errors.KNOWN:
            shut(client)

    def interrupt(self) -> None:
        """Cut the connection whatever it is doing, from any thread: the owner gets a MailboxError."""
        client = self._client
        if client is not None:
            with contextlib.suppress(OSError):
                client.cut()

    def _prepare(self) -> None:
        """What the server must be told after each login."""

    def _opened(self) -> Client:
        login = self._login
        if login is None or isinstance(login, str):
            return open_client(self.settings, Password(login or ""), self._place)
        try:
            return open_client(self.settings, Token(login.access()), self._place)
        except LoginRefusedError:
            if not login.refused():  # it had just been issued
                raise
        return open_client(self.settings, Token(login.access()), self._place)

    @contextlib.contextmanager
    def _step(self, doing: str, *, folder: str = "") -> Iterator[Client]:
        """Turn failures into MailboxError, and drop the connection unless the server merely refused."""
        client = self._client
        if client is None:
            raise MailboxError(
                f"{self._place.host}, {doing}: not connected",
                german=f"Postfach „{self.name}“: Es besteht keine Verbindung zum Mailserver {self._place.host}.",
            )
        client.begin()
        try:
            yield client
            self._last_word = time.monotonic()
            self._heard(client)
        except errors.KNOWN as error:
            if not errors.is_refusal(error):
                self._drop()
            raise errors.translate(error, self._place, doing, folder=folder) from error
        except BaseException:  # a command was interrupted half-way: nobody knows what the next answer belongs to
            self._drop()
            raise

    def _heard(self, client: Client) -> None:
        """Take note of what the server said unasked."""
        client.forget_unasked()

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            shut(client)
