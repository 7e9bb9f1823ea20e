"""Telling the operator by mail and by ``[operator] command``, each on its own, until both have worked.

A thread of its own, which nothing waits for: a mail server that hangs or a command that never ends holds up no work.
It starts with the first notification and ends when all are out. What could not be told stands in the state file and
is told by the next process.
"""

import os
import threading
import time
from collections.abc import Callable, Sequence

import structlog

from intake.base import errors
from routing.service.alerts import commands
from routing.service.alerts.alarm import Alarm
from routing.service.alerts.state_file import Pending, StateFile

log = structlog.get_logger(__name__)

COMMAND_TRIES = 5
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0


class Messenger:
    """The two ways; what is to be told lies in ``state``."""

    def __init__(self, state: StateFile, mail: Callable[[Alarm], None], command: Callable[[], Sequence[str]]) -> None:
        """``mail`` raises IntakeError or OSError when it cannot be sent now; ``command`` gives nothing without one."""
        self._state = state
        self._mail = mail
        self._command = command
        self._work = threading.Lock()
        self._wake = threading.Event()
        self._end = threading.Event()
        self._pause = threading.Event()  # never set
        self._thread: threading.Thread | None = None

    def tell(self, alarm: Alarm) -> None:
        """Soon, by both ways."""
        with self._state.changing() as state:
            state.pending.append(Pending(alarm, os.getpid()))
        self.start()

    def start(self) -> None:
        """See to what is to be told, also by processes that are gone."""
        with self._work:
            self._wake.set()
            if (self._thread is None or not self._thread.is_alive()) and not self._end.is_set():
                self._thread = threading.Thread(target=self._run, name="alerts", daemon=True)
                self._thread.start()

    def close(self, seconds: float) -> None:
        """Give what is to be told at most so long, then leave it to the next process."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)
        self._end.set()
        self._wake.set()

    def flush(self, seconds: float) -> bool:
        """Wait until everything is told, at most so long; whether it is."""
        end = time.monotonic() + seconds
        while self._ours():
            if time.monotonic() > end:
                return False
            self._pause.wait(0.01)
        return True

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while not self._end.is_set():
            self._wake.clear()
            waiting = self._ours()
            told = [self._try(one) for one in waiting]
            with self._work:
                if not self._ours() and not self._wake.is_set():
                    self._thread = None
                    return
            pause = FIRST_PAUSE if any(told) else min(2 * pause, LONGEST_PAUSE)
            self._wake.wait(pause)

    def _ours(self) -> list[Pending]:
        return [one for one in self._state.read().pending if one.process == os.getpid() or not _is_there(one.process)]

    def _try(self, pending: Pending) -> bool:
        """Whether anything of it could be done."""
        commanded = pending.command and self._run_command(pending.alarm.text)
        given_up = pending.command and not commanded and pending.tries + 1 >= COMMAND_TRIES
        if pending.command:
            self._note(pending, command=not (commanded or given_up), tries=pending.tries + 1)
        mailed = pending.mail and self._send(pending.alarm)
        if mailed:
            self._note(pending, mail=False)
        return commanded or mailed

    def _note(
        self, pending: Pending, *, mail: bool | None = None, command: bool | None = None, tries: int = 0
    ) -> None:
        with self._state.changing() as state:
            for one in state.pending:
                if one.alarm == pending.alarm and one.process == pending.process:
                    one.mail = one.mail if mail is None else mail
                    one.command = one.command if command is None else command
                    one.tries = tries or one.tries
            state.pending = [one for one in state.pending if one.mail or one.command]

    def _send(self, alarm: Alarm) -> bool:
        try:
            self._mail(alarm)
        except (errors.IntakeError, OSError) as error:
            log.warning("alert could not be mailed", error=str(error))
            return False
        except Exception:
            log.exception("alert could not be mailed")
            return False
        log.info("alert mailed", kind=alarm.kind, what=alarm.what)
        return True

    def _run_command(self, text: str) -> bool:
        command = self._command()
        if not command:
            return True
        try:
            commands.run(command, text)
        except errors.TemporaryError as error:
            log.warning("operator command failed", error=str(error))
            return False
        return True


def _is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
