"""A thread that works on what its owner hands over, so that waiting for a server and storing go on side by side.

Two items wait at most; then ``put`` waits too, and memory stays bounded. What fails in the thread is raised in the
owner, at the next ``put`` or at the end.
"""

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Generic, Self, TypeVar

Item = TypeVar("Item")

LOOK_UP = 0.1  # seconds until a waiting owner looks whether the thread has failed


class Beside(Generic[Item]):
    """Runs ``work`` on the items in order. Use as a context manager; leaving it waits until all are worked off.

    ``while_waiting`` is called in the owner's thread again and again while it waits; what it raises ends the wait.
    """

    def __init__(
        self,
        work: Callable[[Iterator[Item]], None],
        *,
        name: str,
        while_waiting: Callable[[], None] = lambda: None,
    ) -> None:
        self._work = work
        self._while_waiting = while_waiting
        self._items: queue.Queue[Item | None] = queue.Queue(2)
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            self._hand_over(None)
            while self._thread.is_alive():
                self._thread.join(LOOK_UP)
                self._while_waiting()
        except BaseException:
            self._finish()
            raise
        if kind is None and self._failure is not None:
            raise self._failure

    def put(self, item: Item) -> None:
        """Hand over an item. Raises what the thread failed with."""
        self._hand_over(item)
        if self._failure is not None:
            raise self._failure

    def _hand_over(self, item: Item | None) -> None:
        while self._thread.is_alive():
            try:
                self._items.put(item, timeout=LOOK_UP)
            except queue.Full:
                self._while_waiting()
                continue
            return

    def _finish(self) -> None:
        """Wait without a word: what was handed over is worked off, and nothing of it is left running."""
        self._while_waiting = lambda: None
        self._hand_over(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._work(iter(self._items.get, None))
        except Exception as error:
            self._failure = error
