"""Text that a citizen, a server or a file brought, as a terminal may show it."""

WIDTH = 100
"""Columns of a table at least, where the terminal has fewer or is none."""


def line(text: str) -> str:
    """Hostile text as one printable line; blanks at its begin stay, as they order a page."""
    return visible(text).replace("\n", " ")


def visible(text: str) -> str:
    """Hostile text for a terminal: no control characters, so no escape sequences."""
    return "".join(char if char.isprintable() or char == "\n" else "·" for char in text)
