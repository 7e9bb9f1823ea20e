"""[[forms]] of config.toml: what is taught is read so, and an example that does not hold is a mistake."""

from typing import Any

import pytest

from intake.message import Message
from routing.config import library
from routing.config.checks import forms
from routing.model.forms import Form, FormExample
from routing.model.settings import Settings
from routing.text import web_forms

TEXT = "Konto: Erika Beispiel\nZielpunkt: Ostwall 12\nKlartext: Dort liegen Müllsäcke."


def taught(*, example: FormExample | None = None, **changes: Any) -> Form:
    values: dict[str, Any] = {"name": "Portal", "sender": "@portal.invalid", "contact": ("Konto",)}
    values |= {"place": ("Zielpunkt",), "text": ("Klartext",), "example": example}
    return Form.model_validate(values | changes)


def wrong(*several: Form) -> list[str]:
    """The keys at which something is wrong."""
    settings = Settings.model_construct(forms=several)
    return [".".join(map(str, fault.path[1:])) for fault in forms.faults(settings, library.load())]


@pytest.mark.parametrize(
    ("example", "at"),
    [
        ({"place": "Ostwall 12", "says": ["Müllsäcke"], "never": ["Erika"]}, []),
        ({"place": "Ostwall 13"}, ["0.example.place"]),
        ({"says": ["Laterne"]}, ["0.example.says.0"]),
        ({"never": ["Müllsäcke"]}, ["0.example.never.0"]),
        ({"text": "Nichts davon."}, ["0.example.text"]),
    ],
)
def test_an_example_must_be_read_as_it_says(example: dict[str, Any], at: list[str]) -> None:
    assert at == wrong(taught(example=FormExample.model_validate({"text": TEXT} | example)))


def test_names_senders_and_fields_are_needed() -> None:
    assert ["1.name"] == wrong(taught(), taught())
    assert ["0.sender"] == wrong(taught(sender="portal"))
    assert ["0"] == wrong(taught(contact=(), place=(), text=()))


def test_only_mails_of_that_sender_are_read_by_it() -> None:
    known = web_forms.of(library.load(), (taught(),))
    mail = Message(channel="E-Mail", identity=b"", from_addr="a@portal.invalid", new_text=TEXT)
    other = Message(channel="E-Mail", identity=b"", from_addr="a@example.org", new_text=TEXT)
    reading = web_forms.read(mail, known)
    assert reading is not None
    assert "Ostwall 12" == reading.scene
    assert len(TEXT) == len(reading.told) == len(reading.judged)
    assert web_forms.read(other, known) is None
