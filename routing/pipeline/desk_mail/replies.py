"""The one mail that says what an answer of the desk did, what it did not and why, and how to take it back.

An automatic answer with an empty return path (RFC 3834), to the member alone. A citizen's text is in it only where the
member asked for it, each line with a mark before it, so that none is an order when it comes back quoted.
"""

import secrets
import textwrap
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct
from sqlalchemy.engine import Connection

from intake.base import german
from intake.message import Stored
from routing import letters
from routing.model.decision import Urgency
from routing.model.settings import Settings
from routing.model.transport import outgoing
from routing.pipeline import mailing
from routing.store.desk_mail import DeskLetter

if TYPE_CHECKING:
    from routing.desk.orders import Outcome
    from routing.replies.desk import Unclear

LONGEST_TEXT = 20_000  # characters of one citizen's text
MOST_TEXTS = 10
_WIDTH = 76


class Said(Struct, frozen=True):
    """What came of an answer of ``member`` (name)."""

    member: str
    outcomes: "tuple[Outcome, ...]"
    unclear: "tuple[Unclear, ...]"
    is_back: bool

    @property
    def summary(self) -> str:
        """In a few words, German: 2 erledigt, 1 Rückfrage."""
        done = sum(one.done for one in self.outcomes)
        refused = len(self.outcomes) - done
        parts = [f"{done} {'zurückgenommen' if self.is_back else 'erledigt'}"] if done else []
        parts += [f"{refused} nicht möglich"] if refused else []
        parts += [german.counted(len(self.unclear), "Rückfrage", "Rückfragen")] if self.unclear else []
        return ", ".join(parts) or ("nichts zurückzunehmen" if self.is_back else "nichts gefunden")


def freeze(
    connection: Connection, said: Said, about: DeskLetter, stored: Stored, settings: Settings, now: datetime
) -> str:
    """Freeze the reply to the member, in the caller's transaction; gives its summary. ``now``: aware, UTC."""
    message = stored.message
    envelope = letters.envelope(
        outgoing(settings),
        "Klaerung",
        [about.by],
        now,
        secrets.token_hex(8),
        answers=[message.message_id] if message.message_id else [],
        auto_submitted="auto-replied",
        proof=mailing.new_token(),
    )
    subject = f"[{settings.city.reference}-Klärung] {said.summary}"
    letter = letters.compose_plain(envelope, subject, "\n".join(_lines(said, about, next(iter(settings.recipients)))))
    new = mailing.addressed(letter, settings.city.duty_desk, Urgency.HEUTE, desk=about)
    mailing.freeze(connection, [new], settings, now)
    return said.summary


def _lines(said: Said, about: DeskLetter, body: str) -> Iterator[str]:
    yield f"Guten Tag {said.member},"
    yield ""
    done = [one for one in said.outcomes if one.done]
    refused = [one for one in said.outcomes if not one.done]
    if done:
        yield "Zurückgenommen:" if said.is_back else "Getan:"
        for one in done:
            yield from _entry(f"Nr. {one.number}: {one.text}")
        yield ""
    if refused:
        yield "Nicht möglich (daran ist nichts geändert):"
        for one in refused:
            yield from _entry(f"Nr. {one.number}: {one.text}")
        yield ""
    if said.unclear:
        yield "Nicht verstanden (das hat nichts geändert):"
        for line in said.unclear:
            yield from _entry(f"„{line.text[:120]}“: {line.why}")
        yield ""
    if not said.outcomes and not said.unclear:
        nothing = "Diese Mail hatte nichts getan, was sich zurücknehmen ließe." if said.is_back else ""
        yield from _entry(nothing or "In Ihrer Antwort stand nichts, was ich ausführen kann. Es ist nichts geändert.")
        yield ""
    if about.did:
        yield from _entry(
            "Antworten Sie auf diese Mail allein mit „zurück“, so wird das zurückgenommen, "
            "solange kein Schreiben hinaus ist."
        )
    yield from _entry(
        f"Andere Zeilen gelten für dieselben Nummern, zum Beispiel „1 {body}“, „1 zu: Grund“ oder „1 text“."
    )
    yield from _texts(said)


def _entry(text: str) -> list[str]:
    return textwrap.wrap(" ".join(text.split()), _WIDTH, initial_indent="  ", subsequent_indent="     ")


def _texts(said: Said) -> Iterator[str]:
    shown = [one for one in said.outcomes if one.shown is not None]
    for one in shown[:MOST_TEXTS]:
        if one.shown is None:
            continue
        message = one.shown.message
        yield ""
        yield f"----- Nr. {one.number}: {one.name} -----"
        for label, value in (
            ("Von", " ".join(filter(None, (message.from_name, message.from_addr)))),
            ("Kontakt", message.contact),
            ("Betreff", message.subject),
            ("Ort", message.place),
        ):
            if value and value.strip():
                yield f"| {label}: {' '.join(value.split())}"
        yield "|"
        for line in message.text[:LONGEST_TEXT].splitlines():
            yield from textwrap.wrap(line, _WIDTH, initial_indent="| ", subsequent_indent="| ") or ["|"]
        if len(message.text) > LONGEST_TEXT:
            yield "| … (gekürzt)"
    if len(shown) > MOST_TEXTS:
        yield f"Mehr als {MOST_TEXTS} Texte auf einmal kommen nicht; bitte fragen Sie nach den übrigen noch einmal."
