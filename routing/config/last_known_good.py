"""The last good configuration, kept in the data folder: a broken config.toml at start does not stop the daemon.

Kept whole (values, word lists, texts, absolute paths of the original folder), written to a new file that then takes
the old one's place, so that a crash leaves one or the other. No secret is in it, as none is in a configuration.
While the files still say the same to the same program, it also spares a start to read and check them again, and to
take each of the twenty-five thousand keywords apart.
"""

import base64
import functools
import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import structlog
from pydantic import Field

import intake
from intake.settings import Table
from routing import rules
from routing.config import files, library, paths
from routing.config.toml import environment
from routing.model.library import KeptIndex
from routing.model.settings import Configuration

FILE = "last-good-config.json"
_log = structlog.get_logger()


class Kept(Table):
    """The file: a configuration, and which program found it good."""

    program: str
    configuration: Configuration
    environment: dict[str, str] = Field(default_factory=dict)
    """What the variables said then, by name."""
    index: str = ""
    """That of its compiled rules, in base64: they need not be compiled again either."""


def keep(configuration: Configuration, state: Path) -> None:
    """Write it into the folder ``state`` (created if missing), unless it is there already.

    Raises OSError when that is impossible.
    """
    index = rules.compiled(configuration)[0].index.to_keep()
    said = environment.counting(os.environ, configuration.settings.mailboxes)
    packed = base64.b64encode(index).decode()
    stored = Kept(program=_program(), configuration=configuration, environment=said, index=packed)
    content = stored.model_dump_json(by_alias=True, indent=1).encode()
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
    """The kept configuration, or None when there is none that this version of the program can use. Raises nothing."""
    try:
        return _whole(Kept.model_validate_json((state / FILE).read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        _log.warning("the kept configuration cannot be used", folder=str(state), error=type(error).__name__)
        return None


def unchanged(path: Path, state: Path) -> Configuration | None:
    """What ``load`` would make of ``path``, taken from what was kept; None where that cannot be known.

    It can where it was read there by this very program, each of its files still has the same text, and so have the
    variables. Only what this
    user wrote is believed: else root's commands would do what the service's account says.
    """
    try:
        program = _program()  # first: it is the one that runs, whatever becomes of its files
        stored = _own(state)
        texts = files.texts_of(stored.configuration)
        same = stored.configuration.path == path.absolute() and stored.configuration.texts == texts
        said = environment.counting(os.environ, stored.configuration.settings.mailboxes)
        same = same and stored.environment == said
        return _whole(stored) if same and stored.program == program else None
    except (OSError, ValueError):
        return None


def folders(path: Path, environ: Mapping[str, str]) -> list[Path]:
    """Where the last good copy may lie, in order, when the file that names the folder cannot be read."""
    text = path.read_text(errors="replace") if path.is_file() else ""
    named = re.search(r"""^\s*data\s*=\s*["']([^"'\n]+)["']""", text, re.MULTILINE)
    folders = [path.absolute().parent / (environ.get(paths.DATA) or (named[1] if named else "data"))]
    if "STATE_DIRECTORY" in environ:
        folders.append(Path(environ["STATE_DIRECTORY"].partition(":")[0]))
    return folders


def _whole(stored: Kept) -> Configuration:
    """With the library, which is the program's own and not kept; only the same program knows the index."""
    configuration = stored.configuration
    signs = library.signs(configuration.settings.files.library)
    index = base64.b64decode(stored.index) if stored.program == _program() else b""
    return configuration.model_copy(update={"library": library.load(signs), "index": KeptIndex(index)})


def _own(state: Path) -> Kept:
    """The kept one, where this user wrote it. Raises OSError and ValueError."""
    descriptor = os.open(state / FILE, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if os.fstat(descriptor).st_uid != os.geteuid():
            raise PermissionError
        return Kept.model_validate_json(file.read())


@functools.cache
def _program() -> str:
    """The program's files by size and time, its libraries and Python by version: another may find other faults."""
    libraries = sorted(path.name for path in Path(structlog.__file__).parents[1].glob("*.dist-info"))
    digest = hashlib.sha256(f"{sys.version} {libraries}\n".encode())
    for package in (Path(intake.__file__).parent, Path(__file__).parents[1]):
        for folder, inner, names in os.walk(package):
            inner[:] = sorted(name for name in inner if name != "__pycache__")
            for name in sorted(names):
                state = (Path(folder) / name).stat()
                digest.update(f"{folder}/{name} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()
