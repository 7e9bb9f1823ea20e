"""The signals between the threads of the daemon, and who of them is alive.

A thread that may have made work for another sets its event; nobody waits for an answer. Events are hints: what is
waiting or due stands in the database, where the alarm clock looks.
"""

import threading
import time

LOOK_UP = 0.5  # seconds


class Signals:
    """Shared by all threads of one daemon; every method may be called from any of them."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.work = threading.Event()  # something may be waiting for a decision, or due
        self.outgoing = threading.Event()  # a letter may be ready to be sent
        self.urgent = threading.Event()  # an urgent one may be
        self.calls = threading.Event()  # the duty desk may have to be called
        self.follow_up = threading.Event()  # a list, a reminder or an answer to a citizen may be due
        self.night = threading.Event()  # a mailbox's nightly reconciliation may be due
        self._beats: dict[str, float] = {}
        self._tries = 0

    def ring(self) -> None:
        """Let the working threads look for all that may wait."""
        self.follow_up.set()
        self.wake()

    def wake(self) -> None:
        """Let the working threads look for messages and letters that wait."""
        self.work.set()
        self.send()

    def send(self) -> None:
        """Let the sending threads look for letters, the urgent lane first, and for whom to call."""
        self.urgent.set()
        self.outgoing.set()
        self.calls.set()

    def try_again(self) -> None:
        """End every ``pause``: what failed may work now."""
        self._tries += 1

    def pause(self, seconds: float) -> None:
        """Rest after a failure, until ``stop`` or ``try_again``."""
        before, end = self._tries, time.monotonic() + seconds
        while self._tries == before and (left := end - time.monotonic()) > 0:
            if self.stop.wait(min(left, LOOK_UP)):
                return

    def beat(self, name: str) -> None:
        """The thread ``name`` is alive and went round its loop."""
        self._beats[name] = time.monotonic()

    def forget(self, name: str) -> None:
        """The thread ``name`` has ended as it was told to."""
        self._beats.pop(name, None)

    def silent_for(self, seconds: float) -> list[str]:
        """The threads, a list of names, that have not gone round their loop for so many seconds."""
        return [name for name, at in list(self._beats.items()) if time.monotonic() - at > seconds]
