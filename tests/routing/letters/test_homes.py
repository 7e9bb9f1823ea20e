"""A home never becomes a letter's line "Ort" (promise P3), through the store, the rules and the frozen bytes."""

import email
import email.policy
from pathlib import Path

import sqlalchemy as sa

from intake import storage
from routing.store import tables
from tests.support import letterbox

NUMBER = "4711"
HOMES = (
    "Ich wohne in der Tannenstraße 4711. Auf dem Ostwall 12 liegen Müllsäcke.",
    "Wir wohnen Tannenstraße 4711, aber auf dem Ostwall 12 liegen Müllsäcke.",
    "Unser Büro ist in der Tannenstraße 4711; die Laterne auf dem Ostwall 12 ist aus.",
    "Name: Roth\nStraße/Nr.: Tannenstraße 4711\nPLZ/Ort: 47799 Krefeld\nAnliegen: Müllsäcke auf dem Ostwall 12",
    "Absender: Karl Roth, Tannenstraße 4711, 47799 Krefeld\nStandort: Ostwall 12\nDie Laterne ist aus.",
    "name=Roth\nstrasse=Tannenstraße 4711\nnachricht=Auf dem Ostwall 12 liegen Müllsäcke",
    "Frau Roth, Tannenstraße 4711, meldet: Auf dem Ostwall 12 liegen Müllsäcke.",
    "Auf dem Ostwall 12 liegen Müllsäcke.\n\nKarla Roth\nTannenstraße 4711\n47799 Krefeld",
    "Meine Mutter wohnt Tannenstraße 4711. Auf dem Ostwall 12 liegen Müllsäcke.",
)


def test_a_home_never_becomes_the_place_of_a_letter(tmp_path: Path) -> None:
    with letterbox.worked(tmp_path, letterbox.configured(tmp_path), letterbox.rows(*HOMES)) as engine:
        letters = letterbox.letters(engine)
        with storage.reading(engine) as connection:
            found = connection.scalars(sa.select(tables.concerns.c.place)).all()

    assert {"Ostwall 12"} == set(found)
    assert letters
    for letter in letters:
        sent = email.message_from_bytes(letter.raw, policy=email.policy.default)
        body = sent.get_body(("plain",))
        assert body is not None
        places = [line for line in body.get_content().splitlines() if line.lstrip().startswith("Ort")]
        assert NUMBER not in f"{sent['subject']} {places}"
