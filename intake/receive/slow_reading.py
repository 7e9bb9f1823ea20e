"""Reading a large mail in a process of its own, which the kernel ends after ``SECONDS`` of its processor time.

The limits of ``mail`` keep the reader quick; this is for what nobody thought of, and for what holds the interpreter
where no other thread could stop it. A mail that was not read in time is read plainly, by another such process: the
fields of its header and its raw text; and where even that fails its raw text alone is kept. Each is flagged.
"""

import contextlib
import resource
import signal
from datetime import datetime
from multiprocessing.connection import Connection

import structlog
from msgspec import Struct, structs

from intake import mail
from intake.base import child_process
from intake.message import Message

SECONDS = 3.0  # of processor time
WALL_SECONDS = 60.0  # a process that gets no processor is not waited for longer
LATE = "Die Nachricht ließ sich nicht in drei Sekunden lesen; Kopf und Rohtext stehen da, wie sie kamen."
DEAD = "Die Nachricht ließ sich nicht lesen; nur ihre Bytes sind gespeichert, und ihr Anfang als Rohtext."

log = structlog.get_logger(__name__)


class Job(Struct, frozen=True):
    """A mail to be read, as it was fetched; ``plainly``: no more than its header and its raw text."""

    raw: bytes
    received_at: datetime
    size: int
    complete: bool
    plainly: bool = False


class Reader(child_process.Owner):
    """The process, started when it is first needed; leaving the context manager ends it. For one thread."""

    end_seconds = 0.2

    def read(self, job: Job) -> Message:
        """The mail, read in time or plainly: in either case within some seconds of processor time. Raises nothing."""
        for plainly in (False, True):
            message = self._read(structs.replace(job, plainly=plainly))
            if message is not None:
                return message
            log.warning("a mail was not read in time", size=job.size, plainly=plainly)
        return mail.unread(job.raw, DEAD)

    def _read(self, job: Job) -> Message | None:
        try:
            if self.child is None:
                self.child = child_process.program(__name__)
            pipe = self.child.pipe
            pipe.send(job)
            if pipe.poll(WALL_SECONDS):
                message: Message = pipe.recv()
                return message
        except (EOFError, OSError):
            pass
        self.__exit__()
        return None


def now(job: Job) -> Message:
    """The mail, read here."""
    if job.plainly:
        return mail.plain(job.raw, LATE, received_at=job.received_at)
    return mail.parse_fetched(job)


def serve(pipe: Connection) -> None:
    """Read what the pipe brings, until it closes; a mail that takes too long ends the process."""
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(EOFError, OSError), pipe:
        while True:
            job: Job = pipe.recv()
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            message = now(job)
            signal.setitimer(signal.ITIMER_PROF, 0)
            pipe.send(message)


if __name__ == "__main__":
    child_process.serve_parent(serve)
