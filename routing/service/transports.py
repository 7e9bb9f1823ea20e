"""The ways out by name; so far there is one.

A second is one more line in TRANSPORTS, one class (``routing.model.transport.Transport``) and a key of config.toml
that chooses, which ``table`` and ``of`` then read.
"""

from collections.abc import Callable, Mapping

from intake.settings import Table
from routing import smtp
from routing.model.settings import Settings
from routing.model.transport import Outbound, Transport, outgoing
from routing.service.credentials import Logins


def _smtp(settings: Settings, logins: Logins) -> Transport:
    return smtp.Smtp(settings.smtp, logins.of(settings.smtp, "smtp", "Versand"))


TRANSPORTS: Mapping[str, Callable[[Settings, Logins], Transport]] = {"smtp": _smtp}
"""By the table of config.toml that holds their connection."""


def table(settings: Settings) -> Table:
    """The table of config.toml that says how letters leave; when it changes, another ``of`` is needed."""
    return settings.smtp


def of(settings: Settings, logins: Logins) -> Outbound:
    """The configured one, held to trial operation, not yet connected; ConfigurationError without its password."""
    return Outbound(TRANSPORTS["smtp"](settings, logins), outgoing(settings))


class Connections:
    """The transports of one who sends: the first is kept from round to round, further ones for one round."""

    def __init__(self, opened: Callable[[], Outbound]) -> None:
        """``opened`` gives a transport, not yet connected."""
        self._opened = opened
        self._all: list[Outbound] = []
        self._used = 0

    def next(self) -> Outbound:
        """One that nobody has in this round. Raises ConfigurationError."""
        if self._used == len(self._all):
            self._all.append(self._opened())
        self._used += 1
        return self._all[self._used - 1]

    def end_round(self) -> None:
        """Close all but the first: a mail server's connections are few, and others want them."""
        while len(self._all) > 1:
            self._all.pop().close()
        self._used = 0

    def close(self) -> None:
        """Close all."""
        self.end_round()
        while self._all:
            self._all.pop().close()
