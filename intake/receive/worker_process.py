"""The process that receives a large backlog; ``backlog`` starts it, gives it jobs and hears from it over a pipe.

It needs intake alone, opens a connection to the mailbox and one to the database of its own, and works as ``mailbox``
always does. What it stores it tells, and what it logs is logged by its parent. It ends when the pipe does.
"""

import contextlib
import functools
import os
import sys
import threading
from collections.abc import Callable, MutableMapping
from multiprocessing.connection import Connection
from typing import Any

import structlog
from sqlalchemy.engine import Engine

from intake import mailbox as imap
from intake import storage
from intake.base import child_process, errors, process_memory
from intake.receive import backlog_job, mailbox
from intake.receive.batches import Received

log = structlog.get_logger(__name__)

SWITCH_SECONDS = 0.0005  # the thread that has its answer from the server gets its turn after so long, not after 5 ms
MODEST = 10  # how nice it is: where there are few cores, deciding and sending what is stored comes first


def serve(pipe: Connection) -> None:
    """Receive what the pipe names, and tell, until it closes or something fails."""
    turn = threading.Lock()

    with pipe, contextlib.suppress(EOFError, OSError, KeyboardInterrupt):

        def tell(what: object) -> None:
            with turn:
                pipe.send(what)

        _log_through(tell)
        sys.setswitchinterval(SWITCH_SECONDS)
        os.nice(MODEST)
        process_memory.one_heap()
        process_memory.freeze()
        try:
            while True:
                tell(_receive(pipe.recv(), tell))
        except errors.IntakeError as error:  # whoever waits meets it, too, and reports it
            log.info("the process for the backlog ends", error=str(error))


def _receive(job: backlog_job.Job, tell: Callable[[object], None]) -> Received:
    engine = storage.create(job.database)
    try:
        may_file = functools.partial(_may_file, engine, job.lease)
        with imap.Mailbox(job.name, job.settings, job.login, may_file=may_file) as box:
            return mailbox.receive(
                box,
                engine,
                job.clock,
                reconcile=True,
                on_stored=lambda: tell(backlog_job.STORED),
                crash_file=job.crash_file,
                urgent_words=job.urgent_words,
            )
    finally:
        engine.dispose()


def _may_file(engine: Engine, lease: backlog_job.Lease | None) -> None:
    if lease is not None:
        storage.confirm(engine, lease.name, lease.holder)


def _log_through(tell: Callable[[object], None]) -> None:
    def hand_over(_: Any, level: str, fields: MutableMapping[str, Any]) -> str:
        event = fields.pop("event")
        tell(backlog_job.Logged(level, event, {name: str(value) for name, value in fields.items()}))
        raise structlog.DropEvent

    structlog.configure(processors=[structlog.processors.format_exc_info, hand_over])


if __name__ == "__main__":
    child_process.serve_parent(serve)
