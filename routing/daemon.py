"""The daemon: threads that wait, and APScheduler as their alarm clock.

One thread works each mailbox (IDLE, or polling), one dispatches and composes, one sends; the scheduler looks at drop
folders, at config.toml and at what has become due. What is due stands in the database, so a missed wake-up is late and
never lost. SIGTERM ends all within ten seconds: what is unfinished is taken up at the next start. A step that fails is
tried again with growing pauses, and the operator hears of it once, and once when it works again.
"""

import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from intake import errors, mailbox, receive, storage
from routing import deliver, health, outbox, systemd
from routing.runtime import Runtime

log = structlog.get_logger(__name__)

STOP_SECONDS = 6
DUE_SECONDS = 10.0  # how late a digest may be; what arrives wakes its thread at once
FILES_SECONDS = 5.0
BEAT_SECONDS = 60
RECONCILE_EVERY = timedelta(hours=1)
FAILURES_BEFORE_ALERT = 3
LONGEST_PAUSE = 300
STUCK_PASSES = 60


class Daemon:
    """All threads of one process, on one runtime."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.stop = threading.Event()
        self.work = threading.Event()  # something may be waiting for a decision or due
        self.outgoing = threading.Event()  # a letter may be due
        self._mailboxes: dict[str, MailboxThread] = {}
        self._threads: list[threading.Thread] = []
        self._beats: dict[str, float] = {}
        self._full: set[str] = set()  # who found the disk full at the last try
        self._stuck: dict[str, int] = {}  # drop folder → passes in a row with a file that cannot be read
        self._config_seen = self._config_state()
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(2)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone="UTC",
        )

    def run(self) -> None:
        """Work until SIGTERM or SIGINT."""
        signal.signal(signal.SIGTERM, lambda *_: self.stop.set())
        signal.signal(signal.SIGINT, lambda *_: self.stop.set())
        signal.signal(signal.SIGHUP, lambda *_: self._wake_config())
        self.start()
        if self.runtime.broken is not None:
            self.runtime.tell_refused(self.runtime.broken)
        systemd.notify("READY=1")
        log.info("ready", instance=self.runtime.instance)
        while not self.stop.wait(3600):
            pass
        self.end()

    def start(self) -> None:
        """Start every thread and the scheduler."""
        for name, target in (("dispatch", self._dispatch_loop), ("send", self._send_loop)):
            thread = threading.Thread(target=target, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()
        self._follow_mailboxes()
        self._schedule()
        self._scheduler.start()
        self._guarded(self._look_after)()
        self.work.set()
        self.outgoing.set()

    def end(self) -> None:
        """Ask all to stop and wait for them, for a bounded time."""
        systemd.notify("STOPPING=1")
        log.info("stopping")
        self.stop.set()
        self.work.set()
        self.outgoing.set()
        for worker in self._mailboxes.values():
            worker.leave()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        deadline = time.monotonic() + STOP_SECONDS
        for thread in [*self._threads, *self._mailboxes.values()]:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                log.warning("thread left behind", thread=thread.name)
        log.info("stopped")

    def _schedule(self) -> None:
        jobs: list[tuple[Callable[[], None], float]] = [
            (self._tick, DUE_SECONDS),
            (self._follow_config, FILES_SECONDS),
            (self._read_folders, min([FILES_SECONDS, *self._settle_times()])),
            (self._look_after, BEAT_SECONDS),
        ]
        for job, seconds in jobs:
            self._scheduler.add_job(self._guarded(job), "interval", seconds=max(0.5, seconds), name=job.__name__)
        interval = systemd.watchdog_seconds(self.runtime.environ)
        if interval:
            self._scheduler.add_job(self._guarded(self._watchdog), "interval", seconds=interval / 2, name="watchdog")

    def _settle_times(self) -> list[float]:
        return [folder.settle_seconds for folder in self.runtime.settings.drop_folders.values()]

    def _guarded(self, job: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            if self.stop.is_set():
                return
            try:
                job()
            except errors.IntakeError as error:
                log.warning("job failed", job=job.__name__, error=str(error))
            except Exception:
                log.exception("job failed", job=job.__name__)

        return run

    def _tick(self) -> None:
        """Something may have become due, here or with a daemon that died."""
        if self.runtime.engine.dialect.name == "postgresql":
            self.runtime.take_over()
        self.work.set()
        self.outgoing.set()

    def beat(self, name: str) -> None:
        """The thread ``name`` is alive and went round its loop."""
        self._beats[name] = time.monotonic()

    def _watchdog(self) -> None:
        limit = max([600.0, *(3 * box.poll_seconds for box in self.runtime.settings.mailboxes.values())])
        late = [name for name, at in self._beats.items() if time.monotonic() - at > limit]
        if late:
            log.error("a thread hangs, the watchdog is not fed", threads=late)
        else:
            systemd.notify("WATCHDOG=1")

    # receiving

    def _follow_mailboxes(self) -> None:
        """Start, stop and restart mailbox threads until they are what config.toml says."""
        wanted = self.runtime.settings.mailboxes
        for name, worker in list(self._mailboxes.items()):
            if wanted.get(name) != worker.settings or not worker.is_alive():
                worker.leave()
                worker.join(STOP_SECONDS)
                self._beats.pop(worker.name, None)
                del self._mailboxes[name]
        for name in wanted:
            if name not in self._mailboxes:
                self._mailboxes[name] = MailboxThread(self, name)
                self._mailboxes[name].start()

    def _read_folders(self) -> None:
        runtime = self.runtime
        for name in runtime.settings.drop_folders:
            if not runtime.leases.take(f"folder {name}"):
                continue
            condition = f"folder {name}"
            try:
                received = receive.folder(runtime.folder(name), runtime.engine, runtime.clock)
                self.disk_fine(condition)
            except errors.StorageFullError as error:
                self.disk_full(condition, error)
                continue
            except errors.TemporaryError as error:
                folder = runtime.settings.drop_folders[name].folder
                what = f"Der Ordner „{folder}“ der Telefonliste lässt sich nicht lesen.\nGrund: {explained(error)}"
                runtime.alerts.begin(condition, what, FOLDER_TODO, runtime.clock())
                continue
            self._stuck[name] = self._stuck.get(name, 0) + 1 if received.stuck else 0
            if self._stuck[name] >= STUCK_PASSES:
                what = f"Eine Telefonliste im Ordner „{name}“ lässt sich seit Längerem nicht lesen."
                todo = f"Bitte schließen Sie die Datei, falls sie noch geöffnet ist: {', '.join(received.stuck)}"
                runtime.alerts.begin(condition, what, todo, runtime.clock())
            elif not received.stuck:
                runtime.alerts.end(condition, runtime.clock())
            if received.rejected:
                what = f"In einer Telefonliste im Ordner „{name}“ ließ sich nicht alles lesen."
                todo = (
                    f"Betroffen: {', '.join(received.files)}. Die abgelehnten Zeilen stehen im Ordner „erledigt“ "
                    "neben der Datei (…abgelehnt.csv), eine ganz unlesbare Datei mit dem Grund im Ordner „unlesbar“. "
                    "Berichtigen Sie die Zeilen und legen Sie die Datei noch einmal ab."
                )
                runtime.alerts.once(what, todo, runtime.clock())
            if received.files:
                log.info("log files read", folder=name, files=len(received.files), new=received.new)
                self.work.set()

    # deciding and sending

    def _dispatch_loop(self) -> None:
        failures = 0
        while not self.stop.is_set():
            self.beat("dispatch")
            self.work.wait()
            self.work.clear()
            try:
                while not self.stop.is_set() and self.runtime.dispatch().total:
                    self._compose()
                self._compose()
                failures = 0
                self.disk_fine("dispatch")
                self.runtime.alerts.end("dispatch", self.runtime.clock())
            except Exception as error:
                failures += 1
                self._failed("dispatch", "Hinweise lassen sich zurzeit nicht einordnen.", error, failures)

    def _compose(self) -> None:
        if self.runtime.desk_list():
            self.outgoing.set()
        while not self.stop.is_set() and self.runtime.compose():
            self.outgoing.set()

    def _send_loop(self) -> None:
        failures = 0
        server = None
        settings = None
        unsettled: list[outbox.Result] = []
        while not self.stop.is_set():
            self.beat("send")
            self.outgoing.wait()
            self.outgoing.clear()
            if self.stop.is_set():
                break
            try:
                if server is None or settings != self.runtime.settings.smtp:
                    settings = self.runtime.settings.smtp
                    server = self.runtime.smtp()
                self._send_all(server, unsettled)
                failures = 0
                self.disk_fine("smtp")
                self.runtime.alerts.end("smtp", self.runtime.clock())
            except Exception as error:
                failures += 1
                server = None
                self._failed("smtp", "Schreiben lassen sich zurzeit nicht versenden.", error, failures)
        if server is not None:
            server.close()

    def _send_all(self, server: Any, unsettled: list[outbox.Result]) -> None:
        runtime = self.runtime
        while True:
            done = deliver.send(
                runtime.engine, server, runtime.instance, runtime.clock, self.stop.is_set, unsettled=unsettled
            )
            if done.parked:
                log.warning("letters parked", count=done.parked)
            if not done.sent + done.later + done.parked:
                return

    def _failed(self, name: str, what: str, error: Exception, failures: int) -> None:
        """Log, tell the operator when it lasts, and rest before the next try."""
        if isinstance(error, errors.IntakeError):
            log.warning("step failed", step=name, error=str(error), failures=failures)
        else:
            log.error("step failed", step=name, failures=failures, exc_info=error)
        if isinstance(error, errors.StorageFullError):
            self.disk_full(name, error)
        elif failures >= FAILURES_BEFORE_ALERT or _act_now(error):
            todo = SENDING_TODO if name == "smtp" else STEP_TODO
            self.runtime.alerts.begin(name, f"{what}\nGrund: {explained(error)}", todo, self.runtime.clock())
        self.stop.wait(min(2.0 ** min(failures - 1, 20), LONGEST_PAUSE))
        self.work.set()
        self.outgoing.set()

    def disk_full(self, who: str, error: errors.StorageFullError) -> None:
        """One condition for all who find the disk full: it ends when each of them can store again."""
        self._full.add(who)
        what = "Der Datenträger ist voll: Es kann nichts mehr gespeichert werden."
        todo = (
            "Nachrichten bleiben im Postfach und in den Ordnern liegen, nichts geht verloren. Bitte schaffen Sie "
            f"Platz ({self.runtime.settings.service.data}); die Arbeit geht dann von selbst weiter.\n\n{error}"
        )
        self.runtime.alerts.begin("storage", what, todo, self.runtime.clock())

    def disk_fine(self, who: str) -> None:
        """``who`` could do its work."""
        self._full.discard(who)
        if not self._full:
            self.runtime.alerts.end("storage", self.runtime.clock())

    # looking after itself

    def _config_state(self) -> tuple[tuple[Path, int, int], ...]:
        configuration = self.runtime.in_force.configuration
        files = configuration.settings.files
        watched = [configuration.path, files.vocabulary, files.gazetteer]
        state = []
        for path in watched:
            if path is None:
                continue
            try:
                status = path.stat()
            except OSError:
                continue
            state.append((path, status.st_mtime_ns, status.st_size))
        return tuple(state)

    def _wake_config(self) -> None:
        self._config_seen = ()

    def _follow_config(self) -> None:
        seen = self._config_state()
        if seen == self._config_seen:
            return
        systemd.notify("RELOADING=1")
        self._config_seen = seen
        if self.runtime.reload():
            self._config_seen = self._config_state()
            self._follow_mailboxes()
            self._tick()
        systemd.notify("READY=1")

    def _look_after(self) -> None:
        runtime = self.runtime
        now = runtime.clock()
        runtime.alerts.tell_again(now)
        if not runtime.leases.still_ours():
            log.warning("leases lost, taking them again")
        runtime.take_over()
        self._follow_mailboxes()
        with storage.writing(runtime.engine) as connection:
            storage.beat(connection, "daemon", runtime.clock())
        found = {trouble.name: trouble for trouble in health.read(runtime.engine, runtime.settings, now).troubles}
        for name in health.STANDING:
            if name in found:
                runtime.alerts.begin(name, found[name].what, found[name].todo, now)
            else:
                runtime.alerts.end(name, now)


def _act_now(error: Exception) -> bool:
    """Waiting will not mend it: the operator hears of it at the first failure."""
    return isinstance(error, errors.PermanentError) or bool(getattr(error, "person_must_act", False))


def explained(error: Exception) -> str:
    """What went wrong, for the operator: in German where the error knows it."""
    return str(getattr(error, "german", "") or error)


MAILBOX_TODO = (
    "Prüfen Sie, ob der Mailserver läuft und von diesem Rechner aus erreichbar ist, und ob Benutzername und Kennwort "
    "in config.toml unter [mailboxes.{name}] noch gelten. Es wird weiter versucht; Mails bleiben solange im Postfach. "
    "Weiteres steht in: journalctl -u kod-intake"
)
SENDING_TODO = (
    "Prüfen Sie, ob der Mailserver für den Versand läuft und von diesem Rechner aus erreichbar ist, und ob "
    "Benutzername und Kennwort in config.toml unter [smtp] noch gelten. Es wird weiter versucht; kein Schreiben geht "
    "verloren. Geben Sie Eiliges telefonisch weiter; was wartet, zeigt: kod-intake list"
)
FOLDER_TODO = (
    "Prüfen Sie, ob es den Ordner gibt, ob das Laufwerk verbunden ist und ob der Dienst ihn lesen und beschreiben "
    "darf. Es wird weiter versucht; die Dateien bleiben solange liegen."
)
STEP_TODO = (
    "Es wird weiter versucht; nichts geht verloren. Wird es in einer Stunde nicht besser, starten Sie den Dienst neu "
    "(systemctl restart kod-intake) und sehen Sie ins Protokoll: journalctl -u kod-intake"
)


class MailboxThread(threading.Thread):
    """Works one mailbox until told to leave: connect, receive, wait, and back off when that fails."""

    def __init__(self, daemon: Daemon, name: str) -> None:
        super().__init__(name=f"mailbox {name}", daemon=True)
        self.settings = daemon.runtime.settings.mailboxes[name]
        self._daemon = daemon
        self._mailbox = name
        self._leaving = threading.Event()
        self._box: mailbox.Mailbox | None = None
        self._reconciled: datetime | None = None
        self._failures = 0  # in a row, since mail was last received

    def leave(self) -> None:
        """End soon, also from within IDLE."""
        self._leaving.set()
        if self._box is not None:
            self._box.interrupt()

    def run(self) -> None:
        while not self._leaving.is_set():
            self._daemon.beat(self.name)
            try:
                self._pass()
            except Exception as error:
                self._failures += 1
                self._close()
                self._failed(error, self._failures)
        self._close()

    def _pass(self) -> None:
        runtime = self._daemon.runtime
        if not runtime.leases.take(f"mailbox {self._mailbox}"):
            self._leaving.wait(self.settings.poll_seconds)
            return
        if self._box is None:
            box = runtime.mailbox(self._mailbox, self._leaving)
            box.connect()
            self._box = box
            self._reconciled = None
        now = runtime.clock()
        reconcile = self._reconciled is None or now - self._reconciled >= RECONCILE_EVERY
        received = receive.mailbox(
            self._box, runtime.engine, runtime.clock, reconcile=reconcile, on_stored=self._daemon.work.set
        )
        if reconcile:
            self._reconciled = now
        if received.new or received.repeated:
            log.info("mail received", mailbox=self._mailbox, new=received.new, repeated=received.repeated)
        with storage.writing(runtime.engine) as connection:
            storage.beat(connection, self.name, runtime.clock())
        self._daemon.disk_fine(self.name)
        runtime.alerts.end(self.name, runtime.clock())
        self._failures = 0  # servers end idle connections as they like: that is no outage
        self._box.wait(self.settings.poll_seconds)

    def _close(self) -> None:
        box, self._box = self._box, None
        if box is not None:
            box.close()

    def _failed(self, error: Exception, failures: int) -> None:
        if self._leaving.is_set():
            return
        runtime = self._daemon.runtime
        if isinstance(error, errors.IntakeError | sa.exc.SQLAlchemyError):
            log.warning("mailbox failed", mailbox=self._mailbox, error=str(error), failures=failures)
        else:
            log.error("mailbox failed", mailbox=self._mailbox, failures=failures, exc_info=error)
        if isinstance(error, errors.StorageFullError):
            self._daemon.disk_full(self.name, error)
        elif failures >= FAILURES_BEFORE_ALERT or _act_now(error):
            what = f"Das Postfach „{self._mailbox}“ lässt sich nicht abholen.\nGrund: {explained(error)}"
            todo = MAILBOX_TODO.format(name=self._mailbox)
            runtime.alerts.begin(self.name, what, todo, runtime.clock())
        self._leaving.wait(min(2.0 ** min(failures - 1, 20), LONGEST_PAUSE))
