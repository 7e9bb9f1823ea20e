"""The channels that are looked into regularly; the operator is notified of one, or of a file, that cannot be read."""

from typing import TYPE_CHECKING

import structlog

from intake.base import errors
from intake.receive.batches import Received
from routing.service import channels
from routing.service.channels import Channel
from routing.service.daemon.outages import Outages
from routing.service.daemon.signals import Signals

if TYPE_CHECKING:
    from routing.service.runtime import Runtime
    from routing.service.safekeeping.beginning import Beginning

log = structlog.get_logger(__name__)

STUCK_PASSES = 60


class PolledChannels:
    """All configured channels without a thread, received from by one job of the scheduler."""

    def __init__(self, runtime: "Runtime", signals: Signals, outages: Outages, begins: "Beginning") -> None:
        self._begins = begins
        self._runtime = runtime
        self._signals = signals
        self._outages = outages
        self._channels: dict[str, Channel] = {}
        self._stuck: dict[str, int] = {}  # source → passes in a row with a file that cannot be read

    def poll_seconds(self) -> list[float]:
        """How often each is looked into, in seconds, in order of the channels."""
        return [channel.poll_seconds for channel in self._followed()]

    def receive(self) -> None:
        """Look into every channel that is ours to work, once it is known that no case was there before."""
        if not self._begins.may_receive(self._runtime):
            return
        for channel in self._followed():
            self._signals.beat(channel.source)
            if self._runtime.leases.take(channel.source):
                self._receive(channel)
            self._signals.forget(channel.source)

    def _followed(self) -> list[Channel]:
        """What config.toml names now; those that did not change are the same as before."""
        wanted = [one for one in channels.configured(self._runtime.settings) if not one.has_thread]
        before = self._channels
        self._channels = {
            one.source: known if (known := before.get(one.source)) and known.settings == one.settings else one
            for one in wanted
        }
        return list(self._channels.values())

    def _receive(self, channel: Channel) -> None:
        try:
            received = channel.receive(self._runtime, self._signals.work.set)
        except errors.StorageFullError as error:
            self._outages.disk_full(channel.source, error)
            return
        except errors.TemporaryError as error:
            self._outages.begin(channel.source, channel.texts.failed, error)
            return
        self._outages.disk_fine(channel.source)
        self._notify(channel, received)
        if received.files or received.new:
            log.info("messages received", channel=channel.source, files=len(received.files), new=received.new)

    def _notify(self, channel: Channel, received: Received) -> None:
        source, texts = channel.source, channel.texts
        self._stuck[source] = self._stuck.get(source, 0) + 1 if received.stuck else 0
        if not received.stuck:
            self._outages.end(source)
        elif self._stuck[source] >= STUCK_PASSES and texts.stuck is not None:
            self._outages.begin(source, texts.stuck(received.stuck))
        if (received.rejected or received.unreadable) and texts.rejected is not None:
            self._outages.once(texts.rejected(received.files))
