"""What is read from inside files (winmail.dat, RTF, S/MIME, heads of pictures, delivery reports) bears any bytes."""

import base64
import random
import re
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.mail import bounce
from intake.mail.formats import images, rtf, smime, tnef
from tests import TESTS

MAILS = TESTS / "mails"
PIECES = (
    b"\x78\x9f\x3e\x22",
    b"\x03\x90\x06\x00",
    b"\xff\xff\xff\xff",
    b"{",
    b"}",
    b"\\'e4",
    b"\\u252 ",
    b"{\\*\\x",
    b"$\x80",
)
WRAPPED_PAGE = (
    b"{\\rtf1\\fromhtml1 {\\*\\htmltag64 <p>}\\htmlrtf {\\par\\htmlrtf0 M\\'fcll"
    b"{\\*\\htmltag72 </p>}\\htmlrtf }\\htmlrtf0{\\*\\htmltag84 <ul><li>}Ostwall{\\*\\htmltag92 </ul>}}"
)


def inside(name: str) -> bytes:
    """The bytes of the base64 part of a mail of the corpus."""
    raw = (MAILS / f"{name}.eml").read_bytes().replace(b"\r", b"")
    found = re.search(rb"base64\n(?:[^\n]+\n)*\n([A-Za-z0-9+/=\n]+)", raw)
    assert found is not None
    return base64.b64decode(found[1])


def broken(whole: bytes, seed: int) -> bytes:
    chance = random.Random(seed)
    data = bytearray(whole)
    for _ in range(chance.choice((1, 2, 4))):
        at = chance.randrange(len(data) + 1)
        data[at : at + chance.choice((0, 1, 4, 30))] = chance.choice((b"", chance.randbytes(4), chance.choice(PIECES)))
    return bytes(data)


def compressed(source: bytes) -> bytes:
    return struct.pack("<III", len(source) + 12, len(source), 0x414C454D) + bytes(4) + source


def fields_of(wrapped: tnef.Wrapped | None) -> list[object]:
    return [] if wrapped is None else [wrapped.text, wrapped.page, *(name for name, _ in wrapped.files)]


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**6))
def test_a_broken_winmail_is_unwrapped_as_far_as_it_goes(seed: int) -> None:
    wrapped = tnef.unwrap(broken(inside("parts_winmail_with_long_names_and_rtf"), seed))
    assert all(isinstance(each, str) for each in fields_of(wrapped))
    if wrapped is not None:
        assert isinstance(rtf.to_text(wrapped.rtf, 100_000), str)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_pass_through_every_wrapper(data: bytes) -> None:
    tnef.unwrap(b"\x78\x9f\x3e\x22\0\0" + data)
    rtf.to_text(compressed(b"{\\rtf1" + data), 100_000).encode()
    rtf.to_text(struct.pack("<III", 400, 5_000, 0x75465A4C) + bytes(4) + data, 100_000).encode()
    smime.signed_content(data)
    images.size(data)
    bounce.read({}, [], [data], data.decode("latin-1"))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**6))
def test_a_broken_signature_is_opened_as_far_as_it_goes(seed: int) -> None:
    content = smime.signed_content(broken(inside("body_smime_opaque_indefinite"), seed))
    assert content is None or content


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (b"{\\rtf1\\ansi M\\'fcll\\par am {\\b Ostwall}\\tab 1}", "Müll\nam Ostwall\t1"),
        (b"{\\rtf1\\ansi\\ansicpg1251 \\'cc\\'f3\\'f1\\'ee\\'f0}", "Мусор"),
        (b"{\\rtf1{\\fonttbl{\\f0 Arial;}}{\\*\\generator Word;}{\\info{\\author Petra}}Text}", "Text"),
        (b"{\\rtf1\\uc1 \\u8364?uro \\u-10179?\\u-8704? \\{x\\}}", "€uro 😀 {x}"),
        (b"{\\rtf1\\uc0 \\u252 ber}", "über"),
        (WRAPPED_PAGE, "Müll\n\n- Ostwall"),
        (b"kein RTF", ""),
    ],
)
def test_rtf_becomes_the_text_that_it_shows(source: bytes, text: str) -> None:
    assert text == rtf.to_text(compressed(source), 100_000)


def test_compressed_rtf_is_read_no_further_than_asked() -> None:
    bomb = struct.pack("<III", 400, 2_000_000_000, 0x75465A4C) + bytes(4) + (b"\xff" + b"\x00\x1f" * 8) * 20_000
    assert len(rtf.to_text(bomb, 10_000)) <= 10_000


PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 480)
JPEG = b"\xff\xd8\xff\xe0\x00\x10" + bytes(14) + b"\xff\xff\xc0\x00\x11\x08" + struct.pack(">HH", 480, 640) + bytes(6)


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (PNG, (640, 480)),
        (JPEG, (640, 480)),
        (b"GIF89a" + struct.pack("<HH", 640, 480), (640, 480)),
        (b"BM" + bytes(16) + struct.pack("<ii", 640, -480), (640, 480)),
        (PNG[:20], None),
        (JPEG[:22], None),
        (b"II*\0" + bytes(30), None),
        (b"", None),
    ],
)
def test_a_picture_says_how_large_it_is(data: bytes, size: tuple[int, int] | None) -> None:
    assert size == images.size(data)


@pytest.mark.parametrize(
    ("width", "height", "inline", "decoration"),
    [
        (1, 1, False, True),
        (600, 2, False, True),
        (120, 60, True, True),
        (600, 150, True, True),
        (120, 60, False, False),
        (300, 300, True, False),
        (1200, 900, True, False),
    ],
)
def test_only_what_shows_nothing_is_decoration(width: int, height: int, *, inline: bool, decoration: bool) -> None:
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height)
    assert decoration == images.is_decoration(data, inline=inline)
