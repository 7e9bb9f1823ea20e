"""Regular expressions that are compiled when they are first used.

A long one takes milliseconds to compile, and the hundreds of this program a fifth of a short command's time, which
asks few of them. A pattern that every message needs may as well be compiled at once, by ``re``.
"""

import re
from typing import Any, cast


class _Expression:
    """Stands in for a compiled pattern; from the first use on its methods are that pattern's own."""

    def __init__(self, pattern: str, flags: int) -> None:
        self._written = pattern, flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        compiled = re.compile(*self._written)
        for method in ("search", "match", "fullmatch", "finditer", "findall", "sub", "subn", "split", "pattern"):
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def lazy(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """The pattern, to be used as ``re`` gives it; a mistake in it (re.PatternError) shows when it is first used."""
    return cast("re.Pattern[str]", _Expression(pattern, flags))
