"""The machine-readable copies of a digest: CSV for German Excel, JSON with the field names of Open311 GeoReport v2.

Both hold what the letter says and nothing else. A cell of the CSV that a spreadsheet would take for a formula gets an
apostrophe. The JSON is a list of service requests (http://wiki.open311.org/GeoReport_v2); what Open311 has no
field for stands in ``extended_attributes``.
"""

import csv
import io
import json
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from intake.base import german
from routing.letters.view import ForwardView

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_COLUMNS = (
    "Vorgang",
    "Dringlichkeit",
    "Thema",
    "Kennung",
    "Ort",
    "Stadtteil",
    "Lage",
    "Eingang",
    "Kanal",
    "Meldungen",
    "Nachtrag",
    "Fotos",
    "Antwort bis",
    "Kontakt",
    "Hinweis",
)


def table(views: Sequence[ForwardView]) -> bytes:
    """CSV, as bytes: one row for each view in order, semicolons, UTF-8 with a byte-order mark, CRLF."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for one in views:
        cells = (
            one.number,
            one.urgency,
            one.category,
            one.code,
            one.place,
            one.district,
            one.landmark,
            german.short_moment(one.received_at),
            one.channel,
            one.reports,
            one.further,
            one.photos,
            f"{one.reply_on:%d.%m.%Y}" if one.reply_on else "",
            one.contact,
            one.text,
        )
        writer.writerow(safe(str(cell)) for cell in cells)
    return target.getvalue().encode("utf-8-sig")


def requests(views: Sequence[ForwardView], agency: str, city: str) -> bytes:
    """JSON, as bytes: the views in order as Open311 service requests for ``agency``, with addresses in ``city``."""
    return json.dumps([_request(one, agency, city) for one in views], ensure_ascii=False, indent=1).encode()


def _request(one: ForwardView, agency: str, city: str) -> dict[str, Any]:
    received = german.local(one.received_at).isoformat(timespec="seconds")
    place = ", ".join(part for part in (one.place, one.district) if part)
    return {
        "service_request_id": one.number,
        "status": "open",
        "status_notes": one.further,
        "service_name": one.category,
        "service_code": one.code,
        "description": one.text,
        "agency_responsible": agency,
        "service_notice": "",
        "requested_datetime": received,
        "updated_datetime": received,
        "expected_datetime": _end_of(one.reply_on) if one.reply_on else "",
        "address": f"{place}, {city}" if place else "",
        "address_id": "",
        "zipcode": "",
        "lat": one.spot[0] if one.spot else None,
        "long": one.spot[1] if one.spot else None,
        "media_url": "",
        "extended_attributes": {
            "urgency": one.urgency,
            "channel": one.channel,
            "district": one.district,
            "landmark": one.landmark,
            "reports": one.reports,
            "photos": one.photos,
            "contact": one.contact,
        },
    }


def _end_of(day: date) -> str:
    return datetime.combine(day, time(23, 59, 59), german.BERLIN).isoformat()


def safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
