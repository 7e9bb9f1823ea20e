"""The copies of a digest for machines: CSV as German Excel opens it, JSON as Open311 names it."""

import csv
import io
import json
from datetime import date, datetime
from typing import Any

import pytest

from routing import letters
from routing.letters import digest_files
from routing.model.decision import Urgency
from tests.routing.letters.test_letters import NOW, composed, read, view

OPEN311 = """
service_request_id status status_notes service_name service_code description agency_responsible service_notice
requested_datetime updated_datetime expected_datetime address address_id zipcode lat long media_url
"""  # GeoReport v2, GET service requests


def table(*views: letters.ForwardView) -> list[list[str]]:
    raw = digest_files.table(views)
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=";", strict=True))


def test_the_table_opens_in_german_excel() -> None:
    one = view(code="S01", text='Säcke; eine "Matratze"\nund mehr', photos=2, reports=3, reply_by=date(2026, 11, 25))
    raw = digest_files.table([one])
    assert raw.count(b"\r\n") == 2
    head, row = table(one)
    cells = dict(zip(head, row, strict=True))
    assert {
        "Vorgang": "KOD-2026-004711",
        "Dringlichkeit": "heute",
        "Thema": "Abfall / Müllablagerung",
        "Kennung": "S01",
        "Ort": "Roßstraße 12",
        "Stadtteil": "Stadtmitte",
        "Lage": "",
        "Eingang": "23.11.2026 10:12",
        "Kanal": "Telefon",
        "Meldungen": "3",
        "Nachtrag": "",
        "Fotos": "2",
        "Antwort bis": "25.11.2026",
        "Kontakt": "",
        "Hinweis": 'Säcke; eine "Matratze"\nund mehr',
    } == cells


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("http://x")', "+49", "-1", "@SUM(A1)", "=1+1", "\t=1+1", "＝1+1", "\u200b=1+1", "\r\n=1+1"]
)
def test_no_cell_is_a_formula(text: str) -> None:
    fields: dict[str, Any] = dict.fromkeys(
        ("category", "code", "place", "district", "channel", "text", "contact"), text
    )
    [_, row] = table(view(**fields))
    assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]


def test_the_json_has_the_names_of_open311() -> None:
    one = view(code="S01", photos=1, reply_by=date(2026, 11, 25), spot=(51.3324, 6.5646))
    [request] = json.loads(digest_files.requests([one], "GSAK", "Krefeld"))
    assert set(OPEN311.split()) == request.keys() - {"extended_attributes"}
    assert ("KOD-2026-004711", "open", "S01", "GSAK") == tuple(
        request[name] for name in ("service_request_id", "status", "service_code", "agency_responsible")
    )
    assert "Roßstraße 12, Stadtmitte, Krefeld" == request["address"]
    assert (51.3324, 6.5646) == (request["lat"], request["long"])
    assert NOW == datetime.fromisoformat(request["requested_datetime"])
    assert "2026-11-23T10:12:00+01:00" == request["requested_datetime"]
    assert "2026-11-25T23:59:59+01:00" == request["expected_datetime"]


def test_what_is_unknown_is_empty() -> None:
    [request] = json.loads(
        digest_files.requests([view(place="", district="", urgency=Urgency.LISTE)], "GSAK", "Krefeld")
    )
    assert ("", "", None) == (request["address"], request["expected_datetime"], request["lat"])


def test_a_digest_carries_both_and_a_single_letter_neither() -> None:
    message, text, html = read(composed(view(1), view(2), kind="digest", number="KOD-S-2026-11-23-GSAK-1"))
    files = {part.get_filename(): part for part in message.iter_attachments()}
    assert ["KOD-S-2026-11-23-GSAK-1.csv", "KOD-S-2026-11-23-GSAK-1.json"] == list(files)
    assert "text/csv" == files["KOD-S-2026-11-23-GSAK-1.csv"].get_content_type()
    assert "im Anhang" in text
    assert "im Anhang" in html
    assert [] == list(read(composed(view()))[0].iter_attachments())
