"""What goes along: photos into the city, three at most; everything else stays with the KOD and is named."""

import email
import email.policy
import re
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from intake.message import Attachment
from routing import desk
from routing.cli.output import cases
from routing.model.settings import Configuration
from routing.pipeline import attachments, deliver
from tests.routing.letters.test_letters import TEMPLATES
from tests.routing.letters.test_photos import NORTH_EAST, exif, picture
from tests.support import leaks, letterbox

DOG = "Im Stadtpark läuft ein Hund ohne Leine"  # to kod, inside the city
RUBBISH = "Am Ostwall 12 liegt eine Matratze"  # to gsak


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Configuration:
    return letterbox.configured(tmp_path_factory.mktemp("config"))


def mail(text: str, *files: tuple[bytes, str, str], **headers: str) -> bytes:
    message = EmailMessage()
    message["From"] = "Anna Beispiel <anna@web.invalid>"
    message["Subject"] = "Hinweis"
    message["Message-ID"] = f"<{hash((text, files))}@web.invalid>"
    message.set_content(text)
    for content, kind, name in files:
        main, _, sub = kind.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message.as_bytes(policy=email.policy.SMTP)


def sent(folder: Path, configuration: Configuration, *mails: bytes) -> list[Any]:
    with letterbox.worked(folder, configuration, letterbox.mails(*mails)) as engine:
        return letterbox.letters(engine)


def photos_in(raw: bytes) -> list[str]:
    return re.findall(r'filename="([^"]+\.jpg)"', raw.decode())


def test_inside_the_city_three_photos_go_along_and_the_rest_is_named(
    tmp_path: Path, configuration: Configuration
) -> None:
    files = [(picture((400 + number, 300)), "image/jpeg", f"IMG_{number}.JPG") for number in range(5)]
    files.append((b"%PDF-1.4 ...", "application/pdf", "Vollmacht Petra Sommer.pdf"))
    [row] = sent(tmp_path, configuration, mail(DOG, *files))
    assert [f"KOD-2026-000001-foto-{number}.jpg" for number in (1, 2, 3)] == photos_in(row.raw)
    text = leaks.body(row.raw)
    assert "Fotos:         3 im Anhang" in text
    assert "Anlagen:       2 Fotos und 1 PDF liegen bei uns" in text
    assert b"Sommer" not in row.raw


def test_outside_the_city_all_of_it_stays_and_is_named(tmp_path: Path, configuration: Configuration) -> None:
    [row] = sent(tmp_path, configuration, mail(RUBBISH, (picture(), "image/jpeg", "IMG_1.JPG")))
    assert b"image/jpeg" not in row.raw
    assert "Anlagen:       1 Foto liegt bei uns" in leaks.body(row.raw)


def forwarded(outer: str, inner: bytes) -> bytes:
    message = email.message_from_bytes(mail(outer), policy=email.policy.SMTP)
    assert isinstance(message, EmailMessage)
    message.add_attachment(email.message_from_bytes(inner, policy=email.policy.SMTP))
    return message.as_bytes(policy=email.policy.SMTP)


def test_a_photo_within_a_forwarded_mail_goes_along(tmp_path: Path, configuration: Configuration) -> None:
    inner = mail(DOG, (picture(), "image/jpeg", "IMG_1.JPG"), (b"%PDF-1.4 ...", "application/pdf", "Plan.pdf"))
    [row] = sent(tmp_path, configuration, forwarded("Das kam bei uns an.", inner))
    assert ["KOD-2026-000001-foto-1.jpg"] == photos_in(row.raw)
    assert "Anlagen:       1 PDF und 1 E-Mail liegen bei uns" in leaks.body(row.raw)


def test_staff_see_which_files_a_mail_brought(tmp_path: Path, configuration: Configuration) -> None:
    dot = (picture((1, 1)), "image/png", "punkt.png")
    inner = mail(DOG, (picture((60, 60)), "image/jpeg", "IMG_1.JPG"))
    outer = forwarded(DOG, inner).replace(b"Subject: Hinweis", b"Subject: Hund", 1)
    first = mail(RUBBISH, (b"%PDF-1.4 ...", "application/pdf", "Voll\x1b[31mmacht.pdf"), dot)
    with letterbox.worked(tmp_path, configuration, letterbox.mails(outer, first)) as engine:
        lines = [line for case in (1, 2) for line in cases.case_lines(desk.show(engine, f"KOD-2026-00000{case}"), {})]
    assert ["Anhänge: Hinweis.eml (2 KB); darin: IMG_1.JPG (1 KB)", "Anhänge: Voll[31mmacht.pdf (1 KB)"] == [
        line for line in lines if line.startswith("Anhänge")
    ]


SAME_DOG = "Am Ostwall 12 läuft ein Hund ohne Leine"


def others(*files: tuple[bytes, str, str]) -> bytes:
    return mail("Vor dem Haus Ostwall 12 ist ein Hund ohne Leine", *files).replace(b"anna@", b"bert@")


def test_a_photo_that_a_second_citizen_sends_goes_along(tmp_path: Path, configuration: Configuration) -> None:
    photo = (picture(), "image/jpeg", "IMG_1.JPG")
    [row] = sent(tmp_path, configuration, mail(SAME_DOG), others(photo, (b"%PDF-1.4", "application/pdf", "x.pdf")))
    assert ["KOD-2026-000001-foto-1.jpg"] == photos_in(row.raw)
    text = leaks.body(row.raw)
    assert "Meldungen:     2 zu diesem Ort" in text
    assert "Anlagen:       1 PDF liegt bei uns" in text


def test_a_citizen_who_sends_the_photo_later_is_heard(tmp_path: Path, configuration: Configuration) -> None:
    first = mail(SAME_DOG)
    [number] = re.findall(rb"Message-ID: (<[^>]+>)", first)
    later = mail(SAME_DOG + "; hier das Foto.", (picture(), "image/jpeg", "IMG_1.JPG"))
    later = later.replace(b"Subject: Hinweis", b"Subject: AW: Hinweis\r\nIn-Reply-To: " + number)
    with letterbox.worked(tmp_path, configuration, letterbox.mails(first, later)) as engine:
        [row] = letterbox.letters(engine)
    assert ["KOD-2026-000001-foto-1.jpg"] == photos_in(row.raw)


def test_released_are_the_photos_that_a_person_saw(tmp_path: Path, configuration: Configuration) -> None:
    rubbish = others((picture(), "image/jpeg", "IMG_2.JPG")).replace(
        b"ist ein Hund ohne Leine", b"liegt eine Matratze"
    )
    own = mail(RUBBISH, (picture((410, 300)), "image/jpeg", "IMG_1.JPG"))
    with letterbox.worked(tmp_path, configuration, letterbox.mails(own, rubbish)) as engine:
        desk.assign(engine, configuration, "KOD-2026-000001", ["gsak"], letterbox.NOW, actor="sommer", photos=True)
        deliver.freeze_due(engine, configuration, TEMPLATES, letterbox.NOW + timedelta(days=8))
        before, after = letterbox.letters(engine)
    assert "Anlagen:       2 Fotos liegen bei uns" in leaks.body(before.raw)
    assert ["KOD-2026-000001-foto-1.jpg"] == photos_in(after.raw)
    assert "Anlagen:       1 Foto liegt bei uns" in leaks.body(after.raw)


def test_a_broken_photo_stops_no_letter(tmp_path: Path, configuration: Configuration) -> None:
    broken = (picture()[:2000], "image/jpeg", "kaputt.jpg")
    foreign = (b"\0\0\0\x18ftypheic" + b"\0" * 2000, "image/heic", "IMG_1.HEIC")
    [row] = sent(tmp_path, configuration, mail(DOG, broken, foreign, (picture(), "image/png", "gut.png")))
    assert 1 == len(photos_in(row.raw))
    assert "Anlagen:       2 Fotos liegen bei uns" in leaks.body(row.raw)


def test_where_no_place_is_named_the_photo_tells_it(tmp_path: Path, configuration: Configuration) -> None:
    photo = (picture(exif=exif(gps=NORTH_EAST)), "image/jpeg", "IMG_1.JPG")
    [row] = sent(tmp_path, configuration, mail("Hier läuft ein Hund ohne Leine", photo))
    text = leaks.body(row.raw)
    assert "1. Ort laut Foto bei 51.3324, 6.5646" in text
    assert "Karte:         https://www.openstreetmap.org/?mlat=51.3324&mlon=6.5646&zoom=18" in text
    assert not [line for line in text.splitlines() if len(line) > 78 and "mailto:" not in line]


def test_a_digest_is_split_by_size_and_loses_nothing(tmp_path: Path, configuration: Configuration) -> None:
    photo = leaks.noise()
    mails = [mail(f"{DOG} {number}", *[(photo, "image/jpeg", f"{name}.jpg") for name in "abc"]) for number in range(5)]
    rows = sent(tmp_path, configuration, *mails)
    assert 1 < len(rows)
    assert max(len(row.raw) for row in rows) < 10_000_000
    assert 15 == sum(len(photos_in(row.raw)) for row in rows)
    assert 5 == sum(leaks.concerns(row.raw) for row in rows)


def test_a_digest_is_split_by_number_and_never_by_chance(tmp_path: Path, configuration: Configuration) -> None:
    texts = [f"Am Ostwall {number} liegt eine Matratze" for number in range(1, 131)]
    texts += [f"An der Marktstraße {number} sind Ratten" for number in range(1, 61)]  # to kbk and kod
    with letterbox.worked(tmp_path, configuration, letterbox.rows(*texts)) as engine:
        rows = letterbox.letters(engine)
    assert [("gsak", 30), ("gsak", 100), ("kbk", 60), ("kod", 60)] == sorted(
        (row.recipient, leaks.concerns(row.raw)) for row in rows
    )


@pytest.mark.parametrize(
    ("kinds", "going", "said"),
    [
        ((), 0, ""),
        (("image/jpeg",), 1, ""),
        (("image/jpeg", "image/heic"), 1, "1 Foto liegt bei uns"),
        (("application/pdf",), 0, "1 PDF liegt bei uns"),
        (("application/pdf", "video/mp4", "image/png"), 0, "1 Foto, 1 Video und 1 PDF liegen bei uns"),
        (("application/zip", "text/calendar"), 0, "2 Dateien liegen bei uns"),
        (("message/rfc822", "audio/mpeg"), 0, "1 Tonaufnahme und 1 E-Mail liegen bei uns"),
    ],
)
def test_what_stays_is_said_in_words(kinds: tuple[str, ...], going: int, said: str) -> None:
    files = [Attachment("x", kind, 100, inline=False) for kind in kinds]
    assert said == attachments.staying(files, going)


def test_a_person_may_release_the_photos_of_one_concern(tmp_path: Path, configuration: Configuration) -> None:
    mails = letterbox.mails(mail(RUBBISH, (picture(), "image/jpeg", "IMG_1.JPG")))
    with letterbox.worked(tmp_path, configuration, mails) as engine:
        desk.assign(engine, configuration, "KOD-2026-000001", ["gsak"], letterbox.NOW, actor="sommer", photos=True)
        deliver.freeze_due(engine, configuration, TEMPLATES, letterbox.NOW + timedelta(days=8))
        before, after = letterbox.letters(engine)
        case = desk.show(engine, "KOD-2026-000001")
    assert [] == photos_in(before.raw)
    assert ["KOD-2026-000001-foto-1.jpg"] == photos_in(after.raw)
    assert "Fotos freigegeben" in str(case)
