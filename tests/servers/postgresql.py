"""A private PostgreSQL on a free loopback port: one server, a new empty database for whoever asks.

Data lives in a temporary folder and is not written safely (``fsync`` off): tests kill our processes, not this one.
``initdb`` takes about a second, a new database 50 ms.
"""

import itertools
import re
import signal
import subprocess
from pathlib import Path
from typing import Self

import psycopg

from tests.servers import processes
from tests.support.waiting import CEILING, until


class PostgreSQL:
    """One server in ``root`` (see ``processes.server_folder``), not yet started."""

    host = processes.LOOPBACK

    def __init__(self, root: Path) -> None:
        self.root = root
        self.port = processes.free_port()
        self._daemon: processes.Daemon | None = None
        self._names = itertools.count(1)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start (the first time after ``initdb``) and wait until it answers."""
        if not (self.root / "data").exists():
            self._initialise()
        command: list[str | Path] = [_program("postgres"), "-D", self.root / "data", "-p", str(self.port)]
        options = {
            "listen_addresses": self.host,
            "unix_socket_directories": "",
            "fsync": "off",
            "full_page_writes": "off",
            "max_connections": "60",
            "shared_buffers": "64MB",
        }
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        self._daemon = processes.Daemon(command, folder=self.root, output=self.root / "output")
        self._wait_until_ready()

    def stop(self) -> None:
        """End at once, dropping connections."""
        if self._daemon:
            self._daemon.end(polite=signal.SIGINT, group=False)
            self._daemon = None

    def create_database(self) -> str:
        """A new empty database, as an SQLAlchemy URL with the driver psycopg."""
        name = f"test{next(self._names)}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql+psycopg://test@{self.host}:{self.port}/{name}"

    def _address(self, database: str) -> str:
        return f"host={self.host} port={self.port} user=test dbname={database} connect_timeout={CEILING:.0f}"

    def _initialise(self) -> None:
        options = ["-U", "test", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        done = subprocess.run(
            [_program("initdb"), "-D", self.root / "data", *options],
            cwd=self.root,
            capture_output=True,
            text=True,
            check=False,
            **processes.run_as(),
        )
        if done.returncode != 0:
            raise RuntimeError(f"initdb failed: {done.stdout}{done.stderr}")

    def _wait_until_ready(self) -> None:
        assert self._daemon
        daemon = self._daemon

        def answers() -> bool:
            daemon.check_alive()
            try:
                psycopg.connect(self._address("postgres")).close()
            except psycopg.OperationalError:
                return False
            return True

        until(answers, "PostgreSQL answers", pause=0.02)


def _program(name: str) -> Path:
    """From the newest version under /usr/lib/postgresql, else from PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    return processes.find_program(name, "postgresql", folders)


def _version(folder: Path) -> int:
    number = re.match(r"\d+", folder.parent.name)
    return int(number[0]) if number else 0
