"""The demo's two servers, each on a free loopback port in a thread of its own: a mailbox (pymap) and a mail sink.

Both keep everything in memory and are gone with the process. The mailbox is a real IMAP server with IDLE, MOVE and
UIDPLUS, the sink a real SMTP server that accepts whatever comes. Neither encrypts: nobody outside this machine can
reach them, and the mailbox's password is made up anew for every demo.
"""

import asyncio
import contextlib
import logging
import socket
import threading
from argparse import Namespace
from collections.abc import Coroutine, Iterable, Iterator
from datetime import datetime
from typing import Any, TypeVar

from aiosmtpd.smtp import SMTP, Envelope, Session
from imapclient import IMAPClient
from msgspec import Struct
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, Login
from pymap.imap import IMAPServer
from pymap.user import Passwords, UserMetadata
from pysasl.hashing import Cleartext

Result = TypeVar("Result")

HOST = "127.0.0.1"


class Arrived(Struct, frozen=True):
    """One letter at the sink: to whom the envelope said, and its bytes."""

    recipients: tuple[str, ...]
    raw: bytes


class Mailbox:
    """An IMAP mailbox of one user, running while the context is open."""

    def __init__(self, port: int, user: str, password: str) -> None:
        self.port = port
        self.user = user
        self._password = password

    def put(self, mails: Iterable[tuple[bytes, datetime]]) -> None:
        """Lay mails into INBOX, each with the moment at which the server got it."""
        with self._client() as client:
            for raw, received_at in mails:
                client.append("INBOX", raw, msg_time=received_at)

    def counts(self) -> dict[str, int]:
        """How many mails each folder holds, keyed by name."""
        with self._client() as client:
            names = [name for flags, _, name in client.list_folders() if b"\\Noselect" not in flags]
            return {name: int(client.folder_status(name, ["MESSAGES"])[b"MESSAGES"]) for name in names}

    @contextlib.contextmanager
    def _client(self) -> Iterator[IMAPClient]:
        with IMAPClient(HOST, self.port, ssl=False, timeout=30) as client:
            client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # 16 times faster
            client.normalise_times = False
            client.login(self.user, self._password)
            yield client


class Sink:
    """An SMTP server that keeps what it is sent, running while the context is open."""

    def __init__(self) -> None:
        self.port = 0
        self.arrived: list[Arrived] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802
        """Keep a whole mail; aiosmtpd finds its hooks by name."""
        self.arrived.append(Arrived(tuple(envelope.rcpt_tos), envelope.original_content or b""))
        return "250 2.0.0 angekommen"


@contextlib.contextmanager
def mailbox(user: str, password: str) -> Iterator[Mailbox]:
    """A fresh, empty mailbox."""
    logging.getLogger("pymap").setLevel(logging.ERROR)
    with _loop("demo mailbox") as loop, _serving(loop, _mailbox_server(user, password)) as port:
        yield Mailbox(port, user, password)


@contextlib.contextmanager
def sink() -> Iterator[Sink]:
    """A fresh sink."""
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd's logger
    keeper = Sink()
    with _loop("demo mail sink") as loop, _serving(loop, _sink_server(loop, keeper)) as port:
        keeper.port = port
        yield keeper


class _Config(Config):
    """pymap's configuration; its own greeting asks DNS for this machine's name, which can take seconds offline."""

    @property
    def greeting(self) -> bytes:
        return b"kod-intake demo"


async def _mailbox_server(user: str, password: str) -> asyncio.Server:
    arguments = Namespace(passlib_cfg=None, proxy_protocol=None)
    config = _Config(
        arguments,
        host=HOST,
        port=0,
        demo_data=False,
        demo_user=user,
        demo_password=password,
        tls_enabled=False,
        reject_dnsbl=False,
        hash_context=Cleartext(),  # a slow hash would cost half a second and protect nothing here
    )
    config.apply_context()
    login = Login(config)
    hashed = await Passwords(config).hash_password(password)
    await login.demo_user_identity.set(UserMetadata(config, user, password=hashed))
    callback = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(login, config))
    return await asyncio.start_server(callback, HOST, 0)


async def _sink_server(loop: asyncio.AbstractEventLoop, keeper: Sink) -> asyncio.Server:
    def session() -> SMTP:
        return SMTP(keeper, loop=loop, hostname="localhost", enable_SMTPUTF8=True)

    return await loop.create_server(session, HOST, 0)


@contextlib.contextmanager
def _serving(loop: asyncio.AbstractEventLoop, start: Coroutine[Any, Any, asyncio.Server]) -> Iterator[int]:
    """A server's port, while it listens."""
    server = _run(loop, start)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        loop.call_soon_threadsafe(server.close)


def _run(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run_coroutine_threadsafe(work, loop).result(30)


@contextlib.contextmanager
def _loop(name: str) -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop in a thread; at the end its tasks are cancelled and the thread is over."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name=name, daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        _run(loop, _cancel_all())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)  # closed transports say goodbye in the next round
