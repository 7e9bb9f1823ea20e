"""Photos as they leave: upright, nameless, small; whatever is broken or too large stays here and stops nothing."""

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from routing.letters import photos
from tests.support.rule_examples import KREFELD


def picture(size: tuple[int, int] = (640, 480), form: str = "JPEG", mode: str = "RGB", **more: Any) -> bytes:
    image = Image.linear_gradient("L").resize(size).convert(mode)
    target = io.BytesIO()
    image.save(target, form, **more)
    return target.getvalue()


def opened(data: bytes) -> Image.Image:
    photo = photos.cleaned(data, KREFELD.box)
    assert photo is not None
    return Image.open(io.BytesIO(photo.content))


def exif(orientation: int = 1, gps: dict[int, Any] | None = None) -> Image.Exif:
    made = Image.Exif()
    made[0x0112] = orientation
    made[0x013B] = "Petra Sommer"
    if gps is not None:
        made[0x8825] = gps
    return made


NORTH_EAST = {1: "N", 2: (51.0, 19.0, 56.64), 3: "E", 4: (6.0, 33.0, 52.6)}


@pytest.mark.parametrize(("orientation", "corner"), [(1, "top"), (3, "bottom"), (6, "right"), (8, "left")])
def test_a_photo_stands_upright(orientation: int, corner: str) -> None:
    image = Image.new("RGB", (400, 300), "white")
    image.paste((0, 0, 0), (0, 0, 400, 100))  # dark at the top of what the sensor saw
    target = io.BytesIO()
    image.save(target, "JPEG", exif=exif(orientation))
    turned = opened(target.getvalue())
    assert (turned.size == (300, 400)) == (orientation > 4)
    width, height = turned.size
    middles = {
        "top": (width // 2, 5),
        "bottom": (width // 2, height - 5),
        "right": (width - 5, height // 2),
        "left": (5, height // 2),
    }
    dark = {name for name, spot in middles.items() if sum(_colour(turned, spot)) < 100}
    assert corner in dark
    assert len(dark) == 1


def _colour(image: Image.Image, spot: tuple[int, int]) -> tuple[int, ...]:
    found = image.getpixel(spot)
    assert isinstance(found, tuple)
    return tuple(int(part) for part in found)


def test_nothing_but_the_pixels_survives() -> None:
    data = picture(exif=exif(6, NORTH_EAST), comment=b"Petra Sommer", icc_profile=b"Petra Sommer", xmp=b"Petra Sommer")
    image = opened(data + b"Petra Sommer")
    assert {"jfif", "jfif_version", "jfif_unit", "jfif_density"} >= image.info.keys()
    assert {} == dict(image.getexif())
    photo = photos.cleaned(data + b"Petra Sommer", KREFELD.box)
    assert photo is not None
    assert b"Petra" not in photo.content
    assert b"Exif" not in photo.content


@pytest.mark.parametrize(
    ("gps", "spot"),
    [
        (NORTH_EAST, (51.3324, 6.5646)),
        ({1: "N", 2: (48.0, 8.0, 0.0), 3: "E", 4: (11.0, 34.0, 0.0)}, None),  # Munich
        ({1: "N", 2: (51.0, 19.0), 3: "E", 4: (6.0, 33.0, 52.6)}, None),
        ({1: "N", 2: ("x", "y", "z"), 3: "E", 4: (6.0, 33.0, 52.6)}, None),
        ({29: "2026:11:23"}, None),
        (None, None),
    ],
)
def test_where_it_was_taken_is_read_first(gps: dict[int, Any] | None, spot: tuple[float, float] | None) -> None:
    try:
        data = picture(exif=exif(gps=gps))
    except (TypeError, ValueError, struct.error):  # not every nonsense can be written
        data = picture(exif=exif())
    photo = photos.cleaned(data, KREFELD.box)
    assert photo is not None
    assert spot == photo.spot


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_large_photo_becomes_small(mode: str) -> None:
    noise = Image.effect_noise((2000, 1333), 100).convert(mode)
    target = io.BytesIO()
    noise.save(target, "JPEG", quality=95)
    photo = photos.cleaned(target.getvalue(), KREFELD.box)
    assert photo is not None
    assert photos.BYTES >= len(photo.content) > 10_000
    assert (1600, 1066) == Image.open(io.BytesIO(photo.content)).size


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "LA", "1", "I;16"])
def test_png_of_every_kind_becomes_jpeg(mode: str) -> None:
    image = opened(picture(form="PNG", mode=mode))
    assert ("JPEG", "RGB") == (image.format, image.mode)


def test_what_is_transparent_becomes_white() -> None:
    target = io.BytesIO()
    Image.new("RGBA", (300, 300), (0, 0, 0, 0)).save(target, "PNG")
    assert (255, 255, 255) == opened(target.getvalue()).getpixel((150, 150))


def _bomb(width: int, height: int) -> bytes:
    """A PNG of few bytes and many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 10_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
        b"%PDF-1.4",
        b"%!PS-Adobe-3.0\n",
        picture()[:3000],
        picture()[:-4000] + b"\0" * 4000,
        picture((150, 600)),
        picture(form="GIF"),
        picture(form="TIFF"),
        picture(form="BMP"),
        picture(form="WEBP"),
        _bomb(50_000, 50_000),
        _bomb(5_000, 5_000),
        picture((4_000, 4_000), progressive=True),
    ],
    ids=lambda data: f"{bytes(data[:4])!r}-{len(data)}",
)
def test_what_is_broken_foreign_or_too_large_stays_here(data: bytes) -> None:
    assert photos.cleaned(data, KREFELD.box) is None


HUGE = """
import re, sys
from routing.letters import photos
def peak():
    return int(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1])
assert photos.cleaned(open(sys.argv[1], "rb").read(), None) is not None
before = peak()
assert photos.cleaned(open(sys.argv[2], "rb").read(), None) is not None
print(peak() - before)
"""


def test_the_memory_for_a_huge_photo_is_bounded(tmp_path: Path) -> None:
    """48 megapixels, as telephones take them, are 144 MB when decoded whole."""
    (tmp_path / "huge.jpg").write_bytes(picture((8000, 6000)))
    (tmp_path / "small.jpg").write_bytes(picture())
    arguments = [sys.executable, "-c", HUGE, str(tmp_path / "small.jpg"), str(tmp_path / "huge.jpg")]
    more = int(subprocess.run(arguments, check=True, capture_output=True, text=True).stdout)
    assert more < 60_000  # kilobytes
