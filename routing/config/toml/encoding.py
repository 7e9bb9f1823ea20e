"""Bytes of a file that staff saved with any editor → text.

UTF-8 with or without BOM, UTF-16 with BOM (Notepad's "Unicode") and, where the bytes can hardly mean anything else,
Windows-1252 (Notepad's old "ANSI") are read as they are. Everything else is refused with the line, never guessed.
"""

import codecs

from routing.config.problems import Problem

_GERMAN = frozenset("äöüÄÖÜß§€°²³´µéèêàçñ·…–—‘’‚“”„«»©®½¼×\u00a0")
_ADVICE = "Speichern Sie die Datei mit dem Zeichensatz UTF-8 (im Editor: „Speichern unter“, Codierung „UTF-8“)."


def decode(raw: bytes, file: str) -> tuple[str, tuple[Problem, ...]]:
    """The text of these bytes with LF as its only line end, and a tuple of what is wrong with it. Raises nothing.

    Empty text when it is unreadable.
    """
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _utf16(raw, file)
    if b"\0" in raw:
        what = "Die Datei enthält Null-Bytes; sie ist kein Text oder wurde als UTF-16 ohne Kennung gespeichert."
        return "", (Problem(_line(raw, raw.index(0)), None, "", what, _ADVICE, file=file),)
    try:
        return _plain(raw.decode("utf-8-sig")), ()
    except UnicodeDecodeError as error:
        return _windows(raw, error.start, file)


def _utf16(raw: bytes, file: str) -> tuple[str, tuple[Problem, ...]]:
    try:
        text = raw.decode("utf-16")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        what = "Die Datei ist als UTF-16 gekennzeichnet, aber nicht als solches lesbar."
        return "", (Problem(None, None, "", what, _ADVICE, file=file),)
    return _plain(text), ()


def _windows(raw: bytes, position: int, file: str) -> tuple[str, tuple[Problem, ...]]:
    """Windows-1252 when each special character is one that German text has and none of them forms UTF-8."""
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        text = "\x81"
    special = {character for character in text if ord(character) > 127}
    has_utf8 = any(mark in text for mark in ("Ã", "â€"))
    if not raw.startswith(codecs.BOM_UTF8) and not has_utf8 and special <= _GERMAN:
        return _plain(text), ()
    line = _line(raw, position)
    what = "Ein Zeichen in dieser Zeile ist nicht lesbar, weil die Datei nicht als UTF-8 gespeichert ist."
    return "", (Problem(line, None, "", what, _ADVICE, file=file),)


def _line(raw: bytes, position: int) -> int:
    return raw.count(b"\n", 0, position) + 1


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
