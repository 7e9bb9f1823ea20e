"""The last good configuration, kept in the data folder: a broken config.toml at start does not stop the daemon.

Kept whole (values, word lists, texts, absolute paths of the original folder), written to a new file that then takes
the old one's place, so that a crash leaves one or the other. No secret is in it, as none is in a configuration.
While the files still say the same to the same program, it also spares a start to read and check them again.
"""

import functools
import hashlib
import os
import tempfile
from pathlib import Path

import structlog
from pydantic import ValidationError

import intake
from intake.settings import Table
from routing.config import loading
from routing.settings import Configuration

FILE = "last-good-config.json"
_log = structlog.get_logger()


class Kept(Table):
    """The file: a configuration, and which program found it good."""

    program: str
    configuration: Configuration


def keep(configuration: Configuration, state: Path) -> None:
    """Write it into the folder ``state`` (created if missing), unless it is there already.

    Raises OSError when that is impossible.
    """
    kept = Kept(program=_program(), configuration=configuration)
    content = kept.model_dump_json(by_alias=True, indent=1).encode()
    state.mkdir(parents=True, exist_ok=True)
    if _content(state) == content:
        return
    descriptor, name = tempfile.mkstemp(prefix=f".{FILE}.", dir=state)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(state / FILE)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync(state)


def _content(state: Path) -> bytes | None:
    try:
        return (state / FILE).read_bytes()
    except OSError:
        return None


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def last_good(state: Path) -> Configuration | None:
    """The kept configuration, or None when there is none that this version of the program can use."""
    try:
        return _kept(state).configuration
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        _log.warning("the kept configuration cannot be used", folder=str(state), error=type(error).__name__)
        return None


def unchanged(path: Path, state: Path) -> Configuration | None:
    """What ``load`` would make of ``path``: the kept one, where it was read there by this very program and each of its
    files still has the same text; otherwise None.

    Only what this user wrote is believed: else root's commands would do what the service's account says.
    """
    try:
        if (state / FILE).stat().st_uid != os.geteuid():
            return None
        kept = _kept(state)
        texts = loading.texts_of(kept.configuration)
        program = _program()
    except (OSError, ValueError):
        return None
    same = kept.configuration.path == path.absolute() and kept.configuration.texts == texts
    return kept.configuration if same and kept.program == program else None


def _kept(state: Path) -> Kept:
    return Kept.model_validate_json((state / FILE).read_bytes())


@functools.cache
def _program() -> str:
    """The program's files by size and time: another program may find other faults, whatever its version says."""
    digest = hashlib.sha256()
    for package in (Path(intake.__file__).parent, Path(__file__).parents[1]):
        for folder, inner, files in os.walk(package):
            inner[:] = sorted(name for name in inner if name != "__pycache__")
            for name in sorted(files):
                state = (Path(folder) / name).stat()
                digest.update(f"{name} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()
