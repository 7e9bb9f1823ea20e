"""The round trip through a real LibreOffice: whatever it saves a list as, the same calls come out of it."""

import shutil
import subprocess
from datetime import UTC, date, datetime, time
from pathlib import Path

import openpyxl
import pytest

from intake import phone_log
from intake.settings import DropFolderSettings
from tests.support.waiting import CEILING

pytestmark = pytest.mark.extra

OFFICE = shutil.which("soffice")
HEADER = ("Lfd. Nr.", "Datum", "Uhrzeit", "Anrufer/in", "Tel.-Nr.", "Ort / Straße", "Anliegen", "Kürzel")
ROWS = (
    (
        1,
        date(2023, 6, 9),
        time(10, 12),
        "Hr. Müller",
        "02151 123456",
        "Ostwall 12",
        "Müllsäcke am Papierkorb,\nstinkt; eklig",
        "Kp",
    ),
    (2, None, time(10, 40), "anonym", None, "Ostwall 12", 'ruft "Hilfe" – dreimal', "Kp"),
    (3, None, time(23, 50), "Fr. Hundt", "+49 2151 99", "Petersstr. ggü. 117", "Ruhestörung, Bässe", "Lo"),
    (4, None, time(0, 15), "Nachbar", None, "Petersstr.", "immer noch Lärm", "Lo"),
    (5, date(2023, 6, 11), time(8, 5), "Laubach", "02151/99999", "Schinkenpl.", "Laterne aus – schon gemeldet?", "Kp"),
    (6, date(2023, 6, 11), None, None, None, "Römerstraße", "Öl auf der Straße", "Kp"),
)
SAVED_AS = {  # LibreOffice's tokens: delimiter, quote, character set (1: Windows, 76: UTF-8, 65535: UTF-16)
    "xlsx": "xlsx",
    "ods": "ods",
    "cp1252": "csv:Text - txt - csv (StarCalc):59,34,1,1,,1031,false,true",
    "utf-8": "csv:Text - txt - csv (StarCalc):59,34,76,1,,1031,false,true",
    "utf-8, all text quoted, comma": "csv:Text - txt - csv (StarCalc):44,34,76,1,,1031,true,true",
    "utf-16, tab": "csv:Text - txt - csv (StarCalc):9,34,65535,1,,1031,false,true",
}


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """The list as Excel keeps it: days, times and numbers are what they are."""
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Juni 2023", 0)
    sheet.append(["Telefonprotokoll KOD"])
    sheet.append([])
    sheet.append(HEADER)
    for row in ROWS:
        sheet.append(row)
        for cell in sheet[sheet.max_row]:
            if isinstance(cell.value, date):
                cell.number_format = "DD.MM.YYYY"
            elif isinstance(cell.value, time):
                cell.number_format = "HH:MM"
    sheet.append(["Summe Anrufe", None, len(ROWS)])
    path = tmp_path / "liste.xlsx"
    book.save(path)
    return path


def calls(path: Path) -> list[tuple[bytes, datetime, str, str]]:
    log = phone_log.read(
        path.read_bytes(),
        name=path.name,
        settings=DropFolderSettings(folder=path.parent),
        today=date(2026, 11, 23),
        fallback=datetime(2026, 11, 23, tzinfo=UTC),
    )
    assert ((), ()) == (log.rejected, log.problems)
    return [(row.message.identity, row.received_at, row.message.place, row.message.text) for row in log.rows]


def test_the_workbook_itself_is_read(workbook: Path) -> None:
    found = calls(workbook)

    assert [row[6] for row in ROWS] == [text for _, _, _, text in found]
    assert datetime(2023, 6, 9, 22, 15, tzinfo=UTC) == found[3][1]  # a quarter past midnight


@pytest.mark.parametrize("form", SAVED_AS)
def test_what_libreoffice_saves_brings_the_same_calls(workbook: Path, tmp_path: Path, form: str) -> None:
    if OFFICE is None:
        pytest.skip("LibreOffice is not installed")
    out = tmp_path / "out"
    subprocess.run(
        [
            *(OFFICE, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile"),
            *("--convert-to", SAVED_AS[form], "--outdir", out, workbook),
        ],
        check=True,
        capture_output=True,
        timeout=CEILING,
    )

    saved = next(out.iterdir())
    assert calls(workbook) == calls(saved)
