"""The last good configuration, kept in the data folder: a broken config.toml at start does not stop the daemon.

Kept whole (values, word lists, texts, absolute paths of the original folder), written to a new file that then takes
the old one's place, so that a crash leaves one or the other. No secret is in it, as none is in a configuration.
"""

import os
import tempfile
from pathlib import Path

import structlog
from pydantic import ValidationError

from routing.settings import Configuration

FILE = "last-good-config.json"
_log = structlog.get_logger()


def keep(configuration: Configuration, state: Path) -> None:
    """Write it into the folder ``state`` (created if missing). Raises OSError when that is impossible."""
    state.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{FILE}.", dir=state)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(configuration.model_dump_json(by_alias=True, indent=1))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(state / FILE)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync(state)


def is_kept(fingerprint: str, state: Path) -> bool:
    """Whether the kept one has the same fingerprint: the same files, and the same version of the program."""
    try:
        return f'"fingerprint": "{fingerprint}"' in (state / FILE).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def last_good(state: Path) -> Configuration | None:
    """The kept configuration, or None when there is none that this version of the program can use."""
    try:
        return Configuration.model_validate_json((state / FILE).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        _log.warning("the kept configuration cannot be used", folder=str(state), error=type(error).__name__)
        return None
