"""The command line as staff and machines use it: output, exit codes, and the JSON contract."""

import csv
import importlib
import inspect
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from intake import storage
from intake.message import Arrival, Message
from routing.cli import command_list
from routing.cli.commands.cases import desk
from routing.service.runtime import Runtime
from tests import ROOT, TESTS
from tests.support import commands

REPOSITORY = ROOT

MAIL = """\
From: Petra Musterfrau <petra@example.org>
To: kod@krefeld.invalid
Subject: =?utf-8?q?M=C3=BCll_an_der_Ro=C3=9Fstra=C3=9Fe?=
Date: Mon, 23 Nov 2026 10:12:00 +0100
Message-ID: <eins@example.org>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="x"

--x
Content-Type: text/plain; charset=utf-8

Vor Haus 12 liegen seit Tagen Müllsäcke.

Am 22.11.2026 schrieb der KOD:
> Die Laterne ist repariert.
--x
Content-Type: image/png; name="bild.png"
Content-Disposition: attachment; filename="bild.png"
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--x--
"""


def kod(*arguments: str | Path, stdin: str = "", cwd: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    """Run a command as a process of its own, against the shipped configuration unless the folder has another."""
    environ = {**os.environ, "PYTHONIOENCODING": "utf-8", "COLUMNS": "100"}
    return commands.run(*arguments, stdin=stdin, cwd=cwd, environ=environ)


def test_check_of_the_shipped_configuration_says_all_is_well() -> None:
    done = kod("check")
    assert (0, "") == (done.returncode, done.stderr)
    assert "in Ordnung" in done.stdout


def test_a_broken_configuration_ends_with_3_and_names_the_line(tmp_path: Path) -> None:
    text = (REPOSITORY / "config.toml").read_text(encoding="utf-8")
    for name in ("gazetteer.toml",):
        (tmp_path / name).write_bytes((REPOSITORY / name).read_bytes())
    (tmp_path / "config.toml").write_text(
        text.replace('recipient = "gsak"', 'recipient = "gask"', 1), encoding="utf-8"
    )
    done = kod("check", cwd=tmp_path)
    assert done.returncode == 3
    assert "Meinten Sie „gsak“?" in done.stderr
    assert "Zeile" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_configuration_ends_with_3_and_says_where_was_looked(tmp_path: Path) -> None:
    done = kod("--config", tmp_path / "nichts.toml", "check")
    assert done.returncode == 3
    assert "nichts.toml" in done.stderr


def test_a_wrong_command_is_wrong_use() -> None:
    assert kod("chekc").returncode == 2
    assert kod("explain").returncode == 2


def test_explain_json_keeps_the_contract(tmp_path: Path) -> None:
    path = tmp_path / "mail.eml"
    path.write_text(MAIL, encoding="utf-8", newline="\r\n")
    done = kod("explain", "--json", path, path)
    assert (0, "") == (done.returncode, done.stderr)
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert first == second
    assert str(path) == first["file"]
    message = first["message"]
    assert ("Petra Musterfrau", "petra@example.org") == (message["from_name"], message["from_addr"])
    assert message["subject"] == "Müll an der Roßstraße"
    assert message["date"] == "2026-11-23T09:12:00+00:00"
    assert message["message_id"] == "eins@example.org"
    assert message["automatic"] is None
    assert [{"name": "bild.png", "content_type": "image/png", "size": 8, "inline": False}] == message["attachments"]
    assert "Laterne" in message["text"]
    assert "Laterne" not in message["new_text"]
    decision = first["decision"]
    assert ("routed", "concern", ["gsak"]) == (decision["state"], decision["kind"], decision["recipients"])
    concern = decision["concerns"][0]
    assert {"category", "recipients", "urgency", "rules", "matches"} <= set(concern)
    for match in concern["matches"]:
        field = message[match["field"]]
        assert match["found"] == field[match["start"] : match["end"]]
    assert {"near_misses", "places", "reason", "urgency", "category"} <= set(decision)
    assert [] == first["problems"]


def test_explain_lists_a_forwarded_mail_as_one_file_without_inventing_a_name() -> None:
    done = kod("explain", "--json", TESTS / "mails" / "parts_forwarded_message_with_photo.eml")
    files = json.loads(done.stdout)["message"]["attachments"]
    assert [("", "message/rfc822")] == [(each["name"], each["content_type"]) for each in files]


def test_explain_takes_a_text_from_standard_input() -> None:
    done = kod("explain", "-", stdin="Die Laterne vor Grenzstraße 117 flackert seit Wochen.")
    assert done.returncode == 0
    assert "Straßenlaterne" in done.stdout


def test_explain_goes_on_after_a_file_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("Ein Schlagloch auf der Marktstraße", encoding="utf-8")
    done = kod("explain", "--json", tmp_path / "fehlt.eml", path)
    assert done.returncode == 1
    assert "fehlt.eml" in done.stderr
    assert json.loads(done.stdout)["decision"]["recipients"] == ["kbk"]


def test_classify_adds_its_columns_and_keeps_every_row(tmp_path: Path) -> None:
    table = tmp_path / "meldungen.csv"
    table.write_text('nr;text\n1;"Müllsäcke;\nam Ostwall"\n2;Bitte um Rückruf\n', encoding="utf-8-sig")
    output = tmp_path / "ergebnis.csv"
    done = kod("classify", table, "--column", "text", "--output", output)
    assert done.returncode == 0
    assert output.read_bytes().startswith(b"\xef\xbb\xbf")
    with output.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert ["1", "2"] == [row["nr"] for row in rows]
    assert rows[0]["text"] == "Müllsäcke;\nam Ostwall"
    assert ("gsak", "routed") == (rows[0]["recipients"], rows[0]["state"])
    assert ("", "review") == (rows[1]["recipients"], rows[1]["state"])
    assert ["category", "recipients", "urgency", "state", "rules", "matches"] == list(rows[0])[-6:]


def test_classify_guesses_the_column_that_was_meant(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("nr;Meldung\n1;x\n", encoding="utf-8")
    done = kod("classify", table, "--column", "meldun", "--output", tmp_path / "o.csv")
    assert done.returncode == 2
    assert "Meinten Sie „Meldung“?" in done.stderr


def test_the_schema_is_json_and_knows_the_tables() -> None:
    done = kod("schema")
    assert {"rules", "recipients", "mailboxes", "smtp"} <= set(json.loads(done.stdout)["properties"])


@pytest.mark.parametrize("command", ["run", "once", "demo", "check", "explain", "classify", "status", "list", "show"])
def test_every_command_has_german_help(command: str) -> None:
    done = kod(command, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("Aufruf: ")
    assert "Diese Hilfe zeigen." in done.stdout


def test_an_unknown_case_is_explained(tmp_path: Path) -> None:
    for name in ("gazetteer.toml",):
        (tmp_path / name).write_bytes((REPOSITORY / name).read_bytes())
    (tmp_path / "config.toml").write_bytes((REPOSITORY / "config.toml").read_bytes())
    done = kod("show", "KOD-2026-999999", cwd=tmp_path)
    assert done.returncode == 2
    assert "gibt es nicht" in done.stderr
    assert kod("list", cwd=tmp_path).stdout == "Nichts wartet.\n"
    status = kod("status", cwd=tmp_path)
    assert status.returncode == 4
    assert "Der Dienst läuft nicht" in status.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["lst"], "Den Befehl „lst“ gibt es nicht. Meinten Sie „list“?"),
        (["show"], "Es fehlt die Angabe NUMMER."),
        (["list", "--limt", "3"], "Die Option „--limt“ gibt es hier nicht. Meinten Sie „--limit“?"),
        (["list", "--limit"], "Die Option „--limit“ braucht einen Wert dahinter."),
        (["list", "--json=3"], "Die Option „--json“ nimmt keinen Wert."),
        (["list", "--limit", "viele"], "--limit: „viele“ ist keine ganze Zahl."),
        (
            ["list", "--state", "offn"],
            f"--state: „offn“ geht hier nicht. Meinten Sie „offen“? Möglich: {', '.join(desk.STATES)}.",
        ),
        (["status", "jetzt"], "Das ist zu viel: „jetzt“."),
        (["--debug"], "Es fehlt der Befehl."),
        (["classify", "nix.csv", "--output", "x"], "TABELLE: Die Datei nix.csv gibt es nicht."),
    ],
)
def test_a_wrong_call_is_explained_in_german(arguments: list[str], said: str) -> None:
    done = kod(*arguments)
    first, usage, *_ = done.stderr.splitlines()
    assert (2, said) == (done.returncode, first)
    assert usage.startswith("Aufruf: ")


def test_a_file_that_cannot_be_read_is_explained_in_german(tmp_path: Path) -> None:
    done = kod("explain", "nix.eml", tmp_path)
    assert (1, f"Die Datei nix.eml gibt es nicht.\n{tmp_path} ist ein Ordner.\n") == (done.returncode, done.stderr)


def test_a_missing_configuration_is_named_once(tmp_path: Path) -> None:
    path = tmp_path / "nichts.toml"
    assert kod("--config", path, "check").stderr.count("nichts.toml") == 1


NOW = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)


@pytest.fixture
def desk_folder(tmp_path: Path) -> Path:
    """A folder with two cases by phone, decided and planned, nothing sent."""
    for name in ("config.toml", "gazetteer.toml"):
        (tmp_path / name).write_bytes((REPOSITORY / name).read_bytes())
    runtime = Runtime.open(tmp_path / "config.toml", {}, lambda: NOW)
    texts = ("Am Ostwall 12 flackert die Straßenlaterne.", "Bitte um Rückruf \x1b[31m wegen neulich")
    with storage.writing(runtime.engine) as connection:
        messages = [
            Message(channel="Telefon", identity=bytes([index]) * 32, text=text, new_text=text)
            for index, text in enumerate(texts)
        ]
        arrived = [Arrival(source="test", key=one.text, received_at=NOW, raw=b"", message=one) for one in messages]
        storage.add(connection, arrived, NOW)
    runtime.dispatch()
    runtime.close()
    return tmp_path


def test_the_list_shows_who_gets_it_and_what_an_unknown_message_says(desk_folder: Path) -> None:
    shown = kod("list", cwd=desk_folder).stdout
    assert max(len(line) for line in shown.splitlines()) <= 100
    assert "\x1b" not in shown
    heading, lamp, unknown, *_ = (line.split() for line in shown.splitlines() if not line.startswith(" "))
    assert ["Vorgang", "Eingang", "Stand", "Dringlichkeit", "an", "wen", "Anliegen,", "Ort"] == heading
    assert ["KOD-2026-000001", "23.11.", "10:12", "Offen", "sammel", "ngn"] == lamp[:6]
    assert ["KOD-2026-000002", "23.11.", "10:12", "Klärung", "„Bitte"] == unknown[:5]
    item = json.loads(kod("list", "--json", cwd=desk_folder).stdout.splitlines()[0])
    assert {"number", "state", "urgency", "category", "place", "opened_at", "channel", "reason"} == set(item)


def test_a_case_says_what_is_planned_for_whom_and_who_decided(desk_folder: Path) -> None:
    shown = kod("show", "kod-2026-000001", cwd=desk_folder).stdout
    assert "\n  Offen, sammel: " in shown
    assert "\n    geplant: Netzgesellschaft" in shown
    assert "(kod-intake): 1 Anliegen erkannt" in shown
    assert "daemon" not in shown


def test_assigning_and_closing_say_what_was_and_what_there_is(desk_folder: Path) -> None:
    def said(*words: str) -> tuple[int, str]:
        done = kod(*words, cwd=desk_folder)
        return done.returncode, done.stdout + done.stderr

    number = "KOD-2026-000002"
    assert (0, f"{number} ist gsak zugewiesen.\n") == said("assign", number, "gsak", "--urgency", "SAMMEL")
    assert (0, f"{number} ist geschlossen.\n") == said("close", number)
    assert (0, f"{number} war schon geschlossen.\n") == said("close", number)
    again = f"{number} ist kbk zugewiesen. Der Hinweis war geschlossen und ist wieder offen.\n"
    assert (0, again) == said("assign", number, "kbk")
    said("requeue", number)
    assert re.search(r"Der Vorgang wird neu eingeordnet. \(\w+\)$", said("show", number)[1], re.MULTILINE)
    none = f"Den Hinweis -9 gibt es in diesem Vorgang nicht. Es gibt: {number}.\n"
    assert (2, none) == said("close", f"{number}-9")


def test_people_at_the_desk_see_no_log_lines(desk_folder: Path) -> None:
    kod("once", cwd=desk_folder)  # keeps the good configuration, although there is no server
    with (desk_folder / "config.toml").open("a", encoding="utf-8") as file:
        file.write("\nkaputt\n")
    quiet = kod("list", cwd=desk_folder)
    assert (0, "") == (quiet.returncode, quiet.stderr)
    assert "configuration broken" in kod("--debug", "list", cwd=desk_folder).stderr


def test_every_command_is_found_in_the_module_that_the_table_names() -> None:
    for module, listed in command_list.COMMANDS.items():
        commands = importlib.import_module(f"routing.cli.commands.{module}").COMMANDS
        assert list(listed) == [command.name for command in commands]


def test_the_help_page_says_of_a_command_what_its_own_page_says() -> None:
    for module, listed in command_list.COMMANDS.items():
        commands = importlib.import_module(f"routing.cli.commands.{module}").COMMANDS
        said = [" ".join(inspect.cleandoc(command.help).partition("\n\n")[0].split()) for command in commands]
        assert list(listed.values()) == said


def test_the_help_page_loads_no_command() -> None:
    program = (
        "import sys; from routing.cli import group; group(['--help'], standalone_mode=False); print(*sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    loaded = run.stdout.split("\n")[-2].split()
    assert "routing.cli" in loaded
    assert [] == [name for name in loaded if name.startswith(("routing.cli.commands.", "routing.rules", "sqlalchemy"))]
