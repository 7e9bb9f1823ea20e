"""An SMTP server that takes everything at once: Postfix's smtp-sink, or the tests' own where that is missing."""

import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from tests.servers import processes
from tests.servers.smtp import SmtpSink


@contextlib.contextmanager
def fast(folder: Path) -> Iterator[int]:
    """The port of a running sink."""
    try:
        program = processes.find_program("smtp-sink", "postfix")
    except processes.MissingPackageError:
        with SmtpSink() as slow:
            yield slow.port
        return
    port = processes.free_port()
    daemon = processes.Daemon(
        [program, f"{processes.LOOPBACK}:{port}", "100"], folder=folder, output=folder / "smtp-sink.log"
    )
    try:
        _wait_for(port, daemon)
        yield port
    finally:
        daemon.end()


def _wait_for(port: int, daemon: processes.Daemon) -> None:
    for _ in range(500):
        with contextlib.suppress(OSError), socket.create_connection((processes.LOOPBACK, port), 1):
            return
        daemon.check_alive()
        time.sleep(0.01)
    raise RuntimeError("smtp-sink does not answer")
