"""The visible marks that stand where something was removed, and how later passes leave them alone."""

import re
from collections.abc import Callable

NAME = "[Name entfernt]"
PHONE = "[Telefonnummer entfernt]"
MAIL = "[E-Mail-Adresse entfernt]"
PLATE = "[Kennzeichen entfernt]"
ACCOUNT = "[Kontonummer entfernt]"
HOME = "[Anschrift entfernt]"
BORN = "[Geburtsdatum entfernt]"
NUMBER = "[Nummer entfernt]"
PERSON = "[Angabe zur Person entfernt]"

ALL = (NAME, PHONE, MAIL, PLATE, ACCOUNT, HOME, BORN, NUMBER, PERSON)
PATTERN = "|".join(re.escape(mark) for mark in ALL)


def has(text: str, words: tuple[str, ...]) -> bool:
    """Whether one of ``words`` (small letters) stands in ``text`` for ``re.IGNORECASE``.

    The cheap question before a pattern that needs one of them. Dotted and dotless i and the long s count as i and s,
    as they do there.
    """
    small = text.lower().replace("\u0307", "").replace("ı", "i").replace("ſ", "s")
    return any(word in small for word in words)


def pattern(expression: str, flags: int = 0) -> re.Pattern[str]:
    """``expression`` compiled so that a mark is matched first, as the group "mark", and stays whole.

    Raises re.error.
    """
    return re.compile(f"(?P<mark>{PATTERN})|(?:{expression})", flags)


def replace(compiled: re.Pattern[str], change: Callable[[re.Match[str]], str], text: str) -> str:
    """``text`` with each match changed; marks stay."""
    return compiled.sub(lambda found: found[0] if found["mark"] else change(found), text)
