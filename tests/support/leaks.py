"""Concerns in which everything personal is marked, and a search for the marks in whatever goes out.

Every name contains the syllable ``quorz``, every telephone number 773450, every account number 99887766, every number
plate KR-QZ, every mail address and home ``quorz``: one look at a letter's decoded bytes finds any of them.
"""

import email
import email.policy
import html
import io
import quopri
import random
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage

from PIL import Image

WORDS = re.compile(r"quorz|kr[ .:·–-]{0,3}qz")
NUMBERS = re.compile("|".join(r"[\W_]{0,3}".join(number) for number in ("773450", "99887766")))
"""However their digits are grouped; but letters between them make it another number (random hex has any digits)."""
BASE64 = re.compile(rb"(?m)^(?:[A-Za-z0-9+/]{76}\r\n)+[A-Za-z0-9+/=]*\r\n")  # by chance anything stands there
TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Found:
    """A mark in an outgoing letter: which part, and what stands around it."""

    part: str
    around: str


def read(raw: bytes) -> EmailMessage:
    """A letter as a mail program sees it."""
    return email.message_from_bytes(raw, _class=EmailMessage, policy=email.policy.default)


def body(raw: bytes) -> str:
    """Its plain text."""
    part = read(raw).get_body(("plain",))
    return str(part.get_content()) if part is not None else ""


def concerns(raw: bytes) -> int:
    """How many concerns a letter is about."""
    return len(re.findall(r"(?m)^Vorgang:", body(raw)))


def search(raw: bytes, allowed: Sequence[str] = ()) -> list[Found]:
    """The marks anywhere in a letter: in its bytes, decoded headers, bodies, files, file names, picture data.

    What is ``allowed`` stands there with consent and is passed over.
    """
    message = read(raw)
    boundaries = {str(part.get_boundary()) for part in message.walk() if part.is_multipart()}
    by_chance = re.compile("|".join(map(re.escape, boundaries)) or r"(?!)")  # random: any digits may stand there
    text = quopri.decodestring(BASE64.sub(b"", raw)).decode("latin-1")
    texts = [("bytes", by_chance.sub("", text))]
    for part in message.walk():
        texts += [(f"header {name}", by_chance.sub("", str(value))) for name, value in part.items()]
        texts.append(("file name", part.get_filename() or ""))
        if part.is_multipart():
            continue
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        kind = part.get_content_type()
        texts += [(kind, content.decode("latin-1")), (kind, content.decode("utf-8", "replace"))]
        if kind == "text/html":
            texts.append((kind, html.unescape(TAG.sub("", content.decode()))))
        if kind.startswith("image/"):
            texts.append((f"{kind} data", _metadata(content)))
    return [hit for part_name, text in texts for hit in _in(part_name, text, allowed)]


def _in(part: str, text: str, allowed: Sequence[str]) -> Iterator[Found]:
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    for known in allowed:
        for form in (known, known.encode().decode("latin-1")):
            plain = plain.replace(unicodedata.normalize("NFKC", form).casefold(), "")
    for hit in WORDS.finditer(plain):
        yield Found(part, plain[max(0, hit.start() - 60) : hit.end() + 30])
    for hit in NUMBERS.finditer(plain):
        yield Found(part, plain[max(0, hit.start() - 20) : hit.end() + 10])


def _metadata(content: bytes) -> str:
    with Image.open(io.BytesIO(content)) as image:
        return f"{image.info!r} {dict(image.getexif())!r} {dict(image.getexif().get_ifd(0x8825))!r}"


# What people write

FIRST = ("Petra", "Karl-Heinz", "Ayşe", "Jürgen", "Mehmet", "Anna", "Ingrid", "Olga", "Thomas", "Birgit", "Uwe")
LAST = ("Quorzel", "Quorzmann", "Quorzow", "Quorzner-Bach", "Quorzoğlu", "Quörzenich", "Quorzikowski", "Quorzberg")
MATTERS = (
    "am Ostwall {number} liegen seit Tagen drei Müllsäcke und eine Matratze",
    "vor dem Haus Roßstraße {number} liegt wieder eine Matratze auf dem Gehweg",
    "die Laterne Ecke Nordwall ist seit Tagen aus, Mast {number}",
    "auf dem Moritzplatz läuft ein Hund ohne Leine, jeden Tag gegen 17:00 Uhr",
    "im Park an der Marktstraße laufen seit Wochen Ratten herum, bitte bekämpfen",
    "auf der Gladbacher Straße {number} ist eine lange Ölspur, bitte abstreuen",
)
OPENINGS = (
    "Guten Tag,",
    "Sehr geehrte Damen und Herren,",
    "Hallo Frau {third},",
    "Sehr geehrter Herr {third},",
    "Lieber Herr Dr. {third},",
    "Hallo,",
    "Guten Morgen Herr {third},",
    "",
)
INTRODUCTIONS = (
    "mein Name ist {name}.",
    "ich heiße {name} und wohne {home}.",
    "hier schreibt Ihnen {name} aus Hüls.",
    "ich bin {name}, {age} Jahre alt.",
    "wir, Familie {last}, wohnen {home}.",
    "",
)
OTHERS = (
    "Das war sicher wieder Herr {third}, der wirft alles vor die Tür.",
    "Meine Nachbarin {other} hat es auch gesehen.",
    "Frau {third} ist drogenabhängig und hat HIV, deshalb liegt da alles.",
    "Der Wagen mit dem Kennzeichen {plate} stand dabei.",
    "Ein weißer Transporter ({plate}) hat das abgeladen.",
    "Zeuge ist Herr {other}, Tel. {phone}.",
    "Die Hausverwaltung, Herr {third}, weiß Bescheid.",
    "Bitte erstatten Sie die Kosten auf {iban}.",
    "Kontakt: {mail}",
    "Mein Mann {other} hat schon bei Ihnen angerufen.",
    "",
)
CONTACTS = (
    "Sie erreichen mich unter {phone}.",
    "Rückruf bitte an {phone} oder {mail}.",
    "Meine Adresse: {home}, meine Nummer: {phone}.",
    "Handy {phone}",
    "Mail an {mail} genügt.",
    "IBAN: {iban}, Kontoinhaber {name}.",
    "",
)
CLOSINGS = (
    "Mit freundlichen Grüßen\n{name}\n{home}\nTel.: {phone}",
    "MfG {name}",
    "Viele Grüße\n\n{name}\n{mail}",
    "Beste Grüße aus Krefeld\n{first}",
    "Hochachtungsvoll\n{last}",
    "Gruß {first} {last}",
    "LG\n{first}",
    "Danke!\n{name}\n{phone}",
    "--\n{name} | {home} | {phone} | {mail}",
)
SUBJECTS = ("Müll", "Beschwerde {last}", "{name}: Hinweis", "Rückruf {phone}", "", "WG: {mail}", "Kennzeichen {plate}")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with marks everywhere."""

    first: str
    last: str
    phone: str
    mail: str
    home: str
    plate: str
    iban: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"


def person(chance: random.Random) -> Person:
    """Somebody, in one of the ways people write such things."""
    last = chance.choice(LAST)
    number = f"773450{chance.randrange(10, 100)}"
    phone = chance.choice(("0157 {}", "0157/{}", "+49 157 {}", "02151-{}", "(02151) {}", "0049157{}", "0157 {}"))
    plate = chance.choice(("KR-QZ {}", "KR QZ {}", "KR-QZ{}", "KR - QZ {}", "KRQZ{}", "kr-qz {}"))
    iban = chance.choice(("DE12 3456 9988 7766 {} 00", "DE1234569988776600{}", "de12 3456 9988 7766 {} 00"))
    house = f"{chance.randrange(1, 90)}{chance.choice(('', 'a', ' b'))}"
    return Person(
        first=chance.choice(FIRST),
        last=last,
        phone=phone.format(number),
        mail=f"{chance.choice(('p.', '', 'info-'))}quorz{chance.randrange(100)}@web.invalid",
        home=chance.choice((f"Quorzstraße {house}", f"Quorzstr. {house}, 47803 Krefeld", f"Am Quorzhof {house}")),
        plate=plate.format(chance.randrange(1, 9999)),
        iban=iban.format(f"{chance.randrange(1000, 9999)}"),
    )


def words(chance: random.Random, own: Person) -> tuple[str, str]:
    """(subject, text) of a concern that ``own`` writes."""
    third, other = person(chance), person(chance)
    known = {
        "number": chance.randrange(1, 300),
        "age": chance.randrange(18, 90),
        "name": own.name,
        "first": own.first,
        "last": own.last,
        "home": own.home,
        "phone": own.phone,
        "mail": own.mail,
        "plate": chance.choice((own.plate, third.plate)),
        "iban": own.iban,
        "third": third.last,
        "other": other.name,
    }
    parts = [chance.choice(choices).format(**known) for choices in (OPENINGS, INTRODUCTIONS, MATTERS)]
    parts[2] = f"{parts[2][0].upper()}{parts[2][1:]}."
    parts += [chance.choice(choices).format(**known) for choices in (OTHERS, CONTACTS, CLOSINGS)]
    subject = chance.choice(SUBJECTS).format(**known)
    return subject, "\n".join(part for part in parts if part)


def photo(own: Person, chance: random.Random) -> bytes:
    """A picture whose every field is marked, as a camera and somebody curious would write them."""
    image = Image.radial_gradient("L").resize((320, 240)).convert("RGB")
    exif = Image.Exif()
    exif[0x010E] = f"Foto von {own.name}"  # description
    exif[0x013B] = own.name  # artist
    exif[0x8298] = own.mail  # copyright
    exif[0x0112] = chance.choice((1, 3, 6, 8))
    exif[0x8825] = {1: "N", 2: (51.0, 19.0, 55.2), 3: "E", 4: (6.0, 33.0, 52.0), 29: "quorz:2026:11:23"}
    target = io.BytesIO()
    image.save(target, "JPEG", exif=exif, comment=f"quorz {own.phone}".encode(), icc_profile=b"quorz-profile")
    return target.getvalue() + b"quorz behind the picture"


def noise() -> bytes:
    """A photo that hardly gets smaller."""
    target = io.BytesIO()
    Image.effect_noise((1600, 1200), 60).convert("RGB").save(target, "JPEG", quality=80)
    return target.getvalue()


def mail(chance: random.Random, number: int) -> bytes:
    """A citizen's mail; one of eight has a photo and a PDF."""
    own = person(chance)
    subject, text = words(chance, own)
    message = EmailMessage()
    message["From"] = f"{own.name} <{own.mail}>"
    message["To"] = "kod@krefeld.invalid"
    message["Reply-To"] = f"{own.last} <{own.mail}>"
    message["Message-ID"] = f"<{number}.quorz@web.invalid>"
    message["Date"] = "Tue, 09 Jun 2026 09:00:00 +0200"
    message["Subject"] = subject
    message["Organization"] = f"Firma {own.last}"
    message["X-Sender-Phone"] = own.phone
    message.set_content(f"{text}\n")
    if number % 8 == 0:
        message.add_attachment(photo(own, chance), maintype="image", subtype="jpeg", filename=f"{own.last}_Haus.jpg")
        message.add_attachment(
            f"%PDF-1.4 {own.name}".encode(),
            maintype="application",
            subtype="pdf",
            filename=f"Vollmacht {own.name}.pdf",
        )
    return message.as_bytes(policy=email.policy.SMTP)
