"""config.toml written anew from the pages: whole or not at all, never over somebody else's change, the old one kept.

The new text is written beside the file and takes its place in one rename, with its owner and its rights. What was
there before goes into the folder ``config-history`` of the data folder, with the moment and who changed it. The daemon
takes the file over as it does any other that was saved.
"""

import contextlib
import os
import re
import stat
import tempfile
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from intake.base import errors, german

FOLDER = "config-history"
_NAME = re.compile(r"(\d{8}T\d{6})_([a-z0-9._@-]{1,64})\.toml")
_FORM = "%Y%m%dT%H%M%S"


class Earlier(Struct, frozen=True):
    """A version of config.toml that was replaced at ``until`` (aware, UTC) by ``actor``; ``name`` is its file's."""

    name: str
    until: datetime
    actor: str


def save(path: Path, text: str, *, before: str, data: Path, actor: str, now: datetime) -> None:
    """Write ``text`` to config.toml, which must still say ``before``. ``now``: aware, UTC.

    Raises UsageError, with a German text, when it says something else by now or cannot be written.
    """
    try:
        if path.read_bytes().decode() != before:  # with its line ends
            raise errors.UsageError(
                "config.toml wurde inzwischen von jemand anderem geändert. Bitte öffnen Sie die Seite neu."
            )
        _keep(before, data, actor, now)
        _replace(path, text)
    except (OSError, UnicodeError) as error:
        reason = german.refusal(error) if isinstance(error, OSError) else "Sie ist kein UTF-8."
        raise errors.UsageError(
            f"{path} lässt sich nicht schreiben: {reason} Der Dienst braucht das Recht, sie zu ändern."
        ) from error


def earlier(data: Path) -> list[Earlier]:
    """The versions that were replaced, newest first."""
    found = []
    with contextlib.suppress(FileNotFoundError):
        for file in (data / FOLDER).iterdir():
            if named := _NAME.fullmatch(file.name):
                until = datetime.strptime(f"{named[1]}+0000", f"{_FORM}%z")
                found.append(Earlier(file.name, until, named[2]))
    return sorted(found, key=lambda one: one.name, reverse=True)


def text_of(data: Path, name: str) -> str:
    """What an earlier version said. Raises UsageError when there is none of this name."""
    if not _NAME.fullmatch(name) or not (file := data / FOLDER / name).is_file():
        raise errors.UsageError("Diese frühere Fassung gibt es nicht.")
    return file.read_text(encoding="utf-8")


def _keep(text: str, data: Path, actor: str, now: datetime) -> None:
    folder = data / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    who = re.sub(r"[^a-z0-9._@-]", "_", actor.casefold())[:64] or "unbekannt"
    kept = folder / f"{now:{_FORM}}_{who}.toml"
    kept.touch(mode=0o600)
    kept.write_text(text, encoding="utf-8", newline="")


def _replace(path: Path, text: str) -> None:
    before = path.stat()
    with tempfile.NamedTemporaryFile(
        "w", dir=path.parent, prefix=f".{path.name}.", encoding="utf-8", newline="", delete=False
    ) as file:
        beside = Path(file.name)
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            beside.chmod(stat.S_IMODE(before.st_mode))
            with contextlib.suppress(PermissionError):  # it is ours then, with the same rights
                os.chown(beside, before.st_uid, before.st_gid)
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
