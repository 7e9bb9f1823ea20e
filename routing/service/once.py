"""Everything due now, once: receive all waiting mail and files, dispatch, compose, deliver. Floor 4, like the daemon.

A source or the server that fails does not stop the others: what failed is said in ``troubles``, and the exit code
tells (1), as it does for a broken config.toml whose last good copy was used (3) and for parked letters (4).
"""

import contextlib
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog
from msgspec import Struct, field

from intake import storage
from intake.base import background, errors
from intake.receive import backlog
from routing.pipeline.sending import Sender
from routing.service import channels, health, outage_texts, transports
from routing.service.alerts import urgent_calls
from routing.service.channels import Channel

if TYPE_CHECKING:
    from routing.service.runtime import Runtime

log = structlog.get_logger(__name__)

BATCH = 300
PAUSE_SECONDS = 0.25  # between two batches of decisions, while mail is still received


class Done(Struct):
    """What one run of ``once`` came to."""

    new: int = 0
    repeated: int = 0
    files: int = 0
    unreadable: int = 0  # of the files
    bad_rows: int = 0
    routed: int = 0
    review: int = 0
    kept: int = 0
    sent: int = 0
    later: int = 0
    parked: int = 0
    held: int = 0
    planned: int = 0
    troubles: list[str] = field(default_factory=list)
    unsent: bool = False  # the sending server did not answer
    broken: bool = False  # config.toml is broken; the last good one was used

    @property
    def exit_code(self) -> int:
        """As the contract says: 1 when something failed, 4 when something is parked."""
        if self.broken:
            return 3
        if self.troubles:
            return 1
        return 4 if self.parked else 0


def run(
    runtime: "Runtime", worker: backlog.Worker | None = None, *, when_compiled: Callable[[], None] = lambda: None
) -> Done:
    """Do everything that is due; ``worker`` receives large backlogs (without one they are received here).

    The first mail is fetched while the rules are compiled; ``when_compiled`` is called then.
    """
    done = Done()
    known = channels.configured(runtime.settings)
    if runtime.broken is not None:
        done.broken = True
        done.troubles.append(f"Die letzte gute Konfiguration wurde benutzt, denn:\n{runtime.broken}")

    def compile_() -> None:
        runtime.compile()
        when_compiled()

    with background.Repeated(lambda: _deliver(runtime, done), name="send") as sending:
        dispatch = functools.partial(_dispatch, runtime, done, sending.wake)
        with background.Repeated(dispatch, name="dispatch", first=compile_, pause=PAUSE_SECONDS) as dispatching:
            for channel in known:
                _receive(runtime, channel, done, dispatching.wake, worker)
        if runtime.follow_up():
            sending.wake()
    _call(runtime, done)
    state = health.read(runtime.engine, runtime.settings, known, runtime.clock())
    done.planned, done.parked, done.held = state.planned + state.unsent, state.parked, state.held
    return done


def _call(runtime: "Runtime", done: Done) -> None:
    """Call the duty desk for what nobody has acknowledged."""
    failed = urgent_calls.make_due(runtime)[1]
    if failed is not None:
        done.troubles.append(outage_texts.URGENT_COMMAND.because(failed))


def _receive(
    runtime: "Runtime", channel: Channel, done: Done, on_stored: Callable[[], None], worker: backlog.Worker | None
) -> None:
    if not runtime.leases.take(channel.source):
        done.troubles.append(channel.texts.busy)
        return
    try:
        with contextlib.closing(channel):
            received = channel.receive(runtime, on_stored, worker)
        if channel.texts.late is not None:
            with storage.writing(runtime.engine) as connection:
                storage.beat(connection, channel.source, runtime.clock())
    except errors.IntakeError as error:
        log.warning("receiving failed", channel=channel.source, error=str(error))
        done.troubles.append(error.german)
        return
    done.new += received.new
    done.repeated += received.repeated
    done.files += len(received.files)
    done.unreadable += received.unreadable
    done.bad_rows += received.rejected
    done.troubles += [f"Die Datei „{file}“ ließ sich noch nicht lesen." for file in received.stuck]
    if received.left_alone:
        done.troubles.append(outage_texts.left_alone(channel.name, received.left_alone).what)
    if received.unfiled is not None:
        done.troubles.append(received.unfiled.german)


def _dispatch(runtime: "Runtime", done: Done, on_composed: Callable[[], None]) -> None:
    while True:
        counts = runtime.dispatch(limit=BATCH)
        done.routed += counts.routed
        done.review += counts.review
        done.kept += counts.kept
        while runtime.freeze_letters():
            on_composed()
        if counts.seen < BATCH:
            break


def _deliver(runtime: "Runtime", done: Done) -> None:
    """Send what is due; a server that does not answer is asked once a run."""
    if done.unsent:
        return
    try:
        sender = Sender(runtime.engine, runtime.instance, runtime.clock)
        with contextlib.closing(transports.Connections(runtime.transport)) as connections:
            counts = sender.everything(connections.next, runtime.settings.smtp.connections)
        done.sent += counts.sent
        done.later += counts.later
    except errors.IntakeError as error:
        log.warning("sending failed", error=str(error))
        done.unsent = True
        done.troubles.append(error.german)
