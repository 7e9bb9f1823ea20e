"""``kod-intake run`` as a measured process: started, waited for by its own READY=1, ended by SIGTERM."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.support import installation, measured

READY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Service:
    """A daemon that has said it is ready; ``start_seconds`` is how long that took."""

    process_id: int
    start_seconds: float
    log: Path


@contextlib.contextmanager
def running(config: Path, command: Sequence[str | Path] | None = None) -> Iterator[Service]:
    """A daemon at work; it is ended in the end, however its user fared."""
    folder = config.parent
    log = folder / "daemon.log"
    address = folder / "notify"
    address.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified, log.open("ab") as output:
        notified.bind(str(address))
        notified.settimeout(READY_SECONDS)
        started = time.monotonic()
        process = subprocess.Popen(
            [str(part) for part in command or installation.command(config, "run")],
            env={**os.environ, **installation.ENVIRONMENT, "NOTIFY_SOCKET": str(address)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_ready(notified, process, log)
            yield Service(process.pid, time.monotonic() - started, log)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_ready(notified: socket.socket, process: subprocess.Popen[bytes], log: Path) -> None:
    notified.settimeout(0.5)
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(TimeoutError):
            if b"READY=1" in notified.recv(4096):
                return
        if process.poll() is not None:
            break
    raise measured.FailedError(f"the daemon did not become ready:\n{log.read_text(errors='replace')[-3000:]}")
