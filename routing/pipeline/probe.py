"""The probe: one marked mail from ourselves, through SMTP, the mailbox, the store and the rules, to the operator.

``begin`` makes it, ``answered`` takes it out of what is to be decided: the rules judge it like any other mail, then a
letter to the operator is frozen in its place, and the mail leaves the store in the same transaction. ``look`` says how
far each probe came, and removes the letter when it was accepted. So no list, figure or case number knows of it. Where
nothing may leave the house (trial operation) there is no probe.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from msgspec import Struct
from sqlalchemy.engine import Connection, Engine

from intake import storage
from intake.base import german
from intake.message import Stored
from intake.storage import probes
from routing import letters, rules
from routing.model.decision import Urgency
from routing.model.settings import Configuration, Settings
from routing.model.transport import envelope_address, outgoing
from routing.pipeline import mailing
from routing.store import outbox, tables

log = structlog.get_logger(__name__)

RECIPIENT = "probe"  # the recipient in the outbox
LIMIT = timedelta(minutes=30)
TEXT = """\
Dies ist eine Probesendung von kod-intake an sich selbst. Sie prüft, ob Versand, Postfach, Speicher und Regeln
arbeiten. Sie wird nirgends gezählt. Bitte nicht beantworten.
"""


class Outcome(Struct, frozen=True):
    """How far a probe came: ``state`` as stored, and in German where it is, or was lost."""

    nonce: str
    address: str
    state: probes.State
    where: str

    @property
    def is_open(self) -> bool:
        return self.state in probes.OPEN


def addresses(settings: Settings) -> list[str]:
    """Where a probe goes: our mailboxes that are named by their address, or where answers to letters come in."""
    boxes = [box.user for box in settings.mailboxes.values() if envelope_address(box.user)]
    if not boxes and settings.mailboxes:
        boxes = [envelope_address(outgoing(settings).reply_to) or ""]
    return [address for address in dict.fromkeys(boxes) if address]


def refusal(settings: Settings) -> str:
    """In German, why no probe can be sent with this configuration; "" when one can."""
    known = outgoing(settings)
    if not known.sends or known.redirect_to:
        return "Im Probebetrieb ([smtp] send, redirect_to) gibt es keine Probesendung: Es verlässt nichts das Haus."
    return "" if addresses(settings) else "Es ist kein Postfach eingerichtet, an das eine Probesendung gehen könnte."


def begin(engine: Engine, settings: Settings, now: datetime) -> list[tuple[str, letters.Letter]]:
    """A new probe for each of ``addresses``: its nonce, and the mail that is to be sent now. ``now``: aware, UTC."""
    known, made = outgoing(settings), []
    with storage.writing(engine) as connection:
        for address in addresses(settings):
            nonce, mail_id = probes.begin(connection, address, known.domain, now)
            envelope = letters.Envelope(
                number="Probe",
                sender=known.sender,
                reply_to=known.reply_to,
                to=(address,),
                message_id=mail_id,
                date=now,
            )
            subject = f"[{settings.city.reference}-Probe] Probesendung"
            made.append((nonce, letters.compose_plain(envelope, subject, TEXT)))
    return made


def answered(
    engine: Engine, waiting: Sequence[Stored], configuration: Configuration, rule_set: rules.RuleSet, now: datetime
) -> list[Stored]:
    """``waiting`` without our probes; for each a letter to the operator is frozen, and its mail leaves the store."""
    if not any(stored.message.message_id.startswith(probes.MARK) for stored in waiting):
        return list(waiting)
    with storage.writing(engine) as connection:
        nonces = probes.known(connection, [stored.message.message_id for stored in waiting])
        found = [stored for stored in waiting if stored.message.message_id in nonces]
        ours = storage.claim(connection, [stored.id for stored in found])
        open_ = {one.nonce: one for one in probes.all_(connection) if one.state == "sent"}
        for stored in found:
            probe = open_.pop(nonces[stored.message.message_id], None)
            if stored.id in ours and probe is not None:
                letter = _letter(stored, probe, configuration, rule_set, now)
                [number] = outbox.freeze(connection, [letter], now)
                probes.come_to(connection, probe.nonce, "decided", number)
        probes.take_out(connection, ours)
    log.info("probes answered", count=len(found))
    return [stored for stored in waiting if stored not in found]


def _letter(
    stored: Stored, probe: probes.Probe, configuration: Configuration, rule_set: rules.RuleSet, now: datetime
) -> outbox.NewLetter:
    [decision] = rules.classify_all([stored.message], rule_set)
    settings = configuration.settings
    text = (
        f"Die Probesendung an {probe.address} vom {german.long_moment(probe.sent_at)} ist angekommen, gespeichert und "
        f"von den Regeln gelesen worden (Ergebnis: {decision.state}).\n\n"
        "Dieses Schreiben ist der letzte Schritt: Der Versand arbeitet. Es ist nichts zu tun.\n"
    )
    token = probe.nonce
    envelope = letters.envelope(outgoing(settings), "Probe", settings.operator.address, now, token)
    subject = f"[{settings.city.reference}-Probe] Alles arbeitet: Probesendung angekommen"
    return mailing.addressed(letters.compose_plain(envelope, subject, text), RECIPIENT, Urgency.HEUTE)


def look(engine: Engine, now: datetime) -> list[Outcome]:
    """How far the probes came, the newest first; those that arrived or are lost are settled. ``now``: aware, UTC."""
    with storage.reading(engine) as connection:
        unsettled = [one for one in probes.all_(connection) if one.state in probes.OPEN]
    if unsettled:
        with storage.writing(engine) as connection:
            for one in unsettled:
                _settle(connection, one, now)
    with storage.reading(engine) as connection:
        return [Outcome(one.nonce, one.address, one.state, _where(connection, one)) for one in probes.all_(connection)]


def _settle(connection: Connection, one: probes.Probe, now: datetime) -> None:
    """Arrived when every address of the letter was accepted; lost when that did not come in time."""
    states = _deliveries(connection, one)
    if "sending" in states:
        return
    if states == {"sent"}:
        probes.come_to(connection, one.nonce, "arrived")
    elif abs(now - one.sent_at) > LIMIT:  # also of a clock that was put back
        log.error("probe lost", address=one.address, state=one.state)
        probes.come_to(connection, one.nonce, "lost" if one.state == "sent" else "unanswered")
    else:
        return
    if one.letter_id is not None:
        connection.execute(sa.delete(tables.deliveries).where(tables.deliveries.c.letter_id == one.letter_id))
        connection.execute(sa.delete(tables.letters).where(tables.letters.c.id == one.letter_id))


def _deliveries(connection: Connection, one: probes.Probe) -> set[str]:
    deliveries = tables.deliveries.c
    query = sa.select(deliveries.state).where(deliveries.letter_id == one.letter_id).distinct()
    return set(connection.scalars(query)) if one.letter_id is not None else set()


def _where(connection: Connection, one: probes.Probe) -> str:
    if one.state == "arrived":
        return "angekommen, eingeordnet und dem Betrieb gemeldet"
    if one.state in {"decided", "unanswered"}:
        return "angekommen und eingeordnet, aber das Schreiben an den Betrieb wurde nicht angenommen"
    if probes.is_stored(connection, one.nonce):
        return "angekommen und gespeichert, aber nicht eingeordnet"
    return "abgeschickt, aber nicht aus dem Postfach abgeholt"
