"""Content transfer encodings (RFC 2045, section 6): base64, quoted-printable, uuencode. Never raises.

What is broken is read as far as it goes.
"""

import binascii
import contextlib
import re

import pybase64

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]+")
_BASE64_BYTES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n\t "
_LOOSE_SOFT_BREAK = re.compile(rb"=[ \t]++(?=\r?\n|$)")
_WORDS_BEHIND = re.compile(
    rb"((?:[A-Za-z0-9+/]{4,}+={0,2}[ \t]*+\r?\n)++\s*+)(?=[^\n]{0,80}?\S[ \t]+\S)(.++)", re.DOTALL
)
_PIECES = 10_000
"""So many paddings within base64 are heeded."""
_UU_BEGIN = re.compile(rb"(?:^|\n)begin(?:-base64)? [0-7]{3,4} ([^\r\n]*)\r?\n")


def kind(value: str) -> str:
    """The field Content-Transfer-Encoding as "base64", "quoted-printable", "uuencode" or "" (as it stands)."""
    value = value.lower()
    if "base64" in value or value.strip() in ("base-64", "base 64"):
        return "base64"
    if "quoted" in value or value.strip() == "qp":
        return "quoted-printable"
    return "uuencode" if "uue" in value else ""


def decode(data: bytes, encoding: str) -> bytes:
    """The bytes without their transfer encoding, a ``kind``; what is broken stays as it stands. Raises nothing."""
    if encoding == "base64":
        return base64(data)
    if encoding == "quoted-printable":
        return quoted_printable(data)
    return uudecode(data) if encoding == "uuencode" else data


def base64(data: bytes) -> bytes:
    """Base64 with line ends, foreign characters, missing or early padding."""
    if b"=" not in data.rstrip(b"= \t\r\n"):  # then pybase64 gives the same, in a tenth of the time
        with contextlib.suppress(binascii.Error):
            return pybase64.b64decode(data)
    try:
        decoded = binascii.a2b_base64(data)
    except binascii.Error:
        return _mended_base64(data)
    # Padding ends the decoder: what follows it (pieces glued together) would be lost.
    padding = data.find(b"=", 0, -3)
    rest = data[padding:].strip(b"= \t\r\n") if padding >= 0 else b""
    return _mended_base64(data) if rest and looks_like_base64(rest) else decoded


def without_words(data: bytes) -> tuple[bytes, bytes]:
    """Base64 and the lines of words that stand behind it; (``data``, nothing) where none do or it is no base64."""
    found = _WORDS_BEHIND.match(data)
    return (found[1], found[2].strip()) if found else (data, b"")


def looks_like_base64(data: bytes) -> bool:
    """Whether nearly all characters belong to base64: some label plain text so."""
    sample = data[:4000]
    foreign = len(sample.translate(None, _BASE64_BYTES))
    words = sample.count(b" ")
    return 20 * foreign <= len(sample) + 80 and 12 * words <= len(sample) + 24


def has_words(data: bytes) -> bool:
    """Whether what looks like base64 may as well be words: it has blanks, or is no whole number of bytes."""
    data = data.strip()
    return b" " in data or len(data.translate(None, b"\r\n\t")) % 4 != 0


def quoted_printable(data: bytes) -> bytes:
    """The bytes that quoted-printable says (RFC 2045, 6.7); faulty escapes stay as they are."""
    if b"= " in data or b"=\t" in data:
        data = _LOOSE_SOFT_BREAK.sub(b"=", data)
    return binascii.a2b_qp(data)


def uudecode(data: bytes) -> bytes:
    """The bytes of the file between ``begin`` and ``end``; lines that are broken are left out."""
    begin = _UU_BEGIN.search(data)
    out = []
    room = len(data)  # it never grows; a line may say that it is longer than it is
    for line in data[begin.end() if begin else 0 :].splitlines():
        if room < 0 or line.strip() == b"end":
            break
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            length = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
            try:
                out.append(binascii.a2b_uu(line[:length]))
            except binascii.Error:
                continue
        room -= len(out[-1])
    return b"".join(out)


def _mended_base64(data: bytes) -> bytes:
    """Piece by piece between paddings; a piece that is no whole number of bytes loses its last character."""
    out = []
    *pieces, rest = _NOT_BASE64.sub(b"", data).split(b"=", _PIECES)
    for piece in (*pieces, rest.replace(b"=", b"")):
        whole = piece[: len(piece) - 1] if len(piece) % 4 == 1 else piece
        out.append(binascii.a2b_base64(whole + b"=" * (-len(whole) % 4)))
    return b"".join(out)
