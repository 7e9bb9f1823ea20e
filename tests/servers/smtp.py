"""An SMTP server inside the test process that keeps what it is sent and misbehaves on request (aiosmtpd).

It can be stopped and started again on the same port. Every attribute may be changed while it runs.
"""

import asyncio
import base64
import contextlib
import hmac
import ssl
import threading
import time
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session, syntax

from tests.servers import certificates, loop_thread, processes
from tests.support.waiting import CEILING

Cut = Literal["before the final dot", "after the final dot, lost", "after the final dot, kept"]


@dataclass(frozen=True, slots=True)
class Received:
    """One accepted mail: its envelope and bytes, and when it was accepted (``time.monotonic``)."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    at: float = field(default_factory=time.monotonic)


class SmtpSink:
    """Not yet started. ``security`` as in config.toml needs ``certificates`` unless it is "none".

    With ``user`` and ``password`` every sender must log in; with ``accepted_tokens`` by one of these tokens (XOAUTH2).
    """

    host = processes.LOOPBACK

    def __init__(
        self,
        *,
        security: Literal["none", "starttls", "tls"] = "none",
        certificates: certificates.Certificates | None = None,
        user: str | None = None,
        password: str | None = None,
        accepted_tokens: Container[str] | None = None,
    ) -> None:
        self.security = security
        self.accepted_tokens = accepted_tokens
        self.user, self.password = user, password
        self.port = 0
        self.messages: list[Received] = []
        self.recipient_replies: dict[str, str] = {}
        """Address to reply: "550 5.1.1 unknown", "451 4.2.0 busy"; others are accepted."""
        self.data_reply: str | None = None
        """Reply to the whole mail, e.g. "452 4.3.1 disk full" or "554 5.7.1 no"; None accepts."""
        self.cut: Cut | None = None
        """Drop the connection at this point of each mail; "kept" means stored all the same."""
        self.delay = 0.0
        """Seconds between the final dot and the reply."""
        self.greylist_seconds = 0.0
        """Refuse each new (sender, recipient) with 451 for so long."""
        self.connections = 0
        self.most_connections: int | None = None
        """Greet further ones with 421, as servers do that count them."""
        self.letters_a_connection: int | None = None
        """After so many letters MAIL is answered with 421."""
        self.most_at_once = 0
        """How many letters waited for their reply at the same time."""
        self.at_once = 0
        self._first_seen: dict[tuple[str, str], float] = {}
        self._context = certificates.server_context() if certificates else None
        self._changed = threading.Condition()
        self._thread: loop_thread.LoopThread | None = None
        self._open: set[asyncio.BaseTransport] = set()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen, on the port of the last time if there was one."""
        self._thread = loop_thread.LoopThread("smtp sink")
        self._server = self._thread.run(self._listen(self._thread.loop))
        self.port = int(self._server.sockets[0].getsockname()[1])

    def stop(self) -> None:
        """Drop all connections and free the port; what was received stays readable."""
        if self._thread:
            self._thread.run(self._close())
            self._thread.close()
            self._thread = None

    def wait_for(self, count: int) -> list[Received]:
        """All mails so far, as soon as there are ``count``; AssertionError when they do not come in time."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.messages) >= count, CEILING), (
                f"{len(self.messages)} of {count} mails came within {CEILING:.0f} s"
            )
            return list(self.messages)

    def store(self, envelope: Envelope) -> None:
        """Keep an accepted mail."""
        content = envelope.original_content or b""
        with self._changed:
            self.messages.append(Received(envelope.mail_from or "", tuple(envelope.rcpt_tos), content))
            self._changed.notify_all()

    async def _listen(self, loop: asyncio.AbstractEventLoop) -> asyncio.Server:
        implicit = self._context if self.security == "tls" else None
        return await loop.create_server(lambda: self._new_session(loop), self.host, self.port, ssl=implicit)

    def _new_session(self, loop: asyncio.AbstractEventLoop) -> SMTP:
        starttls = self._context if self.security == "starttls" else None
        return _Protocol(self, loop, starttls)

    async def _close(self) -> None:
        self._server.close()
        for transport in list(self._open):
            _abort(transport)
        await asyncio.sleep(0)


class _Protocol(SMTP):
    """One connection to the sink."""

    def __init__(self, sink: SmtpSink, loop: asyncio.AbstractEventLoop, starttls: ssl.SSLContext | None) -> None:
        self._sink = sink
        self._letters = 0
        super().__init__(
            _Handler(sink),
            loop=loop,
            hostname="smtp.test",
            enable_SMTPUTF8=True,
            data_size_limit=100_000_000,
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_require_tls=starttls is not None,
            authenticator=self._judge if sink.user is not None else None,
            auth_exclude_mechanism=[] if sink.accepted_tokens is not None else ["XOAUTH2"],
        )
        by_name = sink.user is not None or sink.accepted_tokens is not None
        self._auth_required = by_name  # as an argument it warns when TLS is implicit

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        sink = self._sink
        sink.connections += 1
        if sink.most_connections is not None and len(sink._open) >= sink.most_connections:
            assert isinstance(transport, asyncio.WriteTransport)
            transport.write(b"421 4.7.0 Too many concurrent connections\r\n")
            transport.close()
            return
        sink._open.add(transport)
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self.transport is not None:  # else it was not let in
            super().data_received(data)

    def eof_received(self) -> bool | None:
        return super().eof_received() if self.transport is not None else None

    def connection_lost(self, error: Exception | None) -> None:
        self._sink._open.discard(self.transport)
        if self.transport is not None:
            super().connection_lost(error)

    @syntax("MAIL FROM: <address>", extended=" [SP <mail-parameters>]")
    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 - as below
        if self._sink.letters_a_connection is not None and self._letters >= self._sink.letters_a_connection:
            await self.push("421 4.7.0 Too many letters in one connection")
            _abort(self.transport)
            return
        await super().smtp_MAIL(arg)

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd finds its hooks by this name
        if self._sink.cut == "before the final dot":
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            await self._reader.readline()
            _abort(self.transport)
            return
        self._letters += 1
        await super().smtp_DATA(arg)

    async def auth_XOAUTH2(self, server: SMTP, arguments: list[str]) -> AuthResult:  # noqa: N802 - as above
        """AUTH XOAUTH2: one answer; a refusal says why and waits for an empty line, as Microsoft and Google do."""
        answer = base64.b64decode(arguments[1]).decode()
        token = answer.partition("auth=Bearer ")[2].rstrip("\1")
        if token in (self._sink.accepted_tokens or ()):
            return AuthResult(success=True, auth_data=b"token")
        await self.push("334 " + base64.b64encode(b'{"status":"400"}').decode())
        await self._reader.readline()
        return AuthResult(success=False, handled=False)

    def _judge(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        right = (
            isinstance(given, LoginPassword)
            and hmac.compare_digest(given.login, (self._sink.user or "").encode())
            and hmac.compare_digest(given.password, (self._sink.password or "").encode())
        )
        return AuthResult(success=right, handled=right)  # handled=True with success=False leaves the client hanging


class _Handler:
    """aiosmtpd's hooks: each answers one command."""

    def __init__(self, sink: SmtpSink) -> None:
        self.sink = sink

    async def handle_RCPT(  # noqa: N802 - as above
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self.sink.recipient_replies.get(address)
        if reply is not None:
            return reply
        key = (envelope.mail_from or "", address)
        first = self.sink._first_seen.setdefault(key, time.monotonic())
        if time.monotonic() - first < self.sink.greylist_seconds:
            return "451 4.7.1 Greylisted, try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        self.sink.at_once += 1
        self.sink.most_at_once = max(self.sink.most_at_once, self.sink.at_once)
        try:
            if self.sink.delay:
                await asyncio.sleep(self.sink.delay)
        finally:
            self.sink.at_once -= 1
        if self.sink.cut == "after the final dot, lost":
            _abort(server.transport)
        elif self.sink.data_reply is not None:
            return self.sink.data_reply
        else:
            self.sink.store(envelope)
            if self.sink.cut == "after the final dot, kept":
                _abort(server.transport)
        return f"250 2.0.0 queued as {len(self.sink.messages)}"


def _abort(transport: asyncio.BaseTransport | None) -> None:
    """Drop a connection at once, whatever is still to be sent."""
    if isinstance(transport, asyncio.WriteTransport):
        with contextlib.suppress(AttributeError):  # Python 3.11.2: of a TLS connection that is closed already
            transport.abort()
