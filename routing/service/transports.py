"""The ways out by name: a new one is one more line here and one class (``routing.model.transport.Transport``)."""

from collections.abc import Callable, Mapping

from routing import smtp
from routing.model.settings import Settings
from routing.model.transport import Transport
from routing.service.credentials import Logins


def _smtp(settings: Settings, logins: Logins) -> Transport:
    return smtp.Smtp(settings.smtp, logins.of(settings.smtp, "smtp", "Versand"))


TRANSPORTS: Mapping[str, Callable[[Settings, Logins], Transport]] = {"smtp": _smtp}
"""By the table of config.toml that holds their connection."""


def of(settings: Settings, logins: Logins) -> Transport:
    """The configured one, not yet connected. Raises ConfigurationError without its password."""
    return TRANSPORTS["smtp"](settings, logins)
