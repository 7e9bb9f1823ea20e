"""Nothing personal leaves (promise P3): 500 marked concerns go the whole way, and no letter shows a mark.

They go from the mail's bytes and the phone log's rows through the store, the rules and the composing to the frozen
bytes of every letter. Where consent was recorded and the recipient may have contact data, name and number are there,
and nowhere else.
"""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from intake import storage
from intake.message import Arrival
from routing import letters
from routing.model.settings import Configuration
from routing.store import tables
from tests.routing.letters.test_letters import GSAK, TEMPLATES, composed, envelope, view
from tests.support import leaks, letterbox
from tests.support.letterbox import NOW
from tests.support.rule_examples import KREFELD

MAILS, ROWS = 350, 150


@dataclass(frozen=True, slots=True)
class Sent:
    """A frozen letter; ``shared``: what it may show, for the citizens agreed and the body may have contact data."""

    recipient: str
    raw: bytes
    shared: tuple[str, ...]


def _arrivals(chance: random.Random) -> list[Arrival]:
    arrivals = letterbox.mails(*(leaks.mail(chance, number) for number in range(MAILS)))
    for number in range(ROWS):
        own = leaks.person(chance)
        _, text = leaks.words(chance, own)
        row = letterbox.message(
            number,
            text,
            from_name=own.name,
            contact=own.phone,
            place=chance.choice(("Ostwall 12", "Theaterplatz", f"bei {own.name}", "")),
            consent=chance.choice((True, False, None)),
        )
        arrivals.append(Arrival(source="telefon", key=f"{number}", received_at=NOW, raw=b"", message=row))
    return arrivals


def _letters(engine: Engine, configuration: Configuration) -> list[Sent]:
    with storage.reading(engine) as connection:
        rows = letterbox.letters(engine)
        return [Sent(row.recipient, row.raw, _shared(connection, row, configuration)) for row in rows]


def _shared(connection: sa.Connection, row: Any, configuration: Configuration) -> tuple[str, ...]:
    if "contact" not in configuration.settings.recipients[row.recipient].share:
        return ()
    forwards, concerns = tables.forwards.c, tables.concerns.c
    query = sa.select(concerns.message_id).join(tables.forwards, forwards.concern_id == concerns.id)
    stored = [storage.get(connection, one) for one in connection.scalars(query.where(forwards.letter_id == row.id))]
    messages = [one.message for one in stored if one is not None]
    return tuple(f"{message.from_name}, {message.contact}" for message in messages if message.consent)


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Configuration:
    return letterbox.configured(tmp_path_factory.mktemp("config"))


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory, configuration: Configuration) -> list[Sent]:
    """Every letter that came of the marked concerns."""
    arrivals = _arrivals(random.Random(20261122))
    with letterbox.worked(tmp_path_factory.mktemp("leak"), configuration, arrivals) as engine:
        return _letters(engine, configuration)


def test_no_letter_shows_a_mark(sent: list[Sent]) -> None:
    assert [] == [(one.recipient, hit) for one in sent for hit in leaks.search(one.raw, one.shared)]
    assert {"gsak", "ngn", "kbk", "kod"} == {one.recipient for one in sent}
    assert {"multipart/mixed", "multipart/alternative"} == {leaks.read(one.raw).get_content_type() for one in sent}
    assert 20 < sum(one.raw.count(b"image/jpeg") for one in sent)


def test_photos_go_to_bodies_inside_the_city_alone(sent: list[Sent]) -> None:
    assert {"kod"} == {one.recipient for one in sent if b"image/jpeg" in one.raw}


def test_with_consent_a_body_that_may_gets_name_and_number(sent: list[Sent]) -> None:
    agreed = [(contact, one) for one in sent for contact in one.shared]
    assert 3 < len(agreed)
    for contact, one in agreed:
        text = " ".join(str(leaks.body(one.raw)).split())
        assert f"Kontakt: {contact} (Weitergabe wurde zugestimmt)" in text


def test_most_concerns_went_out(sent: list[Sent]) -> None:
    """A test of letters that are not written would not fail."""
    assert 200 < len(sent)
    assert 300 < sum(leaks.concerns(one.raw) for one in sent)


MARKED = view(text="Müll", category="Quorzel", district="KR-QZ 12", received=NOW)


@pytest.mark.parametrize(
    ("part", "made"),
    [
        ("header Subject", composed(view(place="bei Quorzel 7"))),
        ("header To", composed(view(), to=("quorzel@gsak.invalid",))),
        ("header References", composed(view(), answers=("1.quorz@web.invalid",))),
        ("header X-KOD-Intake", composed(view(), number="KOD-Quorzel")),
        ("text/plain", composed(MARKED)),
        ("text/html", composed(MARKED)),
        ("text/csv", composed(MARKED, kind="digest")),
        ("application/json", composed(MARKED, kind="digest")),
        ("application/json", composed(view(contact="0157 77345012"), kind="digest")),
        ("file name", composed(view(), kind="digest", number="KOD-Quorzel")),
    ],
)
def test_a_planted_mark_is_found(part: str, made: letters.Letter) -> None:
    assert part in {hit.part for hit in leaks.search(made.raw)}


@pytest.mark.parametrize(
    "written", ["0157/77 34 50 12", "(0157) 773-450-12", "77.34.50", "de 9988 7766", "9 9 8 8 7 7 6 6"]
)
def test_a_number_is_found_however_it_is_grouped(written: str) -> None:
    made = composed(view(category=written))  # nothing is taken out of a category
    assert {"bytes", "text/plain", "text/html"} <= {hit.part for hit in leaks.search(made.raw)}


def test_digits_that_only_follow_one_another_are_no_number() -> None:
    assert [] == leaks.search(composed(view(text="Mast 77, Haus 34, 50 m weiter; Nummer 2d77a34bd50")).raw)


def test_a_mark_planted_in_a_photo_is_found() -> None:
    photo = leaks.photo(leaks.person(random.Random(1)), random.Random(1))
    made = letters.compose("forward", [view()], GSAK, envelope(), TEMPLATES, {view().number: [photo]})
    assert {"image/jpeg", "image/jpeg data"} <= {hit.part for hit in leaks.search(made.raw)}
    cleaned = letters.photos.cleaned(photo, KREFELD.box)
    assert cleaned is not None
    assert [] == leaks.search(
        letters.compose("forward", [view()], GSAK, envelope(), TEMPLATES, {view().number: [cleaned.content]}).raw
    )


def test_what_patterns_cannot_settle_is_a_gap_outside_the_city(configuration: Configuration, tmp_path: Path) -> None:
    rows = letterbox.rows(
        "Die Müllsäcke am Ostwall 3 sind von frau quorzel",
        "Der Hund am Ostwall 3 gehört frau quorzel",
        "Auf der Marktstraße ist eine Ölspur, sagt frau quorzel",
    )
    with letterbox.worked(tmp_path, configuration, rows) as engine:
        sent = _letters(engine, configuration)
    # somebody is named beside the oil: the desk is asked to look besides
    assert ["gsak", "kbk", "kod", "kod", "kod"] == sorted(one.recipient for one in sent)
    assert [] == [leaks.search(one.raw) for one in sent if one.recipient != "kod" and leaks.search(one.raw)]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Ich wohne Roßstraße 12. Am Moritzplatz liegt eine Matratze", "Moritzplatz"),
        ("Ich wohne Roßstraße 12, davor liegt eine Matratze", "Roßstraße 12"),  # he says that it is the scene
        ("Vor der Roßstraße 12 liegt eine Matratze", "Roßstraße 12"),
    ],
)
def test_the_home_of_who_reports_it_is_no_place(
    configuration: Configuration, tmp_path: Path, text: str, place: str
) -> None:
    with (
        letterbox.worked(tmp_path, configuration, letterbox.rows(text)) as engine,
        storage.reading(engine) as connection,
    ):
        assert [place] == list(connection.scalars(sa.select(tables.concerns.c.place)))
