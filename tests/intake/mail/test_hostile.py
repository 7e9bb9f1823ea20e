"""Mails that want to break the reader: it never raises, stays linear, and lets nothing unstorable through."""

import binascii
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict

from intake import mail
from intake.mail.mime import transfer
from intake.message import Attachment, Message
from tests import TESTS
from tests.intake.mail import fuzz
from tests.support.waiting import is_cheaper

RECEIVED = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
CORPUS = [path.read_bytes() for path in sorted((TESTS / "mails").glob("*.eml"))]
HEAD = b"From: a@example.org\nSubject: x\n"
UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def read(raw: bytes) -> Message:
    message = mail.parse(raw, received_at=RECEIVED)
    assert not [problem for problem in message.problems if problem.startswith("Die Nachricht ließ sich nicht lesen")]
    for text in strings(message):
        assert UNSTORABLE.search(text) is None
    assert len(message.identity) == 32
    assert message.date is None or message.date.utcoffset() is not None
    return message


def strings(message: Message) -> list[str]:
    found: list[Any] = []
    for value in asdict(message).values():
        for each in value if isinstance(value, tuple) else (value,):
            found += [each.name, each.content_type] if isinstance(each, Attachment) else [each]
    return [each for each in found if isinstance(each, str)]


edits = st.lists(
    st.tuples(
        st.sampled_from(["delete", "insert", "repeat", "swap"]),
        st.floats(0, 1, exclude_max=True),
        st.integers(1, 60),
        st.one_of(
            st.binary(max_size=8),
            st.sampled_from([b"=?", b"?=", b"--", b"\r", b"\n\n", b"\0", b"\xed\xa0\x80", b'"', b"(", b"<", b"*="]),
        ),
    ),
    max_size=6,
)


def edited(raw: bytes, changes: list[tuple[str, float, int, bytes]]) -> bytes:
    for kind, where, length, added in changes:
        at = int(where * len(raw))
        piece = raw[at : at + length]
        new = {"delete": b"", "insert": added + piece, "repeat": piece * 3, "swap": added}[kind]
        raw = raw[:at] + new + raw[at + length :]
    return raw


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(CORPUS), edits)
def test_a_damaged_mail_is_still_read(raw: bytes, changes: list[tuple[str, float, int, bytes]]) -> None:
    read(edited(raw, changes))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read(raw: bytes) -> None:
    read(raw)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([b"From", b"Subject", b"Date", b"Content-Type", b"Content-Disposition", b"References"]),
    st.binary(max_size=120),
)
def test_any_field_is_read(name: bytes, value: bytes) -> None:
    read(name + b": " + value.replace(b"\n", b"") + b"\n\nText\n")


def field_of(name: bytes) -> Callable[[bytes, int], bytes]:
    return lambda unit, size: HEAD + name + b": " + unit * (size // len(unit)) + b"\n\nText\n"


def body_of(kind: bytes) -> Callable[[bytes, int], bytes]:
    return lambda unit, size: HEAD + b"Content-Type: " + kind + b"\n\n" + unit * (size // len(unit))


def lines_of(unit: bytes, size: int) -> bytes:
    return HEAD + unit * (size // len(unit)) + b"\nText\n"


def parameters_of(unit: bytes, size: int) -> bytes:
    return lines_of(unit, size).replace(b"Subject: x\n", b"Content-Type: a/b;\n", 1)


def ending(build: Callable[[bytes, int], bytes], last: bytes) -> Callable[[bytes, int], bytes]:
    return lambda unit, size: build(unit, size) + last


SUBJECT, FROM, TYPE = field_of(b"Subject"), field_of(b"From"), field_of(b"Content-Type")
PLAIN, PAGE = body_of(b"text/plain; charset=utf-8"), body_of(b"text/html; charset=utf-8")
MIXED = body_of(b"multipart/mixed; boundary=b")
RETURNED = body_of(b"text/plain\nReturn-Path: <>\nX-Failed-Recipients: a")
STATUS = b"--b\nContent-Type: message/delivery-status"
REPORT = body_of(b"multipart/report; report-type=delivery-status; boundary=b\n\n" + STATUS)
SIGNED = body_of(b"text/plain\n\nText\nLG")
GROWING = [
    (SUBJECT, b"=?"),
    (SUBJECT, b"=?a?q?x"),
    (SUBJECT, b"=?utf-8?B?TcO8?= "),
    (FROM, b"("),
    (FROM, b'"\\'),
    (FROM, b"a@"),
    (FROM, b"<"),
    (FROM, b'"a" '),
    (TYPE, b';a="\\'),
    (TYPE, b"; "),
    (lines_of, b"X-Field: y\n"),
    (lines_of, b"no field\n"),
    (parameters_of, b"a=;\n"),
    (PLAIN, b"--"),
    (PLAIN, b"> x\n"),
    (PLAIN, b"Am 1.1.2026 10:00 schrieb x\n"),
    (PLAIN, b"Von: x\n"),
    (PLAIN, "Viele Grüße\n".encode()),
    (PLAIN, b"\xcc\x81\xcc\xa3"),
    (PAGE, b"<"),
    (PAGE, b'<a "'),
    (PAGE, b"<div>"),
    (PAGE, b"<!--"),
    (PAGE, b"<style>"),
    (PAGE, b"&#9"),
    (PAGE, b"<blockquote type=cite>x"),
    (PAGE, b"< "),
    (PAGE, b"<a x='\"y>z"),
    (PAGE, b'<div style="display:none">x'),
    (PAGE, b'<img src="data:image/png;base64,'),
    (PAGE, b"<meta"),
    (PLAIN, b"begin 644 x\n"),
    (PLAIN, b"begin 644 a\n#86)C\n`\nend\n"),
    (PLAIN, b"=ybegin name=a\n"),
    (PLAIN, b"=ybegin name=a\nk=\n=yend\n"),
    (PLAIN, b"Diese E-Mail ist vertraulich "),
    (PLAIN, b"10:00 schrieb "),
    (SIGNED, b"ab "),
    (ending(PLAIN, b"x"), b"-"),
    (ending(PLAIN, b"x"), b"> -"),
    (ending(PAGE, b">"), b'<a "'),
    (RETURNED, b"-- <a@b"),
    (RETURNED, b"KOD-S-2026-12-A-"),
    (RETURNED, b"Message-ID:\n"),
    (REPORT, b"Final-Recipient: rfc822; a@b\n\n"),
    (body_of(b"text/plain; charset=utf-7"), b"+2AA"),
    (body_of(b"text/plain; charset=unheard-of"), b"\xe4\xd6 "),
    (body_of(b"text/enriched"), b"<param>"),
    (body_of(b"image/jpeg"), b"\xff\xd8\xff"),
    (body_of(b"image/png\nContent-Transfer-Encoding: base64"), b"QQ==\n"),
    (body_of(b"application/pkcs7-mime"), b"0\x80\x06\x09*\x86H\x86\xf7\x0d\x01\x07\x02"),
    (MIXED, b"--b\n"),
    (MIXED, b"--b\nContent-Type: multipart/mixed; boundary=b\n\n"),
    (MIXED, b"--b\nContent-Type: message/rfc822\n\n"),
]


@pytest.mark.parametrize(("build", "unit"), GROWING)
def test_twice_the_bytes_take_about_twice_the_time(build: Callable[[bytes, int], bytes], unit: bytes) -> None:
    small, large = build(unit, 200_000), build(unit, 400_000)
    # a quadratic reader takes four times as long, and seconds
    assert is_cheaper(lambda: read(large), 3.5, lambda: read(small), least=0.015)


def test_a_mail_nested_beyond_the_limit_is_flagged_and_ends() -> None:
    depth = mail.limits.DEPTH + 20
    raw = HEAD + b"".join(b"Content-Type: multipart/mixed; boundary=n%d\n\n--n%d\n" % (n, n) for n in range(depth))
    assert any("verschachtelt" in problem for problem in read(raw + b"\nganz innen").problems)


def test_a_mail_of_too_many_parts_is_flagged_and_its_first_parts_are_read() -> None:
    part = b"--b\nContent-Type: text/plain\n\nTeil\n"
    message = read(HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + part * (mail.limits.PARTS + 10))
    assert message.text.count("Teil") >= mail.limits.PARTS - 1
    assert any("Teile" in problem for problem in message.problems)


@pytest.mark.parametrize("file", [b"begin 644 a\n#86)C\n`\nend\n", b"=ybegin size=1 name=a\nk\n=yend size=1\n"])
def test_a_text_of_too_many_files_gives_its_first_ones(file: bytes) -> None:
    assert mail.limits.FILES_IN_TEXT == len(read(HEAD + b"\n" + file * 1_000).attachments)


def test_a_text_beyond_the_limit_is_cut_and_flagged() -> None:
    message = read(HEAD + b"\n" + b"Satz. " * 400_000)
    assert len(message.text) == mail.limits.TEXT_CHARACTERS
    assert "Der Text ist ungewöhnlich lang; nur sein Anfang wurde gelesen." in message.problems


def test_a_mail_of_many_long_texts_is_read_within_bounds() -> None:
    part = b"--b\nContent-Type: text/plain; charset=unheard-of\n\n" + b"\xe4\xd6\xfc\xdf " * 4_000 + b"\n"
    message = read(HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + part * 500)
    assert len(message.text) <= mail.limits.TEXT_BYTES
    assert "Der Text ist ungewöhnlich lang; nur sein Anfang wurde gelesen." in message.problems


def test_ten_thousand_broken_mails_are_read() -> None:
    assert fuzz.run(seed=20261122, count=10_000) == []


@given(st.lists(st.sampled_from([b"A", b"Qk", b"z9+/", b"\r\n", b" ", b"-", b"\xe4"]), max_size=30), st.integers(0, 2))
def test_base64_without_padding_in_its_midst_is_what_the_standard_library_makes_of_it(
    pieces: list[bytes], padding: int
) -> None:
    data = b"".join(pieces) + b"=" * padding + b"\r\n"
    try:
        expected = binascii.a2b_base64(data)
    except binascii.Error:
        transfer.base64(data)
    else:
        assert expected == transfer.base64(data)
