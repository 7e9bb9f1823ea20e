"""What the daemons started here have in common: an unprivileged account, a folder it can reach, an end.

A program that is missing raises :class:`MissingPackageError` with the Debian package to install: tests fail with that
line, they are never skipped.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.support.waiting import CEILING, until

LOOPBACK = "127.0.0.1"
GRACE = 5.0
"""Seconds for a polite end; Dovecot takes up to a minute when a client hangs. Whoever is slower is killed: no harm."""


class MissingPackageError(RuntimeError):
    """A server program is not installed; the text names the Debian package."""


def account() -> pwd.struct_passwd:
    """The account that servers run under: ``nobody`` when we are root, else our own."""
    return pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())


def find_program(name: str, package: str, folders: Sequence[Path] = ()) -> Path:
    """The program ``name`` from ``folders``, PATH or the system's sbin; :class:`MissingPackageError` without it."""
    path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    found = shutil.which(name, path=path)
    if found is None:
        raise MissingPackageError(f"The tests need the program {name}: apt-get install {package}")
    return Path(found)


@contextlib.contextmanager
def server_folder(prefix: str) -> Iterator[Path]:
    """A temporary folder that belongs to :func:`account` and is removed in the end.

    pytest's ``tmp_path`` will not do: only its owner may enter it, and socket paths in it grow too long.
    """
    with tempfile.TemporaryDirectory(prefix=f"kod-{prefix}-", ignore_cleanup_errors=True) as name:
        give_away(Path(name))
        yield Path(name)


def give_away(path: Path) -> None:
    """Hand a file or folder to :func:`account` when we are root."""
    if os.getuid() == 0:
        owner = account()
        os.chown(path, owner.pw_uid, owner.pw_gid)


def free_port() -> int:
    """A loopback port nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def wait_until_closed(port: int) -> None:
    """Wait until nobody listens on a loopback port any more."""

    def is_closed() -> bool:
        try:
            socket.create_connection((LOOPBACK, port), CEILING).close()
        except OSError:
            return True
        return False

    until(is_closed, f"port {port} is closed", pause=0.005)


def run_as() -> dict[str, Any]:
    """Keyword arguments for ``subprocess`` that drop root's rights."""
    if os.getuid() != 0:
        return {}
    owner = account()
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


class Daemon:
    """A server process in a process group of its own, running unprivileged, with its output in a file."""

    def __init__(self, command: Sequence[str | Path], *, folder: Path, output: Path) -> None:
        setpriv = shutil.which("setpriv")  # util-linux: ends the daemon when the thread that started it ends
        guard = [setpriv, "--pdeathsig", "TERM"] if setpriv else []
        self.output = output
        with output.open("ab") as log:
            self._process = subprocess.Popen(
                [*guard, *map(str, command)],
                cwd=folder,
                env={"HOME": str(folder), "PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **run_as(),
            )

    @property
    def process_id(self) -> int:
        """Also the id of the process group."""
        return self._process.pid

    def check_alive(self) -> None:
        """Raise RuntimeError with what the daemon printed when it has ended."""
        if self._process.poll() is not None:
            raise RuntimeError(f"the server ended with {self._process.returncode}:\n{self.output.read_text()}")

    def end(self, *, polite: signal.Signals = signal.SIGTERM, group: bool = True) -> None:
        """Ask to end (the whole group, or its first process alone), wait, then kill what is left of the group."""
        if group:
            self._signal_group(polite)
        elif self._process.poll() is None:
            self._process.send_signal(polite)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE)
        self._signal_group(signal.SIGKILL)
        self._process.wait()

    def kill(self) -> None:
        """Kill the whole group at once, as a power cut would."""
        self._signal_group(signal.SIGKILL)
        self._process.wait()

    def _signal_group(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)
