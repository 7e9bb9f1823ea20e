"""config.toml, read and explained: what staff wrote → a checked ``Configuration``, or every mistake at once in German.

``load`` reads config.toml and the files it names (word lists, streets), nothing else: no secret, no network. It either
gives a whole configuration or raises ``ConfigurationError`` with all problems found, each with its line; there is
no half-loaded state. Whoever reloads keeps the old configuration when it raises. ``keep`` and ``last_good`` carry the
last good one over a restart. Passwords are read by ``password`` alone, when a connection is made.
"""

from routing.config.finding import find, shipped_templates
from routing.config.keeping import is_kept, keep, last_good
from routing.config.loading import load, schema
from routing.config.passwords import client_secret, refresh_token
from routing.config.passwords import read as password
from routing.config.problem import ConfigurationError, Problem, report

__all__ = [
    "ConfigurationError",
    "Problem",
    "client_secret",
    "find",
    "is_kept",
    "keep",
    "last_good",
    "load",
    "password",
    "refresh_token",
    "report",
    "schema",
    "shipped_templates",
]
