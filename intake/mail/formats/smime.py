"""The mail inside an opaque S/MIME signature (RFC 8551, RFC 5652): taken out, not verified. Never raises.

Only as much of DER and BER is read as leads to the signed content; whether the signature holds is not asked.
"""

_SIGNED = bytes.fromhex("2a864886f70d010702")
_ENVELOPED = bytes.fromhex("2a864886f70d010703")
_SEALED = bytes.fromhex("2a864886f70d0109100117")  # enveloped and authenticated
_DEPTH = 12


def is_encrypted(data: bytes) -> bool:
    """Whether these bytes are an envelope that only its recipient can open (RFC 8551, EnvelopedData)."""
    return _ENVELOPED in data[:40] or _SEALED in data[:40]


def signed_content(data: bytes) -> bytes | None:
    """The signed bytes (a MIME entity); None when ``data`` is no such structure."""
    if _SIGNED not in data[:40]:
        return None
    inner = data.find(bytes.fromhex("06092a864886f70d010701"), 20, 400)  # the type of what is signed: data
    if inner < 0:
        return None
    at = inner + 11
    pieces: list[bytes] = []
    _collect(data, at, len(data), pieces, 0)
    return b"".join(pieces) or None


def _collect(data: bytes, at: int, end: int, pieces: list[bytes], depth: int) -> int:
    """Gather the octet strings of one explicit [0] element at ``at``; the offset behind it."""
    if at + 2 > end or depth > _DEPTH:
        return end
    tag, length, start = data[at], data[at + 1], at + 2
    if length & 0x80:
        width = length & 0x7F
        length = int.from_bytes(data[start : start + width], "big") if width else -1
        start += width
    stop = min(end, start + length) if length >= 0 else end
    if tag == 0x04:
        pieces.append(data[start:stop])
        return stop
    if tag not in (0xA0, 0x24):
        return stop
    while start < stop and data[start : start + 2] != b"\0\0":
        start = _collect(data, start, stop, pieces, depth + 1)
    return stop if length >= 0 else start + 2
