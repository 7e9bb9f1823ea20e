"""The configuration of a command that judges messages by itself, without the store: what ``check`` would accept.

It loads the rules, which few commands need; so it is no method of the context, which even ``--help`` makes. The last
one that was proved is kept in the user's own cache (``XDG_CACHE_HOME``, else ``~/.cache``), so that the next command
need not prove it again while files and program are the same; without such a folder it only takes longer.
"""

import contextlib
from collections.abc import Mapping
from pathlib import Path

from routing.cli.context import CommandContext
from routing.config import last_known_good, loader
from routing.model.settings import Configuration


def configuration(context: CommandContext) -> Configuration:
    """The configuration, proved with its examples, or spared that where it or the daemon has already done so.

    Raises ConfigurationError.
    """
    path = context.config_path()
    own = _cache(context.environ)
    for state in (*([own] if own else ()), *last_known_good.folders(path, context.environ)):
        if (unchanged := last_known_good.unchanged(path, state)) is not None:
            return unchanged
    loaded = loader.load(path)
    remember(loaded, context)
    return loaded


def remember(proved: Configuration, context: CommandContext) -> None:
    """Keep what was loaded and proved; where that is impossible it is proved again next time."""
    if (own := _cache(context.environ)) is not None:
        with contextlib.suppress(OSError):
            last_known_good.keep(proved, own)


def _cache(environ: Mapping[str, str]) -> Path | None:
    """The folder for it; None without one (XDG Base Directory Specification: relative paths do not count)."""
    base = Path(environ.get("XDG_CACHE_HOME", ""))
    if not base.is_absolute():
        base = Path(environ.get("HOME", "")) / ".cache"
    return base / "kod-intake" if base.is_absolute() else None
