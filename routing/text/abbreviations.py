"""What the name of a body abbreviates: "GSAK", "KOD-Leitstelle"."""

import re

_ABBREVIATION = re.compile(r"(?<![^\W_])[A-ZÄÖÜ]{2,8}(?![^\W_])")


def of_name(name: str) -> list[str]:
    """The words of two to eight capital letters in ``name``, as they are written there."""
    return _ABBREVIATION.findall(name)
