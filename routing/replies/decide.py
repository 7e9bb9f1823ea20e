"""The decision about a mail that came back: kept with its case, or for a person; never forwarded to anybody."""

from msgspec import structs

from routing.model import words
from routing.model.decision import Decision, State
from routing.model.settings import Settings
from routing.model.transport import outgoing
from routing.planning.plan import Ruling
from routing.replies import recognise, ties
from routing.replies.correlate import Reply

LONGEST_WORDS = 160
_NUMBER = "Im Betreff steht die Nummer ohne ihr Kennzeichen, und die Mail antwortet auf kein Schreiben."


def of_reply(ruling: Ruling, reply: Reply, settings: Settings) -> Ruling:
    """An answer or a bounce is kept with its case; one that nobody can place waits for a person."""
    name = settings.body_name(reply.body)
    if reply.kind == "bounce":
        reason = f"Ein Schreiben an {name or 'die Absenderin'} kam als unzustellbar zurück."
        return _kept(ruling, "bounce", reason) if reply.case_id else _kept(ruling, "automatic", reason)
    if reply.kind == "automatic":
        return _kept(ruling, "automatic", f"Automatische Antwort von {name}.")
    if reply.kind == "alleged":
        return _decided(ruling, State.REVIEW, "answer", _alleged(reply, name))
    if reply.case_id is None:
        about = f"das Schreiben {reply.number}" if reply.number else "ein Schreiben"
        reason = f"{name} antwortet auf {about}. Bitte lesen Sie, welche Hinweise gemeint sind."
        if any(rows for _, rows in reply.said):
            reason = f"{name} antwortet auf {about}. Nicht zuzuordnen war: „{reply.unplaced[:LONGEST_WORDS]}“"
        return _decided(ruling, State.REVIEW, "answer", reason)
    told = ", ".join(dict.fromkeys(words.ANSWER_IN_TIMELINE[answer.kind] for answer, _ in reply.said))
    return _kept(ruling, "answer", f"Antwort von {name}: {told}.")


def _alleged(reply: Reply, name: str) -> str:
    """In German, why a mail about a letter of ours changes nothing."""
    if reply.doubt == "bounce":
        what = f"Angeblich kam das Schreiben {reply.number} an {name or 'die Absenderin'} zurück"
        return f"{what}; sein Kennzeichen steht nicht dabei. Das ändert nichts. Bitte prüfen Sie die Adresse."
    why = _NUMBER if reply.doubt == "number" else ties.DOUBTS[reply.doubt]
    said = f"Angebliche Antwort von {name} auf {reply.number}: {why}"
    return f"{said} Sie ändert nichts; fragen Sie dort nach."


def of_a_body(ruling: Ruling, settings: Settings) -> Ruling:
    """Mail of a body that would go straight back to it may be its ticket system: a person looks first."""
    message, decision = ruling.stored.message, ruling.decision
    urgent = decision.urgency is not None and decision.urgency.is_urgent
    if decision.state is not State.ROUTED or urgent or not message.from_addr:
        return ruling
    ours = outgoing(settings).domain.casefold()
    sender = message.from_addr.casefold()
    if not any(settings.recipients[name].may_speak(sender) for name in decision.recipients):
        return ruling  # most mails; to ask who speaks looks at all bodies
    for name in recognise.speaking(message, settings.recipients) & set(decision.recipients):
        body = settings.recipients[name]
        if sender.rpartition("@")[2] != ours or sender in body.folded_addresses:
            reason = f"Die Nachricht kommt von {body.name} und würde an {body.name} zurückgehen."
            return _decided(ruling, State.REVIEW, "unclear", reason, keep=True)
    return ruling


def _kept(ruling: Ruling, kind: str, reason: str) -> Ruling:
    return _decided(ruling, State.KEPT, kind, reason)


def _decided(ruling: Ruling, state: State, kind: str, reason: str, *, keep: bool = False) -> Ruling:
    concerns = ruling.decision.concerns if keep else ()
    decision: Decision = structs.replace(
        ruling.decision, state=state, kind=kind, concerns=concerns, reason=reason, alert=False
    )
    return Ruling(ruling.stored, decision, ())
