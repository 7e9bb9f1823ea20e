"""Bytes of a table to text, without ever failing on one wrong byte.

A byte-order mark decides; without one UTF-16 is known by its zeros, UTF-8 by being valid, and the rest is one of the
three German single-byte sets that Excel writes (Windows, MS-DOS, Macintosh), chosen by where the umlauts fall. A
byte that does not fit is kept as a lone surrogate (PEP 383), so that ``Decoded.encode`` gives back the very bytes
and ``clean`` can read it as Windows-1252.
"""

import codecs
import re
import unicodedata
from dataclasses import dataclass

from intake.phone_log.values import UnreadableError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CODE_PAGES = ("cp1252", "cp850", "mac_roman")
_UMLAUT_IN_WORD = re.compile("(?<=[A-Za-z])[äöüß]|[äöüÄÖÜ](?=[a-z])")
_OFFICE = (
    (b"PK\x03\x04", "eine Arbeitsmappe (xlsx, ods)"),
    (b"\xd0\xcf\x11\xe0", "eine alte Excel-Arbeitsmappe (xls)"),
    (b"%PDF", "ein PDF"),
)
_SAVE_AS = (
    "Bitte speichern Sie die Liste in Excel mit „Speichern unter“ als „CSV UTF-8 (durch Trennzeichen getrennt)“ "
    "und legen Sie diese Datei ab."
)
_STRANGE = re.compile("[^\t\n\x20-\x7e\xa1-\xac\xae-\ud7ff]|\u200b|\u2028|\u2029|\ufeff")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file and the way back to its bytes."""

    text: str
    codec: str
    errors: str

    def encode(self, part: str) -> bytes:
        """The bytes that ``part`` of the text was in the file."""
        return part.encode(self.codec, self.errors)


def decode(data: bytes, forced: str | None = None) -> Decoded:
    """The text of ``data``, without its byte-order mark; ``forced`` is the encoding that config.toml names.

    Raises UnreadableError when it is no text at all, or when the forced encoding does not exist.
    """
    for magic, what in _OFFICE:
        if data.startswith(magic):
            raise UnreadableError(f"Die Datei ist {what}, keine Texttabelle. {_SAVE_AS}")
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return _readable(_decoded(data[len(mark) :], codec))
    return _readable(_decoded(data, _known(forced) if forced else _guessed(data)))


def clean(cell: str) -> str:
    """A cell as text that can be stored: composed (NFC), no control characters, one kind of line break, stripped.

    The apostrophe that protects a formula in a rejects file is taken off again.
    """
    if "\r" in cell:
        cell = cell.replace("\r\n", "\n").replace("\r", "\n")
    if not cell.isascii() or not cell.isprintable():
        cell = unicodedata.normalize("NFC", _STRANGE.sub(_mended, cell))
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and cell[1:2] in {"=", "+", "-", "@"} else cell


def _mended(found: re.Match[str]) -> str:
    char = found.group()
    if "\udc80" <= char <= "\udcff":
        return bytes([ord(char) - 0xDC00]).decode("cp1252", "replace")
    if "\ud800" <= char <= "\udfff":
        return "\ufffd"
    if char in "\xa0\u2028\u2029":
        return " "
    return "" if char < "\xa0" or char in "\u200b\ufeff" else char


def _known(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise UnreadableError(
            f"Den Zeichensatz „{name}“ aus config.toml gibt es nicht. Üblich sind „cp1252“, „utf-8“ und „utf-16“."
        ) from None


def _decoded(data: bytes, codec: str) -> Decoded:
    if codec.startswith(("utf-16", "utf-32")):
        unit = 2 if codec.startswith("utf-16") else 4
        whole = data[: len(data) // unit * unit]
        codec = codec if codec.endswith(("le", "be")) else f"{codec}-le"
        try:
            return Decoded(whole.decode(codec, "surrogatepass"), codec, "surrogatepass")
        except UnicodeDecodeError:
            return Decoded(whole.decode(codec, "replace"), codec, "surrogatepass")
    try:
        return Decoded(data.decode(codec, "surrogateescape"), codec, "surrogateescape")
    except (LookupError, ValueError):
        raise UnreadableError(
            f"Mit dem Zeichensatz „{codec}“ aus config.toml ist die Datei nicht zu lesen. Üblich sind „cp1252“, "
            "„utf-8“ und „utf-16“; ohne Angabe wird er selbst erkannt."
        ) from None


def _guessed(data: bytes) -> str:
    sample = data[:4096]
    half = max(1, len(sample) // 2)
    even, odd = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    if odd > 0.4 and even < 0.1:
        return "utf-16-le"
    if even > 0.4 and odd < 0.1:
        return "utf-16-be"
    text = data.decode("utf-8", "surrogateescape")
    wrong = sum("\udc80" <= char <= "\udcff" for char in text) if not text.isprintable() else 0
    if not wrong or sum(char > "\x7f" for char in text) - wrong >= wrong:
        return "utf-8"
    return max(_CODE_PAGES, key=lambda page: len(_UMLAUT_IN_WORD.findall(data[:200_000].decode(page, "replace"))))


def _readable(decoded: Decoded) -> Decoded:
    head = decoded.text[:4096]
    if not head.strip():
        raise UnreadableError("Die Datei ist leer. Bitte prüfen Sie, ob die Liste vollständig gespeichert wurde.")
    if len(_CONTROLS.findall(head)) > len(head) // 20:
        raise UnreadableError(f"Die Datei enthält keine lesbare Texttabelle. {_SAVE_AS}")
    return decoded
