"""A report for machines: the whole as JSON, and what a city may publish, where small numbers are withheld. Pure.

Published are numbers by channel, category, district, body, urgency, week and month: no street, no times, no words of
anybody. A number from 1 to 4 is withheld, and where it could be worked out from the total, the next smallest as well.
"""

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

import msgspec

from routing.figures import periods, tables
from routing.figures.values import Report
from routing.letters import digest_files

SMALL = 5
WITHHELD = f"unter {SMALL}"
PUBLISHED = {
    "channel": "Eingangsweg",
    "category": "Thema",
    "district": "Stadtteil",
    "body": "Stelle",
    "urgency": "Dringlichkeit",
    "week": "Kalenderwoche",
    "month": "Monat",
}


def as_json(report: Report) -> str:
    """One JSON object: the report's values, keyed as in ``routing.figures.values``; times in seconds."""
    values: dict[str, Any] = msgspec.to_builtins(report, str_keys=True)
    return json.dumps(values, ensure_ascii=False)


def as_open_data(report: Report) -> bytes:
    """CSV for an open-data portal: period, property, value, number; comma, UTF-8, no byte-order mark (RFC 4180)."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(["Zeitraum", "Merkmal", "Wert", "Anliegen"])
    said, total = periods.said(report.period), report.counts.concerns
    writer.writerow([said, "insgesamt", "", WITHHELD if 0 < total < SMALL else total])
    known = {table.key: table for table in tables.of(report)}
    for key, name in PUBLISHED.items():
        counted: dict[str, int] = {}
        for row in known[key].rows:
            counted[str(row[0])] = counted.get(str(row[0]), 0) + int(row[1] or 0)
        for value, number in withheld(counted).items():
            writer.writerow([said, name, digest_files.safe(value), WITHHELD if number is None else number])
    return target.getvalue().encode()


def withheld(counted: Mapping[str, int]) -> dict[str, int | None]:
    """The numbers keyed as before, None for those withheld; what is withheld together is never a small number."""
    hidden = {value for value, number in counted.items() if 0 < number < SMALL}
    left = sorted((number, value) for value, number in counted.items() if number >= SMALL)
    while hidden and left and (len(hidden) == 1 or sum(counted[one] for one in hidden) < SMALL):
        hidden.add(left.pop(0)[1])
    return {value: None if value in hidden else number for value, number in counted.items()}
