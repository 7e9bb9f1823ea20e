"""Photos of iPhones: decoded in a process of their own, upright, without metadata; broken and huge ones stay here."""

import io
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image

from routing.letters import photos
from routing.pipeline import heic
from tests.routing.letters.test_photos import NORTH_EAST, exif, picture
from tests.routing.pipeline.test_attachments import DOG, configuration, mail, photos_in, sent
from tests.support import leaks
from tests.support.rule_examples import KREFELD

__all__ = ("configuration",)  # a fixture


def made(size: tuple[int, int] = (400, 300), orientation: int = 1) -> bytes:
    """As an iPhone's: dark at the top of what the sensor saw, with a name and a place."""
    image = Image.new("RGB", size, "white")
    image.paste((0, 0, 0), (0, 0, size[0], size[1] // 3))
    target = io.BytesIO()
    told = exif(orientation, NORTH_EAST).tobytes()
    pillow_heif.from_pillow(image).save(target, quality=60, exif=told)
    return target.getvalue()


@pytest.mark.parametrize(("orientation", "dark"), [(1, (150, 5)), (3, (150, 295)), (6, (295, 150)), (8, (5, 150))])
def test_it_stands_upright_once(orientation: int, dark: tuple[int, int]) -> None:
    data = heic.as_jpeg(made(orientation=orientation))
    assert data is not None
    photo = photos.cleaned(data, KREFELD.box)
    assert photo is not None
    image = Image.open(io.BytesIO(photo.content))
    assert ((300, 400) if orientation > 4 else (400, 300)) == image.size
    x, y = dark[0] * image.width // 300, dark[1] * image.height // 300
    pixel = image.getpixel((min(x, image.width - 3), min(y, image.height - 3)))
    assert isinstance(pixel, tuple)
    assert sum(pixel) < 100
    assert (51.3324, 6.5646) == photo.spot


@pytest.mark.parametrize(
    "data",
    [b"", b"\0\0\0\x18ftypheic" + b"\0" * 2000, made()[:300], picture()],
    ids=["empty", "hollow", "cut", "JPEG"],
)
def test_what_is_no_heic_is_left_here(data: bytes) -> None:
    assert heic.as_jpeg(data) is None


def test_too_many_pixels_are_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert heic.as_jpeg(made((6000, 4400))) is None
    monkeypatch.setattr(heic, "MOST_BYTES", 100)
    assert heic.as_jpeg(made()) is None


def test_an_iphones_photo_goes_out_as_jpeg_without_metadata(tmp_path: Path, configuration: object) -> None:
    photo = (made((640, 480), 6), "image/heic", "IMG_1.HEIC")
    [row] = sent(tmp_path, configuration, mail(DOG, photo))  # type: ignore[arg-type]  # the fixture's type
    assert ["KOD-2026-000001-foto-1.jpg"] == photos_in(row.raw)
    [image] = [part for part in leaks.read(row.raw).walk() if part.get_content_type() == "image/jpeg"]
    content = image.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert b"Sommer" not in content
    assert b"Exif" not in content
    assert "liegt bei uns" not in leaks.body(row.raw)
