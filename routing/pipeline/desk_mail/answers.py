"""What members of the desk answer to its mail: taken before anything else judges it, done line by line, answered once.

An answer counts when it is tied to one of these letters by its Message-ID or the token in the subject, comes from one
of ``[desk] members``, and nothing speaks against its sender (``routing.replies.ties``). Anything else about such a
letter changes nothing: the desk sees it as an alleged answer. Automatic mail is kept and never answered; nor is a
second answer in a row of which nothing is understood: that one waits for a person, so that no loop begins. An answer
that cannot be worked changes nothing and waits for a person. All in the transaction of dispatch.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import structlog
from msgspec import Struct, structs
from sqlalchemy.engine import Connection

from intake.message import Automatic
from intake.reference import find_tokens
from routing.model.decision import State
from routing.model.settings import Configuration
from routing.pipeline.desk_mail import replies
from routing.planning.plan import Ruling
from routing.privacy import looks
from routing.replies import desk, ties
from routing.replies.desk import names
from routing.replies.reading import letter_text
from routing.replies.ties import Doubt, Letters
from routing.store import cases, desk_mail, outbox
from routing.store.desk_mail import DeskLetter, Did, Numbered

if TYPE_CHECKING:
    from routing.desk.orders import Outcome

log = structlog.get_logger(__name__)

_UNTOUCHED = frozenset({Automatic.OWN, Automatic.BOUNCE})
_STRANGER = "Die Adresse steht nicht unter [desk] members in der config.toml."


class Acts(Protocol):
    """What does and undoes orders, and knows concerns by name: ``routing.desk.orders``."""

    def perform(
        self,
        connection: Connection,
        configuration: Configuration,
        items: Sequence[Numbered],
        orders: Sequence[desk.Order],
        now: datetime,
        *,
        actor: str,
    ) -> "list[Outcome]":
        """Each order done or refused."""

    def take_back(self, connection: Connection, did: Sequence[Did], now: datetime, *, actor: str) -> "list[Outcome]":
        """Each act undone, or why it cannot be."""

    def numbers(self, connection: Connection, items: Sequence[Numbered]) -> Mapping[str, int]:
        """The number in the list by each name of a concern."""


def take(
    connection: Connection,
    rulings: Sequence[Ruling],
    configuration: Configuration,
    now: datetime,
    *,
    acts: Acts,
) -> tuple[list[Ruling], frozenset[int]]:
    """The rulings in order, those on answers to the desk's mail replaced, and the set of these messages (ids).

    What the answers order is done by ``acts``, and the replies are frozen. ``now``: aware, UTC.
    """
    suspects = [ruling for ruling in rulings if _may_answer(ruling)]
    if not suspects:
        return list(rulings), frozenset()
    letters = ties.of_batch(connection, [ruling.stored.message for ruling in suspects])
    taken: dict[int, Ruling] = {}
    for ruling in suspects:
        letter, several = ties.letter_of(ruling.stored.message, letters)
        about = desk_mail.unpacked(letters.first(letter).desk) if letter is not None else None
        if about is not None:
            answer = _Answer(ruling, letters, letter, about, several, acts)
            taken[ruling.stored.id] = _taken(connection, answer, configuration, now)
    return [taken.get(ruling.stored.id, ruling) for ruling in rulings], frozenset(taken)


def _may_answer(ruling: Ruling) -> bool:
    message = ruling.stored.message
    return message.automatic not in _UNTOUCHED and bool(message.references or find_tokens(message.subject))


class _Answer(Struct, frozen=True):
    """A mail that answers one of the desk's letters; ``several``: why it is not sure which."""

    ruling: Ruling
    letters: Letters
    letter: Any
    about: DeskLetter
    several: Doubt
    acts: Acts


def _taken(connection: Connection, answer: _Answer, configuration: Configuration, now: datetime) -> Ruling:
    ruling, about = answer.ruling, answer.about
    message, settings = ruling.stored.message, configuration.settings
    urgent = ruling.decision.urgency is not None and ruling.decision.urgency.is_urgent
    if message.automatic is not None:
        return _judged(ruling, State.KEPT, "automatic", "Automatische Antwort auf die Klärung.")
    member = settings.desk.people.get(message.from_addr.casefold())
    doubt = answer.several or ("stranger" if member is None else ties.doubted_author(connection, ruling, settings))
    if doubt or member is None:
        why = _STRANGER if doubt == "stranger" else ties.DOUBTS[doubt]
        reason = f"Angebliche Antwort auf die Klärung: {why} Sie ändert nichts."
        return ruling if urgent else _judged(ruling, State.REVIEW, "answer", reason)
    found = _read(connection, answer, configuration)
    nothing = not found.orders
    if found.is_thanks:
        return _judged(ruling, State.KEPT, "answer", f"{member} antwortet auf die Klärung, ohne etwas anzuordnen.")
    if nothing and about.puzzled:
        reason = f"Von zwei Antworten von {member} auf die Klärung war nichts zu verstehen. Bitte lesen."
        return ruling if urgent else _judged(ruling, State.REVIEW, "answer", reason)
    try:
        with connection.begin_nested():
            said = _worked(connection, answer, found, member, configuration, now)
    except Exception as error:
        log.exception("answer of the desk failed", message=ruling.stored.id)
        reason = (
            f"Die Antwort von {member} ließ sich nicht ausführen ({type(error).__name__}); es ist nichts geändert."
        )
        return _judged(ruling, State.REVIEW, "answer", reason)
    if urgent and found.unclear:
        return ruling  # what was not understood may be a new danger
    return _judged(ruling, State.KEPT, "answer", f"{member} antwortet auf die Klärung: {said}.")


def _read(connection: Connection, answer: _Answer, configuration: Configuration) -> desk.Read:
    """What the answer says, without the words of our letters that it answers."""
    message, about = answer.ruling.stored.message, answer.about
    named = [row for one in message.references if (row := answer.letters.by_mail.get(one)) is not None]
    thread = dict.fromkeys(row.id for row in (answer.letter, *named))
    ours = "\n".join(letter_text.plain(outbox.raw(connection, one)) for one in thread)
    numbers = answer.acts.numbers(connection, about.items)
    known = names.of(configuration.settings.recipients)
    return desk.of_mail(message, ours, len(about.items), known, lambda number: numbers.get(number, 0))


def _worked(
    connection: Connection,
    answer: _Answer,
    found: desk.Read,
    member: str,
    configuration: Configuration,
    now: datetime,
) -> str:
    """Do it, and freeze the reply; what came of it in a few words."""
    stored, about, acts = answer.ruling.stored, answer.about, answer.acts
    is_back = any(order.act == desk.BACK for order in found.orders)
    if is_back:
        outcomes = acts.take_back(connection, about.did, now, actor=member)
    else:
        cases.keep_snapshot(connection, configuration, now)
        outcomes = acts.perform(connection, configuration, about.items, found.orders, now, actor=member)
    seen = [one.name for one in outcomes if one.shown is not None]
    if seen:
        looks.add(connection, now, member, "text (Mail)", seen)
    did = () if is_back else tuple(one.did for one in outcomes if one.did is not None)
    reply = DeskLetter(about.items, did, stored.message.from_addr, puzzled=not found.orders)
    said = replies.Said(member, tuple(outcomes), found.unclear, is_back)
    return replies.freeze(connection, said, reply, stored, configuration.settings, now)


def _judged(ruling: Ruling, state: State, kind: str, reason: str) -> Ruling:
    decision = structs.replace(ruling.decision, state=state, kind=kind, concerns=(), reason=reason, alert=False)
    return Ruling(ruling.stored, decision, ())
