"""config.toml, read and explained: what staff wrote → a checked ``Configuration``, or every mistake at once in German.

``load`` reads config.toml and the files it names (word lists, streets), nothing else: no secret, no network. It either
gives a whole configuration or raises ``ConfigurationError`` with all problems found, each with its line; there is
no half-loaded state. Whoever reloads keeps the old configuration when it raises. ``keep`` and ``last_good`` carry the
last good one over a restart; ``unchanged`` gives it without checking it again, while its files say the same. Passwords
are read by ``password`` alone, when a connection is made.
Each name is loaded when it is first asked for: no command needs all of this.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routing.config.last_known_good import keep, last_good, unchanged
    from routing.config.loader import load, schema
    from routing.config.paths import find, shipped_templates
    from routing.config.problems import ConfigurationError, Problem, report
    from routing.config.secrets import client_secret, refresh_token
    from routing.config.secrets import read as password

__all__ = [
    "ConfigurationError",
    "Problem",
    "client_secret",
    "find",
    "keep",
    "last_good",
    "load",
    "password",
    "refresh_token",
    "report",
    "schema",
    "shipped_templates",
    "unchanged",
]
_HOMES = {
    "paths": ("find", "shipped_templates"),
    "last_known_good": ("keep", "last_good", "unchanged"),
    "loader": ("load", "schema"),
    "secrets": ("client_secret", "refresh_token"),
    "problems": ("ConfigurationError", "Problem", "report"),
}
_ALSO_CALLED = {"password": ("secrets", "read")}


def __getattr__(name: str) -> Any:
    home, called = next(
        ((home, name) for home, names in _HOMES.items() if name in names), _ALSO_CALLED.get(name, ("", ""))
    )
    if not home:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{home}"), called)
    return value
