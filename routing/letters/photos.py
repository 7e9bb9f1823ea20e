"""Photos as they may leave the city: upright, without metadata, at most a megabyte each. Pure, in memory.

A photo is decoded and written anew from its pixels alone, so that nothing of the file survives: no EXIF, no GPS, no
comment, preview or colour profile, nor what somebody hung behind it. Where it was taken is read first, as a hint for
the place. JPEG and PNG alone are opened, and only up to a size whose pixels fit into memory; a large JPEG is decoded
at a fraction of its size. Whatever cannot be read gives None: a broken photo never stops a letter.
"""

import io
import warnings
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from routing.model.gazetteer import Box

if TYPE_CHECKING:
    from PIL.Image import Image

MOST = 3  # in one letter about one concern
BYTES = 1_000_000
EDGE = 1600  # pixels of the longer side
SMALLEST = 160  # pixels of the shorter side; what is smaller is a logo or a smiley
READABLE = frozenset({"image/jpeg", "image/png"})
_FORMATS = ("JPEG", "PNG")
_PIXELS = 8_500_000  # decoded whole, twice 34 MB; a screen of 3,840 × 2,160 fits
_PIXELS_IN_PARTS = 120_000_000  # a JPEG that is not progressive is decoded at 1/2, 1/4 or 1/8 of its size
_QUALITIES = (85, 70, 50, 30)
_GPS = 0x8825  # EXIF: the table of the place


class Photo(Struct, frozen=True):
    """A JPEG without metadata, and where it was taken (latitude, longitude), as far as the camera wrote it down."""

    content: bytes
    spot: tuple[float, float] | None = None


def cleaned(data: bytes, box: Box | None) -> Photo | None:
    """The photo in these bytes as it may leave; None when it is none, too large, or too small to show anything.

    Without EXIF and turned upright. Where it was taken counts only inside ``box``, the rectangle around the city.
    Raises nothing.
    """
    from PIL import Image, ImageOps  # noqa: PLC0415  (a tenth of a second, and most letters have no photo)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of broken metadata, which is thrown away
            with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
                if not _fits(opened):
                    return None
                spot = _spot(opened, box)
                part = EDGE / max(opened.size)
                opened.draft("RGB", (int(opened.width * part), int(opened.height * part)))
                opened.thumbnail((EDGE, EDGE), reducing_gap=2.0)
                upright = ImageOps.exif_transpose(opened)
                return _written(_pixels(upright), spot)
    except Exception:  # a file from outside may raise anything; the letter goes without it
        return None


def _fits(image: "Image") -> bool:
    width, height = image.size
    in_parts = image.format in {"JPEG", "MPO"} and not image.info.get("progressive")
    return min(width, height) >= SMALLEST and width * height <= (_PIXELS_IN_PARTS if in_parts else _PIXELS)


def _pixels(image: "Image") -> "Image":
    """A new picture of the pixels alone, on white where it is transparent."""
    from PIL import Image  # noqa: PLC0415

    plain = Image.new("RGB", image.size, "white")
    if image.mode in {"RGBA", "LA", "PA", "P"}:
        image = image.convert("RGBA")
        plain.paste(image, mask=image.getchannel("A"))
    else:
        plain.paste(image.convert("RGB"))
    return plain


def _written(image: "Image", spot: tuple[float, float] | None) -> Photo | None:
    """As JPEG, in the best quality that fits."""
    for quality in _QUALITIES:
        target = io.BytesIO()
        image.save(target, "JPEG", quality=quality)
        if target.tell() <= BYTES:
            return Photo(target.getvalue(), spot)
    return None


def _spot(image: "Image", box: Box | None) -> tuple[float, float] | None:
    """Where it was taken, to about ten metres; None where the camera did not say or it was not in the city."""
    try:
        table = image.getexif().get_ifd(_GPS)
        found = _degrees(table[2], table[1], "S"), _degrees(table[4], table[3], "W")
    except Exception:  # hardly a photo has it in good order
        return None
    return found if box and box.holds(*found) else None


def _degrees(parts: Any, reference: Any, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    return round(-value if str(reference).strip("\0 ") == negative else value, 4)
