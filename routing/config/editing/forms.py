"""Changes of config.toml as people make them in a form: text in, text out, everything else stays as it was written.

Comments, order and layout are kept by tomlkit, which knows TOML's whitespace; what it gives is checked like any other
text before it goes live. Nothing here reads or writes a file.
"""

from collections.abc import Sequence
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from intake.base import errors

_BROKEN = "config.toml ist gerade nicht lesbar; bitte berichtigen Sie erst den Text."


def with_responsible(text: str, category: str, recipients: Sequence[str], urgency: str) -> str:
    """The text with another line of [responsible] for a category: who gets it (ids, none: nobody), how fast.

    An empty ``urgency`` stays as it is: kinds of messages have none. Raises UsageError for a text that is no TOML, or
    has no such line.
    """
    document = _read(text)
    line = document.get("responsible", {}).get(category)
    if line is None:
        raise errors.UsageError(f"Unter [responsible] gibt es keine Zeile „{category}“.")
    line["recipient"] = recipients[0] if len(recipients) == 1 else list(recipients)
    if urgency:
        line["urgency"] = urgency
    return tomlkit.dumps(document)


def with_words(
    text: str, rule: str, *, add: Sequence[str] = (), remove: Sequence[str] = (), leave_out: Sequence[str] = ()
) -> str:
    """The text with words added to a rule of the library, taken from it, or made exceptions (``leave_out``).

    They go into the rule's [[changes]], which is added where there is none. Raises UsageError for a text that is no
    TOML.
    """
    document = _read(text)
    changes = document.get("changes")
    if changes is None:
        changes = document["changes"] = tomlkit.aot()
    change = next((one for one in changes if one.get("rule") == rule), None)
    if change is None:
        change = tomlkit.table()
        change["rule"] = rule
        changes.append(change)
        change = changes[-1]
    for key, words in (("add", add), ("remove", remove), ("except", leave_out)):
        _extend(change, key, words)
    return tomlkit.dumps(document)


def _extend(change: Any, key: str, words: Sequence[str]) -> None:
    if key not in change and words:
        change[key] = tomlkit.array()
    for word in words:
        if word not in change[key]:
            change[key].append(word)


def _read(text: str) -> Any:
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise errors.UsageError(_BROKEN) from error
