"""The demo's report: the letters as files, and the page in the terminal from what went in to what to try next."""

import re
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from intake.base import german
from routing.cli.demo import outcome
from routing.cli.demo.folder import Folder
from routing.cli.demo.outcome import Concern, Letter
from routing.cli.demo.servers import Mailbox, Sink
from routing.cli.demo.terminal import Page
from routing.model.settings import Settings

if TYPE_CHECKING:
    from routing.cli.demo.journey import Pass
    from routing.service.runtime import Runtime


def tell(
    folder: Folder,
    samples: Mapping[str, bytes],
    passes: Sequence["Pass"],
    mailbox: Mailbox,
    sink: Sink,
    runtime: "Runtime",
    began: float,
) -> int:
    """Write the letters' files, print the page, give the exit code; ``began`` is a moment of ``time.monotonic``."""
    engine, settings = runtime.engine, runtime.settings
    letters = outcome.letters(engine, sink.arrived)
    files = save(folder.letters, letters)
    missing = [*_troubles(passes), *outcome.missing(engine, sink.arrived), *_without_letter(settings, letters)]
    page = Page()
    page.title("kod-intake: Vorführung mit erfundenen Nachrichten")
    _incoming(page, samples, mailbox, runtime)
    _passes(page, passes)
    page.heading("Was daraus wurde")
    page.concerns(outcome.concerns(engine))
    for recipient in _order(settings):
        own = {path: letter for path, letter in files.items() if letter.recipient == recipient}
        if own:
            body = settings.recipients[recipient]
            page.letters(body.name, ", ".join(body.address), own)
    if alarms := {path: letter for path, letter in files.items() if not letter.recipient}:
        page.letters("Betrieb", ", ".join(settings.operator.address), alarms)
    page.heading("In Klärung: hier entscheidet ein Mensch")
    page.remarks(outcome.review(engine))
    page.heading("Nur gespeichert: niemandem weitergeleitet")
    page.remarks(outcome.kept(engine))
    page.heading("Beim Lesen aufgefallen")
    page.remarks(outcome.problems(engine))
    _files(page, folder)
    _commands(page, folder, outcome.concerns(engine))
    return _end(page, len(letters), missing, time.monotonic() - began)


def _end(page: Page, count: int, missing: Sequence[str], seconds: float) -> int:
    page.say("")
    if missing:
        for line in missing:
            page.say(f"Fehler: {line}", style="bold red")
        return 1
    took = f"{seconds:.1f}".replace(".", ",")
    page.say(f"{count} Schreiben sind angekommen, keines fehlt ({took} Sekunden).", style="bold green")
    return 0


def save(root: Path, letters: Sequence[Letter]) -> dict[Path, Letter]:
    """Each letter as .eml (as it arrived), .txt, .html and its files in its body's folder; letters keyed by .txt path.

    Raises OSError.
    """
    files: dict[Path, Letter] = {}
    counts: dict[str, int] = {}
    for letter in letters:
        recipient = letter.recipient or "betrieb"
        counts[recipient] = counts.get(recipient, 0) + 1
        path = root / recipient / f"{counts[recipient]:02}_{_file_name(letter.subject)}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(letter.text, encoding="utf-8")
        path.with_suffix(".eml").write_bytes(letter.raw)
        if letter.html:
            path.with_suffix(".html").write_text(letter.html, encoding="utf-8")
        for name, content in letter.files:
            (path.parent / f"{path.stem}{name.removeprefix(_file_name(letter.subject))}").write_bytes(content)
        files[path] = letter
    return files


def _file_name(subject: str) -> str:
    number = re.search(r"(?<=\[)[A-Z]{2,10}-[\w-]+", subject)
    return number[0] if number else "Schreiben"


def _incoming(page: Page, samples: Mapping[str, bytes], mailbox: Mailbox, runtime: "Runtime") -> None:
    mails = sum(1 for name in samples if name.endswith(".eml"))
    page.heading("Was hineinging")
    page.say(
        f"{german.counted(mails, 'Mail', 'Mails')} im Postfach, "
        f"{german.counted(len(samples) - mails, 'Telefonliste', 'Telefonlisten')} im Ablageordner. Gespeichert sind:"
    )
    channels = outcome.channels(runtime.engine)
    page.listed(((f"  {channel}", german.number(count)) for channel, count in channels), width=24)
    folders = [f"{name} {count}" for name, count in mailbox.counts().items()]
    page.say(f"Im Postfach liegen jetzt: {', '.join(folders)}.")


def _passes(page: Page, passes: Sequence["Pass"]) -> None:
    page.heading("Was geschah (die Uhr ist gestellt, damit niemand auf die Sammellisten warten muss)")
    first = passes[0].done
    what = (
        f"{first.new} Nachrichten neu, {first.repeated} schon bekannt; {first.routed} weitergeleitet, "
        f"{first.review} in Klärung, {first.kept} nur gespeichert; {passes[0].arrived} Schreiben sofort hinaus"
    )
    lines = [(german.long_moment(passes[0].at), what)]
    for one in passes[1:]:
        count = german.counted(one.arrived, "Schreiben", "Schreiben")
        lines.append((german.long_moment(one.at), f"Uhr vorgestellt: {count}"))
    page.listed(lines, width=40)


def _order(settings: Settings) -> list[str]:
    first = _first(settings)
    return [*first, *(name for name in settings.recipients if name not in first)]


def _first(settings: Settings) -> list[str]:
    """The duty desk and the bodies outside the city, whose letters are shown first: each of them must get one."""
    outside = [name for name, body in settings.recipients.items() if not body.inside]
    return list(dict.fromkeys((settings.city.duty_desk, *outside)))


def _troubles(passes: Sequence["Pass"]) -> list[str]:
    return [trouble for one in passes for trouble in one.done.troubles]


def _without_letter(settings: Settings, letters: Sequence[Letter]) -> list[str]:
    served = {letter.recipient for letter in letters}
    unserved = [settings.recipients[name] for name in _first(settings) if name not in served]
    return [f"{body.name} hat kein Schreiben bekommen." for body in unserved]


def _files(page: Page, folder: Folder) -> None:
    page.heading("Wo alles liegt")
    lines = (
        (f"{folder.letters}/", "die Schreiben: .eml wie versandt, .txt, .html für den Browser, Anhänge"),
        (f"{folder.mails}/", "die Beispielmails"),
        (f"{folder.phone}/erledigt/", "die gelesenen Telefonlisten"),
        (f"{folder.data}/", "die Datenbank"),
        (f"{folder.config}", "die Einstellungen: Stellen, Zeiten, Regeln"),
    )
    page.listed(lines, width=max(len(name) for name, _ in lines))


def _commands(page: Page, folder: Folder, concerns: Sequence[Concern]) -> None:
    page.heading("Zum Ausprobieren")
    start = f"{_program()} --config {folder.config}"
    urgent = next((line.number for line in concerns if line.urgency == "notfall"), concerns[0].number)
    page.command(f"{start} list")
    page.command(f"{start} show {urgent}")
    page.command(f"{start} explain {folder.mails}/06_herr_mueller.eml")


def _program() -> str:
    """The command as it was called; without its folder when it lies in the PATH."""
    called = Path(sys.argv[0])
    found = shutil.which(called.name)
    outside = called.name == "kod-intake" and (found is None or Path(found).absolute() != called.absolute())
    return str(called) if outside else "kod-intake"
