"""What does not hold of [[forms]]: a name given twice, a sender that is none, an example that is read otherwise."""

from collections.abc import Iterator

from intake.message import Message
from routing.config.problems import Fault, KeyPath
from routing.model.forms import Form
from routing.model.library import Library
from routing.model.settings import Settings
from routing.text import web_forms

_ADVICE = "Ergänzen Sie die Feldnamen unter contact, place, text oder ignore, oder berichtigen Sie das Beispiel."


def faults(settings: Settings, library: Library) -> Iterator[Fault]:
    """Everything that is wrong with the forms, each where it stands."""
    seen: set[str] = set()
    for index, form in enumerate(settings.forms):
        path: KeyPath = ("forms", index)
        name = form.name.strip().casefold()
        if not name or name in seen:
            what = f"Den Namen „{form.name}“ hat schon ein Formular." if name else "Der Name des Formulars ist leer."
            yield Fault((*path, "name"), what, "Geben Sie jedem Formular einen eigenen Namen.")
        seen.add(name)
        if "@" not in form.sender.strip() or form.sender.strip().endswith("@"):
            what = f"„{form.sender}“ ist weder eine E-Mail-Adresse noch eine Domäne."
            yield Fault((*path, "sender"), what, 'Schreiben Sie "formular@example.org" oder "@example.org".')
        elif not (form.contact or form.place or form.text or form.ignore):
            yield Fault(path, "Das Formular nennt keine Felder.", _ADVICE, is_about_table=True)
        elif form.example is not None:
            yield from _example(form, (*path, "example"), web_forms.of(library, settings.forms))


def _example(form: Form, path: KeyPath, known: web_forms.Known) -> Iterator[Fault]:
    example = form.example
    assert example is not None
    sender = form.sender.strip()
    address = f"formular{sender}" if sender.startswith("@") else sender
    reading = web_forms.read(Message(channel="Test", identity=b"", from_addr=address, new_text=example.text), known)
    if reading is None:
        yield Fault((*path, "text"), "In diesem Beispiel ist kein Feld des Formulars zu erkennen.", _ADVICE)
        return
    if example.place not in reading.scene:
        what = f"Als Ort gelesen wird „{reading.scene}“, nicht „{example.place}“."
        yield Fault((*path, "place"), what, _ADVICE)
    for number, words in enumerate(example.says):
        if words not in reading.told:
            yield Fault((*path, "says", number), f"„{words}“ wird nicht als Anliegen gelesen.", _ADVICE)
    for number, words in enumerate(example.never):
        if words in reading.told:
            yield Fault((*path, "never", number), f"„{words}“ ginge mit dem Anliegen hinaus.", _ADVICE)
    if reading.unclear:
        yield Fault((*path, "text"), reading.unclear, _ADVICE)
