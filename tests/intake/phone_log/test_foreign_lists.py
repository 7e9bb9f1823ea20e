"""Lists of clerks and telephone systems, each with its right value, written before they were read.

``tests/data/foreign_lists`` holds them. A list has ``text`` (with ``encoding``) or ``sheets`` (rows by name; a name
that begins with "-" is hidden, a cell that begins with "=" is a formula, a row ["@9", words]
has column 9 alone). Right are: ``read``, a call (moment or
"", some of its words); ``kept``, the moment of a call without a concern; ``told``, words that a person is shown and
that are no call;
``either``, read so or told; ``refused``, words of the advice, with all other words looked through for emergencies.
What is not named may be no call, and "vollständig" is said only where nothing is told.
"""

import io
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from intake import phone_log
from intake.base import german
from intake.phone_log.report.protocol import Protocol
from intake.settings import DropFolderSettings
from tests import TESTS

FOLDER = TESTS / "data/foreign_lists"
CASES = [
    (file.stem, case)
    for file in sorted(FOLDER.glob("*.toml"))
    for case in tomllib.loads(file.read_text("utf-8"))["lists"]
]
NOW = datetime(2026, 11, 30, 11, 0, tzinfo=UTC)


def content(case: dict[str, Any]) -> bytes:
    """The file that the case describes."""
    if "text" in case:
        text: str = case["text"].replace("\n", case.get("end", "\n"))
        return text.encode(case.get("encoding", "utf-8"))
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904 if case.get("from_1904") else book.epoch
    for name, rows in case["sheets"].items():
        sheet = book.create_sheet(name.removeprefix("-"))
        sheet.sheet_state = "hidden" if name.startswith("-") else "visible"
        for number, row in enumerate(rows, start=1):
            if row and str(row[0]).startswith("@"):
                sheet.cell(number, int(row[0][1:]), row[1])
                continue
            sheet.append([cell if cell != "" else None for cell in row])
        for place, words in case.get("comments", {}).items():
            sheet[place].comment = Comment(words, "Kp")
    book.remove(book.worksheets[0])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def faults(case: dict[str, Any]) -> Iterator[str]:
    """What is wrong with what became of the list."""
    data, protocol = content(case), Protocol()
    items: list[phone_log.Item] = []
    advice = ""
    try:
        for item in phone_log.iterate(
            io.BytesIO(data),
            name=case["name"],
            settings=DropFolderSettings(folder=Path("/ablage")),
            today=date(2026, 11, 30),
            fallback=NOW,
        ):
            items.append(item)
            protocol.add(item)
    except phone_log.UnreadableError as error:
        advice = str(error)
    rows = [item for item in items if isinstance(item, phone_log.Row)]
    shown = told(items, protocol, advice, data)
    used: set[int] = set()
    for key in ("read", "either", "kept"):
        for moment, words in map(pair, case.get(key, ())):
            hits = {
                number
                for number, row in enumerate(rows)
                if words in said(row)
                and moment in ("", f"{german.local(row.received_at):%d.%m.%Y %H:%M}")
                and (key == "either" or bool(row.message.kind) == (key == "kept"))
            }
            used |= hits
            if not hits and not (key == "either" and (words or advice) in shown):
                yield f"{key} {moment} {words}"
    yield from (f"told {words}" for words in case.get("told", ()) if words not in shown)
    yield from (f"no call {said(row)}" for number, row in enumerate(rows) if number not in used)
    if ("refused" in case) != bool(advice) or case.get("refused", "") not in advice:
        yield f"advice {advice}"
    if (protocol.rejected or protocol.unread) and "vollständig übernommen" in protocol.text("", NOW):
        yield "vollständig"


def pair(value: str | list[str]) -> tuple[str, str]:
    """A moment and words."""
    return (value, "") if isinstance(value, str) else (value[0], value[1])


def said(row: phone_log.Row) -> str:
    """All that a call says."""
    message = row.message
    return f"{message.text}\n{message.subject} {message.place} {message.from_name} {message.contact}"


def told(items: list[phone_log.Item], protocol: Protocol, advice: str, data: bytes) -> str:
    """All that a person is shown, or the rules look through."""
    parts = [protocol.text("", NOW), advice, phone_log.plain_text(io.BytesIO(data), 100_000) if advice else ""]
    for item in items:
        doubtful = isinstance(item, phone_log.Row) and item.problems
        unread = isinstance(item, phone_log.Skipped) and phone_log.may_say_something(item)
        if doubtful or unread or isinstance(item, phone_log.Rejected):
            parts.append(" ".join(item.cells))
        parts.append(item.beside if isinstance(item, phone_log.Row) else "")
    return "\n".join(parts)


@pytest.mark.parametrize(("file", "case"), CASES, ids=[f"{file}: {case['name']}" for file, case in CASES])
def test_a_foreign_list_comes_to_what_is_right(file: str, case: dict[str, Any]) -> None:
    assert [] == list(faults(case)), file
