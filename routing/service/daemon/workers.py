"""The two threads that work without a source: one decides and composes, one sends.

Each waits for its event, works until nothing is left, and rests with growing pauses when it fails. A pass that fails
changes nothing that is not taken up by the next one.
"""

import threading

import structlog

from routing import smtp
from routing.model.settings import SmtpSettings
from routing.pipeline import deliver
from routing.planning import retry
from routing.service.daemon.state import State
from routing.store import outbox

log = structlog.get_logger(__name__)

STEP_TODO = (
    "Es wird weiter versucht; nichts geht verloren. Wird es in einer Stunde nicht besser, starten Sie den Dienst neu "
    "(systemctl restart kod-intake) und sehen Sie ins Protokoll: journalctl -u kod-intake"
)
SENDING_TODO = (
    "Prüfen Sie, ob der Mailserver für den Versand läuft und von diesem Rechner aus erreichbar ist, und ob "
    "Benutzername und Kennwort in config.toml unter [smtp] noch gelten. Es wird weiter versucht; kein Schreiben geht "
    "verloren. Geben Sie Eiliges telefonisch weiter; was wartet, zeigt: kod-intake list"
)


class StepThread(threading.Thread):
    """Goes round for as long as the daemon works; a subclass says what one round is."""

    condition: str  # the name of the thread and of its outage
    what: str
    todo: str

    def __init__(self, state: State, event: threading.Event) -> None:
        super().__init__(name=self.condition, daemon=True)
        self.state = state
        self._event = event

    def run(self) -> None:
        failures = 0
        while not self.state.stop.is_set():
            self.state.beat(self.name)
            self._event.wait()
            self._event.clear()
            if self.state.stop.is_set():
                break
            try:
                self.work()
            except Exception as error:
                failures += 1
                self.let_go()
                self.state.troubles.failed(self.name, self.what, self.todo, error, failures)
                self.state.stop.wait(retry.worker_pause(failures))
                self._event.set()
            else:
                failures = 0
                self.state.troubles.fine(self.name)
        self.let_go()

    def work(self) -> None:
        """Do all there is to do now."""
        raise NotImplementedError

    def let_go(self) -> None:
        """Let go of what may be broken, after a failure and at the end."""


class DispatchThread(StepThread):
    """Decides what is waiting and composes what is due."""

    condition = "dispatch"
    what = "Hinweise lassen sich zurzeit nicht einordnen."
    todo = STEP_TODO

    def __init__(self, state: State) -> None:
        super().__init__(state, state.work)

    def work(self) -> None:
        while not self.state.stop.is_set() and self.state.runtime.dispatch().total:
            self.state.follow_up.set()
            self._compose()
        self._compose()

    def _compose(self) -> None:
        while not self.state.stop.is_set() and self.state.runtime.compose():
            self.state.outgoing.set()
        if self.state.follow_up.is_set():
            if self.state.runtime.follow_up():
                self.state.outgoing.set()
            self.state.follow_up.clear()  # not before: what failed is asked again


class SendThread(StepThread):
    """Sends what is due over one connection."""

    condition = "smtp"
    what = "Schreiben lassen sich zurzeit nicht versenden."
    todo = SENDING_TODO

    def __init__(self, state: State) -> None:
        super().__init__(state, state.outgoing)
        self._server: smtp.Smtp | None = None
        self._settings: SmtpSettings | None = None
        self._unsettled: list[outbox.Result] = []

    def work(self) -> None:
        runtime, stopping = self.state.runtime, self.state.stop.is_set
        server = self._smtp()
        while True:
            done = deliver.send(
                runtime.engine, server, runtime.instance, runtime.clock, stopping, unsettled=self._unsettled
            )
            if done.parked:
                log.warning("letters parked", count=done.parked)
            if not done.sent + done.later + done.parked:
                return

    def _smtp(self) -> smtp.Smtp:
        settings = self.state.runtime.settings.smtp
        if self._server is None or settings != self._settings:
            self.let_go()
            self._server, self._settings = self.state.runtime.smtp(), settings
        return self._server

    def let_go(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
