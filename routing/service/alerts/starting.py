"""When the daemon cannot start: the operator hears of it before the process ends, once, and once when it could.

Told by config.toml, or by its last good copy; what was told stands in the data folder's state file, so that a service
manager that starts us again and again tells nothing twice.
"""

from collections.abc import Mapping
from pathlib import Path

import structlog

from intake.base import errors
from routing.config.problems import ConfigurationError
from routing.service import alerts, credentials, outage_texts, runtime, transports
from routing.service.alerts import by_mail

log = structlog.get_logger(__name__)

TELL_SECONDS = 20.0


def failed(path: Path, environ: Mapping[str, str], error: Exception) -> None:
    """Tell why the daemon does not start; nothing of this raises. Another daemon that runs already is no reason."""
    if isinstance(error, errors.AlreadyRunningError | ConfigurationError):
        return  # a configuration without any good copy names nobody to tell
    try:
        _tell(path, environ, outage_texts.START.because(error))
    except Exception:
        log.exception("operator could not be told")


def stopped(path: Path, environ: Mapping[str, str]) -> None:
    """Tell that the service manager has given up starting the daemon. Raises ConfigurationError."""
    _tell(path, environ, f"{outage_texts.START.what}\nGrund: Er ist mehrmals kurz hintereinander abgebrochen.")


def _tell(path: Path, environ: Mapping[str, str], what: str) -> None:
    configuration, _, _ = runtime.load_or_last_good(path, environ)
    active = runtime.ActiveConfiguration(configuration)
    settings = configuration.settings
    logins = credentials.Logins(environ, settings.service.data / "tokens")
    told = alerts.Alerts(
        None,
        lambda: settings,
        lambda alarm, now: by_mail.send(
            alarm, now, settings, active.environment, lambda: transports.of(settings, logins)
        ),
        clock=runtime.utc_now,
        folder=settings.service.data,
    )
    told.begin(alerts.START, what, outage_texts.START.todo, runtime.utc_now())
    told.flush(TELL_SECONDS)
    told.close(0)
