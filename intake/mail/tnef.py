"""Outlook's wrapper ``winmail.dat`` (MS-OXTNEF): the files inside it and, where given, the plain text. Never raises.

Only the attributes that name, hold and part files are looked at; Outlook's own properties are passed over.
"""

from typing import NamedTuple

from . import charsets

_SIGNATURE = b"\x78\x9f\x3e\x22"
_ATTACHMENT_BEGINS, _TITLE, _DATA, _BODY = 0x00069002, 0x00018010, 0x0006800F, 0x0002800C
_FILES = 200


class Wrapped(NamedTuple):
    """What was inside: (name, bytes) of each file, and the text."""

    files: list[tuple[str, bytes]]
    text: bytes


def unwrap(data: bytes) -> Wrapped | None:
    """The content of ``data``; None when it is no such wrapper."""
    if not data.startswith(_SIGNATURE):
        return None
    files: list[tuple[str, bytes]] = []
    text = b""
    at = 6
    while at + 9 <= len(data) and len(files) < _FILES:
        attribute = int.from_bytes(data[at + 1 : at + 5], "little")
        length = int.from_bytes(data[at + 5 : at + 9], "little")
        value = data[at + 9 : at + 9 + length]
        at += 9 + length + 2  # a checksum follows
        if attribute == _ATTACHMENT_BEGINS:
            files.append(("", b""))
        elif attribute == _BODY:
            text = value.rstrip(b"\0")
        elif files and attribute == _TITLE:
            files[-1] = (charsets.decode(value.partition(b"\0")[0]), files[-1][1])
        elif files and attribute == _DATA:
            files[-1] = (files[-1][0], value)
    return Wrapped(files, text)
