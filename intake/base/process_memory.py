"""How a process that works for long keeps its memory small: one heap, and no search for garbage in what stays.

What a process loaded at its start stays to the end: the garbage collector need not look through it for ever.
"""

import contextlib
import gc
import os
import pickle
import threading
from collections.abc import Callable
from typing import Any, TypeVar

YOUNG = 20_000  # new objects until the collector looks at them; 700 by default
STARTING = (1_000_000, 10, 10)  # what a start makes stays, a quarter of a million objects: none of it is garbage
LARGE = (YOUNG, 10, 10)
ARENA_MAX = -8  # of mallopt(3)
Result = TypeVar("Result")


def one_heap() -> None:
    """Call before threads start: glibc gives each a heap of its own, and none gets what another has no more need of.

    A backlog takes ten megabytes less. Where there is no such C library nothing happens.
    """
    with contextlib.suppress(OSError, AttributeError):
        _c_library().mallopt(ARENA_MAX, 1)


def settle() -> None:
    """Call when all is loaded that will stay: a backlog takes a fifth less time."""
    gc.freeze()
    gc.set_threshold(*LARGE)
    with contextlib.suppress(OSError, AttributeError):
        _c_library().malloc_trim(0)


def settle_again() -> None:
    """Call when what stays was replaced."""
    gc.unfreeze()
    gc.collect()
    settle()


def aside(work: Callable[[], Result]) -> Result:
    """What ``work`` gives (it can be pickled), found out by a copy of this process, whose memory goes with it.

    Where a copy is not to be had, or does not end well, or threads run already, it is found out here.
    """
    if threading.active_count() == 1:
        with contextlib.suppress(OSError, EOFError, pickle.UnpicklingError):
            return _copied(work)
    return work()


def _copied(work: Callable[[], Result]) -> Result:
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            with os.fdopen(writer, "wb") as pipe:
                pickle.dump(work(), pipe)
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        try:
            result: Result = pickle.load(pipe)  # noqa: S301  (our own)
        finally:
            os.waitpid(child, 0)
    return result


def leave() -> None:
    """Call at the end of a process: it need not look for garbage in what goes with it, a fifth of a short command."""
    gc.freeze()


def _c_library() -> Any:
    """The C library of this process; AttributeError for what it does not have."""
    import ctypes  # noqa: PLC0415  (five milliseconds, and short commands do without)

    return ctypes.CDLL(None)
