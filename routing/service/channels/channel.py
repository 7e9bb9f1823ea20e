"""What a channel offers, whatever messages come in by."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, Self

from sqlalchemy.engine import Engine

from intake.base.clock import Clock
from intake.mail.urgent_look import Keyword
from intake.mailbox import ClearingMailbox, ReadOnlyMailbox
from intake.receive.batches import Received
from intake.settings import Table
from intake.storage import Leases
from routing.model.settings import Settings
from routing.service.credentials import Logins
from routing.service.outage_texts import ChannelTexts

if TYPE_CHECKING:
    from intake.receive.mailbox import BacklogWorker


class Surroundings(Protocol):
    """What a channel is worked with; ``Runtime`` has it."""

    engine: Engine
    clock: Clock
    logins: Logins
    leases: Leases

    @property
    def settings(self) -> Settings:
        """config.toml as it is in force now."""
        ...

    @property
    def urgent_words(self) -> tuple[Keyword, ...]:
        """What a mail has in it that should be decided first; empty as long as no rules are ready."""
        ...


Inspector = Callable[[Surroundings], ReadOnlyMailbox]
"""Gives a connection that only looks, not yet open. Raises ConfigurationError without its password."""

Clearing = Callable[[Surroundings], ClearingMailbox]
"""Gives a connection that removes what is deleted, not yet open. Raises ConfigurationError without its password."""


class Channel(Protocol):
    """One source of messages, as its table of config.toml describes it. For one thread, except ``interrupt``."""

    @classmethod
    def configured(cls, settings: Settings) -> list[Self]:
        """Those of this kind that config.toml names, in order of the file."""
        ...

    @property
    def name(self) -> str:
        """Its name in config.toml."""
        ...

    @property
    def source(self) -> str:
        """What its lock, its heartbeat, its thread and its outage are called: "mailbox kod"."""
        ...

    @property
    def settings(self) -> Table:
        """Its table of config.toml; when that changes another channel takes its place."""
        ...

    @property
    def texts(self) -> ChannelTexts:
        """What the operator reads when it fails."""
        ...

    @property
    def has_thread(self) -> bool:
        """Whether the daemon gives it a thread, because it can ``wait``; the others are looked into regularly."""
        ...

    @property
    def poll_seconds(self) -> float:
        """How often it is looked into, in seconds, when nothing tells of new messages."""
        ...

    @property
    def inspector(self) -> Inspector | None:
        """Opens it to be compared with the store, each night; None where nothing stays there to compare."""
        ...

    @property
    def clearing(self) -> Clearing | None:
        """Opens it to remove what retention or an erasure deleted; None where nothing stays there."""
        ...

    def receive(
        self, work: Surroundings, on_stored: Callable[[], None], worker: "BacklogWorker | None" = None
    ) -> Received:
        """Store what is new and acknowledge it, in this order; opens what it needs, and keeps it open.

        ``on_stored`` is called after commits, maybe from another thread; a large backlog goes to ``worker``. Raises
        TemporaryError and PermanentError.
        """
        ...

    def wait(self) -> None:
        """Wait until something may be new, for ``poll_seconds`` seconds at most. Only with ``has_thread``."""
        ...

    def interrupt(self) -> None:
        """From another thread, for good: end ``receive`` and ``wait`` soon."""
        ...

    def close(self) -> None:
        """Give back what ``receive`` opened; it may be called again."""
        ...
