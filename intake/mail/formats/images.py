"""How large a picture is, from its first bytes, and whether it only decorates: a logo, an icon, a tracking pixel.

Nothing is decoded. In doubt a picture is taken for one that shows something. Never raises.
"""

_MARKERS = 200
"""So many segments of a JPEG are passed over in search of its size."""
_FLAT = 200
_SMALL_AREA = 40_000
_DECORATING_BYTES = 60_000


def is_decoration(data: bytes, *, inline: bool) -> bool:
    """Whether the picture in these bytes shows nothing: a dot or a line anywhere, a small or flat one in the text."""
    found = size(data)
    if found is None:
        return False
    width, height = found
    if min(width, height) <= 8:
        return True
    if not inline or len(data) > _DECORATING_BYTES:
        return False
    return width * height <= _SMALL_AREA or (height <= _FLAT and width >= 3 * height)


def size(data: bytes) -> tuple[int, int] | None:
    """(width, height) in pixels of a PNG, GIF, JPEG or BMP; None when it is none of these. Raises nothing."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:
        return _big(data, 16, 4), _big(data, 20, 4)
    if data.startswith((b"GIF87a", b"GIF89a")) and len(data) >= 10:
        return int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    if data.startswith(b"BM") and len(data) >= 26:
        return _signed(data, 18), _signed(data, 22)
    return None


def _big(data: bytes, at: int, width: int) -> int:
    return int.from_bytes(data[at : at + width], "big")


def _signed(data: bytes, at: int) -> int:
    return abs(int.from_bytes(data[at : at + 4], "little", signed=True))


def _jpeg(data: bytes) -> tuple[int, int] | None:
    """The size stands in the frame header, behind a few other segments."""
    at = 2
    for _ in range(_MARKERS):
        if at + 9 > len(data) or data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:  # a filling byte
            at += 1
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return _big(data, at + 7, 2), _big(data, at + 5, 2)
        else:
            at += 2 + max(2, _big(data, at + 2, 2))
    return None
