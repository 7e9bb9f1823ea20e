"""Names of files as they may stand in a list, an archive or a folder: no paths, no control or direction characters."""

import re

from intake.mail.mime import clean, limits

_FORBIDDEN = re.compile(r'[<>:"|?*/]')
_PATH = re.compile(r"[/~]|\.{1,2}/|[A-Za-z]:|[^/]*\\")
_DEVICE = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)")


def safe(name: str) -> str:
    """``name``, of a path its last part, safe on every system, at most ``limits.NAME_BYTES`` long.

    "" for nothing left.
    """
    if not name:
        return ""
    if ("/" in name or "\\" in name) and _PATH.match(name):  # any other slash is one between words or numbers
        name = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    name = clean.visible(name.replace("\\", "_"))
    name = _FORBIDDEN.sub("_", name).strip(" ").rstrip(".")
    if name.startswith(".") and not name.strip("."):
        return ""
    if _DEVICE.match(name):
        name = f"_{name}"
    return _shortened(name) if len(name) * 4 > limits.NAME_BYTES else name


def _shortened(name: str) -> str:
    if len(name.encode()) <= limits.NAME_BYTES:
        return name
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, dot + ending) if stem and len(ending) <= 12 else (name, "")
    kept = stem.encode()[: limits.NAME_BYTES - len(ending.encode())].decode("utf-8", "ignore")
    return kept.rstrip() + ending
