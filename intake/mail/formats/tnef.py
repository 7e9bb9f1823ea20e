"""Outlook's wrapper ``winmail.dat`` (MS-OXTNEF): the files inside it and the text, where it is given. Never raises.

A stream of attributes, some of which hold Outlook's properties (MS-OXCDATA, section 2.11.1). Only what names, holds
and part files and what is the body are looked at. Every step moves forward; lengths beyond the end are cut.
"""

from typing import NamedTuple

from msgspec import Struct, field

from intake.mail.mime import charsets

_SIGNATURE = b"\x78\x9f\x3e\x22"
_ATTACHMENT_BEGINS, _TITLE, _DATA, _ATTACHMENT_PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
_BODY, _PROPERTIES, _CODE_PAGE = 0x0002800C, 0x00069003, 0x00069007
_LONG_NAME, _SHORT_NAME, _SHOWN_NAME, _ATTACHED = 0x3707, 0x3704, 0x3001, 0x3701
_PLAIN, _PAGE, _RTF = 0x1000, 0x1013, 0x1009
_STRING, _UNICODE, _OBJECT, _BINARY = 0x1E, 0x1F, 0x0D, 0x102
_WIDTHS = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0xA: 4, 0xB: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_SEVERAL = 0x1000
_FILES = 200
_PROPERTIES_READ = 2_000


class Wrapped(NamedTuple):
    """What was inside: (name, bytes) of each file, and the body as text, as a page, and as compressed RTF."""

    files: list[tuple[str, bytes]]
    text: str
    page: str
    rtf: bytes


class _File(Struct):
    title: str = ""
    data: bytes = b""
    properties: dict[int, bytes | str] = field(default_factory=dict)

    def named(self) -> tuple[str, bytes]:
        names = (self.properties.get(wanted) for wanted in (_LONG_NAME, _SHOWN_NAME, _SHORT_NAME))
        name = next((found for found in names if isinstance(found, str) and found), self.title)
        attached = self.properties.get(_ATTACHED)
        return name, max(self.data, attached, key=len) if isinstance(attached, bytes) else self.data


def unwrap(data: bytes) -> Wrapped | None:
    """The content of ``data``, the bytes of a winmail.dat ([MS-OXTNEF]); None when it is no such wrapper.

    Raises nothing.
    """
    if not data.startswith(_SIGNATURE):
        return None
    files: list[_File] = []
    text, code_page = "", "cp1252"
    body: dict[int, bytes | str] = {}
    at = 6
    while at + 9 <= len(data) and len(files) < _FILES:
        attribute = _number(data, at + 1)
        start = at + 9
        end = min(len(data), start + _number(data, at + 5))
        value = data[start:end]
        at = end + 2  # a checksum follows
        if attribute == _CODE_PAGE:
            code_page = f"cp{_number(value, 0)}"
        elif attribute == _ATTACHMENT_BEGINS:
            files.append(_File())
        elif attribute == _BODY:
            text = charsets.decode(value.rstrip(b"\0"), code_page)
        elif attribute == _PROPERTIES:
            body = _properties(value, code_page)
        elif files and attribute == _TITLE:
            files[-1].title = charsets.decode(value.partition(b"\0")[0], code_page)
        elif files and attribute == _DATA:
            files[-1].data = value
        elif files and attribute == _ATTACHMENT_PROPERTIES:
            files[-1].properties = _properties(value, code_page)
    return Wrapped([each.named() for each in files], text or _said(body, _PLAIN), _said(body, _PAGE), _rtf(body))


def _said(body: dict[int, bytes | str], wanted: int) -> str:
    found = body.get(wanted, "")
    return charsets.decode(found) if isinstance(found, bytes) else found


def _rtf(body: dict[int, bytes | str]) -> bytes:
    found = body.get(_RTF, b"")
    return found if isinstance(found, bytes) else b""


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")


def _properties(data: bytes, code_page: str) -> dict[int, bytes | str]:
    """Texts and bytes by the number of the property; everything else is passed over."""
    found: dict[int, bytes | str] = {}
    at = 4
    for _ in range(min(_number(data, 0), _PROPERTIES_READ)):
        if at + 4 > len(data):
            break
        kind = int.from_bytes(data[at : at + 2], "little")
        number = int.from_bytes(data[at + 2 : at + 4], "little")
        at += 4
        if number >= 0x8000:
            at = _past_name(data, at)
        value, at = _value(data, at, kind)
        if value is None:
            continue
        if kind == _UNICODE:
            found[number] = value.decode("utf-16-le", "replace").rstrip("\0")
        elif kind == _STRING:
            found[number] = charsets.decode(value.rstrip(b"\0"), code_page)
        else:
            found[number] = value[16:] if kind == _OBJECT else value  # an object begins with what it is
    return found


def _past_name(data: bytes, at: int) -> int:
    """Behind the name of a property that has one: a set, and a number or a text in it."""
    at += 20
    return at + 4 + (_padded(_number(data, at)) if _number(data, at - 4) == 1 else 0)


def _value(data: bytes, at: int, kind: int) -> tuple[bytes | None, int]:
    """The first value of a property that holds text or bytes, None for others; and what follows the property."""
    single = kind & ~_SEVERAL
    width = _WIDTHS.get(single)
    if single not in (_STRING, _UNICODE, _OBJECT, _BINARY):
        if width is None:  # unknown: nothing behind it can be found
            return None, len(data)
        return None, at + (4 + _number(data, at) * width if kind & _SEVERAL else width)
    count = _number(data, at)
    at += 4
    first: bytes | None = None
    for _ in range(min(count, _PROPERTIES_READ)):
        length = _number(data, at)
        if first is None:
            first = data[at + 4 : at + 4 + length]
        at = min(len(data), at + 4 + _padded(length))
    return first, at


def _padded(length: int) -> int:
    return length + -length % 4
