"""The server of the pages: uvicorn in a thread of its own, so that the daemon's work goes on beside it.

It has no rights that the pages do not need and holds no lock: when it fails, the daemon works on and the operator is
told. A browser that sends nothing, or a letter a second, holds a connection and no thread, and not for long.
"""

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import structlog
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from intake.base import errors
from routing.model.web import WebSettings

if TYPE_CHECKING:
    from starlette.types import ASGIApp

log = structlog.get_logger(__name__)

REQUEST_SECONDS = 20.0  # for a whole request to come in
AT_ONCE = 400  # connections
START_SECONDS = 10.0


class _Patient(H11Protocol):
    """uvicorn's HTTP/1.1, which by itself waits for ever for a request that has begun, or never begins."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._waited: tuple[int, bool] | None = None
        self._next = self.loop.call_later(REQUEST_SECONDS / 2, self._look)

    def _look(self) -> None:
        """Close what waits for the same thing from its client as at the look before."""
        if self.transport.is_closing():
            return
        waits = self._waits()
        if waits is not None and waits == self._waited:
            self.transport.close()
            return
        self._waited = waits
        self._next = self.loop.call_later(REQUEST_SECONDS / 2, self._look)

    def _waits(self) -> tuple[int, bool] | None:
        """What is waited for: the rest of a request, or the one behind it; None while an answer is being made."""
        cycle = getattr(self, "cycle", None)
        if cycle is None:
            return 0, False
        return (id(cycle), bool(cycle.more_body)) if cycle.more_body or cycle.response_complete else None

    def connection_lost(self, error: Exception | None) -> None:
        self._next.cancel()
        super().connection_lost(error)


class Server:
    """Listens from ``start`` to ``stop``."""

    def __init__(self, application: "ASGIApp", web: WebSettings) -> None:
        host, port = web.address
        config = uvicorn.Config(
            application,
            host=host,
            port=port,
            http=_Patient,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=AT_ONCE,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=3,
            ssl_certfile=web.certificate,
            ssl_keyfile=web.key,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)
        self._failed: BaseException | None = None
        self.address = f"{host}:{port}"

    def start(self) -> None:
        """Listen. Raises PermanentError, with a German text, when the address cannot be had."""
        self._thread.start()
        for _ in range(int(START_SECONDS * 100)):
            if self._server.started:
                log.info("pages ready", address=self.address)
                return
            self._thread.join(0.01)
            if not self._thread.is_alive():
                break
        why = f": {self._failed}" if self._failed else ""
        raise errors.PermanentError(
            f"pages cannot listen on {self.address}{why}",
            german=f"Die Seiten lassen sich unter {self.address} nicht öffnen{why}. Prüfen Sie [web] listen.",
        )

    def stop(self) -> None:
        """Listen no more; what is being answered gets three seconds."""
        self._server.should_exit = True
        self._thread.join(5)

    def _run(self) -> None:
        try:
            asyncio.run(self._server.serve())
        except (Exception, SystemExit) as error:
            self._failed = error
            log.exception("pages ended")
