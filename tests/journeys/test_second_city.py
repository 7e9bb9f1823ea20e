"""Another city by data alone: its mail, phone log, letters, answers and help name nothing of the first one."""

import email
import email.policy
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from routing import rules
from routing.cli import group
from routing.config import loader
from routing.model.decision import State, Urgency
from routing.model.settings import Configuration
from routing.planning import schedule
from routing.service import once, runtime
from tests import ROOT, TESTS
from tests.house.test_city import named
from tests.servers.smtp import SmtpSink
from tests.support import rule_examples
from tests.support.journeys import Clock
from tests.support.office import Office

DATA = TESTS / "data" / "musterstadt"
LOG = """\
Datum;Uhrzeit;Anrufer;Telefon;Ort;Anliegen
10.06.2026;08:10;Erika Probe;089 1234567;Ludwigstraße 7;Straßenlaterne flackert
10.06.2026;08:20;;;Schmiedgasse;Sperrmüll neben dem Container
10.06.2026;08:30;;;;Wann hat das Bürgerbüro auf?
"""


@pytest.fixture
def office(tmp_path: Path, smtp_sink: SmtpSink) -> Iterator[Office]:
    shutil.copytree(DATA, tmp_path / "stadt")
    config = tmp_path / "stadt" / "config.toml"
    text = config.read_text(encoding="utf-8").replace("port = 25", f"port = {smtp_sink.port}")
    config.write_text(f'{text}\n[drop_folders.telefon]\nfolder = "telefon"\nsettle_seconds = 0\n', encoding="utf-8")
    clock = Clock("2026-06-10 09:00")
    work = runtime.Runtime.open(config, {}, clock)
    (tmp_path / "stadt" / "telefon").mkdir(exist_ok=True)
    found = Office(work, clock, smtp_sink)
    yield found
    found.close()
    work.close()


def whole(content: bytes) -> str:
    """Everything that can be read in a mail: its head and every part of it."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    parts = [part.get_content() for part in message.walk() if not part.is_multipart()]
    read = (part if isinstance(part, str) else part.decode("utf-8", "replace") for part in parts)
    return "\n".join((*(f"{name}: {value}" for name, value in message.items()), *read))


def test_letters_lists_answers_and_commands_name_nothing_of_another_city(office: Office, tmp_path: Path) -> None:
    folder = tmp_path / "stadt"
    (folder / "telefon" / "liste.csv").write_text(LOG, encoding="utf-8")
    assert once.run(office.work).troubles == []
    office.receive("Am Moosacher Weg 3 liegt eine alte Matratze.")
    office.receive("Ölspur auf der Ludwigstraße 12!")
    office.receive("Vor dem Roten Rathaus liegt ein Mann bewusstlos.")
    office.receive("Das Schlagloch am Viktualienmarkt wird größer.")
    office.receive("Guten Tag, wann ist das Fest?")
    oil = next(letter for letter in office.letters("auftrag@bauhof.invalid") if "SOFORT" in letter.subject)
    office.at("2026-06-10 09:31")  # nobody has answered: the letter again, and a call to the duty desk
    office.reply(oil, "Beauftragt.")
    office.at("2026-06-11 13:05")
    office.at("2026-06-22 09:00")  # reminders
    sent = [received.content for received in office.sink.messages]
    assert {"leitstelle@musterstadt.invalid", "auftrag@bauhof.invalid", "stoerung@stadtwerke.invalid"} <= {
        address for letter in office.letters() for address in letter.to
    }
    assert any("[MUS-Klaerung]" in letter.title for letter in office.letters())
    assert any("[MUS-Erinnerung]" in letter.title for letter in office.letters())
    assert any("https://melden.musterstadt.example/" in whole(one) for one in sent)
    assert [] == [(word, whole(one)) for one in sent for word in named(whole(one))]
    numbers = [row["number"] for row in office.rows("SELECT number FROM cases ORDER BY id")]
    assert len(numbers) >= 8
    assert all(number.startswith("MUS-2026-") for number in numbers)
    runner, config = CliRunner(), ["--config", str(folder / "config.toml")]
    commands = [
        ["list"],
        ["check"],
        ["status"],
        ["outbox"],
        ["preview", "bauhof"],
        *(["show", one] for one in numbers),
    ]
    for command in commands:
        said = runner.invoke(group, [*config, *command], catch_exceptions=False).output
        assert (command, []) == (command, named(said))


def test_no_page_of_help_names_a_city() -> None:
    runner = CliRunner()
    names = group.list_commands(click.Context(group))
    pages = [runner.invoke(group, [*name, "--help"]).output for name in ([], *([name] for name in names))]
    assert len(pages) > 15
    assert [] == [(word, page) for page in pages for word in named(page)]


@pytest.fixture(scope="module")
def configuration() -> Configuration:
    return loader.load(DATA / "config.toml")


def decided(configuration: Configuration, text: str) -> tuple[State, str, list[tuple[str, str, str]]]:
    rule_set, problems = rules.build(configuration.settings, configuration.vocabulary, configuration.gazetteer)
    assert problems == ()
    decision = rules.classify(rule_examples.message(text), rule_set)
    return decision.state, decision.reason, [(place.street, place.number, place.town) for place in decision.places]


def test_what_lies_in_the_first_city_is_elsewhere_here(configuration: Configuration) -> None:
    state, reason, _ = decided(configuration, "Wilder Müll, Ostwall 5, 47798 Krefeld.")
    assert (State.REVIEW, "Der Ort liegt nicht in Musterstadt: Krefeld. Ein Mensch entscheidet.") == (state, reason)
    assert State.ROUTED is decided(configuration, "Wilder Müll, Schmiedgasse 5, 80331 Musterstadt.")[0]


def test_its_own_places_are_known(configuration: Configuration) -> None:
    _, _, places = decided(configuration, "Müll Am Färbergraben 3 und am Roten Rathaus")
    assert places[0] == ("Am Färbergraben", "3", "")


def test_its_duty_desk_alone_gets_an_emergency(configuration: Configuration) -> None:
    rule_set, _ = rules.build(configuration.settings, {}, configuration.gazetteer)
    decision = rules.classify(rule_examples.message("Ein Mann liegt bewusstlos im Seepark, daneben Müll"), rule_set)
    assert [("leitstelle",)] == [
        concern.recipients for concern in decision.concerns if concern.urgency is Urgency.NOTFALL
    ]


def test_its_own_holidays_are_kept(configuration: Configuration) -> None:
    settings = configuration.settings
    epiphany = datetime(2027, 1, 6, 9, 0, tzinfo=UTC)  # Heilige Drei Könige: in Bavaria, not in North Rhine-Westphalia
    due = {
        name: schedule.due(Urgency.HEUTE, body, settings.office, epiphany)
        for name, body in settings.recipients.items()
    }
    assert due["leitstelle"] == epiphany  # which works on holidays
    assert due["bauhof"] == due["stadtwerke"] == datetime(2027, 1, 7, 7, 0, tzinfo=UTC)


def test_the_shipped_file_with_another_name_is_of_that_city(tmp_path: Path) -> None:
    """What a neighbour would try first: every Krefeld in config.toml and gazetteer.toml becomes Duisburg."""
    for name in ("config.toml", "gazetteer.toml"):
        text = (ROOT / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace("Krefeld", "Duisburg"), encoding="utf-8")
    duisburg = loader.load(tmp_path / "config.toml", prove=False)
    state, reason, places = decided(duisburg, "Wilder Müll, Hauptstraße 5, 47166 Duisburg.")
    assert (State.ROUTED, [("Hauptstraße", "5", "")]) == (state, places), reason
    assert "nicht in Duisburg: Moers" in decided(duisburg, "Wilder Müll, Hauptstraße 5, 47441 Moers.")[1]
