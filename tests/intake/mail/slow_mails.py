"""Mails that somebody wrote to make a reader slow: a kind each, of any size.

Written from the formats (RFC 5322, 2045 to 2047, 2231, HTML, RTF, TNEF, CMS, Unicode), not from the reader: what has
to be looked for twice, what nests, what never ends, what is many. ``MAILS`` gives each kind's name its maker, which
takes about how many bytes the mail shall have. ``python -m tests.intake.mail.slow_mails SIZE [NAME …]`` measures.
"""

import base64
import os
import random
import resource
import struct
import sys
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime

from intake.mail import parse

Make = Callable[[int], bytes]

RECEIVED = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
HEAD = b"From: Eva Beispiel <eva@example.org>\r\nTo: kod@example.org\r\nDate: Mon, 30 Nov 2026 10:00:00 +0100\r\n"
FIELDS = HEAD + b"Subject: Langsam\r\nMessage-ID: <slow@example.org>\r\nMIME-Version: 1.0\r\n"


def _over(unit: bytes | str, size: int) -> bytes:
    raw = unit.encode() if isinstance(unit, str) else unit
    return raw * max(1, size // len(raw))


def _body(content_type: str, body: bytes, encoding: str = "8bit") -> bytes:
    return FIELDS + f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body


def _html(unit: str, before: str = "", after: str = "") -> Make:
    return lambda size: _body("text/html; charset=utf-8", before.encode() + _over(unit, size) + after.encode())


def _plain(unit: bytes | str, before: str = "", after: str = "", charset: str = "utf-8") -> Make:
    return lambda size: _body(
        f"text/plain; charset={charset}", before.encode() + _over(unit, size) + after.encode() + b"\r\n"
    )


def _typed(content_type: str, unit: bytes | str, encoding: str = "8bit") -> Make:
    return lambda size: _body(content_type, _over(unit, size), encoding)


def _field(name: str, unit: bytes | str, before: str = "", after: str = "") -> Make:
    """One header field of the whole size, folded so that no line is too long for a server, or not at all."""
    return lambda size: (
        f"{name}: {before}".encode()
        + _over(unit, size)
        + after.encode()
        + b"\r\n"
        + HEAD
        + b"Content-Type: text/plain\r\n\r\nHallo\r\n"
    )


def _many_fields(line: bytes) -> Make:
    return lambda size: FIELDS + _over(line, size) + b"\r\nHallo\r\n"


def _multipart(unit: bytes, kind: str = "mixed", boundary: str = "b") -> Make:
    return lambda size: (
        FIELDS
        + f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
        + _over(unit, size)
        + f"\r\n--{boundary}--\r\n".encode()
    )


def _nested_multiparts(size: int) -> bytes:
    levels = max(1, size // 60)
    opened = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(levels)
    )
    return FIELDS + opened + b"Content-Type: text/plain\r\n\r\nHallo\r\n"


def _nested_to_a_limit(size: int) -> bytes:
    """Fifty levels that each hold all the rest, so that every level splits the same megabytes again."""
    opened = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(50)
    )
    return FIELDS + opened + b"Content-Type: text/plain\r\n\r\n" + _over(b"--bx\r\n", size)


def _nested_messages(size: int) -> bytes:
    return FIELDS + _over(b"Content-Type: message/rfc822\r\n\r\n", size) + b"Subject: innen\r\n\r\nHallo\r\n"


def _one_boundary_for_all_levels(size: int) -> bytes:
    return FIELDS + _over(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", size)


def _long_boundary(size: int) -> bytes:
    boundary = b"b" * (size // 3)
    return (
        FIELDS
        + b'Content-Type: multipart/mixed; boundary="'
        + boundary
        + b'"\r\n\r\n--'
        + boundary
        + b"\r\n\r\nHallo\r\n--"
        + boundary[:-1]
        + b"\r\n"
    )


def _attachments(name: str) -> Make:
    part = (
        b"--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="
        + name.encode()
        + b"\r\n\r\nx\r\n"
    )
    return _multipart(part)


def _continued_parameter(size: int) -> bytes:
    parameters = "".join(f";\r\n name*{number}*=%41" for number in range(max(1, size // 22)))
    return FIELDS + f"Content-Type: text/plain{parameters}\r\n\r\nHallo\r\n".encode()


def _continued_backwards(size: int) -> bytes:
    count = max(1, size // 20)
    parameters = "".join(f";\r\n filename*{number}=a" for number in range(count, -1, -1))
    return FIELDS + f"Content-Disposition: attachment{parameters}\r\n\r\nHallo\r\n".encode()


def _random_bytes(size: int, content_type: str = "text/plain; charset=x-unknown") -> bytes:
    return _body(content_type, random.Random(1).randbytes(size))


def _high_bytes(size: int) -> bytes:
    chooser = random.Random(2)
    return _body(
        "text/plain", bytes(chooser.choices(range(0x80, 0x100), k=min(size, 4_000_000))) * max(1, size // 4_000_000)
    )


def _many_charsets(size: int) -> bytes:
    part = b"--b\r\nContent-Type: text/plain; charset=x-unknown\r\n\r\n" + bytes(range(0x80, 0x100)) * 8 + b"\r\n"
    return _multipart(part)(size)


def _tnef(attributes: bytes) -> bytes:
    body = struct.pack("<IH", 0x223E9F78, 1) + attributes
    return _body("application/ms-tnef", base64.encodebytes(body), "base64")


def _tnef_attribute(level: int, kind: int, value: bytes) -> bytes:
    return struct.pack("<BII", level, kind, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def _tnef_of_empty_attributes(size: int) -> bytes:
    return _tnef(_over(_tnef_attribute(2, 0x69002, b""), size * 3 // 4))


def _tnef_of_properties(size: int) -> bytes:
    count = size * 3 // 4 // 8
    return _tnef(_tnef_attribute(1, 0x69003, struct.pack("<I", count) + struct.pack("<HHI", 3, 0x1000, 1) * count))


def _tnef_of_many_attachments(size: int) -> bytes:
    one = (
        _tnef_attribute(2, 0x69002, b"\0" * 14)
        + _tnef_attribute(2, 0x18010, b"a\0")
        + _tnef_attribute(2, 0x6800F, b"x")
    )
    return _tnef(_over(one, size * 3 // 4))


def _compressed_rtf(size: int) -> bytes:
    """LZFu that says it grows to gigabytes: every pair of bytes refers to 17 characters."""
    packed = _over(b"\0" + b"\x0f\xff" * 8, size * 3 // 4)
    rtf = struct.pack("<IIII", len(packed) + 12, 2**31 - 1, 0x75465A4C, 0) + packed
    value = struct.pack("<I", 1) + struct.pack("<HHII", 0x0102, 0x1009, 1, len(rtf)) + rtf + b"\0" * (-len(rtf) % 4)
    return _tnef(_tnef_attribute(1, 0x69003, value))


def _rtf(unit: str, before: str = r"{\rtf1\ansi ") -> Make:
    return lambda size: _body("text/rtf", before.encode() + _over(unit, size))


def _nested_der(size: int) -> bytes:
    return _body(
        "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m",
        base64.encodebytes(_over(b"\x30\x80\x24\x80", size * 3 // 4)),
        "base64",
    )


def _der_of_many_strings(size: int) -> bytes:
    strings = _over(b"\x04\x01a", size * 3 // 4)
    return _body(
        "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m",
        base64.encodebytes(b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80\x30\x80\x24\x80" + strings),
        "base64",
    )


def _png(width: int, height: int, rows: bytes) -> bytes:
    def chunk(kind: bytes, value: bytes) -> bytes:
        return struct.pack(">I", len(value)) + kind + value + struct.pack(">I", zlib.crc32(kind + value))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def _image_bombs(size: int) -> bytes:
    picture = base64.encodebytes(_png(12_000, 12_000, bytes(8_000_000)))
    part = (
        b"--b\r\nContent-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\n" + picture + b"\r\n"
    )
    return _multipart(part)(size)


def _two_long_alternatives(size: int) -> bytes:
    words = " ".join(
        random.Random(3).choices(["Müll", "liegt", "hier", "seit", "Wochen", "und", "keiner"], k=size // 12)
    )
    return (
        FIELDS
        + b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n"
        + b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
        + words.encode()
        + b"\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>"
        + words[::-1].encode()
        + b"</p>\r\n--b--\r\n"
    )


def _pictures_in_html(size: int) -> bytes:
    count = max(1, size // 160)
    html = "".join(f'<img src="cid:{number}@x">' for number in range(count)).encode()
    parts = b"".join(
        b"--b\r\nContent-Type: image/gif\r\nContent-ID: <%d@x>\r\nContent-Disposition: inline\r\n\r\nGIF89a\r\n"
        % number
        for number in range(count)
    )
    head = b"Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n"
    return FIELDS + head + html + b"\r\n" + parts + b"--b--\r\n"


def _marks(size: int) -> bytes:
    """A letter under marks of two classes in turns, which Unicode's normal form has to sort."""
    return _body("text/plain; charset=utf-8", ("a" + "\u0308\u0323" * (size // 4)).encode())


def _marks_backwards(size: int) -> bytes:
    half = size // 4
    return _body("text/plain; charset=utf-8", ("a" + "\u0301" * half + "\u0327" * half).encode())


MAILS: dict[str, Make] = {
    # HTML
    "html: less-than signs": _html("<"),
    "html: opened elements": _html("<div>"),
    "html: opened comments": _html("<!--"),
    "html: comments that close with one sign": _html("<!-->"),
    "html: opened CDATA": _html("<![CDATA["),
    "html: opened attributes": _html('<a href="'),
    "html: opened attributes in one quote each": _html("<a b='\">"),
    "html: ampersands": _html("&"),
    "html: half references": _html("&#x"),
    "html: long number": _html("9", "&#", ";"),
    "html: opened scripts": _html("<script>"),
    "html: opened styles": _html("<style><!--"),
    "html: opened titles": _html("<title>"),
    "html: half ends": _html("</"),
    "html: half end tags": _html("</a "),
    "html: ends of nothing": _html("</p>"),
    "html: declarations": _html("<!d "),
    "html: instructions": _html("<?"),
    "html: marked sections": _html("<![if "),
    "html: breaks": _html("<br>"),
    "html: blanks": _html("&nbsp;"),
    "html: white space": _html(" \n\t"),
    "html: paragraphs": _html("<p>"),
    "html: one tag of many attributes": _html(" a=b", "<p", ">x"),
    "html: one tag without an end": _html("a ", "<p "),
    "html: one tag of slashes": _html("/", "<p ", ">x"),
    "html: equals signs": _html("=", "<p ", ">x"),
    "html: opened tables": _html("<table><tr><td>"),
    "html: table cells": _html("<td>x", "<table><tr>"),
    "html: opened quotes": _html("<blockquote>"),
    "html: opened lists": _html("<ul><li>"),
    "html: crossed elements": _html("<b><i></b></i>"),
    "html: links": _html('<a href="http://a.b/c">d</a>'),
    "html: hidden parts": _html('<div style="display:none">'),
    "html: styles": _html("display:none;", '<p style="', '">x</p>'),
    "html: style rules": _html("a{b:c}", "<style>", "</style>x"),
    "html: svg and math": _html("<svg><math><mi>"),
    "html: forms": _html("<form><select><option>"),
    "html: templates": _html("<template>"),
    "html: NULs": _html("<\0a\0>"),
    # The text
    "text: deep quote": _plain(">"),
    "text: deep quote with blanks": _plain("> "),
    "text: quoted lines": _plain("> a\r\n"),
    "text: quotes and own lines in turns": _plain("> a\r\nb\r\n\r\n"),
    "text: stairs of quotes": lambda size: _body(
        "text/plain", b"\r\n".join(b">" * depth for depth in range(1, int((2 * size) ** 0.5)))
    ),
    "text: blanks": _plain(" ", after="x"),
    "text: blanks before line ends": _plain(" " * 500 + "\r\n"),
    "text: tabs and breaking spaces": _plain("\t\u00a0 \u2003"),
    "text: empty lines": _plain("\r\n", after="x"),
    "text: carriage returns": _plain("\r", after="x"),
    "text: mixed line ends": _plain("\r\r\n\n\r"),
    "text: Unicode line ends": _plain("\u2028\u2029\x85\x0b\x0c"),
    "text: who wrote when": _plain("Am Mo., 30. Nov. 2026 um 10:00 Uhr "),
    "text: who wrote when, in lines": _plain("Am Montag, den 30.11.2026\r\n"),
    "text: who wrote when, in English": _plain("On Mon, Nov 30, 2026 at 10:00 "),
    "text: who wrote, by angle brackets": _plain("Am <a@b.c>"),
    "text: Outlook's heads": _plain("Von: a\r\nGesendet: b\r\n"),
    "text: heads of one field": _plain("Von: \r\n"),
    "text: bold heads": _plain("*Von:* a *Gesendet:* "),
    "text: dashes": _plain("-"),
    "text: lines of dashes": _plain("-----\r\n"),
    "text: original messages": _plain("-----Ursprüngliche Nachricht-----\r\n"),
    "text: half original messages": _plain("-----Ursprüngliche Nachricht "),
    "text: underscores": _plain("_"),
    "text: signatures": _plain("-- \r\na\r\n"),
    "text: greetings": _plain("Mit freundlichen Grüßen\r\n"),
    "text: greetings in one line": _plain("Mit freundlichen Grüßen "),
    "text: sent from": _plain("Von meinem iPhone gesendet\r\n"),
    "text: addresses": _plain("a@b.de "),
    "text: half addresses": _plain("a@"),
    "text: one address without an end": _plain("a.", after="@"),
    "text: links": _plain("http://a.de/b "),
    "text: half links": _plain("http://"),
    "text: opened brackets": _plain("<http://a "),
    "text: brackets": _plain("["),
    "text: round brackets": _plain("("),
    "text: one word": _plain("a"),
    "text: one word of umlauts": _plain("ä"),
    "text: digits": _plain("1"),
    "text: digits and blanks": _plain("1 "),
    "text: dots": _plain("."),
    "text: colons": _plain("a:"),
    "text: a name and colon a line": _plain("Name: Eva\r\n"),
    "text: hyphens at line ends": _plain("Müll-\r\n"),
    "text: soft hyphens": _plain("a\u00ad"),
    "text: joiners": _plain("a\u200b\u200d\ufeff"),
    "text: right to left": _plain("\u202e\u202a"),
    "text: marks of two classes": _marks,
    "text: marks backwards": _marks_backwards,
    "text: Hangul": _plain("\u1100\u1161\u11a8"),
    "text: ligatures that grow": _plain("\ufdfa"),
    "text: emoji": _plain("👩‍👩‍👧‍👦"),
    "text: NULs": _plain(b"\0"),
    "text: flowed": lambda size: _body("text/plain; charset=utf-8; format=flowed; delsp=yes", _over("> a \r\n", size)),
    "text: flowed, one paragraph": lambda size: _body("text/plain; format=flowed", _over("a \r\n", size)),
    "text: chat": _plain("[30.11.26, 10:00:00] Eva: hallo\r\n"),
    "text: uuencoded beginnings": _plain("begin 644 a\r\n"),
    "text: uuencoded": _plain("begin 644 a\r\n#86)C\r\n`\r\nend\r\n"),
    "text: PGP": _plain("-----BEGIN PGP MESSAGE-----\r\n"),
    "text: tables": _plain("| a "),
    "text: random lines": lambda size: _body("text/plain", random.Random(4).randbytes(size).replace(b"\0", b"\n")),
    # Charsets
    "charset: unknown, random": _random_bytes,
    "charset: none, high bytes": _high_bytes,
    "charset: unknown, in many parts": _many_charsets,
    "charset: UTF-7": _plain("+AOQ-", charset="utf-7"),
    "charset: UTF-7 half": _plain("+A", charset="utf-7"),
    "charset: ISO-2022-JP": _plain(b"\x1b$B", charset="iso-2022-jp"),
    "charset: ISO-2022-JP in turns": _plain(b"\x1b$B!!\x1b(B", charset="iso-2022-jp"),
    "charset: HZ": _plain("~{~}", charset="hz"),
    "charset: punycode": _plain("a-", charset="punycode"),
    "charset: punycode of one word": _plain("b9", charset="punycode", before="a-"),
    "charset: idna": _plain("xn--a.", charset="idna"),
    "charset: unicode-escape": _plain("\\N{", charset="unicode_escape"),
    "charset: zlib": _plain("x", charset="zlib"),
    "charset: UTF-16": _plain(b"\xd8\x00", charset="utf-16"),
    "charset: GB18030": _plain(b"\x81\x30", charset="gb18030"),
    "charset: wrong UTF-8": _plain(b"\xc3\xc3"),
    "charset: UTF-8 read twice": _plain("Ã¤"),
    "charset: name without an end": lambda size: (
        FIELDS + b"Content-Type: text/plain; charset=" + _over(b"x", size) + b"\r\n\r\n\xe4"
    ),
    # Header fields
    "header: many fields": _many_fields(b"X: y\r\n"),
    "header: many different fields": lambda size: (
        FIELDS + b"".join(b"X-%d: y\r\n" % n for n in range(size // 14)) + b"\r\nHallo"
    ),
    "header: fields without a value": _many_fields(b"X:\r\n"),
    "header: junk lines": _many_fields(b"x\r\n"),
    "header: junk and fields in turns": _many_fields(b"junk\r\nX: y\r\n"),
    "header: unindented continuations": lambda size: (
        HEAD + b"Cc: a@b.de,\r\n" + _over(b"a@b,\r\n", size) + b"\r\nHallo"
    ),
    "header: unindented parameters": lambda size: (
        HEAD + b"Content-Type: text/plain;\r\n" + _over(b"a=b;\r\n", size) + b"\r\nHallo"
    ),
    "header: colons": _many_fields(b":\r\n"),
    "header: continued lines": _field("X-Long", "a\r\n "),
    "header: only blanks continued": _many_fields(b" \r\n"),
    "header: subjects": _many_fields(b"Subject: a\r\n"),
    "header: froms": _many_fields(b"From: a\r\n"),
    "header: dates": _many_fields(b"Date: x\r\n"),
    "header: received": _many_fields(b"Received: from a by b; Mon, 30 Nov 2026 10:00:00 +0100\r\n"),
    "header: authentication results": _many_fields(b"Authentication-Results: mx.example.org; spf=pass\r\n"),
    "header: one authentication result": _field("Authentication-Results", "spf=pass (a; ", "mx.example.org; "),
    "header: no end": lambda size: HEAD + b"X: " + _over(b"a", size),
    "header: carriage returns": lambda size: HEAD + _over(b"X: a\r", size) + b"\r\n\r\nHallo",
    "subject: one word": _field("Subject", "a"),
    "subject: blanks": _field("Subject", " ", after="x"),
    "subject: folded": _field("Subject", "a\r\n\t"),
    "subject: encoded words": _field("Subject", "=?utf-8?q?a?= "),
    "subject: encoded words of two charsets": _field("Subject", "=?utf-8?q?=c3?= =?latin1?b?5A==?= "),
    "subject: encoded words of unknown charset": _field("Subject", "=?x-a?q?=e4?= "),
    "subject: half encoded words": _field("Subject", "=?utf-8?q?"),
    "subject: beginnings": _field("Subject", "=?"),
    "subject: question marks": _field("Subject", "?", "=?utf-8?q?"),
    "subject: one long encoded word": _field("Subject", "=e4", "=?x-unknown?q?", "?="),
    "subject: answers": _field("Subject", "Re: "),
    "subject: answers with numbers": _field("Subject", "AW[2]: "),
    "subject: case numbers": _field("Subject", "[KOD-2026-000123] "),
    "subject: opened brackets": _field("Subject", "["),
    "subject: high bytes": _field("Subject", b"\xe4"),
    "address: many": _field("From", "a@b.de, "),
    "address: comments": _field("From", "(", after="a@b.de"),
    "address: closed comments": _field("From", "(a)", after="a@b.de"),
    "address: quotes": _field("From", '"', after="a@b.de"),
    "address: backslashes": _field("From", "\\", before='"', after='" <a@b.de>'),
    "address: angle brackets": _field("From", "<", after="a@b.de"),
    "address: routes": _field("From", "@a,", before="<", after=":a@b.de>"),
    "address: groups": _field("From", "a:b;"),
    "address: semicolons": _field("Reply-To", ";"),
    "address: at signs": _field("From", "@"),
    "address: dots": _field("From", ".", after="a@b.de"),
    "address: one domain of labels": _field("From", "a.", before="a@", after="de"),
    "address: punycode": _field("From", "a9", before="a@xn--", after=".de"),
    "address: punycode labels": _field("From", "xn--a9.", before="a@", after="de"),
    "address: umlaut domain": _field("From", "ä", before="a@", after=".de"),
    "address: encoded names": _field("From", "=?utf-8?q?a?= <a@b.de>, "),
    "address: recipients": _field("To", "Eva <a@b.de>,\r\n "),
    "date: digits": _field("Date", "1"),
    "date: names": _field("Date", "Mon, "),
    "date: comments": _field("Date", "(", before="Mon, 30 Nov 2026 10:00:00 +0100 "),
    "date: colons": _field("Date", "1:"),
    "date: zone": _field("Date", "0", before="Mon, 30 Nov 2026 10:00:00 +"),
    "references: many": _field("References", "<a@b.de> "),
    "references: different": lambda size: (
        b"References: " + b" ".join(b"<%d@b>" % n for n in range(size // 12)) + b"\r\n" + HEAD + b"\r\nx"
    ),
    "references: opened": _field("References", "<"),
    "references: reply": _field("In-Reply-To", "<a"),
    "message-id: long": _field("Message-ID", "a", before="<", after="@b>"),
    "message-id: opened": _field("Message-ID", "<"),
    "list: unsubscribe": _field("List-Unsubscribe", "<mailto:a@b>, "),
    # MIME
    "type: parameters": _field("Content-Type", "; a=b", before="text/plain"),
    "type: semicolons": _field("Content-Type", ";", before="text/plain"),
    "type: quotes": _field("Content-Type", '"', before="text/plain; charset="),
    "type: backslashes": _field("Content-Type", "\\", before='text/plain; name="'),
    "type: comments": _field("Content-Type", "(", before="text/plain "),
    "type: equals signs": _field("Content-Type", "=", before="text/plain; a"),
    "type: slashes": _field("Content-Type", "/"),
    "type: continued parameter": _continued_parameter,
    "type: continued backwards": _continued_backwards,
    "type: a high number": _field("Content-Disposition", "9", before="attachment; filename*", after="=a"),
    "type: percent signs": _field("Content-Disposition", "%", before="attachment; filename*=utf-8''"),
    "type: encoded file name": _field(
        "Content-Disposition", "=?utf-8?q?a?=", before='attachment; filename="', after='"'
    ),
    "type: apostrophes": _field("Content-Disposition", "'", before="attachment; filename*="),
    "type: transfer encoding": _field("Content-Transfer-Encoding", "base64 "),
    "parts: nested multiparts": _nested_multiparts,
    "parts: nested to a limit": _nested_to_a_limit,
    "parts: nested messages": _nested_messages,
    "parts: one boundary for all levels": _one_boundary_for_all_levels,
    "parts: a long boundary": _long_boundary,
    "parts: empty": _multipart(b"--b\r\n"),
    "parts: empty, without line ends": _multipart(b"--b"),
    "parts: small texts": _multipart(b"--b\r\n\r\na\r\n"),
    "parts: small HTML": _multipart(b"--b\r\nContent-Type: text/html\r\n\r\n<p>a\r\n"),
    "parts: alternatives": _multipart(
        b"--b\r\nContent-Type: text/html\r\n\r\n<p>a\r\n--b\r\n\r\na\r\n", "alternative"
    ),
    "parts: two long alternatives": _two_long_alternatives,
    "parts: messages": _multipart(b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: a\r\n\r\nb\r\n"),
    "parts: external": _multipart(b"--b\r\nContent-Type: message/external-body\r\n\r\n\r\nb\r\n"),
    "parts: attachments of one name": _attachments("a.pdf"),
    "parts: attachments of no name": _attachments('""'),
    "parts: attachments of encoded names": _attachments('"=?utf-8?q?=c3=a4?=.pdf"'),
    "parts: a long file name": _field("Content-Disposition", "a", before="attachment; filename=", after=".pdf"),
    "parts: a path of file names": _field("Content-Disposition", "../", before="attachment; filename=", after="a"),
    "parts: dots in file names": _field("Content-Disposition", ".", before="attachment; filename=", after="a"),
    "parts: no boundary": lambda size: (
        FIELDS + b"Content-Type: multipart/mixed\r\n\r\n" + _over(b"--a\r\n\r\nb\r\n", size)
    ),
    "parts: other boundaries": _multipart(b"--bb\r\n\r\nx\r\n"),
    "parts: digest": _multipart(b"--b\r\n\r\nSubject: a\r\n\r\nb\r\n", "digest"),
    "parts: delivery report": lambda size: (
        FIELDS
        + b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
        + b"Content-Type: message/delivery-status\r\n\r\n"
        + _over(b"Final-Recipient: rfc822; a@b\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n", size)
        + b"--b--\r\n"
    ),
    "parts: delivery report without an end": lambda size: (
        FIELDS
        + b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
        + b"Content-Type: message/delivery-status\r\n\r\n"
        + _over(b"Status: ", size)
    ),
    "parts: pictures in HTML": _pictures_in_html,
    "parts: image bombs": _image_bombs,
    "base64: equals signs": _typed("text/plain", "=", "base64"),
    "base64: a blank behind each": _typed("text/plain", "Q ", "base64"),
    "base64: a padding behind each": _typed("text/plain", "QQ==", "base64"),
    "base64: junk": _typed("text/plain", "*&%", "base64"),
    "base64: less-than signs": lambda size: _body("text/html", base64.encodebytes(b"<" * (size * 3 // 4)), "base64"),
    "base64: one line": lambda size: _body("text/html", base64.b64encode(b"<p>" * (size // 4)), "base64"),
    "quoted-printable: equals signs": _typed("text/plain", "=", "quoted-printable"),
    "quoted-printable: soft breaks": _typed("text/plain", "=\r\n", "quoted-printable"),
    "quoted-printable: half": _typed("text/plain", "=3", "quoted-printable"),
    "quoted-printable: blanks": _typed("text/plain", " " * 990 + "=\r\n", "quoted-printable"),
    "uuencode: body": _typed("text/plain", "M\r\n", "x-uuencode"),
    # Other formats
    "rtf: opened groups": _rtf("{"),
    "rtf: closed groups": _rtf("}"),
    "rtf: half characters": _rtf(r"\'"),
    "rtf: characters": _rtf(r"\'e4"),
    "rtf: Unicode": _rtf(r"\u228?"),
    "rtf: skipped": _rtf(r"\u1 ", r"{\rtf1\uc1000000 "),
    "rtf: long binaries": _rtf(r"\bin99999999 "),
    "rtf: destinations": _rtf(r"{\*\a "),
    "rtf: words": _rtf(r"\par"),
    "rtf: a word without an end": _rtf("a", r"{\rtf1\a"),
    "rtf: a number without an end": _rtf("9", r"{\rtf1\u"),
    "rtf: backslashes": _rtf("\\"),
    "tnef: empty attributes": _tnef_of_empty_attributes,
    "tnef: properties": _tnef_of_properties,
    "tnef: attachments": _tnef_of_many_attachments,
    "tnef: compressed RTF": _compressed_rtf,
    "tnef: many in one mail": _multipart(
        b"--b\r\nContent-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(struct.pack("<IH", 0x223E9F78, 1) + _tnef_attribute(1, 0x18004, b"a\0"))
        + b"\r\n"
    ),
    "cms: nested": _nested_der,
    "cms: many strings": _der_of_many_strings,
    "calendar: lines": _typed("text/calendar", "DESCRIPTION:a\r\n b\r\n"),
    "enriched: opened": _typed("text/enriched", "<bold>"),
    "xml: entities": _typed("text/xml", "&lol;"),
}


def seconds_to_read(raw: bytes, ceiling: int = 60) -> float:
    """The processor time that the reader takes for one mail, in a child that ends at ``ceiling`` seconds."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (ceiling, ceiling))
        begun = time.process_time()
        try:
            parse(raw, received_at=RECEIVED)
        finally:
            os.write(writing, f"{time.process_time() - begun}".encode())
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as pipe:
        return float(pipe.read() or ceiling)


def main() -> None:
    """Print what each kind costs, the slowest last."""
    size, names = int(float(sys.argv[1])), sys.argv[2:] or list(MAILS)
    figures = []
    for name in names:
        seconds = seconds_to_read(MAILS[name](size))
        figures.append((seconds, name))
        print(f"{seconds:8.2f} s  {name}", flush=True)
    print("\n".join(["The slowest", *(f"{seconds:8.2f} s  {name}" for seconds, name in sorted(figures)[-40:])]))


if __name__ == "__main__":
    main()
