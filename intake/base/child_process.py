"""Work in a process of its own: a copy of this one, or a module that is run as a program (``python -m``).

A copy (fork) has nothing to load and shares the memory of what it does not change, but is safe only where no threads
run and nothing is open that both would use. A program loads what its module imports, and nothing else.
"""

import contextlib
import multiprocessing
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Self, TypeVar

Result = TypeVar("Result")
Serve = Callable[[Connection], None]

HERE = Path(__file__).parents[2]  # where our packages lie, be they installed or not


class Child:
    """A process that serves the other end of ``pipe``. It sees the end of this process as EOFError."""

    def __init__(self, pipe: Connection, process: BaseProcess | subprocess.Popen[bytes]) -> None:
        self.pipe = pipe
        self._process = process

    def end(self, seconds: float) -> None:
        """Close the pipe, wait at most so many seconds for the process to end by itself, then kill it."""
        self.pipe.close()
        process = self._process
        if isinstance(process, subprocess.Popen):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
            process.kill()
            process.wait()
        else:
            process.join(seconds)
            process.kill()
            process.join()
            process.close()


class Owner:
    """Has at most one process, its ``child``, which ends when the context manager is left. For one thread."""

    end_seconds = 1.0

    def __init__(self) -> None:
        self.child: Child | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        child, self.child = self.child, None
        if child is not None:
            child.end(self.end_seconds)


def can_copy() -> bool:
    """Whether a copy of this process can be made: no other threads run, and the system knows fork(2)."""
    return threading.active_count() == 1 and "fork" in multiprocessing.get_all_start_methods()


def copy(serve: Serve) -> Child:
    """A copy of this process that calls ``serve`` with its end of the pipe and ends; only where ``can_copy``.

    Raises OSError when there is no room for another process.
    """
    ours, theirs = multiprocessing.Pipe()

    def work() -> None:
        ours.close()  # or the end of this process would never be seen
        serve(theirs)

    process = multiprocessing.get_context("fork").Process(target=work, daemon=True)
    with theirs:
        process.start()
    return Child(ours, process)


def program(module: str) -> Child:
    """``python -m module``, which is to call ``serve_parent``. Raises OSError when there is no room for a process."""
    ours, theirs = multiprocessing.Pipe()
    with theirs:
        number = theirs.fileno()
        process = subprocess.Popen(  # noqa: S603  (our own interpreter and module, no shell)
            command(module, str(number)), pass_fds=[number], stdin=subprocess.DEVNULL, cwd=HERE
        )
    return Child(ours, process)


def command(module: str, *arguments: str) -> list[str]:
    """The command line, a list of words in order, that runs one of our modules as a program in the folder ``HERE``.

    The interpreter is this one.
    """
    return [sys.executable, "-m", module, *arguments]


def serve_parent(serve: Serve) -> None:
    """In a ``program``: call ``serve`` with the pipe to the process that started it."""
    serve(Connection(int(sys.argv[1])))


def aside(work: Callable[[], Result]) -> Result:
    """What ``work`` gives (it can be pickled), found out by a copy of this process, whose memory goes with it.

    Where a copy is not to be had, or does not end well, it is found out here. Raises what ``work`` raises.
    """

    def serve(pipe: Connection) -> None:
        with contextlib.suppress(Exception):
            pipe.send(work())

    if not can_copy():
        return work()
    with contextlib.suppress(OSError, EOFError, pickle.UnpicklingError):
        child = copy(serve)
        try:
            result: Result = child.pipe.recv()
        finally:
            child.end(1)
        return result
    return work()
