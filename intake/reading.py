"""Reading many mails in a process of its own, beside the one that fetches and stores.

A ``ReadingProcess`` is started for a large backlog and ended after it; it imports the reader alone. One batch is read
there while the one before is stored here, so memory stays bounded. A process that dies or does not answer in time is
ended and its batch is read here: no mail is lost to it.
"""

import contextlib
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from multiprocessing import connection as pipes
from pathlib import Path
from typing import Protocol, Self, TypeVar

import structlog

from intake import mail
from intake.message import Message

log = structlog.get_logger(__name__)

SECONDS_PER_BATCH = 120


class Job(Protocol):
    """The bytes of a mail to read; not ``complete`` means that ``raw`` is only the beginning of ``size`` bytes."""

    @property
    def raw(self) -> bytes: ...
    @property
    def size(self) -> int: ...
    @property
    def complete(self) -> bool: ...
    @property
    def received_at(self) -> datetime: ...


Batch = TypeVar("Batch", bound=Sequence[Job])


def read(job: Job) -> Message:
    """Read one mail in this process."""
    if job.complete:
        return mail.parse(job.raw, received_at=job.received_at)
    return mail.parse_head(job.raw, job.size, received_at=job.received_at)


def each_here(batches: Iterable[Batch]) -> Iterator[tuple[Batch, list[Message]]]:
    """Every batch with its messages, read in this process."""
    for batch in batches:
        yield batch, [read(job) for job in batch]


class ReadingProcess:
    """One helper process. Use as a context manager; belongs to one thread."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: pipes.Connection | None = None

    def __enter__(self) -> Self:
        ours, theirs = pipes.Pipe()
        with theirs:
            program = f"from intake import reading; reading.serve({theirs.fileno()})"
            self._process = subprocess.Popen(  # noqa: S603  (our own interpreter and program, no shell)
                [sys.executable, "-c", program],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                cwd=Path(__file__).parent.parent,
            )
        self._pipe = ours
        return self

    def __exit__(self, *_: object) -> None:
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(1)
            self._process.kill()
            self._process.wait()
            self._process = None

    def each(self, batches: Iterable[Batch]) -> Iterator[tuple[Batch, list[Message]]]:
        """Every batch with its messages, in order."""
        before: Batch | None = None
        for batch in batches:
            # Take the answer before sending more: both sides sending at once would wait for each other for ever.
            answer = None if before is None else self._answer(before)
            self._send(batch)
            if before is not None and answer is not None:
                yield before, answer
            before = batch
        if before is not None:
            yield before, self._answer(before)

    def _send(self, batch: Sequence[Job]) -> None:
        if self._pipe is None:
            return
        try:
            self._pipe.send(batch)
        except OSError as error:
            self._give_up(error)

    def _answer(self, batch: Sequence[Job]) -> list[Message]:
        if self._pipe is not None:
            try:
                if self._pipe.poll(SECONDS_PER_BATCH):
                    answer: list[Message] = self._pipe.recv()
                    return answer
                self._give_up(TimeoutError("no answer in time"))
            except (OSError, EOFError) as error:
                self._give_up(error)
        return [read(job) for job in batch]

    def _give_up(self, error: BaseException) -> None:
        log.warning("reading process failed, reading here", error=str(error) or type(error).__name__)
        self.__exit__()


def serve(handle: int) -> None:
    """The helper's own loop: read batches from the pipe until it closes."""
    with pipes.Connection(handle) as pipe, contextlib.suppress(EOFError, OSError, KeyboardInterrupt):
        while True:
            jobs: Sequence[Job] = pipe.recv()
            pipe.send([read(job) for job in jobs])
