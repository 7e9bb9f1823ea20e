"""Generated German mails to an order service: 2 to 60 KB each, 14 KB on average, all different, all from one seed.

The mix is that of an office mailbox: plain mails with a quoted history, HTML with a text alternative, and photos or a
PDF attached; quoted-printable, base64 and 8bit; UTF-8 and Latin-1. Bytes are put together by hand, because
``email.message`` builds only some 600 mails a second. Nobody is meant: names and places are drawn from lists.
"""

import binascii
import random
import textwrap
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email import utils

STREETS = (
    "Rheinstraße",
    "Ostwall",
    "Hülser Straße",
    "Kölner Straße",
    "Uerdinger Straße",
    "Dießemer Bruch",
    "Marktstraße",
)
FIRST_NAMES = ("Anna", "Mehmet", "Jürgen", "Sabine", "Piotr", "Käthe", "Dieter", "Fatma", "Björn", "Ulrike")
LAST_NAMES = ("Müller", "Yilmaz", "Schröder", "Kowalski", "Baumann", "Jansen", "Groß", "Lauber", "Hüsken", "Peters")
OPENINGS = (
    "Sehr geehrte Damen und Herren,",
    "Guten Tag,",
    "Hallo zusammen,",
    "Liebes Team vom Ordnungsamt,",
)
CLAUSES = (
    "an der {street} {number} geht es seit Tagen um {word}.",
    "ich möchte Ihnen {word} melden, und zwar {street} Ecke {other}.",
    "vor dem Haus {street} {number}: {word}! So kann das nicht bleiben.",
    "meine Nachbarn und ich sehen jeden Morgen dasselbe: {word}, direkt an der {street}.",
)
FILLERS = (
    "Wir wohnen hier seit vielen Jahren und haben so etwas noch nicht erlebt.",
    "Auf dem Foto können Sie die Stelle gut erkennen.",
    "Bitte teilen Sie mir mit, wann sich jemand darum kümmern kann.",
    "Schon vor zwei Wochen habe ich deswegen angerufen, leider ohne Erfolg.",
    "Die Zufahrt ist von der Rückseite aus möglich, das Tor steht tagsüber offen.",
    "Für Rückfragen erreichen Sie mich am besten nachmittags.",
    "Gerade für ältere Menschen und für Familien mit Kinderwagen ist das ärgerlich.",
    "Vielen Dank im Voraus für Ihre Mühe und Ihre schnelle Antwort.",
)
STYLE = "p.MsoNormal,li.MsoNormal,div.MsoNormal{margin:0cm;font-size:11.0pt;font-family:'Calibri',sans-serif;}\n"


def generate(count: int, words: Sequence[str], *, seed: int = 1) -> Iterator[bytes]:
    """``count`` mails, with CRLF, about concerns drawn from ``words`` (one mail in eight is about something else)."""
    chance = random.Random(seed)
    noise = chance.randbytes(200_000)
    start = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
    for number in range(count):
        yield _mail(chance, number, words, noise, start + timedelta(seconds=37 * number))


def _mail(chance: random.Random, number: int, words: Sequence[str], noise: bytes, sent: datetime) -> bytes:
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    word = chance.choice(words) if chance.random() < 0.875 else "unser Straßenfest"
    text = _text(chance, word, f"{first} {last}")
    charset = "utf-8" if chance.random() < 0.8 or not _is_latin(word) else "iso-8859-1"
    shape = chance.random()
    if shape < 0.35:
        content = part(chance, text + _history(chance, chance.randrange(8, 60)), "plain", charset)
    elif shape < 0.65:
        content = alternative(chance, text, charset)
    else:
        content = mixed(chance, text, charset, noise)
    return header(chance, number, f"{first} {last}", word, sent) + content


def _is_latin(word: str) -> bool:
    return all(ord(letter) < 256 for letter in word)


def header(chance: random.Random, number: int, name: str, word: str, sent: datetime) -> bytes:
    """The headers of a mail about ``word``, relays and signature among them."""
    date = utils.format_datetime(sent)
    relay = "".join(
        f"Received: from mx{hop}.example (mx{hop}.example [192.0.2.{hop}])\r\n"
        f"\tby mail{hop}.example (Postfix) with ESMTPS id {chance.getrandbits(44):011X}\r\n"
        f"\tfor <kod@stadt.invalid>; {date}\r\n"
        for hop in range(1, 4)
    )
    subject = _encoded_word(f"{word} ({chance.choice(STREETS)} {chance.randrange(1, 200)})")
    return (
        f"Return-Path: <buerger{number}@example.org>\r\n{relay}"
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=mail;\r\n"
        f"\tb={binascii.b2a_base64(chance.randbytes(192), newline=False).decode()}\r\n"
        f"From: {_encoded_word(name)} <buerger{number}@example.org>\r\nTo: kod@stadt.invalid\r\n"
        f"Subject: {subject}\r\nDate: {date}\r\nMessage-ID: <{number}.{chance.getrandbits(64):x}@example.org>\r\n"
        "MIME-Version: 1.0\r\nX-Mailer: Beispielpost 4.2\r\n"
    ).encode()


def _encoded_word(text: str) -> str:
    if text.isascii():
        return text
    return f"=?utf-8?B?{binascii.b2a_base64(text.encode(), newline=False).decode()}?="


def _text(chance: random.Random, word: str, name: str) -> str:
    clause = chance.choice(CLAUSES).format(
        street=chance.choice(STREETS), other=chance.choice(STREETS), number=chance.randrange(1, 200), word=word
    )
    fillers = chance.sample(FILLERS, chance.randrange(2, 8))
    body = textwrap.fill(" ".join([clause, *fillers]), 76)
    return f"{chance.choice(OPENINGS)}\n\n{body}\n\nMit freundlichen Grüßen\n{name}\n"


def _history(chance: random.Random, length: int) -> str:
    lines = "".join(f"> {chance.choice(FILLERS)}\n" for _ in range(length))
    return f"\nAm 01.03.2026 um 09:12 schrieb das Bürgerbüro:\n{lines}"


def part(chance: random.Random, text: str, subtype: str, charset: str) -> bytes:
    """A text with its headers, in one of the usual encodings."""
    raw = text.replace("\n", "\r\n").encode(charset)
    encoding = chance.choice(("quoted-printable", "base64", "8bit"))
    if encoding == "quoted-printable":
        raw = binascii.b2a_qp(raw)
    elif encoding == "base64":
        raw = _base64(raw)
    head = f"Content-Type: text/{subtype}; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + raw


def _base64(raw: bytes) -> bytes:
    return b"\r\n".join(
        binascii.b2a_base64(raw[start : start + 57], newline=False) for start in range(0, len(raw), 57)
    )


def alternative(chance: random.Random, text: str, charset: str, *, styles: int = 0) -> bytes:
    """A mail's content as text and as HTML with the same words, as a word processor writes it."""
    paragraphs = "".join(f'<p class="MsoNormal">{line}</p>\n' for line in text.splitlines())
    style = STYLE * (styles or chance.randrange(30, 150))
    page = f'<html><head><meta charset="{charset}"><style>\n{style}</style></head><body>\n{paragraphs}</body></html>\n'
    return _join("alternative", chance, [part(chance, text, "plain", charset), part(chance, page, "html", charset)])


def mixed(chance: random.Random, text: str, charset: str, noise: bytes, budget: int = 0) -> bytes:
    """A mail's content with photos or a PDF attached, ``budget`` bytes of ``noise``."""
    parts = [part(chance, text, "plain", charset)]
    budget = budget or int(min(41_000, 8_000 + chance.expovariate(1 / 13_000)))
    for _ in range(chance.choice((1, 1, 2))):
        size, start = budget // 2 if chance.random() < 0.5 else budget, chance.randrange(150_000)
        budget -= size
        kind, name, magic = chance.choice(
            (
                ("image/jpeg", "IMG_2041.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0"),
                ("application/pdf", "Anzeige.pdf", b"%PDF-1.7\n"),
            )
        )
        head = (
            f'Content-Type: {kind}; name="{name}"\r\nContent-Disposition: attachment; filename="{name}"\r\n'
            "Content-Transfer-Encoding: base64\r\n\r\n"
        )
        parts.append(head.encode() + _base64(magic + noise[start : start + size]))
    return _join("mixed", chance, parts)


def _join(subtype: str, chance: random.Random, parts: Sequence[bytes]) -> bytes:
    boundary = f"----=_{chance.getrandbits(96):024x}".encode()
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    head = b"Content-Type: multipart/" + subtype.encode() + b'; boundary="' + boundary + b'"\r\n\r\n'
    return head + body + b"--" + boundary + b"--\r\n"
