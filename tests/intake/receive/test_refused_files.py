"""An emergency in a file that is no list reaches the duty desk all the same, whatever the file is."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl

from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support.journeys import Clock, Installation

SAID = "ein Mann liegt bewusstlos auf dem Gehweg"


def text(before: str = "", after: str = "", encoding: str = "utf-8") -> bytes:
    return f"{before}{SAID}{after}".encode(encoding)


def workbook(part: str = "", change: Callable[[bytes], bytes] = bytes) -> bytes:
    """A workbook whose ``part`` is changed."""
    book, made, stream = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    book.worksheets[0].append([SAID])
    book.save(made)
    with zipfile.ZipFile(made) as before, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(name, change(before.read(name)) if name == part else before.read(name))
    return stream.getvalue()


def packed(name: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, content)
    return stream.getvalue()


FILES = {
    "notes.txt": text("Telefonnotizen\n\n10:00 Frau Lau, "),
    "tally.csv": text("Strichliste\nThema;Anzahl\nMüll;IIII\n", ";I\n"),
    "no_header.csv": text("02.11.2026;10:00;Lau;02151 1;Ostwall 1;Müll\n03.11.2026;11:00;Kurz;02151 2;", ";x\n"),
    "on_its_side.csv": text("Datum;02.11.2026;03.11.2026\nAnliegen;Müll;", "\n"),
    "sixteen_bits.txt": text("\ufeffAm Morgen\n", encoding="utf-16-le"),
    "page.xls": text("<html><table><tr><td>Datum</td></tr></table><p>", "</p></html>"),
    "far_down.txt": text("Notiz ohne Tabelle\n" * 20_000),
    "raw_calls.csv": text(
        "Typ;Datum;Name;Rufnummer;Nebenstelle;Eigene Rufnummer;Dauer\n1;2.11.26 10:00;", ";1;2;3;0:05\n"
    ),
    "no_table.xlsx": workbook(),
    "damaged.xlsx": workbook("xl/workbook.xml", lambda part: part[:40]),
    "cut_off.xlsx": workbook()[:-200],
    "binary.xlsb": packed("xl/workbook.bin", b"\x01\x02")
    + packed("xl/s.bin", b"\x00\x07\x80\x01" + f"Ring 1, {SAID}".encode("utf-16-le")),
    "old.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    + bytes(range(32)) * 200
    + f"Ring 2, {SAID}".encode("cp1252")
    + bytes(3000),
    "letter.docx": packed(
        "word/document.xml", text("<?xml version='1.0'?><w:document><w:t>Ring 3, ", "</w:t></w:document>")
    ),
}


def test_an_emergency_in_a_file_that_is_refused_reaches_the_duty_desk(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink)
    for name, content in FILES.items():
        (place.drop / name).write_bytes(content)
    place.once(Clock("2026-11-30 09:00"))

    assert {*FILES} == {path.name for path in (place.drop / "unlesbar").iterdir() if ".grund." not in path.name}
    raised = place.rows(
        "SELECT messages.subject FROM concerns JOIN messages ON messages.id = concerns.message_id "
        "WHERE concerns.urgency IN ('notfall', 'pruefen')"
    )
    assert [] == [name for name in FILES if not any(f"„{name}“" in row["subject"] for row in raised)]
