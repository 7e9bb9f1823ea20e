"""A TCP proxy on a loopback port that does to a connection what networks do: cut, reset, drip, swallow, rewrite.

Every attribute may be changed while connections are open.
"""

import asyncio
import contextlib
import socket
import struct
import weakref
from collections.abc import Callable
from typing import Self

from tests.servers import loop_thread, processes

_CHUNK = 65536


class FaultProxy:
    """Forwards to ``host:port``; starts at once."""

    def __init__(self, port: int, host: str = processes.LOOPBACK) -> None:
        self.target = (host, port)
        self.latency = 0.0
        """Seconds that each piece waits, in both directions."""
        self.cut_after: int | None = None
        """Bytes from the server to the client on one connection before it is cut."""
        self.cut_on_request: bytes | None = None
        """Cut right after these bytes of the client were forwarded."""
        self.cut_on_reply: bytes | None = None
        """Cut when the server sends these bytes, which the client never gets."""
        self.reset = False
        """Cut with RST instead of FIN."""
        self.mute_on_request: bytes | None = None
        """From these bytes of the client on, it hears nothing more on that connection, which stays open."""
        self.hold_on_request: tuple[bytes, int] | None = None
        """Be a black hole from the moment on when these bytes come from clients for the n-th time, all in all."""
        self.hold_on_reply: bytes | None = None
        """Be a black hole from the moment on when the server sends these bytes, which the client gets at the end."""
        self.drip = 0.0
        """Seconds between any ten bytes from the server."""
        self.black_hole = False
        """Keep connections open and forward nothing."""
        self.refuse = False
        """Close new connections at once."""
        self.rewrite: Callable[[bytes], bytes] | None = None
        """Applied to each piece from the server, e.g. to hide STARTTLS."""
        self.rewrite_request: Callable[[bytes], bytes] | None = None
        """Applied to each piece from the client, e.g. to make a command another one."""
        self.mute_on_reply: bytes | None = None
        """When the server sends these bytes, the client hears nothing more on that connection, which stays open."""
        self.split: bytes | None = None
        """Send what the server says from these bytes on a tenth of a second later, as a packet of its own."""
        self.connections = 0
        self.requests = bytearray()
        """What clients sent so far, all connections together."""
        self._open: set[asyncio.StreamWriter] = set()
        self._ever: weakref.WeakSet[asyncio.StreamWriter] = weakref.WeakSet()
        self._muted: set[asyncio.StreamWriter] = set()
        self._thread = loop_thread.LoopThread("fault proxy")
        self._server = self._thread.run(asyncio.start_server(self._serve, processes.LOOPBACK, 0))
        self.port = int(self._server.sockets[0].getsockname()[1])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Cut everything and free the port."""
        self.cut_all()
        self._thread.run(self._close())
        self._thread.close()

    def heal(self) -> None:
        """Behave from now on; connections that hear nothing stay so."""
        self.latency = self.drip = 0.0
        self.cut_after = self.cut_on_request = self.cut_on_reply = self.split = None
        self.mute_on_request = self.mute_on_reply = self.rewrite_request = None
        self.hold_on_request = self.hold_on_reply = None
        self.reset = self.black_hole = self.refuse = False
        self.rewrite = None

    def cut_all(self) -> None:
        """Cut every open connection now."""

        async def cut() -> None:
            self._cut(*self._open)

        self._thread.run(cut())

    async def _close(self) -> None:
        self._server.close()
        for writer in list(self._ever):
            writer.transport.abort()  # also what still has bytes for somebody who no longer reads

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        self._ever.add(writer)
        try:
            if self.refuse:
                return
            server_reader, server_writer = await asyncio.open_connection(*self.target)
            self._open.add(server_writer)
            self._ever.add(server_writer)
            try:
                await asyncio.gather(
                    self._pump_requests(reader, server_writer, writer),
                    self._pump_replies(server_reader, writer, server_writer),
                )
            finally:
                self._open.discard(server_writer)
                self._cut(server_writer)
        except (OSError, asyncio.CancelledError):
            pass  # a server that is not there, a side that went away, or the proxy's own end
        finally:
            self._open.discard(writer)
            self._cut(writer)

    async def _pump_requests(
        self, reader: asyncio.StreamReader, to: asyncio.StreamWriter, back: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(_CHUNK):
                await self._hold_up()
                self.requests += data
                if self.hold_on_request is not None and self._came_often(*self.hold_on_request):
                    self.black_hole = True
                    await self._hold_up()
                data = self.rewrite_request(data) if self.rewrite_request else data
                if self.mute_on_request is not None and self.mute_on_request in data:
                    self._muted.add(back)
                to.write(data)
                await to.drain()
                if self.cut_on_request is not None and self.cut_on_request in data:
                    await asyncio.sleep(0.05)  # the server shall have got and done it
                    break
        self._cut(to, back)

    async def _pump_replies(
        self, reader: asyncio.StreamReader, to: asyncio.StreamWriter, back: asyncio.StreamWriter
    ) -> None:
        sent = 0
        with contextlib.suppress(OSError):
            while data := await reader.read(_CHUNK):
                await self._hold_up()
                if self.hold_on_reply is not None and self.hold_on_reply in data:
                    self.hold_on_reply, self.black_hole = None, True
                    await self._hold_up()
                if self.mute_on_reply is not None and self.mute_on_reply in data:
                    self._muted.add(to)
                if to in self._muted:
                    continue
                if self.cut_on_reply is not None and self.cut_on_reply in data:
                    break
                if self.cut_after is not None and sent + len(data) > self.cut_after:
                    to.write(data[: max(0, self.cut_after - sent)])
                    await to.drain()
                    break
                sent += len(data)
                if self.split is not None and (start := data.find(self.split)) > 0:
                    to.write(data[:start])
                    await asyncio.sleep(0.1)
                    data = data[start:]
                data = self.rewrite(data) if self.rewrite else data
                for piece in self._pieces(data):
                    to.write(piece)
                    await to.drain()
                    await asyncio.sleep(self.drip)
        self._cut(to, back)

    def _came_often(self, words: bytes, times: int) -> bool:
        return self.requests.count(words) >= times

    def _pieces(self, data: bytes) -> list[bytes]:
        return [data[at : at + 10] for at in range(0, len(data), 10)] if self.drip else [data]

    async def _hold_up(self) -> None:
        while self.black_hole:  # noqa: ASYNC110 - set by other threads, which an asyncio.Event does not allow
            await asyncio.sleep(0.02)
        if self.latency:
            await asyncio.sleep(self.latency)

    def _cut(self, *writers: asyncio.StreamWriter) -> None:
        for writer in writers:
            if self.reset and not writer.is_closing():
                plain: socket.socket = writer.get_extra_info("socket")
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
            else:
                writer.close()
