"""The phone log read from files: one file a trait in tests/logs, with what must come out beside it as JSON."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from intake import phone_log
from intake.base import german
from intake.settings import DropFolderSettings
from tests import TESTS

LOGS = TESTS / "logs"
TODAY = date(2026, 11, 23)
FALLBACK = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
TRAITS = sorted(LOGS.glob("*.json"))
READABLE = [path for path in TRAITS if "unreadable" not in json.loads(path.read_text(encoding="utf-8"))]


def read(data: bytes, name: str = "liste.csv", **settings: Any) -> phone_log.Log:
    return phone_log.read(
        data,
        name=name,
        settings=DropFolderSettings(folder=Path("/ablage"), **settings),
        today=TODAY,
        fallback=FALLBACK,
    )


def seen(log: phone_log.Log, row: phone_log.Row) -> dict[str, Any]:
    """A row in the words of the JSON files."""
    message = row.message
    identities = [other.message.identity for other in log.rows]
    earlier = identities[: log.rows.index(row)]
    fallback = row.received_at == FALLBACK
    return {
        "number": row.number,
        "at": "fallback" if fallback else f"{german.local(row.received_at):%Y-%m-%d %H:%M}",
        "date": None if message.date is None else f"{german.local(message.date):%Y-%m-%d %H:%M}",
        "text": message.text,
        "subject": message.subject,
        "place": message.place,
        "contact": message.contact,
        "name": message.from_name,
        "channel": message.channel,
        "kind": message.kind.value,
        "consent": message.consent,
        "follows": identities.index(message.follows) + 1 if message.follows else 0,
        "same": identities.index(message.identity) + 1 if message.identity in earlier else 0,
        "problems": [problem.what for problem in row.problems],
        "notes": list(message.problems[len(row.problems) :]),
    }


def test_there_are_at_least_forty_traits() -> None:
    assert len(TRAITS) >= 40


@pytest.mark.parametrize("path", TRAITS, ids=lambda path: path.stem)
def test_a_trait_is_read_as_the_file_beside_it_says(path: Path) -> None:
    expected = json.loads(path.read_text(encoding="utf-8"))
    data = (LOGS / expected["file"]).read_bytes()
    if "unreadable" in expected:
        with pytest.raises(phone_log.UnreadableError) as raised:
            read(data, expected["file"], **expected.get("settings", {}))
        assert [part for part in expected["unreadable"] if part not in str(raised.value)] == []
        return

    log = read(data, expected["file"], **expected.get("settings", {}))

    rows = [seen(log, row) for row in log.rows]
    assert [row["text"] for row in expected["rows"]] == [row["text"] for row in rows]
    for wanted, row in zip(expected["rows"], rows, strict=True):
        for key in ("problems", "notes"):
            if key in wanted:
                parts = wanted.pop(key)
                assert len(parts) == len(row[key]), (wanted["text"], row[key])
                assert [part for part, whole in zip(parts, row[key], strict=True) if part not in whole] == []
        assert wanted == {key: row[key] for key in wanted}
    rejected = [(row.number, row.problems[0]) for row in log.rejected]
    assert [wanted["row"] for wanted in expected.get("rejected", [])] == [number for number, _ in rejected]
    for wanted, (_, problem) in zip(expected.get("rejected", []), rejected, strict=True):
        assert wanted["what"] in problem.what
        assert wanted.get("column", problem.column) == problem.column
        assert problem.advice.startswith("Bitte")
    if "skipped" in expected:
        assert expected["skipped"] == [skipped.reason.value for skipped in log.skipped]


@pytest.mark.parametrize("path", READABLE, ids=lambda path: path.stem)
def test_every_record_of_a_file_is_accounted_for_once(path: Path) -> None:
    expected = json.loads(path.read_text(encoding="utf-8"))
    log = read((LOGS / expected["file"]).read_bytes(), expected["file"], **expected.get("settings", {}))

    numbers = sorted(item.number for items in (log.rows, log.rejected, log.skipped) for item in items)

    assert list(range(1, len(numbers) + 1)) == numbers


def test_the_raw_bytes_of_the_rows_are_those_of_the_file() -> None:
    data = (LOGS / "encoding_mixed.csv").read_bytes()

    log = read(data)

    header = data.splitlines(keepends=True)[0]
    assert data == header + b"".join(row.raw for row in log.rows)


def test_an_unknown_key_of_columns_is_explained() -> None:
    with pytest.raises(phone_log.UnreadableError, match="unbekannte Schlüssel „texd“"):
        read(b"Anliegen;Ort\r\nM;O\r\n", columns={"texd": "Anliegen"})


def test_an_unknown_encoding_is_explained() -> None:
    with pytest.raises(phone_log.UnreadableError, match="„cp1252“"):
        read(b"Anliegen;Ort\r\nM;O\r\n", encoding="windoof")


def test_no_personal_cell_stands_in_a_messages_problems() -> None:
    log = read((LOGS / "phones.csv").read_bytes())

    told = " ".join(problem for row in log.rows for problem in row.message.problems)

    assert "E+11" not in told
