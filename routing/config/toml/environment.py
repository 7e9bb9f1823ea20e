"""What the environment says in place of config.toml: KOD_INTAKE_SMTP_HOST for ``host`` of [smtp], and so on.

For containers and for machines that are set up by variables. Only where and how the program runs can be said so
([service], [smtp], [operator], [web], and the mailboxes that the file names), never what it decides: rules, recipients
and words are the file's alone. What is said is checked like the file, and a mistake names its variable. A value that
begins with "[" is a list as in TOML. Passwords are not said so: ``password_env`` names the variable that holds one.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from routing.config import model_keys, paths
from routing.config.problems import KeyPath
from routing.model.settings import Installation

PREFIX = "KOD_INTAKE_"
TABLES = ("service", "smtp", "operator", "web")
MAILBOXES = "mailboxes"


class Said(Struct, frozen=True):
    """``values`` maps the place of a key to what is said, ``variables`` to who says it; ``unknown``: other names."""

    values: Mapping[KeyPath, Any]
    variables: Mapping[KeyPath, str]
    unknown: tuple[str, ...]


def names(mailboxes: Iterable[str]) -> dict[str, KeyPath]:
    """Every variable that counts, by name, to the place of its key; of these mailboxes, too."""
    tables: list[KeyPath] = [*((table,) for table in TABLES), *((MAILBOXES, name) for name in mailboxes)]
    return {
        PREFIX + re.sub(r"\W", "_", "_".join((*map(str, table), key))).upper(): (*table, key)
        for table in tables
        for key, field in model_keys.by_key(model_keys.model_at(Installation, table) or Installation).items()
        if model_keys.table_of(field.annotation) is None
    }


def meanings(mailboxes: Iterable[str]) -> dict[str, str]:
    """Every variable that counts, by name, to what it means, in German."""
    found = names(mailboxes).items()
    return {
        name: model_keys.meaning(model_keys.model_at(Installation, path[:-1]) or Installation, str(path[-1]))
        for name, path in found
    }


def counting(environ: Mapping[str, str], mailboxes: Iterable[str]) -> dict[str, str]:
    """What the variables that count say, by name; none of them holds a secret."""
    return {name: environ[name] for name in names(mailboxes) if name in environ}


def read(environ: Mapping[str, str], mailboxes: Iterable[str]) -> Said:
    """What the environment says about an installation with these mailboxes."""
    known = names(mailboxes)
    said = counting(environ, mailboxes)
    others = (name for name in sorted(environ) if name.startswith(PREFIX) and name != paths.VARIABLE)
    return Said(
        {known[name]: _value(value) for name, value in said.items()},
        {known[name]: name for name in said},
        tuple(name for name in others if name not in known),
    )


def _value(text: str) -> Any:
    if not text.lstrip().startswith("["):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text  # refused where a list is wanted
