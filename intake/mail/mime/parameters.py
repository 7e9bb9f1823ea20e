"""Structured fields of a part: Content-Type and Content-Disposition with their parameters (RFC 2045, 2183, 2231).

Never raises. Parameters split over sections, percent-encoded, or holding encoded words (against the rules, but usual)
come out as text; the first of a repeated parameter counts.
"""

import itertools
import re

from intake.mail.mime import charsets, encoded_words, limits

_PARAMETER = re.compile(r'(?<![^\s;])([^\s=;"]++)\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"?|([^;"][^;]*+))?', re.DOTALL)
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_ESCAPED = re.compile(r'\\(["\\])')
_DRIVE = re.compile(r"[A-Za-z]:\\|\\\\")
_MEDIA_TYPE = re.compile(r"\s*+([\w.+!#$&^-]++)\s*+/\s*+([\w.+!#$&^-]++)")
_UNPARTED = re.compile(r"(?<=[^\s;])\s++(?=[\w-]{1,40}+\*\d{0,4}+\*?=)")
_STRAY = re.compile(r'(?:["\w.]|\s++[^;="]*+")[^;=]*+(?=;|\Z)')
_SECTION = re.compile(r"(.+?)\*(\d{1,4})?(\*)?")

Parameters = dict[str, str]


def media_type(value: str) -> str:
    """``type/subtype`` in lower case; "" when there is none."""
    found = _MEDIA_TYPE.match(value)
    return f"{found[1]}/{found[2]}".lower() if found else ""


def parameters(value: str) -> Parameters:
    """A mapping from lower-case names to decoded values (RFC 2045, RFC 2231 sections joined). Raises nothing."""
    if "=" not in value:
        return {}
    simple: Parameters = {}
    sections: dict[str, list[tuple[int, bool, str]]] = {}
    value = value[: limits.FIELD_BYTES]
    if "*" in value:
        value = _UNPARTED.sub(";", value)  # sections with nothing but a line break between them
    for found in _PARAMETER.finditer(value):
        name, quoted, token = found.groups()
        name = name.lower()
        text = _unescaped(quoted) if quoted is not None else (token or "").strip()
        if quoted is not None and name.endswith("name") and (stray := _STRAY.match(value, found.end())):
            text = _unescaped(_with_quotes(value[found.start(2) - 1 : stray.end()].strip()))
        if "*" in name and (section := _SECTION.fullmatch(name)):
            number = int(section[2] or 0)
            encoded = section[3] is not None or section[2] is None
            sections.setdefault(section[1], []).append((number, encoded, text))
        elif name not in simple:
            simple[name] = encoded_words.decode(text) if "=?" in text else text
    for name, pieces in sections.items():
        simple[name] = _joined(pieces)
    return simple


def _unescaped(quoted: str) -> str:
    """Without backslash escapes; a Windows path keeps its backslashes."""
    if "\\" not in quoted or _DRIVE.match(quoted):
        return quoted
    return _ESCAPED.sub(r"\1", quoted)


def _with_quotes(text: str) -> str:
    """A name whose own quotation marks were not escaped: ``"a "b" c.pdf"``."""
    name = text[1:-1] if text.endswith('"') else text
    return name.rstrip('" ') if name.count('"') % 2 else name


def _joined(pieces: list[tuple[int, bool, str]]) -> str:
    """RFC 2231: sections in order, percent-encoding undone, in the charset that the first one names."""
    pieces.sort(key=lambda piece: piece[0])
    charset = ""
    named = pieces[0][2].split("'", 2)
    if len(named) == 3 and (pieces[0][1] or (pieces[-1][1] and charsets.codec(named[0]) != "?")):
        charset, language, rest = named
        others = [(at, encoded, _without_charset(text, charset, language)) for at, encoded, text in pieces[1:]]
        pieces = [(0, pieces[0][1], rest), *others]
    elif all("%" not in text for _, _, text in pieces):
        joined = "".join(text for _, _, text in pieces)
        return encoded_words.decode(joined) if "=?" in joined else joined
    octets: list[bytes] = []
    for encoded, some in itertools.groupby(pieces, key=lambda piece: piece[1]):  # escapes may be cut between sections
        piece = "".join([text for _, _, text in some]).encode("utf-8", "replace")
        octets.append(_PERCENT.sub(_octet, piece) if encoded else piece)
    data = b"".join(octets)
    text = charsets.decode(data, charset)
    return encoded_words.decode(text) if "=?" in text else text


def _without_charset(section: str, charset: str, language: str) -> str:
    """Some writers say the charset with each section, which only the first may."""
    if charset and section.startswith(f"{charset}'"):
        return section[len(charset) + 1 :].removeprefix(f"{language}'")
    return section


def _octet(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 16)])
