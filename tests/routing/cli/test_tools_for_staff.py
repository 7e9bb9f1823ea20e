"""check, backtest, suggest, classify and explain as staff use them: on a store, on tables, with exit codes."""

import csv
import json
import re
import shutil
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from intake import storage
from intake.base import errors
from intake.message import Arrival, Message
from routing import desk
from routing import rules as judging
from routing.cli.commands.rules import backtest, check, classify, explain, suggest
from routing.cli.context import CommandContext
from routing.cli.output import explanation, input_texts
from routing.cli.output.evidence import Evidence
from routing.config import loader
from routing.config.problems import ConfigurationError
from routing.service.runtime import Runtime
from routing.store import history
from tests import ROOT
from tests.servers.smtp import SmtpSink
from tests.support import journeys

SHIPPED = ROOT
NOW = datetime.now(UTC).replace(microsecond=0)
SMALL = f"""
{journeys.CITY}[smtp]
host = "smtp.invalid"
from = "kod@stadt.invalid"
[operator]
address = ["betrieb@stadt.invalid"]
[recipients.gsak]
name = "GSAK"
address = ["gsak@gsak.invalid"]
[recipients.kbk]
name = "KBK"
address = ["kbk@kbk.invalid"]
schedule = ["Mo-Fr 07:30"]
[recipients.kod]
name = "KOD"
address = ["leitstelle@stadt.invalid"]
[[rules]]
name = "Müll"
category = "Abfall"
recipient = "gsak"
urgency = "heute"
keywords = ["müllsack", "matratze"]
[[rules]]
name = "Laterne"
category = "Licht"
recipient = "kbk"
urgency = "sammel"
keywords = ["laterne"]
[[rules]]
name = "Gefahr"
category = "Gefahr"
recipient = "kod"
urgency = "notfall"
keywords = ["bewusstlos*", "blutet", "brennt es", "riecht nach gas", "messer", "blindgänger", "spritze",
  "kanaldeckel fehlt", "giftköder"]
"""
TEXTS = (
    *("Ein Müllsack am Zaun", "Eine Matratze, schöne Grüße, Petra Beispiel", "Noch eine Matratze", "Laterne ist aus"),
    *("Hier rostet ein Klapprad", "Zwei Klappräder stehen da", "Ein Klapprad ohne Sattel", "Wieder so ein Klapprad"),
    "Bitte um Rückruf",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a small rule file and nothing stored."""
    (tmp_path / "config.toml").write_text(SMALL, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gespeichert")
    (path / "config.toml").write_text(SMALL, encoding="utf-8")
    fill(path)
    return path


@pytest.fixture
def desk_folder(filled: Path, tmp_path: Path) -> Path:
    """A folder with nine stored messages, four of them sent to KBK by a person."""
    return shutil.copytree(filled, tmp_path / "kod")


def fill(folder: Path, database: str = "") -> Runtime:
    if database:
        path = folder / "config.toml"
        path.write_text(f'[service]\ndatabase = "{database}"\n{SMALL}', encoding="utf-8")
    runtime = Runtime.open(folder / "config.toml", {}, lambda: NOW)
    with storage.writing(runtime.engine) as connection:
        messages = [
            Message(
                channel="E-Mail",
                identity=bytes([number]) * 32,
                text=text,
                new_text=text,
                from_addr=f"b{number}@example.org",
                from_name="Petra Beispiel" if "Petra" in text else "",
            )
            for number, text in enumerate(TEXTS)
        ]
        found = [Arrival(source="test", key=one.text, received_at=NOW, raw=b"", message=one) for one in messages]
        storage.add(connection, found, NOW)
    runtime.dispatch()
    for number in range(5, 9):
        case = f"KOD-{NOW.astimezone().year}-{number:06}"
        desk.assign(runtime.engine, runtime.active.configuration, case, ["kbk"], NOW, actor="winter")
    runtime.close()
    return runtime


def run(folder: Path, command: click.Command, *words: str, stdin: str = "") -> Result:
    context = CommandContext(folder / "config.toml", {})
    result = CliRunner().invoke(command, list(words), obj=context, input=stdin, standalone_mode=False)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def code(result: Result) -> int:
    return int(result.return_value or 0)


def changed(folder: Path, *edits: tuple[str, str], more: str = "") -> str:
    text = (folder / "config.toml").read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    path = folder / "neu.toml"
    path.write_text(text + more, encoding="utf-8")
    return str(path)


TABLE = "nr;text\n1;Eine Matratze\n2;Ein Klapprad\n3;Bitte um Rückruf\n"


def table(folder: Path, text: str = TABLE, name: str = "tabelle.csv", encoding: str = "utf-8") -> str:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return str(path)


def test_hints_do_not_refuse_the_file(folder: Path) -> None:
    new = changed(folder, ('"laterne"', '"laterne", "hund*"'))
    done = run(folder, check.check, new)
    assert 0 == code(done)
    assert "2 Hinweise, die Datei gilt trotzdem:" in done.output
    assert re.search(
        r"neu\.toml, Zeile 36, \[\[rules\]\] „Laterne“, Schlüssel keywords: „hund\*“ findet auch", done.output
    )
    assert loader.load(Path(new)).settings.rules[1].keywords == ("laterne", "hund*")


def test_a_failing_example_refuses_it_and_hints_are_not_needed(folder: Path) -> None:
    new = changed(folder, more='[[rules.tests]]\ntext = "Ein Müllsack"\n')
    assert 3 == code(run(folder, check.check, new))


def test_a_mask_over_an_urgent_word_refuses_it_with_line_and_rule(folder: Path) -> None:
    new = changed(folder, more='except = ["spritzen"]\n')
    done = run(folder, check.check, new)
    assert 3 == code(done)
    assert re.search(
        r"Zeile \d+, \[\[rules\]\] „Gefahr“, Schlüssel keywords: Die Regel ist dringend, aber", done.output
    )


def test_history_tells_what_people_correct(desk_folder: Path) -> None:
    with_bikes = changed(desk_folder, ('"müllsack"', '"müllsack", "klapprad"'))
    (desk_folder / "config.toml").write_bytes(Path(with_bikes).read_bytes())
    fresh = Runtime.open(desk_folder / "config.toml", {}, lambda: NOW)
    with storage.writing(fresh.engine) as connection:
        for number in range(5, 9):
            storage.put_in_line(connection, number)
    fresh.dispatch()
    for number in range(5, 9):
        case = f"KOD-{NOW.astimezone().year}-{number:06}"
        desk.assign(fresh.engine, fresh.active.configuration, case, ["kbk"], NOW, actor="winter")
    fresh.close()
    done = run(desk_folder, check.check, "--history")
    assert 0 == code(done)
    assert "4 von 7 Nachrichten dieser Regel hat ein Mensch anders zugewiesen" in done.output
    assert '#   "klapprad" der Regel „Müll“: 4 von 4' in run(desk_folder, suggest.suggest).output
    assert "anders zugewiesen" not in run(desk_folder, check.check).output


def test_without_changes_it_says_so(desk_folder: Path) -> None:
    done = run(desk_folder, backtest.backtest, changed(desk_folder), "--strict")
    assert (0, "9 Nachrichten verglichen. Keine würde anders weitergeleitet.\n") == (code(done), done.output)


def test_differences_are_grouped_with_cause_and_examples(desk_folder: Path) -> None:
    new = changed(desk_folder, ('"laterne"', '"laterne", "klapprad"'), ('"müllsack", "matratze"', '"müllsack"'))
    done = run(desk_folder, backtest.backtest, new)
    assert 0 == code(done)
    shown = done.output
    assert "9 Nachrichten verglichen. 6 würden anders weitergeleitet:" in shown
    assert "     4  Klärung → kbk (sammel)" in shown
    assert "Regel „Laterne“ trifft jetzt zu (Schlüsselwort „klapprad“): 4-mal" in shown
    assert "     2  gsak (heute) → Klärung" in shown
    assert re.search(r"KOD-\d{4}-000005: „Hier rostet ein \[Klapprad\]“", shown)
    assert "Petra" not in shown
    assert 1 == code(run(desk_folder, backtest.backtest, new, "--strict"))


def test_json_is_one_object(desk_folder: Path) -> None:
    new = changed(desk_folder, ('"laterne"', '"laterne", "klapprad"'))
    told = json.loads(run(desk_folder, backtest.backtest, new, "--json").output)
    assert (9, 4, 1) == (told["messages"], told["changed"], len(told["groups"]))
    [group] = told["groups"]
    assert [{"name": "kbk", "urgency": "sammel"}] == group["after"]["recipients"]
    assert {"change": "new", "rule": "Laterne", "keyword": "klapprad", "count": 4} == group["causes"][0]


def test_a_table_needs_no_database(folder: Path) -> None:
    new = changed(folder, ('"laterne"', '"laterne", "klapprad"'))
    done = run(folder, backtest.backtest, new, "--table", table(folder), "--strict")
    assert 1 == code(done)
    assert "Zeile 3: „Ein [Klapprad]“" in done.output
    assert not (folder / "data").exists()


def test_a_broken_new_file_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        run(folder, backtest.backtest, changed(folder, ('"kbk"', '"kkb"')))
    assert 3 == refused.value.exit_code


def test_an_empty_store_is_no_failure(folder: Path) -> None:
    done = run(folder, backtest.backtest, changed(folder), "--strict")
    assert 0 == code(done)
    assert "Es sind noch keine Nachrichten gespeichert." in done.output


def test_what_people_assigned_becomes_a_proposal(desk_folder: Path) -> None:
    done = run(desk_folder, suggest.suggest)
    [proposed] = tomllib.loads(done.output)["rules"]
    assert (["klapprad"], "kbk") == (proposed["keywords"], proposed["recipient"])
    assert "# 4 hat ein Mensch einer Stelle zugewiesen, zu der keine Regel führt; 1 ist in Klärung." in done.output


def test_the_proposal_can_be_pasted(desk_folder: Path) -> None:
    pasted = changed(desk_folder, more=run(desk_folder, suggest.suggest).output)
    assert 0 == code(run(desk_folder, check.check, pasted))
    assert "     4  Klärung → kbk (heute)" in run(desk_folder, backtest.backtest, pasted).output


def test_a_table_will_do(folder: Path) -> None:
    rows = "".join(f"Klapprad Nummer {number} rostet;kbk\n" for number in range(4))
    rows += "".join(f"Ein Müllsack, Tag {number};gsak\n" for number in range(9))
    done = run(folder, suggest.suggest, "--table", table(folder, f"text;recipients\n{rows}"), "--json")
    told = json.loads(done.output)
    assert ["klapprad"] == [one["keyword"] for one in told["proposals"] if " " not in one["keyword"]][:1]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (TABLE, "utf-8"),
        (TABLE, "utf-8-sig"),
        (TABLE, "cp1252"),
        (TABLE.replace(";", "\t"), "utf-16"),
        (TABLE.replace(";", ","), "utf-8"),
        ("nr;a,b,c;text\n1;x;Eine Matratze\n2;x;Ein Klapprad\n3;x;Bitte um Rückruf\n", "utf-8"),
    ],
)
def test_any_usual_table_is_read(folder: Path, text: str, encoding: str) -> None:
    output = folder / "aus.csv"
    done = run(folder, classify.classify, table(folder, text, encoding=encoding), "--output", str(output))
    assert "3 Zeilen eingeordnet" in done.output
    rows = read(output)
    assert ["gsak", "", ""] == [row["recipients"] for row in rows]
    assert "Bitte um Rückruf" == rows[2]["text"]


def test_the_users_cells_come_back_as_they_were(folder: Path) -> None:
    cells = ["=1+1", " Leerzeichen ", "Zeile\r\neins\u2028zwei", '"Zitat"', "-5", "a;b", ""]
    source = folder / "tabelle.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([["text", "zelle"], *(["Eine Matratze", cell] for cell in cells)])
    run(folder, classify.classify, str(source), "--output", str(folder / "aus.csv"))
    assert cells == [row["zelle"] for row in read(folder / "aus.csv")]


def test_rows_that_are_too_short_or_blank_do_no_harm(folder: Path) -> None:
    source = table(folder, "nr;text;ort\n1\n\n2;Eine Matratze\n")
    run(folder, classify.classify, source, "--output", str(folder / "aus.csv"))
    assert [("1", "review"), ("2", "routed")] == [(row["nr"], row["state"]) for row in read(folder / "aus.csv")]


def test_what_we_add_is_never_a_formula(folder: Path) -> None:
    text = SMALL.replace('"laterne"', '"laterne", "/[=@]cmd/"')
    (folder / "config.toml").write_text(text, encoding="utf-8")
    run(folder, classify.classify, table(folder, "text\n=cmd|x\n"), "--output", str(folder / "aus.csv"))
    assert ("=cmd|x", "'=cmd") == (read(folder / "aus.csv")[0]["text"], read(folder / "aus.csv")[0]["matches"])


def test_the_table_itself_is_never_overwritten(folder: Path) -> None:
    source = table(folder)
    with pytest.raises(Exception, match="braucht einen anderen Namen"):
        run(folder, classify.classify, source, "--output", source)
    assert TABLE == Path(source).read_text(encoding="utf-8")


def test_a_failure_leaves_no_half_table(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("routing.rules.classify", fails)
    with pytest.raises((KeyboardInterrupt, click.Abort)):
        run(folder, classify.classify, table(folder), "--output", str(folder / "aus.csv"))
    assert ["config.toml", "tabelle.csv"] == sorted(path.name for path in folder.iterdir())


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


MAIL = """\
From: Petra Musterfrau <petra@example.org>
Subject: Matratze
Message-ID: <eins@example.org>
Content-Type: text/plain; charset=utf-8

Da liegt eine Matratze. Herr Müllsack weiß Bescheid.

Am 22.11.2026 schrieb der KOD:
> Die Laterne ist repariert.
"""


def told_of(folder: Path, text: str, *, coloured: bool = False) -> str:
    loaded = loader.load(folder / "config.toml")
    path = folder / "mail.eml"
    path.write_text(text, encoding="utf-8")
    message = input_texts.read(str(path))
    rule_set, _ = judging.build(loaded.settings, {}, loaded.gazetteer)
    monday = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)
    teller = explanation.Teller(loaded.settings, monday, coloured, Evidence(message, rule_set))
    return "\n".join(teller.lines(judging.classify(message, rule_set), message))


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Subject: Laterne\n\nSie ist aus.\n", "Laterne"),
        ("From petra@example.org Mon Nov 23 10:00:00 2026\nSubject: Laterne\n\nSie ist aus.\n", "Laterne"),
        ("\ufeffReturn-Path: <>\r\nsubject : Laterne\r\n\r\nSie ist aus.\r\n", "Laterne"),
        ("Anruferin: Frau Muster\nLaterne: Sie ist aus.\n", ""),
        ("Laterne aus\n\nSubject: steht erst im Text\n", ""),
    ],
)
def test_a_text_file_that_holds_a_mail_is_read_as_one(tmp_path: Path, text: str, subject: str) -> None:
    path = tmp_path / "notiz.txt"
    path.write_text(text, encoding="utf-8")
    message = input_texts.read(str(path))
    assert subject == message.subject
    assert "aus" in message.text


def test_it_names_sentence_word_rule_body_and_moment(folder: Path) -> None:
    told = click.unstyle(told_of(folder, MAIL))
    assert "1. Abfall → gsak (heute, innerhalb der Dienstzeit)" in told
    assert "an GSAK: ginge hinaus am 23.11.2026 10:12" in told
    assert "Betreff: [Matratze]" in told
    assert "Text: Da liegt eine [Matratze]." in told
    assert "gefunden „Matratze“ (2-mal), Schlüsselwort „matratze“ der Regel „Müll“" in told


def test_it_names_what_was_not_counted_and_what_was_not_read(folder: Path) -> None:
    told = click.unstyle(told_of(folder, MAIL.replace("Matratze", "Uhr")))
    assert "„Müllsack“ für die Regel „Müll“ (Schlüsselwort müllsack): Das Wort ist hier ein Name." in told
    assert "> Die Laterne ist repariert." in told


def test_in_colour_the_word_is_marked_without_brackets(folder: Path) -> None:
    told = told_of(folder, MAIL, coloured=True)
    assert "\x1b[33m" in told
    assert "[Matratze]" not in told
    assert "Da liegt eine Matratze." in click.unstyle(told)


def test_a_citizen_cannot_paint_the_terminal(folder: Path) -> None:
    told = told_of(folder, MAIL.replace("Da liegt", "\x1b[2J\x1b]0;x\x07 Da liegt"))
    assert "\x1b[2J" not in told
    assert "\x07" not in told


def test_a_pipe_gets_no_colours(folder: Path) -> None:
    assert "\x1b" not in run(folder, explain.explain, "-", stdin="Eine Matratze").output


TONNE = """
[[rules]]
name = "Tonne"
category = "Tonne"
recipient = "gsak"
urgency = "heute"
keywords = ["tonne ... geleert", "biotonne"]
"""


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("Eine Matratze", "müll", "Die Regel „Müll“ trifft zu, siehe oben."),
        ("Herr Müllsack ruft an", "Müll", "„Müllsack“ für die Regel „Müll“ (Schlüsselwort müllsack): Das Wort ist"),
        ("Die Tonne steht da", "Tonne", "„tonne ... geleert“: „Tonne“ steht da, es fehlt „geleert“."),
        ("Geleert wurde die Tonne", "Tonne", "„Tonne“ und „Geleert“ stehen da, aber nicht so, wie es verlangt ist."),
        ("Bitte um Rückruf", "Tonne", "Von ihren 2 Schlüsselwörtern steht keines im Text."),
    ],
)
def test_explain_says_why_a_rule_does_not_apply(folder: Path, text: str, name: str, said: str) -> None:
    (folder / "config.toml").write_text(SMALL + TONNE, encoding="utf-8")
    assert said in run(folder, explain.explain, "-", "--rule", name, stdin=text).output


def test_explain_guesses_the_rule_that_was_meant(folder: Path) -> None:
    with pytest.raises(errors.UsageError, match="Meinten Sie „Laterne“"):
        run(folder, explain.explain, "-", "--rule", "Latern", stdin="Eine Matratze")


def test_the_history_is_read_in_pieces_from_both_engines(
    folder: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "ROWS", 2)
    engine = fill(folder, database_url).engine
    try:
        stored = list(history.messages(engine))
        assert list(TEXTS) == [one.message.new_text for one in stored]
        assert 9 == history.count(engine) == history.count(engine, NOW - timedelta(days=1))
        assert [] == list(history.messages(engine, NOW + timedelta(days=1)))
        assert [[False], [False, True]] == [[one.by_person for one in stored[number].decisions] for number in (0, 4)]
        assert ("kbk",) == stored[4].decisions[-1].recipients
        assert stored[4].case.endswith("000005")
        judged = list(history.judged(engine, NOW - timedelta(days=1)))
        assert (9, 4) == (len(judged), sum(one.is_corrected for one in judged))
        assert frozenset({("Müll", "müllsack")}) == judged[-1].matches
    finally:
        engine.dispose()


def reloaded(folder: Path, sink: SmtpSink, changed: str) -> tuple[bool, bool]:
    """Whether a running program took the changed file over, and whether the operator was told of a refusal."""
    path = folder / "config.toml"
    served = f'host = "127.0.0.1"\nport = {sink.port}\nsecurity = "none"'
    path.write_text(SMALL.replace('host = "smtp.invalid"', served), encoding="utf-8")
    runtime = Runtime.open(path, {}, lambda: NOW)
    before = runtime.active
    path.write_text(path.read_text(encoding="utf-8") + changed, encoding="utf-8")
    taken = runtime.reload()
    assert taken is (runtime.active is not before)
    runtime.close()
    return taken, bool(sink.messages)


@pytest.mark.parametrize(
    ("changed", "taken"),
    [
        ('except = ["spritzgebäck"]', True),
        ('except = ["spritzen"]', False),
        ('[[rules.tests]]\ntext = "Ein Müllsack"', False),
        (
            '[[rules]]\nname = "Hunde"\ncategory = "H"\nrecipient = "kod"\nurgency = "heute"\nkeywords = ["hund*"]',
            True,
        ),
    ],
    ids=["good", "silences-an-emergency", "failing-example", "only-a-hint"],
)
def test_only_what_check_passes_goes_live_and_hints_do_not_keep_it_back(
    folder: Path, smtp_sink: SmtpSink, changed: str, *, taken: bool
) -> None:
    assert (taken, not taken) == reloaded(folder, smtp_sink, changed)
    assert (0 if taken else 3) == code(run(folder, check.check))
