"""kod-intake preview: the next list as it would be sent, in the terminal or as a file; nothing is sent or changed."""

import contextlib
import io
import sqlite3
from collections.abc import Iterator

import click
import pytest

from routing import cli
from routing.cli.commands.cases import preview
from routing.cli.context import CommandContext
from routing.cli.output import click_german
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support import journeys
from tests.support.journeys import LAMP, RUBBISH, Clock, Installation, mail


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, dovecot: Dovecot) -> Iterator[Installation]:
    """Two heaps for gsak's next list, one lamp for ngn in the morning; nobody changes it but the last test."""
    with SmtpSink() as sink:
        made = Installation(tmp_path_factory.mktemp("preview"), dovecot, sink)
        with made.opened(Clock("2026-06-09 22:00")) as work:  # a Tuesday
            for street in ("Ostwall 12", "Nordwall 7"):
                made.deliver(mail(f"{RUBBISH} am {street}"))
            made.deliver(mail(LAMP))
            journeys.work_once(work)
        yield made


def run(place: Installation, *arguments: str) -> str:
    """What the command prints."""
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        preview.preview.main(
            list(arguments),
            obj=CommandContext(place.config, {}),
            standalone_mode=False,
            parent=click.Context(cli.group),
        )
    return shown.getvalue()


def _stored(place: Installation) -> list[str]:
    with sqlite3.connect(place.folder / "data" / "kod-intake.sqlite") as connection:
        return list(connection.iterdump())


def test_the_next_list_is_shown_and_nothing_is_changed(place: Installation) -> None:
    before = _stored(place)
    sent = len(place.letters())
    shown = run(place, "gsak", "--at", "10.06.2026 07:30")
    assert "Vorschau für GSAK: Mittwoch, 10. Juni 2026, 07:30 Uhr. Nichts wird versandt oder geändert." in shown
    assert "Betreff: [KOD-S-2026-06-10-GSAK-1 #vorschau] Sammelliste 2 Hinweise" in shown
    assert "Anhang:  KOD-S-2026-06-10-GSAK-1.csv (" in shown
    assert shown.index("1. Nordwall 7") < shown.index("2. Ostwall 12")
    assert before == _stored(place)
    assert sent == len(place.letters())


def test_a_time_without_a_list_shows_the_next_one(place: Installation) -> None:
    shown = run(place, "gsak", "--at", "24.12.2026 08:00")
    assert "Vorschau für GSAK: Donnerstag, 24. Dezember 2026, 13:00 Uhr" in shown
    assert (
        "Am Donnerstag, 24. Dezember 2026, 08:00 Uhr, geht keine Liste hinaus; dies ist die nächste danach." in shown
    )


def test_an_empty_list_is_not_sent_and_says_so(place: Installation) -> None:
    shown = run(place, "kbk", "--at", "10.06.2026 07:30")
    assert "Bis dahin ist nichts geplant, und leere Listen werden nicht versandt." in shown


def test_single_letters_are_shown_where_there_is_no_list(place: Installation) -> None:
    shown = run(place, "ngn", "--at", "2026-06-10 09:00")
    assert "Heute: Straßenbeleuchtung" in shown


@pytest.mark.parametrize(
    ("ending", "begins"), [("html", "<!DOCTYPE html>"), ("txt", "Sammelliste vom Mittwoch"), ("eml", "From: ")]
)
def test_a_file_for_the_browser_or_the_mail_program(place: Installation, ending: str, begins: str) -> None:
    path = place.folder / f"vorschau.{ending}"
    told = run(place, "gsak", "--at", "10.06.2026 07:30", "--output", str(path))
    assert f"Sammelliste 2 Hinweise: {path}" in told
    assert path.read_text("utf-8").startswith(begins)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("gask",), "Meinten Sie „gsak“?"),
        (("gsak", "--at", "morgen"), "„morgen“ ist keine Zeit."),
        (("gsak", "--output", "liste.pdf"), "muss auf .html, .txt oder .eml enden"),
    ],
)
def test_a_wrong_call_is_explained(place: Installation, arguments: tuple[str, ...], problem: str) -> None:
    with pytest.raises(click.UsageError) as raised:
        run(place, *arguments)
    assert problem in click_german.told(raised.value)


def test_the_list_that_was_shown_is_the_one_that_is_sent(place: Installation) -> None:
    run(place, "gsak", "--at", "10.06.2026 07:30", "--output", str(place.folder / "liste.txt"))
    clock = Clock("2026-06-10 07:30")
    with place.opened(clock) as work:
        journeys.work_once(work)
    [sent] = place.letters("gsak")
    token = sent.subject.partition("#")[2].partition("]")[0]
    shown = (place.folder / "liste.txt").read_text("utf-8")
    assert sent.text.replace("\r\n", "\n").replace(token, "vorschau") == shown
