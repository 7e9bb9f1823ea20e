"""What became of a saved config.toml, written beside it for who has only the share: ``config.pruefung.txt``.

Taken over, with the lines that are new or gone, or refused, with every mistake and its line. The file is replaced in
one step and is none of those that are watched, so that it is never taken for a change itself. Where it cannot be
written (a folder that is read-only for the service) the log says so, and nothing else fails.
"""

import difflib
import os
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import structlog

from intake.base import german
from routing.config import files, loader
from routing.config.problems import ConfigurationError
from routing.model.settings import Configuration

log = structlog.get_logger(__name__)

FILE = "config.pruefung.txt"
MOST = 200  # lines of differences


def after_save(before: Configuration, now_in_force: Configuration, now: datetime) -> bool:
    """Say what came of the save that was just looked at; whether the file could be written.

    ``before`` was in force until then; ``now`` is aware.
    """
    try:
        text = "".join(f"{line}\r\n" for line in _lines(before, now_in_force, now))
        _replace(now_in_force.path.with_name(FILE), text, now_in_force.path)
    except OSError as error:
        log.warning("the verdict on config.toml could not be written beside it", error=error.strerror)
        return False
    return True


def _lines(before: Configuration, in_force: Configuration, now: datetime) -> Iterator[str]:
    refused = None if before.fingerprint != in_force.fingerprint else _refusal(in_force)
    if refused is not None:
        yield f"NICHT ÜBERNOMMEN: {in_force.path.name}, geprüft am {german.short_moment(now)} Uhr."
        yield "Die letzte gute Fassung bleibt in Kraft. Bitte berichtigen Sie:"
        yield ""
        yield from str(refused).splitlines()
        return
    yield f"ÜBERNOMMEN: {in_force.path.name}, geprüft am {german.short_moment(now)} Uhr."
    found = list(_differences(before, in_force))
    yield ""
    yield "Das ist anders als vorher:" if found else "Es ist nichts anders als vorher."
    yield from found[:MOST]
    if len(found) > MOST:
        yield f"… und {german.counted(len(found) - MOST, 'weitere Zeile', 'weitere Zeilen')}"
    if in_force.warnings:
        yield ""
        yield "Bitte ansehen:"
        for warning in in_force.warnings:
            yield from warning.splitlines()


def _refusal(in_force: Configuration) -> ConfigurationError | None:
    """What is wrong with the file as it stands; None for what is in force already."""
    try:
        loader.load(in_force.path)
    except ConfigurationError as error:
        return error
    return None


def _differences(before: Configuration, after: Configuration) -> Iterator[str]:
    """The lines that are new (+) or gone (-), with their numbers, of config.toml and the files that it names."""
    named = dict.fromkeys((*files.behind(before.path, before.settings), *files.behind(after.path, after.settings)))
    for path in named:
        old, new = _text(before, path), _text(after, path)
        if old != new:
            yield from _of_file(path.name, old.splitlines(), new.splitlines())


def _text(configuration: Configuration, path: Path) -> str:
    try:
        return files.text(configuration.texts, path)
    except KeyError:
        return ""


def _of_file(name: str, old: list[str], new: list[str]) -> Iterator[str]:
    for act, from_old, to_old, from_new, to_new in difflib.SequenceMatcher(None, old, new).get_opcodes():
        if act == "equal":
            continue
        for at in range(from_old, to_old):
            yield f"- {name}, bisher Zeile {at + 1}: {old[at].strip()}"
        for at in range(from_new, to_new):
            yield f"+ {name}, Zeile {at + 1}: {new[at].strip()}"


def _replace(path: Path, text: str, like: Path) -> None:
    """Whole or not at all, readable for who may read the file ``like``."""
    descriptor, name = tempfile.mkstemp(prefix=f".{FILE}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode("utf-8-sig"))  # Windows' editor knows it by the mark
        temporary.chmod(like.stat().st_mode & 0o666)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
