"""Bytes to text, whatever charset was claimed. Never raises.

A charset's name is a claim by the sender: many write iso-8859-1 and mean cp1252, gb2312 and mean GBK, or name what
does not exist. Browsers' readings are followed (WHATWG Encoding Standard); valid UTF-8 beats a Western claim, because
Western text almost never happens to be valid UTF-8. Without a usable claim: UTF-8, else cp1252, else detection.
"""

import codecs
import re
from functools import lru_cache

_ALIASES = {
    "utf8": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "utf-8-sig": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "csunicode11utf7": "utf-7",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ks_c_5601-1989": "cp949",
    "ksc5601": "cp949",
    "ksc_5601": "cp949",
    "korean": "cp949",
    "x-windows-949": "cp949",
    "x-gbk": "gb18030",
    "x-euc-cn": "gb18030",
    "cn-gb": "gb18030",
    "gb_2312-80": "gb18030",
    "x-sjis": "cp932",
    "x-euc-jp": "euc_jp",
    "x-big5": "cp950",
    "cn-big5": "cp950",
    "x-x-big5": "cp950",
    "iso-8859-8-i": "cp1255",
    "iso-8859-8-e": "cp1255",
    "logical": "cp1255",
    "visual": "cp1255",
    "iso-8859-11": "cp874",
    "windows-874": "cp874",
    "tis-620": "cp874",
    "x-cp1250": "cp1250",
    "x-cp1251": "cp1251",
    "x-cp1252": "cp1252",
    "x-mac-roman": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-user-defined": "cp1252",
    "cs_iso-2022-jp": "iso2022_jp",
    "hz-gb-2312": "hz",
    "ansi": "cp1252",
    "latin 1": "cp1252",
    "iso_8859_1": "cp1252",
    "iso8859": "cp1252",
    "iso-8859": "cp1252",
    "iso-latin-1": "cp1252",
    "iso 8859-1": "cp1252",
    "western": "cp1252",
    "x-viet-tcvn": "cp1258",
    "tcvn": "cp1258",
    "koi8": "koi8_r",
    "koi": "koi8_r",
    "koi8r": "koi8_r",
    "koi8u": "koi8_u",
    "latin-9": "iso8859-15",
    "iso-8859-6-i": "iso8859-6",
    "iso-8859-6-e": "iso8859-6",
    "windows-31j": "cp932",
    "cswindows31j": "cp932",
    "sjis-win": "cp932",
    "jis": "iso2022_jp",
    "iso-2022-jp-ms": "iso2022_jp",
    "eucjp-ms": "euc_jp",
    "eucjpms": "euc_jp",
    "eucjp-win": "euc_jp",
    "big-5": "cp950",
    "mac": "mac_roman",
    "x-mac": "mac_roman",
    "x-mac-ce": "mac_latin2",
    "x-mac-centraleurroman": "mac_latin2",
    "x-mac-greek": "mac_greek",
    "x-mac-turkish": "mac_turkish",
    "x-mac-icelandic": "mac_iceland",
    "x-mac-croatian": "mac_croatian",
    "x-mac-romanian": "mac_romanian",
    "x-mac-ukrainian": "mac_cyrillic",
    "ms-ansi": "cp1252",
    "ms-ee": "cp1250",
    "ms-cyrl": "cp1251",
    "ms-greek": "cp1253",
    "ms-turk": "cp1254",
    "ms-hebr": "cp1255",
    "ms-arab": "cp1256",
    "winbaltrim": "cp1257",
    "sun_eu_greek": "iso8859-7",
    "unicode": "utf-16",
    "ucs-2": "utf-16-be",
    "iso-10646-ucs-2": "utf-16-be",
    "ucs-4": "utf-32-be",
    "iso-10646-ucs-4": "utf-32-be",
}
_PAGES = {
    "1200": "utf-16-le",
    "1201": "utf-16-be",
    "10000": "mac_roman",
    "20866": "koi8_r",
    "21866": "koi8_u",
    "50220": "iso2022_jp",
    "50221": "iso2022_jp",
    "50222": "iso2022_jp",
    "50225": "iso2022_kr",
    "51932": "euc_jp",
    "51936": "gb18030",
    "51949": "cp949",
    "52936": "hz",
    "54936": "gb18030",
    "65000": "utf-7",
    "65001": "utf-8",
    **{f"{28590 + part}": f"iso8859-{part}" for part in range(1, 16)},
}
"""Windows' numbers of charsets that go by a name elsewhere."""
_WIDER = {
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "iso8859-8": "cp1255",
    "tis-620": "cp874",
}
_NO_CLAIM = frozenset(
    [
        *("", "us-ascii", "ascii", "us_ascii", "ansi_x3.4-1968", "unknown-8bit", "x-unknown", "unknown", "default"),
        *("none", "8bit", "7bit", "binary", "default_charset", "charset", "null", "undefined", "_autodetect"),
    ]
)
_NOT_FOR_MAIL = frozenset(["idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"])
_NOT_ASCII = frozenset(["utf-7", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "hz"])
_JIS = re.compile(rb"\x1b\$[@B]([!-~]*+)(?:\x1b\([BJ])?")
_SHIFTED = re.compile(r"\+[A-Za-z0-9+/]*+-?")
_BROKEN = re.compile("[\udc80-\udcff]")
_WESTERN_LETTER = re.compile("[\u00a0-\u00ff\u2013-\u20ac]")
_UMLAUTS = "[\udcc4\udcd6\udcdc\udcdf\udce4\udcf6\udcfc\udce9]"
_LONE_LETTERS = re.compile(rf"(?:(?<=[A-Za-z])|(?={_UMLAUTS}[a-z])){_UMLAUTS}{{1,2}}(?![\udc80-\udcff])")
"""Letters of German (and é) in cp1252 among letters of ASCII."""
_LABEL = re.compile(r"[A-Za-z0-9_.:+-]+(?: [0-9-]+)?")
_PAGE = re.compile(r"(?:x-|cs)?(?:windows|win|cp|ms-cp|microsoft-cp|ms|ibm|dos|oem)[-_]?0*(\d{3,5})(?!\d)")
_NAMED_LOOSELY = (
    (re.compile(r"(?:x-|cs)?iso[-_ ]?8859[-_ ]?(\d{1,2})(?!\d)"), "iso8859-{}"),
    (re.compile(r"(?:x-)?utf[-_]?(8|7|16|32)(?!\d)"), "utf-{}"),
)
_DETECTED_BYTES = 20_000
_WESTERN = frozenset(["utf-8", "", "cp1252", "iso8859-15", "?"])
_HIGH = bytes(range(128, 256))
_MARKS = (b"\xff\xfe", b"\xfe\xff")
_CONTROLS = bytes([*range(9), *range(14, 27), *range(28, 32), 127])  # without those that layout and ISO 2022 need


@lru_cache(maxsize=256)
def codec(label: str) -> str:
    """Python's name of the codec that reads ``label``; "" for no claim, "?" for one that nobody knows."""
    found = _LABEL.search(label[:80])
    name = found[0].lower().removeprefix("charset=") if found else ""
    if name in _NO_CLAIM:
        return ""
    known = _known(_ALIASES.get(name, name)) or _known(_loosely_named(name))
    return _WIDER.get(known, known) or "?"


def _known(name: str) -> str:
    """Python's name of a codec that turns bytes into text; "" for another."""
    try:
        known = codecs.lookup(name).name
        b"".decode(known)
    except (LookupError, ValueError, UnicodeError):
        return ""
    return "" if known in _NOT_FOR_MAIL else known


def _loosely_named(name: str) -> str:
    """What is meant by a code page's number with a word before it, or a usual name that goes on or lacks a hyphen."""
    if page := _PAGE.match(name):
        return _PAGES.get(page[1], f"cp{page[1]}")
    for shape, known in _NAMED_LOOSELY:
        if found := shape.match(name):
            return known.format(found[1])
    return name.removeprefix("cs").removeprefix("x-")


def decode(data: bytes, label: str = "") -> str:
    """The text of ``data`` that claims to be ``label``. May hold control characters, and from UTF-7 surrogates."""
    name = codec(label)
    if data.isascii() and name not in _NOT_ASCII and b"\x1b" not in data:
        return data.decode("ascii")
    if name in _WESTERN:
        return _western(data, name)
    if is_wide(name):
        return _wide(data, name)
    try:
        return data.decode(name)
    except ValueError:
        pass
    if name == "utf-7":
        return _SHIFTED.sub(_unshifted, data.decode("utf-8", "replace"))
    try:
        return data.decode("utf-8") if name != "iso2022_jp" else _japanese(data)
    except ValueError:
        return data.decode(name, "replace")


def _japanese(data: bytes) -> str:
    """What is called ISO-2022-JP and is more than that: Shift JIS, or the letters that Windows adds."""
    if not data.isascii():
        return data.decode("cp932")
    pieces = _JIS.split(data)
    wide = [bytes([octet | 0x80 for octet in piece]).decode("euc_jis_2004", "replace") for piece in pieces[1::2]]
    plain = [piece.decode("ascii") for piece in pieces[::2]]
    return "".join([text for pair in zip(plain, [*wide, ""], strict=True) for text in pair])


def _unshifted(found: re.Match[str]) -> str:
    """One piece of UTF-7 where the whole is not: as it stands when it says nothing."""
    try:
        return found[0].encode("ascii").decode("utf-7")
    except ValueError:
        return found[0]


def is_wide(name: str) -> bool:
    """Whether the codec ``name`` reads several bytes for each letter, even an ASCII one."""
    return name.startswith(("utf-16", "utf-32"))


def is_western(name: str) -> bool:
    """Whether text in the codec ``name`` ("", "?" included) is mostly ASCII, as German is."""
    return name in _WESTERN


def is_text(data: bytes, *, western: bool) -> bool:
    """Whether ``data`` may be text: hardly a control character, and in Western text not too many others."""
    if 20 * (len(data) - len(data.translate(None, _CONTROLS))) > len(data):
        return False
    if not western or data.decode("utf-8", "replace").count("\ufffd") <= 1:
        return True
    return 4 * (len(data) - len(data.translate(None, _HIGH))) <= len(data)


def is_noise(data: bytes) -> bool:
    """Whether a third of ``data`` is control characters: no text that does not say so is UTF-16 either."""
    sample = data[:1000]
    return 3 * (len(sample) - len(sample.translate(None, _CONTROLS))) > len(sample) > 4 and sample[:2] not in _MARKS


def raw_header(data: bytes, fallback: str = "") -> str:
    """A header field's raw bytes as text: UTF-8, else the charset that the mail claims, else cp1252.

    Raises nothing.
    """
    if data.isascii() and b"\x1b" not in data:
        return data.decode("ascii")
    if b"\x1b$" in data or b"\x1b(" in data:
        return data.decode("iso2022_jp_ext", "replace")
    try:
        return data.decode("utf-8")
    except ValueError:
        name = codec(fallback)
    if name in ("", "?", "utf-8"):
        return _detected(data) if _mostly_high(data) else _western(data, "utf-8")
    try:
        return data.decode(name)
    except ValueError:
        return data.decode("cp1252", "replace")


def _western(data: bytes, name: str) -> str:
    try:
        text = data.decode("utf-8")
    except ValueError:
        pass
    else:
        return text.removeprefix("\ufeff")
    if data.startswith(_MARKS):
        return data.decode("utf-16", "replace")
    if name == "utf-8" and (mended := _mended_utf8(data)):
        return mended
    if name in ("", "?") and _mostly_high(data):  # of a few letters nobody can tell
        return _detected(data)
    if b"\x1b$" in data:
        return data.decode("iso2022_jp_ext", "replace")
    return data.decode("iso8859-15" if name == "iso8859-15" else "cp1252", "replace")


def _mended_utf8(data: bytes) -> str:
    """UTF-8 that is broken, or to which a gateway added lines in cp1252; "" for text that is no UTF-8."""
    text = data.decode("utf-8", "surrogateescape")
    extra = len(data) - len(text)  # octets, of letters that take several
    broken = len(_BROKEN.findall(text))
    if _WESTERN_LETTER.search(text) and broken <= 8 * extra:  # cp1252 would make "Ã¼" of it
        text = _LONE_LETTERS.sub(_as_cp1252, text)
    elif 2 * broken > extra:
        return ""
    return _BROKEN.sub("\ufffd", text)


def _as_cp1252(found: re.Match[str]) -> str:
    return found[0].encode("utf-8", "surrogateescape").decode("cp1252")


def _wide(data: bytes, name: str) -> str:
    """UTF-16 and UTF-32; the name alone says nothing of the byte order, and some claim it for plain ASCII."""
    if b"\0" not in data and data.isascii():
        return data.decode("ascii")
    if name == "utf-16" and not data.startswith(_MARKS):
        name = "utf-16-le" if data[1::2].count(0) > data[::2].count(0) else "utf-16-be"
    return data.decode(name, "replace").removeprefix("\ufeff")


def _mostly_high(data: bytes) -> bool:
    """More than a third of the letters lie above ASCII: no Western language looks like this."""
    high = len(data) - len(data.translate(None, _HIGH))
    letters = len(data) - len(data.translate(None, b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    return high > 8 and 2 * high > letters


def _detected(data: bytes) -> str:
    import charset_normalizer  # noqa: PLC0415  # 30 ms that most processes never need

    best = charset_normalizer.from_bytes(data[:_DETECTED_BYTES]).best()
    name = best.encoding if best else "cp1252"
    return data.decode(name, "replace")
