"""A header block: its fields by name, and where the body begins (RFC 5322, section 2.2). Never raises.

Of a repeated field the first counts. A line that is no field is passed over when fields follow it; otherwise the
empty line before the body is missing and the body begins there.
"""

import re
from functools import lru_cache

from intake.mail.mime import charsets, clean, encoded_words, limits

Fields = dict[bytes, bytes]
"""Lower-case names with raw values, unfolded, the first of each name. Never changed once made: parts share them."""

_END = re.compile(rb"\n\r*\n|\n\r(?![\s!-9;-~]{1,60}+:|\s)")  # "\n\r" is no empty line where it ends every line
_FOLD = re.compile(rb"\n[ \t]+")
_LONE_RETURN = re.compile(rb"\r(?=[!-9;-~]{1,60}:)")
_FIELDS = re.compile(rb"\n([!-9;-~]++):([^\n]*+)")
_FIELD = re.compile(rb"[!-9;-~]++[ \t]*+:")
_PARAMETER = re.compile(rb"[\w*-]++=")
_USUAL = frozenset([b"from", b"subject", b"date", b"message-id", b"mime-version", b"content-type", b"received"])
_JUNK = 12  # lines that are no fields, behind which the header may go on
_SHORT = 400
"""Blocks up to so many bytes are worth remembering."""


def split(raw: bytes, start: int, end: int) -> tuple[Fields, int, bool]:
    """(fields, offset in bytes of the body, whether something was wrong) of the block at ``start``. Raises nothing.

    ``start`` follows a line end (or is 0); a block that begins with an empty line has no fields.
    """
    if raw[start : start + 1] == b"\n":
        return {}, start + 1, False
    if raw[start : start + 2] == b"\r\n":
        return {}, start + 2, False
    stop, body = _end(raw, start, end)
    block = raw[start : min(stop, start + limits.HEADER_BYTES)]
    faulty = stop - start > limits.HEADER_BYTES
    unfolded, fields = (_known if len(block) <= _SHORT else _fields)(block)
    if fields is not None:
        return fields, body, faulty
    return _mended(raw, start, stop, body, unfolded, complete=body > stop)


def _end(raw: bytes, start: int, end: int) -> tuple[int, int]:
    """Where the block ends and the body begins; the end of everything for both where no empty line comes."""
    usual = raw.find(b"\r\n\r\n", start, end)
    if usual >= 0 and raw.find(b"\n\n", start, usual) < 0 and raw.find(b"\n\r", start, usual + 1) < 0:
        return usual + 1, usual + 4
    found = _END.search(raw, start, end)
    return found.span() if found else (end, end)


def _unindented(block: bytes) -> bytes:
    """Without blanks before the first field, which can continue none."""
    rest = block.lstrip(b" \t")
    return rest if _FIELD.match(rest) else block


def _fields(block: bytes) -> tuple[bytes, Fields | None]:
    """The unfolded block and its fields; None where a line is no field."""
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
        if b"\r" in block:
            block = _LONE_RETURN.sub(b"\n", block).replace(b"\r", b"")
    if b"\n " in block or b"\n\t" in block:
        block = _FOLD.sub(b" ", block)
    if block[:1] in (b" ", b"\t"):
        block = _unindented(block)
    if not block or block.isspace():
        return block, {}
    found = _FIELDS.findall(b"\n" + block)
    if len(found) != block.count(b"\n") + 1:
        return block, None
    found.reverse()
    fields = {name.lower(): value for name, value in found}
    if b"@" not in fields.get(b"from", b"@"):  # a second field may have the address
        others = (value for name, value in reversed(found) if name.lower() == b"from" and b"@" in value)
        fields[b"from"] = next(others, fields[b"from"])
    return block, fields


_known = lru_cache(maxsize=512)(_fields)  # most parts of most mails have one of a few headers


def _mended(raw: bytes, start: int, stop: int, body: int, block: bytes, *, complete: bool) -> tuple[Fields, int, bool]:
    """The same for a block with lines that are no fields."""
    fields: Fields = {}
    faulty = False
    last = b""
    lines = block.split(b"\n")
    for index, line in enumerate(lines):
        name, colon, value = line.partition(b":")
        if not colon or not name or b" " in name:
            if _FIELD.match(line):  # a blank before the colon
                name = name.rstrip()
            elif _is_envelope(line) and index == 0:
                continue
            else:
                faulty = True
                if last and _goes_on(fields[last], line):
                    fields[last] += b" " + line
                    continue
                if _is_within(lines, index, fields) and not line.startswith(b"--"):
                    continue
                if not complete and index == len(lines) - 1 and not line.strip():
                    continue
                return fields, _first_foreign_line(raw, start, stop, index), bool(fields)
        name = name.lower()
        if name == b"from" and b"@" in value and b"@" not in fields.get(name, b"@"):
            fields[name] = value
        last = b"" if name in fields else name
        if last:
            fields[last] = value
    return fields, body, faulty


def _is_within(lines: list[bytes], index: int, fields: Fields) -> bool:
    """Whether the header goes on behind a line that is no field: with a field at once, or with a usual one soon."""
    following = lines[index + 1 : index + 1 + _JUNK]
    if following and _FIELD.match(following[0]):
        return True
    return any(
        name in _USUAL and name not in fields
        for line in following
        if _FIELD.match(line)
        for name in (line.partition(b":")[0].strip().lower(),)
    )


def _goes_on(value: bytes, line: bytes) -> bool:
    """Whether ``line`` is a further parameter of ``value`` without the blank before it that would say so."""
    if len(value) > limits.FIELD_BYTES or not _PARAMETER.match(line):
        return False
    return value.rstrip().endswith(b";")


def is_torn(fields: Fields) -> bool:
    """Whether the header may go on behind an empty line: it says nothing of the sender, the subject and the body."""
    return bool(fields) and b"from" not in fields and b"subject" not in fields and b"content-type" not in fields


def mended(raw: bytes, fields: Fields, body: int) -> tuple[Fields, int]:
    """The header with what stands behind empty lines, where that is certainly one.

    And the offset in bytes of the body.
    """
    at = body
    for _ in range(5):
        end = raw.find(b"\n", at, at + 80) + 1
        if not end or raw[at:end].strip():
            break
        at = end
    more, following, faulty = split(raw, at, len(raw))
    if faulty or not {b"from", b"subject"} <= more.keys():
        return fields, body
    return more | fields, following


def text(fields: Fields, name: bytes, fallback: str = "") -> str:
    """An unstructured field as text of one line; ``fallback`` is the charset of raw 8-bit text that is not UTF-8."""
    value = fields.get(name)
    return decode(value, fallback) if value else ""


def decode(value: bytes, fallback: str = "") -> str:
    """The raw bytes of a value as text of one line. Raises nothing."""
    plain = charsets.raw_header(value[: limits.FIELD_BYTES], fallback)
    return clean.line(encoded_words.decode(plain) if "=?" in plain else plain)


def plain(fields: Fields, name: bytes) -> str:
    """A structured field, its encoded words untouched; empty when absent."""
    value = fields.get(name)
    return structured(value) if value else ""


def structured(value: bytes, fallback: str = "") -> str:
    """The raw bytes of a value whose parts are decoded later, one by one, as text of one line."""
    return charsets.raw_header(value[: limits.FIELD_BYTES].strip(), fallback)


def _is_envelope(line: bytes) -> bool:
    """The line that mbox files put before a message."""
    return line.startswith((b"From ", b">From "))


def _first_foreign_line(raw: bytes, start: int, stop: int, index: int) -> int:
    """The offset of the unfolded line number ``index``."""
    at = start
    while index >= 0 and at < stop:
        following = raw.find(b"\n", at, stop) + 1 or stop
        if index == 0:
            return at
        at = following
        if raw[at : at + 1] not in (b" ", b"\t"):
            index -= 1
    return at
