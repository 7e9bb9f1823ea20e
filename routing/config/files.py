"""The files that make up a configuration: their bytes, and their texts by name. The one place that opens them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from intake.base import german
from routing.config import library
from routing.config.toml import encoding
from routing.model.settings import Configuration, Installation

_LARGEST = 2_000_000  # bytes; a file of rules has a hundred thousand
_REASONS: dict[type[Exception], str] = {
    FileNotFoundError: "es gibt sie nicht",
    IsADirectoryError: "sie ist ein Ordner",
    PermissionError: "das Programm darf sie nicht lesen",
}


def behind(path: Path, settings: Installation) -> list[Path]:
    """Every file that makes up the configuration at ``path``, in order, itself first."""
    named = (path, settings.files.vocabulary, settings.city.gazetteer)
    return [*filter(None, named), *library.paths(settings.files.library)]


def texts_of(configuration: Configuration) -> dict[str, str]:
    """What its files say now, keyed by name as in ``Configuration.texts``.

    Raises ValueError for one that cannot be had.
    """
    named = behind(configuration.path, configuration.settings)
    return by_name([(path, encoding.decode(content(path), path.name)[0]) for path in named])


def by_name(files: Sequence[tuple[Path, str]]) -> dict[str, str]:
    """The texts keyed by the files' names; where two have the same one, the later goes by its whole path."""
    texts: dict[str, str] = {}
    for path, text in files:
        texts[str(path) if path.name in texts else path.name] = text
    return texts


def text(texts: Mapping[str, str], path: Path) -> str:
    """The text of the file among those that ``by_name`` named, keyed by name. Raises KeyError."""
    return texts[str(path)] if str(path) in texts else texts[path.name]


def content(path: Path) -> bytes:
    """The bytes of a file. Raises ValueError with a German sentence when there is none to be had."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = _REASONS.get(type(error), german.refusal(error) if isinstance(error, OSError) else "ungültiger Name")
        raise ValueError(f"Die Datei {path} ist nicht zu lesen ({reason}).") from None
    if len(raw) > _LARGEST:
        raise ValueError(f"Die Datei {path} ist größer als 2 MB; das ist keine Datei mit Einstellungen.")
    return raw
