"""Work in a thread beside its owner's: one step ahead (``pipelined``), or again and again (``Repeated``).

Each gives its failure to the owner as ``concurrent.futures`` does. A thread is a daemon, unlike those of the library's
executor, for which a process waits at its end: a database that hangs must not keep a service from stopping.
"""

import threading
from collections.abc import Callable, Generator, Iterable
from concurrent import futures
from typing import Self, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

LOOK_UP_SECONDS = 0.1  # how often ``while_waiting`` is called


def start(work: Callable[[], Result], *, name: str) -> "futures.Future[Result]":
    """Do ``work`` in a thread of this name; the future holds what it gives, or raises what it raises.

    Raises RuntimeError where there is no room for another thread.
    """
    future: futures.Future[Result] = futures.Future()
    threading.Thread(target=_fulfil, args=(future, work), name=name, daemon=True).start()
    return future


def _fulfil(future: "futures.Future[Result]", work: Callable[[], Result]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:
        future.set_exception(error)


def pipelined(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    name: str,
    while_waiting: Callable[[], None] = lambda: None,
) -> Generator[Result]:
    """``map(work, items)``, where ``work`` is done in a thread beside, in order, while the next item is made here.

    At most two items are there at any time. ``while_waiting`` is called here, again and again, while ``work`` takes
    longer than the next item does. Whatever fails (``work``, ``items``, ``while_waiting``) is raised here, once no
    thread is left; of an item whose work failed, and of those after it, nothing is given. Where there is no room for
    another thread, ``work`` is done here. Close the iterator when it is left early (``contextlib.closing``).
    """
    running: futures.Future[Result] | None = None
    try:
        for item in items:
            if running is None:
                running = _started(work, item, name)
            else:
                done = _result(running, while_waiting)
                running = _started(work, item, name)
                yield done
        if running is not None:
            yield _result(running, while_waiting)
    finally:
        if running is not None:
            futures.wait([running])


def _started(work: Callable[[Item], Result], item: Item, name: str) -> "futures.Future[Result]":
    try:
        return start(lambda: work(item), name=name)
    except RuntimeError:
        here: futures.Future[Result] = futures.Future()
        _fulfil(here, lambda: work(item))
        return here


def _result(running: "futures.Future[Result]", while_waiting: Callable[[], None]) -> Result:
    while not futures.wait([running], LOOK_UP_SECONDS).done:
        while_waiting()
    return running.result()


class Repeated:
    """A thread that does ``first``, then ``work``: at once, whenever it is woken, and once more at the end.

    Use as a context manager. Between two times it takes a ``pause`` (seconds): what comes meanwhile is done together.
    What ``work`` fails with ends it, and is raised at the end in the thread that waits for it.
    """

    def __init__(
        self,
        work: Callable[[], None],
        *,
        name: str,
        first: Callable[[], None] = lambda: None,
        pause: float = 0.0,
    ) -> None:
        self._first = first
        self._work = work
        self._name = name
        self._pause = pause
        self._woken = threading.Event()
        self._ending = threading.Event()

    def __enter__(self) -> Self:
        self._woken.set()
        self._running = start(self._run, name=self._name)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._ending.set()
        self._woken.set()
        futures.wait([self._running])
        if kind is None:
            self._running.result()

    def wake(self) -> None:
        """There may be something to do: the work begins now and not only after its pause of some seconds."""
        self._woken.set()

    def _run(self) -> None:
        self._first()
        while not self._ending.is_set():
            self._woken.wait()
            self._woken.clear()
            self._work()
            self._ending.wait(self._pause)
        self._work()
