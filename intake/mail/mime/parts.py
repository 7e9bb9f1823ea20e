"""What one part says of itself: type, parameters, disposition, name, transfer encoding. Never raises."""

from functools import lru_cache
from typing import NamedTuple

from intake.mail.mime import header, transfer
from intake.mail.mime import parameters as fields

_LONG = 300
"""Descriptions above so many bytes are not remembered."""


class Part(NamedTuple):
    """A part's own description."""

    content_type: str
    parameters: fields.Parameters
    disposition: str
    name: str
    encoding: str


def describe(own: header.Fields, default: str = "text/plain") -> Part:
    """The part that a header block describes."""
    kind = own.get(b"content-type", b"")
    shown = own.get(b"content-disposition", b"")
    read_now = _described if len(kind) + len(shown) > _LONG or b"boundary" in kind else _known
    return read_now(kind, shown, own.get(b"content-transfer-encoding", b""), default)


def _described(kind: bytes, disposed: bytes, encoded: bytes, default: str) -> Part:
    value = header.structured(kind) if kind else ""
    content_type = fields.media_type(value) or (_bare_type(value) if value else default)
    parameters = fields.parameters(value) if value else {}
    shown = header.structured(disposed) if disposed else ""
    disposition, _, _ = shown.partition(";")
    named = fields.parameters(shown) if shown else {}
    return Part(
        content_type,
        parameters,
        disposition.strip().lower(),
        named.get("filename") or parameters.get("name") or named.get("name") or parameters.get("filename") or "",
        transfer.kind(header.structured(encoded)) if encoded else "",
    )


_known = lru_cache(maxsize=512)(_described)  # the few descriptions that nearly all parts bear; never changed once made


def named(name: str) -> Part:
    """A file of which only the name is known."""
    return Part("application/octet-stream", {}, "attachment", name, "")


def _bare_type(value: str) -> str:
    """``Content-Type: text`` and the like are plain text (RFC 2045, section 5.2)."""
    word = value.partition(";")[0].strip("<> ").lower()
    other = "text/plain" if word in {"", "text", "plain"} or "name" not in value else "application/octet-stream"
    if word.partition("/")[0].strip() == "multipart":  # "multipart/*", "multipart/"
        return "multipart/mixed"
    return {"html": "text/html", "pdf": "application/pdf"}.get(word, other)
