"""A large backlog is received by a process of its own, while this one decides and sends.

The process needs intake alone, opens a connection to the mailbox and one to the database of its own, and works as
``mails`` always does. What it stores it tells over a pipe, and what it logs is logged here. When it dies, fails or is
silent for too long it is ended and the caller goes on by itself, so that a failure is reported in the usual way: all
it does may be done again. When this process dies, it ends at its next commit.
"""

import contextlib
import multiprocessing
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from multiprocessing import connection as pipes
from pathlib import Path
from typing import Any, Self, cast

import structlog
from msgspec import Struct
from sqlalchemy.engine import Engine

from intake import mailbox as imap
from intake.receive.batches import Clock, Received
from intake.settings import MailboxSettings

Serve = Callable[[pipes.Connection], None]

log = structlog.get_logger(__name__)

STORED = "stored"
WITHOUT_COLOURS = "import sys; sys.modules['rich'] = None; "  # structlog loads it where it can: four megabytes
SILENT_SECONDS = 120.0
LOOK_UP_SECONDS = 0.5  # how often the owner looks whether it is to stop


class Job(Struct, frozen=True):
    """A mailbox to be worked. ``ahead`` is how far our clock is ahead of the machine's."""

    name: str
    settings: MailboxSettings
    login: str | imap.Tokens | None
    database: str
    ahead: timedelta
    in_hand: Path | None

    def clock(self) -> datetime:
        """What our clock says now."""
        return datetime.now(UTC) + self.ahead


class Logged(Struct, frozen=True):
    """A line for the log."""

    level: str
    event: str
    fields: Mapping[str, Any]


class Helper:
    """The process. It starts with ``start``, or with the first backlog; leaving the context manager ends it."""

    def __init__(self) -> None:
        self._process: _Copy | _Program | None = None
        self._pipe: pipes.Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
        if self._process is not None:
            self._process.end(1)
            self._process = None

    def start(self, serve: Serve | None = None) -> Self:
        """Start it, where it is known to be needed soon.

        With ``process.serve`` it is a copy of this process, which has nothing to load: for who has opened nothing yet.
        Where threads run it is a program of its own all the same.
        """
        ours, theirs = pipes.Pipe()
        with theirs:
            if serve and threading.active_count() == 1 and "fork" in multiprocessing.get_all_start_methods():
                self._process = _Copy(serve, ours, theirs)
            else:
                self._process = _Program(theirs)
        self._pipe = ours
        return self

    def receive(
        self,
        box: imap.Mailbox,
        engine: Engine,
        clock: Clock,
        on_stored: Callable[[], None],
        in_hand: Path | None,
    ) -> Received:
        """Have all that waits in ``box`` received beside; what it did before a failure is not counted."""
        database = engine.url.render_as_string(hide_password=False)
        job = Job(box.name, box.settings, box.lent_login(), database, clock() - datetime.now(UTC), in_hand)
        try:
            if self._pipe is None:
                self.start()
            return self._received(job, box, on_stored)
        except (OSError, EOFError) as error:
            why = str(error) or type(error).__name__
            log.warning("the process for the backlog failed, going on here", mailbox=box.name, error=why)
            self.__exit__()
            return Received()

    def _received(self, job: Job, box: imap.Mailbox, on_stored: Callable[[], None]) -> Received:
        if self._pipe is None:
            raise EOFError
        self._pipe.send(job)
        silent = 0.0
        while silent < SILENT_SECONDS and not box.is_stopping:
            if not self._pipe.poll(LOOK_UP_SECONDS):
                silent += LOOK_UP_SECONDS
                continue
            silent = 0.0
            told = self._pipe.recv()
            if told == STORED:
                on_stored()
            elif isinstance(told, Logged):
                getattr(log, told.level)(told.event, **told.fields)
            else:
                box.keep_alive()
                return cast("Received", told)
        raise TimeoutError("told to stop" if box.is_stopping else "no sign of work")


class _Copy:
    """The process as a copy of this one."""

    def __init__(self, serve: Serve, ours: pipes.Connection, theirs: pipes.Connection) -> None:
        def work() -> None:
            ours.close()  # or the end of the other process would never be seen
            serve(theirs)

        self._process = multiprocessing.get_context("fork").Process(target=work, daemon=True)
        self._process.start()

    def end(self, patience: float) -> None:
        """Wait so many seconds for its end, then end it."""
        self._process.join(patience)
        self._process.kill()
        self._process.join()
        self._process.close()


class _Program:
    """The process as a program of its own, which loads intake alone."""

    def __init__(self, theirs: pipes.Connection) -> None:
        serving = f"worker_process.serve(pipes.Connection({theirs.fileno()}))"
        program = (
            f"from multiprocessing import connection as pipes; from intake.receive import worker_process; {serving}"
        )
        self._process = subprocess.Popen(  # noqa: S603  (our own interpreter and program, no shell)
            [sys.executable, "-c", WITHOUT_COLOURS + program],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            cwd=Path(__file__).parents[2],
        )

    def end(self, patience: float) -> None:
        """Wait so many seconds for its end, then end it."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        self._process.kill()
        self._process.wait()
