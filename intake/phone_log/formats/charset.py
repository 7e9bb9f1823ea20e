"""Bytes of a table to text, without ever failing on one wrong byte.

A byte-order mark decides; without one UTF-16 is known by its zeros, UTF-8 by being valid, and the rest is one of the
three German single-byte sets that Excel writes (Windows, MS-DOS, Macintosh), chosen by where the umlauts fall. The
first megabytes are looked at for that. A byte that does not fit is kept as a lone surrogate (PEP 383), so that
``Charset.encode`` gives back the very bytes and ``clean`` can read it as Windows-1252.
"""

import codecs
import html
import re
import unicodedata
from collections.abc import Iterable, Iterator

from msgspec import Struct

from intake.base import umlauts
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
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_SAVE_AS = (
    "Bitte speichern Sie die Liste in Excel mit „Speichern unter“ als „CSV UTF-8 (durch Trennzeichen getrennt)“ "
    "und legen Sie diese Datei ab."
)
_SAVE_AS_XLSX = (
    "Bitte speichern Sie die Liste mit „Speichern unter“ ohne Kennwort als „Excel-Arbeitsmappe (.xlsx)“ und legen Sie "
    "diese Datei ab."
)
_ORDINARY = "\xa1-\xac\xae-{}\u200a\u200c-\u2027\u202a-\ud7ff"
_STRANGE = re.compile(f"[^\t\n\x20-\x7e{_ORDINARY.format('')}]")
_TELLING = re.compile(  # the same, and & ' _ Â Ã â, by which a cell may have to be mended
    f"[^\t\n\x20-%(-\x5e`-\x7e{_ORDINARY.format('ÁÄ-áã-')}]"
)
_MARKUP = re.compile(rb"<(?:!DOCTYPE|html|head|body|table|meta|style|\?xml|Workbook)\b", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")
_PROTECTED = frozenset("=+-@0123456789")
_LONE = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # what Excel makes of control characters: ECMA-376, 22.9.2.19
_ENTITY_CUT = re.compile(f"{umlauts.ENTITY}$")
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf-7"})


class Charset(Struct, frozen=True):
    """How the bytes of a file become text, and the way back. ``mark`` bytes at its beginning say only this."""

    codec: str
    errors: str
    mark: int = 0

    def texts(self, parts: Iterable[bytes]) -> Iterator[str]:
        """The text of a file that comes in parts (bytes, cut anywhere), part after part, in order.

        Raises UnreadableError for an odd codec.
        """
        decoder = _incremental(self.codec, self.errors)
        skip = self.mark
        for part in parts:
            data, skip = part[skip:], max(0, skip - len(part))
            try:
                yield decoder.decode(data)
            except UnicodeError:
                yield data.decode(self.codec, "replace")
        try:
            yield decoder.decode(b"", final=True)
        except UnicodeError:  # half a character at the end
            return

    def encode(self, part: str) -> bytes:
        """The bytes that ``part`` of the text was in the file."""
        return part.encode(self.codec, self.errors)


def detected(head: bytes, forced: str | None = None) -> Charset:
    """The character set of a file that begins with ``head``; ``forced`` is the encoding that somebody named.

    Raises UnreadableError when the forced encoding does not exist.
    """
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return Charset(codec, _errors(codec), len(mark))
    codec = _known(forced) if forced else _guessed(head)
    if codec in {"utf-16", "utf-32"}:
        codec += "-le"
    return Charset("utf-8" if codec == "utf-8-sig" else codec, _errors(codec))


def check_readable(head: bytes, charset: Charset) -> None:
    """Raise UnreadableError, with the advice for staff, when this is no text or nothing at all."""
    if head.startswith(_OLD_EXCEL):
        raise UnreadableError(
            f"Die Datei ist eine alte Excel-Arbeitsmappe (.xls) oder mit einem Kennwort geschützt. {_SAVE_AS_XLSX}"
        )
    if _MARKUP.match(head.lstrip(b"\xef\xbb\xbf \t\r\n")[:2000]):
        raise UnreadableError(
            f"Die Datei ist eine Internetseite oder XML, auch wenn ihr Name anders endet. {_SAVE_AS_XLSX}"
        )
    if head.startswith(b"%PDF"):
        raise UnreadableError(f"Die Datei ist ein PDF, keine Tabelle. {_SAVE_AS}")
    text = "".join(charset.texts([head[:16_384]]))[:4096]
    if not text.strip():
        raise UnreadableError("Die Datei ist leer. Bitte prüfen Sie, ob die Liste vollständig gespeichert wurde.")
    if len(_CONTROLS.findall(text)) > len(text) // 20:
        raise UnreadableError(f"Die Datei enthält keine lesbare Texttabelle. {_SAVE_AS}")


def plain_text(data: bytes) -> str:
    """These bytes as text that can be stored, the tags of a page left out; "" for what is no text. Raises nothing."""
    try:
        written = detected(data)
        text = "".join(written.texts([data])).encode("utf-8", "replace").decode()
    except UnreadableError:
        return ""
    if len(_CONTROLS.findall(text[:4096])) > len(text[:4096]) // 20:
        return ""
    if _MARKUP.match(data.lstrip(b"\xef\xbb\xbf \t\r\n")[:2000]):
        text = without_tags(text)
    return text.strip()


def without_tags(text: str) -> str:
    """The words of a page or another text of elements."""
    return html.unescape(_TAG.sub(" ", text))


def mended(text: str) -> str:
    """The text with every byte that did not fit its encoding (a lone surrogate) read as Windows-1252."""
    return text if text.isascii() or not _LONE.search(text) else _LONE.sub(_mended, text)


def cleaned(cells: Iterable[str], line: str) -> tuple[str, ...]:
    """Every cell of a ``line`` as ``clean`` gives it, in order."""
    if _TELLING.search(line):
        return tuple(map(clean, _whole(cells, line) if "&" in line else cells))
    if not unicodedata.is_normalized("NFC", line):
        return tuple(map(clean, cells))
    return tuple(map(str.strip, cells))


def clean(cell: str) -> str:
    """A cell as text that can be stored: composed (NFC), no control characters, one kind of line break, stripped.

    The apostrophe that protects a formula or a number from a spreadsheet is taken off again; what a program wrote
    for other programs (``&uuml;``, ``_x000D_``) becomes what it means.
    """
    if "&" in cell:
        cell = umlauts.unescaped(cell)
    if "_x" in cell:
        cell = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), cell)
    if not cell.isascii():
        cell = umlauts.read_once(cell)
    if not cell.isprintable():
        cell = _STRANGE.sub(_mended, cell.replace("\r\n", "\n").replace("\r", "\n"))
    if not cell.isascii():
        cell = unicodedata.normalize("NFC", cell)
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _PROTECTED else cell


def _whole(cells: Iterable[str], line: str) -> list[str]:
    """The cells of a ``line``, put together again where the semicolon of ``&uuml;`` was taken for a delimiter."""
    found: list[str] = []
    for cell in cells:
        cut = _ENTITY_CUT.search(found[-1]) if found else None
        if cut is not None and f"{cut.group()};" in line and html.unescape(f"{cut.group()};") != f"{cut.group()};":
            found[-1] += f";{cell}"
        else:
            found.append(cell)
    return found


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


def _errors(codec: str) -> str:
    return "surrogatepass" if codec.startswith(("utf-16", "utf-32")) else "surrogateescape"


def _incremental(codec: str, errors: str) -> codecs.IncrementalDecoder:
    try:
        decoder = codecs.getincrementaldecoder(codec)(errors)
        decoder.decode(b"")
    except (LookupError, ValueError):
        decoder = None
    if decoder is None or codec in _NO_CHARSETS:
        raise UnreadableError(
            f"Mit dem Zeichensatz „{codec}“ aus config.toml ist die Datei nicht zu lesen. Üblich sind „cp1252“, "
            "„utf-8“ und „utf-16“; ohne Angabe wird er selbst erkannt."
        )
    return decoder


def _guessed(data: bytes) -> str:
    sample = data[:4096]
    half = max(1, len(sample) // 2)
    even, odd = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    if odd > 0.4 and even < 0.1:
        return "utf-16-le"
    if even > 0.4 and odd < 0.1:
        return "utf-16-be"
    text = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(data)
    wrong = len(_LONE.findall(text))
    if not wrong or len(_BEYOND_ASCII.findall(text)) - wrong >= wrong:
        return "utf-8"
    return max(_CODE_PAGES, key=lambda page: len(_UMLAUT_IN_WORD.findall(data[:200_000].decode(page, "replace"))))
