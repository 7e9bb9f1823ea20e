"""A large backlog is received by a process of its own (``worker_process``), while this one decides and sends.

What arrives meanwhile is stored here (``meanwhile``): it does not wait behind the backlog.

When that process dies, fails or is silent for too long it is ended and the caller goes on by itself, so that a failure
is reported in the usual way: all it does may be done again. When this process dies, it ends at its next commit.
"""

import time
from datetime import UTC, datetime
from typing import Self, cast

import structlog
from sqlalchemy.engine import Engine

from intake import mailbox as imap
from intake.base import child_process
from intake.base.clock import Clock
from intake.receive import backlog_job, worker_process
from intake.receive.batches import Received
from intake.receive.mailbox import How
from intake.receive.meanwhile import Meanwhile

log = structlog.get_logger(__name__)

SILENT_SECONDS = 120.0
LOOK_UP_SECONDS = 0.1  # how often the owner looks whether it is to stop, and what has arrived


class Worker(child_process.Owner):
    """The process. It starts with ``start``, or with the first backlog; leaving the context manager ends it."""

    def start(self) -> Self:
        """Start it, where it is known to be needed soon; best before anything is opened.

        Then it is a copy of this process, which has nothing to load; where threads run it is a program of its own.
        Raises OSError.
        """
        if child_process.can_copy():
            self.child = child_process.copy(worker_process.serve)
        else:
            self.child = child_process.program(worker_process.__name__)
        return self

    def receive(self, box: imap.Mailbox, engine: Engine, clock: Clock, how: How) -> Received:
        """Have all that waits in ``box`` received; what was done before a failure is not counted.

        Raises what ``mailbox.receive`` raises.
        """
        database = engine.url.render_as_string(hide_password=False)
        ahead = clock() - datetime.now(UTC)
        job = backlog_job.Job(
            box.name, box.settings, box.lent_login(), database, ahead, how.crash_file, how.urgent_words, how.lease
        )
        try:
            if self.child is None:
                self.start()
            return self._received(job, Meanwhile(box, engine, clock, how, how.highest))
        except (OSError, EOFError) as error:
            why = str(error) or type(error).__name__
            log.warning("the process for the backlog failed, going on here", mailbox=box.name, error=why)
            self.__exit__()
            return Received()

    def _received(self, job: backlog_job.Job, meanwhile: Meanwhile) -> Received:
        if self.child is None:
            raise EOFError
        box, pipe = meanwhile.box, self.child.pipe
        pipe.send(job)
        heard = time.monotonic()
        while time.monotonic() - heard < SILENT_SECONDS and not box.is_stopping:
            meanwhile.look()
            if not pipe.poll(LOOK_UP_SECONDS):
                continue
            heard = time.monotonic()
            told = pipe.recv()
            if told == backlog_job.STORED:
                meanwhile.how.on_stored()
            elif isinstance(told, backlog_job.Logged):
                getattr(log, told.level)(told.event, **told.fields)
            else:
                box.keep_alive()
                return cast("Received", told)
        raise TimeoutError("told to stop" if box.is_stopping else "no sign of work")
