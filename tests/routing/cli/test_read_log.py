"""kod-intake read-log: what a phone log would bring, as a table and as JSON, and the rows as read."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from routing.cli.commands.service import read_log
from routing.cli.context import CommandContext
from tests import TESTS

LOGS = TESTS / "logs"


@pytest.fixture(autouse=True)
def _without_a_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: object) -> Any:
    return CliRunner().invoke(
        read_log.read_log, [str(argument) for argument in arguments], obj=CommandContext(None, {})
    )


def lines(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def test_the_table_shows_rows_supplements_and_what_is_doubtful() -> None:
    done = run(LOGS / "A_excel_cp1252.csv")

    words = " ".join(done.stdout.split())
    assert 0 == done.exit_code
    assert "09.06.2023 10:12 Ostwall 3-5" in words
    assert "10.06.2023 00:15" in words
    assert "Ergänzt Zeile 5." in words
    assert "6 Zeilen übernommen" in words
    assert "Zeile 7, Spalte „Tel.-Nr.“: Die Rufnummer ist beim Speichern" in words


def test_json_has_a_line_for_every_row() -> None:
    found = lines(run("--json", LOGS / "A_excel_cp1252.csv").stdout)

    rows = [line for line in found if line["state"] == "row"]
    assert [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] == [line["row"] for line in found]
    assert rows[0]["identity"] == rows[1]["follows"]
    assert "2023-06-10T00:15:00+02:00" == rows[4]["at"]
    assert ["5", "", "00:15", "Nachbar v. Nr. 4", "", "Petersstr."] == rows[4]["cells"][:6]
    assert "Lfd. Nr." == found[3]["cells"][0]
    assert [[]] * 4 == [line["problems"] for line in found[:4]]


def test_what_is_known_of_the_dialect_goes_before_what_is_recognised(tmp_path: Path) -> None:
    table = tmp_path / "liste.csv"
    table.write_bytes("Datum§Ort§Anliegen\n09.06.2023§Ring§~Müll§ Laterne%~~\n".encode())

    found = lines(run("--json", "--delimiter", "§", "--quote", "~", "--escape", "%", table).stdout)
    assert ["09.06.2023", "Ring", "Müll§ Laterne~"] == found[1]["cells"]


def test_raw_rows_are_the_cells_as_read_with_their_faults(tmp_path: Path) -> None:
    table = tmp_path / "tabelle.csv"
    table.write_bytes("a|b|c\n1|'x|y'|3\n1|2\n4|'5|6\n7|8|9\n".encode("cp1252"))

    done = run("--json", "--raw-rows", "--delimiter", "|", "--quote", "'", "--encoding", "cp1252", table)
    assert [
        {"row": 1, "line": 1, "cells": ["a", "b", "c"], "fault": None},
        {"row": 2, "line": 2, "cells": ["1", "x|y", "3"], "fault": None},
        {"row": 3, "line": 3, "cells": ["1", "2"], "fault": "width"},
        {"row": 4, "line": 4, "cells": ["4", "'5", "6"], "fault": "stray quote"},
        {"row": 5, "line": 5, "cells": ["7", "8", "9"], "fault": None},
    ] == lines(done.stdout)


def test_raw_rows_read_any_table_whatever_its_header() -> None:
    done = run("--raw-rows", LOGS / "header_unknown.csv")

    assert 0 == done.exit_code
    assert "Wann | Vorgang" in done.stdout


def test_the_first_rows_are_shown_and_all_are_counted() -> None:
    done = run("--limit", "1", LOGS / "A_excel_cp1252.csv")

    assert "Ergänzt" not in done.stdout
    assert "6 Zeilen übernommen" in done.stdout


def test_a_hostile_cell_does_not_reach_the_terminal(tmp_path: Path) -> None:
    table = tmp_path / "liste.csv"
    table.write_bytes(b"Datum;Anliegen\n09.06.2023;M\x1b[31mll \x07 rot\n")

    assert "\x1b" not in run(table).stdout
    assert "\x1b" not in run("--raw-rows", table).stdout


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_file_that_cannot_be_read_is_explained(options: tuple[str, ...]) -> None:
    done = run(*options, LOGS / "header_unknown.csv")

    assert "columns = " in str(done.exception)
