"""Which letter of ours a mail answers, and whether its sender may speak for the body that got it.

A mail is tied to a letter by its Message-ID (In-Reply-To, References) or by the token in its subject; a number alone
ties nothing, anybody can guess one. Where both are there and name different letters, nothing is tied. A bounce is tied
by the token in what it gives back: the Message-ID alone is seen by more people than the letter.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from intake import reference, storage
from intake.message import Message
from intake.storage.queries import WANTED, pieces
from routing.model.settings import Settings
from routing.planning.plan import Ruling
from routing.replies import recognise, sender_authentication
from routing.replies.sender_authentication import Proof
from routing.store import tables

REFERENCES = 20  # of one mail, the nearest
_COLUMNS = (
    tables.letters.c.id,
    tables.letters.c.mail_id,
    tables.letters.c.recipient,
    tables.letters.c.subject,
    tables.letters.c.resend_of,
    tables.letters.c.token,
    tables.letters.c.listed,
    tables.letters.c.desk,
)
_BY_MAIL = sa.select(*_COLUMNS).where(tables.letters.c.mail_id.in_(WANTED))
_BY_TOKEN = sa.select(*_COLUMNS).where(tables.letters.c.token.in_(WANTED))
_BY_ID = sa.select(*_COLUMNS).where(tables.letters.c.id.in_(WANTED))

Doubt = Literal["", "unproved", "refuted", "authors", "stranger", "letters"]
"""Why an answer changes nothing: its sender is not proved, or refuted; it has several authors, or one who is none of
that body; it names two letters."""
DOUBTS: Mapping[Doubt, str] = {
    "unproved": "Der Mailserver belegt den Absender nicht.",
    "refuted": "Der Mailserver hält den Absender für gefälscht.",
    "authors": "Der Absender ist nicht eindeutig.",
    "stranger": "Die Adresse gehört nicht zu dieser Stelle.",
    "letters": "Betreff und Bezug nennen verschiedene Schreiben.",
}
"""The same for people, in German."""


class Letters(Struct, frozen=True):
    """The letters that a batch of mails may answer."""

    by_mail: dict[str, Any]
    by_token: dict[str, list[Any]]
    by_id: dict[int, Any]

    def first(self, letter: Any) -> Any:
        """The letter itself, or the one that it repeats."""
        return self.by_id.get(letter.resend_of, letter) if letter.resend_of else letter


def of_batch(connection: Connection, messages: Sequence[Message]) -> Letters:
    """Every letter that these mails name by a Message-ID or a token, and those that they repeat: a few queries."""
    mails = {one for message in messages for one in _answered_ids(message)}
    tokens = {token for message in messages for _, token in _tokens(message)}
    found = [*_rows(connection, _BY_MAIL, mails), *_rows(connection, _BY_TOKEN, tokens - {""})]
    repeated = _rows(connection, _BY_ID, {row.resend_of for row in found if row.resend_of})
    by_token: dict[str, list[Any]] = {}
    for row in found:
        by_token.setdefault(row.token, []).append(row)
    return Letters({row.mail_id: row for row in found}, by_token, {row.id: row for row in (*found, *repeated)})


def _rows(connection: Connection, question: sa.Select[Any], wanted: set[Any]) -> list[Any]:
    return [row for some in pieces(sorted(wanted)) for row in connection.execute(question, {"wanted": some})]


def _answered_ids(message: Message) -> list[str]:
    """Message-IDs that the mail answers, the nearest first."""
    bounced = [message.returned.message_id] if message.returned and message.returned.message_id else []
    return [*bounced, *reversed(message.references[-REFERENCES:])]


def _tokens(message: Message) -> list[tuple[str, str]]:
    returned = [(message.returned.number, message.returned.token)] if message.returned else []
    return [*reference.find_tokens(message.subject), *returned]


def letter_of(message: Message, letters: Letters) -> tuple[Any, Doubt]:
    """A pair of the letter (row) that the mail answers, None for none, and a doubt where its subject names another."""
    by_mail = next((letters.by_mail[one] for one in _answered_ids(message) if one in letters.by_mail), None)
    named = [_with_token(pair, letters) for pair in reference.find_tokens(message.subject)]
    by_token = next((one for one in named if one is not None), None)
    letter = by_mail if by_mail is not None else by_token
    if letter is None:
        return None, ""
    known = {letters.first(one).id for one in (by_mail, by_token) if one is not None}
    return letter, "letters" if len(known) > 1 or (named and by_token is None) else ""


def _with_token(pair: tuple[str, str], letters: Letters) -> Any:
    """The letter with this number and token."""
    number, token = pair
    written = f"[{number} #{token}]".casefold()
    return next((one for one in letters.by_token.get(token, ()) if written in one.subject.casefold()), None)


def returned(message: Message, letters: Letters) -> Any:
    """The letter that a bounce gives back; its own token must be in it, unless it is older than tokens."""
    back = message.returned
    letter = letters.by_mail.get(back.message_id) if back else None
    if back is None:
        return None
    if letter is None:  # servers that give only the subject back
        letter = next((one for one in letters.by_token.get(back.token, ()) if back.token), None)
        return letter if letter is not None and f"[{back.number} #".casefold() in letter.subject.casefold() else None
    return letter if letters.first(letter).token in {"", back.token} else None


def doubt(connection: Connection, ruling: Ruling, letter: Any, settings: Settings) -> Doubt:
    """Why the mail's sender may not speak for the body that got the letter; "" when he may.

    One author, of a domain of that body, whom the own mail server proves where it is named.
    """
    if letter.recipient not in recognise.speaking(ruling.stored.message, settings.recipients):
        return "stranger"
    return doubted_author(connection, ruling, settings)


def doubted_author(connection: Connection, ruling: Ruling, settings: Settings) -> Doubt:
    """Why the address that the mail comes from may be another's; "" when its one author is proved, or nobody asked."""
    message = ruling.stored.message
    box = settings.mailboxes.get(ruling.stored.source)
    server = box.trusted_authserv_id if box else ""
    raw = storage.raw(connection, ruling.stored.id)
    if sender_authentication.authors(raw) != (message.from_addr.casefold(),):
        return "authors"
    proof = sender_authentication.proof(raw, server, message.from_addr)
    if proof is Proof.REFUTED:
        return "refuted"
    return "unproved" if server and proof is not Proof.PROVED else ""
