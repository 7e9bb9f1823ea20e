"""Erasing a person as a door sees it: rows, mail servers, phone logs, the list for a restore, and notices to bodies.

The database comes first, in one transaction with the notices; what lies outside follows, and what of it failed is told
and gone on with at night (mail servers) or by the same command again (files).
"""

import secrets
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from msgspec import Struct
from sqlalchemy.engine import Connection

from intake import drop_folder, reference, storage
from intake.base import german
from routing import letters
from routing.model.decision import Urgency
from routing.model.settings import Settings
from routing.model.transport import outgoing
from routing.pipeline import mailing
from routing.privacy import erasure
from routing.privacy.deletion import protocol, returning
from routing.privacy.deletion.protocol import Run
from routing.privacy.erasure import Erased, Told
from routing.service.watch import clearing

if TYPE_CHECKING:
    from routing.service.runtime import Runtime
    from routing.service.watch.clearing import Boxes

log = structlog.get_logger(__name__)


class Outcome(Struct, frozen=True):
    """What was erased, how many mails on servers and files of phone logs went, and in German what did not."""

    erased: Erased
    mails: int
    files: int
    troubles: tuple[str, ...]


def erase(
    runtime: "Runtime", messages: Collection[int], boxes: "Boxes", *, actor: str, notify: bool = True
) -> Outcome:
    """Erase these messages (ids) everywhere; with ``notify`` bodies are asked to delete our letters (Art. 19 GDPR).

    ``boxes``: what ``channels.clearing`` gives.

    Raises TemporaryError for the database; then nothing was done.
    """
    run = Run(runtime.clock(), actor)
    with storage.writing(runtime.engine) as connection:
        erased = erasure.erase(connection, messages, run)
        if notify:
            _notify(connection, runtime.settings, erased.told, run.at)
    cleared, troubles = clearing.clear_mailboxes(runtime, boxes, erasure.RULE, run)
    files, refused = _files(runtime.settings, erased.files)
    with storage.writing(runtime.engine) as connection:
        protocol.note(connection, run, erasure.RULE, "Telefonlisten im Ablageordner", files, (None, None))
    returning.keep_list(runtime.engine, runtime.settings.service.data)
    storage.shrink(runtime.engine)
    log.info("person erased", messages=len(erased.messages), kept=len(erased.kept))
    return Outcome(erased, sum(box.removed for box in cleared), files, (*troubles, *refused))


def sentences(done: Outcome) -> Iterator[str]:
    """What became of it in German: what went, what stays and why, who has letters, what failed."""
    erased = done.erased
    yield (
        f"Gelöscht: {german.counted(len(erased.messages), 'Nachricht', 'Nachrichten')} mit Urschrift und Anhängen, "
        f"{erased.letters} Schreiben, {done.mails} E-Mails auf dem Mailserver, {done.files} Dateien im Ablageordner."
    )
    if erased.kept:
        yield f"Gesperrt und darum geblieben (hold): {', '.join(map(reference.message_number, erased.kept))}."
    for case in erased.open_cases:
        yield f"{case} ist noch offen: Kategorie und Ort bleiben, bis er geschlossen ist (Art. 17 Abs. 3 DSGVO)."
    for one in erased.told:
        yield f"{one.recipient} hat ein Schreiben zu {one.number} vom {german.local(one.sent):%d.%m.%Y}."
    yield "Es bleiben: Zahlen für die Statistik, das Löschprotokoll ohne Inhalt, Schlüsselhashes."
    yield "Sicherungen enthalten die Daten noch; nach einem Zurückspielen werden sie gleich wieder gelöscht."
    yield from done.troubles


def _notify(connection: Connection, settings: Settings, told: Sequence[Told], now: datetime) -> None:
    """One letter to each body: which of our letters it must delete. It names numbers and days, nothing else."""
    new = []
    for name in dict.fromkeys(one.recipient for one in told):
        body = settings.recipients.get(name)
        if body is None:
            continue
        mine = [one for one in told if one.recipient == name]
        lines = "\n".join(
            f"  {one.number}, geschickt am {german.long_date(german.local(one.sent).date())}" for one in mine
        )
        text = (
            f"Guten Tag,\n\neine Person hat die Löschung ihrer Daten verlangt (Art. 17 DSGVO). Bitte löschen Sie die\n"
            f"folgenden Schreiben und was Sie daraus übernommen haben, soweit Sie es nicht aufbewahren müssen\n"
            f"(Art. 19 DSGVO):\n\n{lines}\n\n{settings.city.signed}\n"
        )
        token = f"{name}.{secrets.token_hex(8)}"
        envelope = letters.envelope(outgoing(settings), mine[0].number, body.addresses, now, token)
        count = german.counted(len(mine), "Vorgang", "Vorgänge")
        subject = f"[{settings.city.reference}-Datenschutz] Bitte löschen: {count}"
        new.append(mailing.addressed(letters.compose_plain(envelope, subject, text), name, Urgency.HEUTE))
    if new:
        mailing.freeze(connection, new, settings, now)


def _files(settings: Settings, files: Sequence[tuple[str, str]]) -> tuple[int, list[str]]:
    """Delete the phone logs that rows of the person came by: (how many files, in German what did not go)."""
    count, refused = 0, []
    for name, table in settings.drop_folders.items():
        digests = {digest for source, digest in files if source == f"{drop_folder.SOURCE}{name}"}
        if not digests:
            continue
        try:
            for path in list(erasure.files_of(table.folder, digests)):
                path.unlink(missing_ok=True)
                count += 1
        except OSError as error:
            refused.append(f"Ablageordner „{name}“: {german.refusal(error)}. Bitte dort von Hand löschen.")
    return count, refused
