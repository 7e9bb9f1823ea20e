"""What becomes of a message, once it is known what it is about: decisions with their reasons in German."""

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from intake import reference
from intake.base import german
from intake.message import Automatic, Kind, Message
from routing.model.decision import SEEN_FIRST, Concern, Decision, NearMiss, Place, State, Urgency
from routing.model.settings import KindRule
from routing.rules.engine import precedence
from routing.rules.engine.values import Findings, RuleSet
from routing.text import web_forms

NOT_FORWARDED = "keine-weiterleitung"
"""The kind of a message about nothing but categories that the city forwards to nobody."""
MOST_CATEGORIES = 4
MOST_FILES = 5
_ASKING = frozenset({"q", "bitte"})
"""Features of a message (see ``signs.report``) that wants something."""
_KIND_URGENCY = Urgency.HEUTE
_KINDS = {
    Kind.ORDINARY: "",
    Kind.MISSED_CALL: "verpasster Anruf",
    Kind.WRONG_NUMBER: "falsch verbunden",
    Kind.OUTGOING_CALL: "eigener Anruf",
    Kind.UNREAD_LINES: "Zeilen, die nicht als Anruf zu lesen waren",
    Kind.HANDED_BACK: "Zeilen, die zum Berichtigen zurückgingen",
    Kind.BESIDE_CALLS: "steht dort in einer Spalte, die kein Anliegen nennt",
    Kind.LIST_MAIL: "Rundschreiben",
    Kind.SPAM: "Spam",
}


class Judgement(Struct, frozen=True):
    """A decision with the names of the rules and kinds that took part in it."""

    decision: Decision
    taking_part: frozenset[str]


def routed(concerns: Sequence[Concern], owners: Sequence[Concern] = ()) -> Decision:
    """Letters for what is clear; ``owners`` hear at once of an emergency that comes from a thing of theirs."""
    if any(concern.urgency.is_alarm for concern in concerns):
        return _alarmed(concerns, owners)
    going = [concern for concern in concerns if concern.state is State.ROUTED]
    covered = [concern for concern in concerns if concern.state is State.KEPT]
    doubtful = [concern for concern in concerns if concern.state is State.REVIEW]
    listed = german.listed(concern.category for concern in going)
    unclear = german.listed(concern.category for concern in doubtful)
    if not going:
        reason = f"Nicht eindeutig: {unclear}. Ein Mensch entscheidet."
        return Decision(State.REVIEW, "concern", tuple(concerns), reason)
    if (
        len(going) > MOST_CATEGORIES
        and len({name for concern in going for name in concern.recipients}) > precedence.FEW_BODIES
    ):
        urgent = [concern for concern in concerns if concern.urgency.is_urgent]
        rest = _in_review(concern for concern in concerns if not concern.urgency.is_urgent)
        reason = f"Die Nachricht nennt viele Anliegen ({listed})."
        if urgent:
            reason += " Das Dringende wird weitergeleitet, über den Rest entscheidet ein Mensch."
            return Decision(State.ROUTED, "concern", (*urgent, *rest), reason)
        return Decision(State.REVIEW, "concern", rest, reason + " Ein Mensch entscheidet.")
    reason = f"{german.counted(len(going), 'Anliegen erkannt', 'Anliegen erkannt')}: {listed}."
    bodies = {name for concern in going for name in concern.recipients}
    served = [concern.category for concern in covered if bodies.issuperset(concern.recipients)]
    mentioned = [concern.category for concern in covered if not bodies.issuperset(concern.recipients)]
    if served:
        reason += f" Ohne eigenes Schreiben, weil dieselbe Stelle schon eines bekommt: {german.listed(served)}."
    if mentioned:
        reason += f" Nur erwähnt: {german.listed(mentioned)}."
    if doubtful:
        reason += f" In Klärung bleibt: {unclear}."
    return Decision(State.ROUTED, "concern", tuple(concerns), reason)


def _alarmed(concerns: Sequence[Concern], owners: Sequence[Concern]) -> Decision:
    """An emergency, certain or in doubt, goes to the duty desk alone; everything else waits until a person decides.

    When it is certain, what is urgent by itself goes out too, and whose thing is the danger (``owners``) hears of it.
    """
    alarms = [concern for concern in concerns if concern.urgency.is_alarm]
    certain = any(concern.urgency is Urgency.NOTFALL for concern in alarms)
    going, waiting = [], []
    for concern in concerns:
        if concern.urgency.is_alarm:
            continue
        if certain and concern.state is State.ROUTED and (concern.urgency.is_urgent or concern in owners):
            going.append(replace(concern, urgency=Urgency.SOFORT))
        else:
            waiting.append(concern)
    what = "Notfall" if certain else "Bitte sofort ansehen"
    listed = german.listed(concern.category for concern in alarms)
    reason = f"{what}: {listed}. Geht sofort und allein an die Leitstelle."
    if going:
        reason += f" Dringend außerdem: {german.listed(concern.category for concern in going)}."
    if names := german.listed(concern.category for concern in waiting if concern.state is State.ROUTED):
        reason += f" In Klärung bleibt: {names}."
    return Decision(State.ROUTED, "concern", (*alarms, *going, *_in_review(waiting)), reason)


def no_report(concerns: Sequence[Concern], desk: str) -> Decision:
    """Nothing leaves the city where it is not clear that something is reported; the ``desk`` sees what is urgent."""
    listed = german.listed(concern.category for concern in concerns)
    reason = f"Es ist nicht zu erkennen, dass hier etwas gemeldet wird (genannt: {listed}). Ein Mensch entscheidet."
    looked_at, alert = _looked_at(concerns, "vielleicht wird hier nichts gemeldet", desk)
    if alert:
        reason += " Die Leitstelle wird verständigt, weil ein dringendes Wort vorkommt."
    return Decision(State.REVIEW, "unclear", _in_review(looked_at), reason, alert=alert)


def seen_first(concerns: Sequence[Concern]) -> Decision:
    """Nothing leaves the city where somebody may be in trouble, though no danger is certain: a person looks first."""
    listed = german.listed(concern.category for concern in concerns)
    reason = "Vielleicht ist jemand in Not oder etwas gefährlich. Bitte zuerst ansehen."
    return Decision(State.REVIEW, SEEN_FIRST, _in_review(concerns), f"{reason} Genannt ist: {listed}.")


def nobodys(concerns: Sequence[Concern], findings: Findings) -> tuple[tuple[Concern, ...], tuple[Concern, ...]]:
    """The concerns that somebody gets, and those that the city forwards to nobody, which are near misses then.

    What is unsure about the latter stays among the former: a person looks at it.
    """
    to_nobody = tuple(one for one in concerns if not one.recipients and one.state is not State.REVIEW)
    for concern in to_nobody:
        why = f"Die Stadt leitet Hinweise der Kategorie „{concern.category}“ nicht weiter."
        misses = [NearMiss(one.rule, one.keyword, one.found, why) for one in concern.matches]
        findings.near_misses[:0] = dict.fromkeys(misses)
    return tuple(one for one in concerns if one not in to_nobody) if to_nobody else tuple(concerns), to_nobody


def not_forwarded(concerns: Sequence[Concern], beside: Sequence[Concern]) -> Decision:
    """Only what the city forwards to nobody: it is kept; where less clear things stand ``beside`` it, in review."""
    reason = f"Die Stadt leitet solche Hinweise nicht weiter: {german.listed(one.category for one in concerns)}."
    if not beside:
        return Decision(State.KEPT, NOT_FORWARDED, (), reason)
    reason += f" Genannt ist auch: {german.listed(one.category for one in beside)}. Ein Mensch entscheidet."
    return Decision(State.REVIEW, "unclear", tuple(replace(one, state=State.REVIEW) for one in beside), reason)


def not_a_citizen(message: Message, concerns: Sequence[Concern], names: frozenset[str], desk: str) -> Judgement:
    """Automatic mail, missed calls and the like: never forwarded by the program."""
    urgent = any(concern.urgency.is_urgent for concern in concerns)
    if message.automatic is not None:
        kind, what = message.automatic.value, "Automatisch erzeugte Nachricht"
        if message.automatic is Automatic.OWN:  # an alert would come back as well, and so on for ever
            reason = "Ein eigenes Schreiben, das zurückgekommen ist."
            return Judgement(Decision(State.KEPT, kind, (), reason), frozenset())
        if not concerns and _is_expected(message):
            return Judgement(Decision(State.KEPT, kind, (), f"{what}, kein Hinweis darin erkannt."), frozenset())
        if not concerns:  # a voicemail, a fax, a court's notice: nobody else will see it
            return Judgement(Decision(State.REVIEW, kind, (), _unasked(message, what)), frozenset())
    elif message.kind is Kind.SPAM:
        kind, what = message.kind.value, "Laut Mailserver Spam"
        if not concerns:
            return Judgement(Decision(State.KEPT, kind, (), f"{what}, kein Hinweis darin erkannt."), frozenset())
    else:
        kind, what = message.kind.value, "Kein Hinweis laut Telefonliste"
        if not urgent and not (concerns and message.kind is Kind.UNREAD_LINES):
            return Judgement(Decision(State.KEPT, kind, (), f"{what} ({_KINDS[message.kind]})."), frozenset())
    reason = f"{what}, aber eine Regel trifft zu. Ein Mensch entscheidet."
    if urgent:
        reason = (
            f"{what}, aber ein dringendes Wort kommt vor. Die Leitstelle wird verständigt, ein Mensch entscheidet."
        )
    doubt = f"laut Telefonliste {_KINDS[message.kind]}" if message.automatic is None else "steht in automatischer Post"
    doubt = "laut Mailserver Spam" if message.kind is Kind.SPAM else doubt
    looked_at, alert = _looked_at(concerns, doubt, desk)
    return Judgement(Decision(State.REVIEW, kind, _in_review(looked_at), reason, alert=alert), names)


def _is_expected(message: Message) -> bool:
    """Automatic mail that may be kept without a look: what comes back or answers, and what goes to many."""
    if message.automatic is Automatic.AUTO_REPLY:
        return bool(message.case_number) or any(map(_is_of_a_letter, message.references))
    if message.automatic is Automatic.BULK:
        return message.kind is Kind.LIST_MAIL
    return True


def _is_of_a_letter(mail_id: str) -> bool:
    """Whether a Message-ID looks like that of a letter of ours, which bears its number."""
    return bool(reference.find_case(mail_id, reference.ANY) or reference.find_digest(mail_id, reference.ANY))


def _unasked(message: Message, what: str) -> str:
    """Why a person looks at automatic mail, with what the list of open matters must say of it."""
    sender = " ".join(filter(None, (message.from_name, f"<{message.from_addr}>" if message.from_addr else "")))
    files = [one.name or one.content_type for one in message.attachments if not one.decoration]
    told = f"{what}, die auf kein Schreiben von hier antwortet. Ein Mensch sieht sie sich an."
    told += f" Absender: {sender}." if sender else ""
    named = german.listed(files[:MOST_FILES])
    more = f" und {len(files) - MOST_FILES} weitere" if len(files) > MOST_FILES else ""
    return f"{told} {'Dateien' if len(files) > 1 else 'Datei'}: {named}{more}." if files else told


def kind(
    kinds: Sequence[int], rule_set: RuleSet, findings: Findings, concerns: Sequence[Concern], names: frozenset[str]
) -> Judgement:
    """A message that is no concern by its kind; one that also reports something is for a person."""
    rule = rule_set.rules[kinds[0]]
    assert isinstance(rule, KindRule)
    taking_part = frozenset({rule.name})
    looked_at, alert = _looked_at(concerns, f"steht in einer Nachricht der Art „{rule.name}“", rule_set.duty_desk)
    if rule.state == "routed" and rule.recipient:
        matches = tuple(findings.matches[kinds[0]])
        concern = Concern(rule.name, "", tuple(dict.fromkeys(rule.recipient)), _KIND_URGENCY, (rule.name,), matches)
        also = _in_review(looked_at)
        reason = f"Art der Nachricht: {rule.name}."
        if also:
            reason += " Darin genannte Hinweise bleiben in Klärung."
        return Judgement(Decision(State.ROUTED, rule.kind, (concern, *also), reason, alert=alert), taking_part | names)
    if rule.state == "kept" and not concerns:
        return Judgement(Decision(State.KEPT, rule.kind, (), f"Art der Nachricht: {rule.name}."), taking_part)
    reason = f"Art der Nachricht: {rule.name}. Ein Mensch entscheidet."
    if concerns:
        listed = german.listed(concern.category for concern in concerns)
        reason = f"Art der Nachricht: {rule.name}, zugleich ein Hinweis ({listed}). Ein Mensch entscheidet."
    return Judgement(
        Decision(State.REVIEW, rule.kind, _in_review(looked_at), reason, alert=alert), taking_part | names
    )


def nothing(rule_set: RuleSet, findings: Findings) -> Decision:
    """No rule applies: a person decides, unless the message says that something is done."""
    resolved = [number for number, matches in findings.resolved.items() if matches]
    if not resolved:
        return Decision(State.REVIEW, "unclear", (), "Keine Regel trifft zu. Ein Mensch entscheidet.")
    if any(rule_set.is_urgent(number) for number in resolved):
        reason = "Ein dringendes Thema wird genannt, aber verneint oder als erledigt gemeldet. Ein Mensch entscheidet."
        return Decision(State.REVIEW, "erledigt", (), reason)
    if not _ASKING.isdisjoint(findings.report):
        reason = "Etwas wird als erledigt gemeldet, aber es wird auch um etwas gebeten. Ein Mensch entscheidet."
        return Decision(State.REVIEW, "erledigt", (), reason)
    return Decision(State.KEPT, "erledigt", (), "Die Nachricht meldet, dass etwas erledigt ist.")


def of_form(judgement: Judgement, form: web_forms.Reading) -> Judgement:
    """What a web form came to: what it does not tell apart is for a person, unless it is urgent."""
    decision = replace(judgement.decision, concerns=tuple(_at(one, form.scene) for one in judgement.decision.concerns))
    held = [one for one in decision.concerns if _may_wait(one) and (form.unclear or not _is_written(one, form))]
    if decision.state is not State.ROUTED or not held:
        return replace(judgement, decision=decision)
    concerns = tuple(replace(one, state=State.REVIEW) if one in held else one for one in decision.concerns)
    going = any(one.state is State.ROUTED for one in concerns)
    reason = f"{decision.reason} {form.unclear or 'Es steht in einem Feld, dessen Bedeutung nicht bekannt ist.'}"
    decision = replace(decision, state=State.ROUTED if going else State.REVIEW, concerns=concerns, reason=reason)
    return replace(judgement, decision=decision)


def _at(concern: Concern, scene: str) -> Concern:
    """The concern where no street is known with what the field for the scene says: "am Parkplatz"."""
    if not scene or any(place.street or place.town for place in concern.places):
        return concern
    district = next((place.district for place in concern.places), "")
    if not web_forms.is_plain(scene, district):
        return concern
    return replace(concern, places=(Place(scene, district=district, found=scene),))


def _may_wait(concern: Concern) -> bool:
    return concern.state is State.ROUTED and not concern.urgency.is_urgent


def _is_written(concern: Concern, form: web_forms.Reading) -> bool:
    """Whether a word of the concern stands in a field that is known to hold it."""
    return any(
        match.field == "subject" or any(start <= match.start < end for start, end in form.written)
        for match in concern.matches
    )


def elsewhere(decision: Decision, town: str, home: str) -> Decision:
    """What goes to a body of this city is for a person when it happens in another one."""
    if decision.state is not State.ROUTED or decision.kind != "concern":
        return decision
    reason = f"Der Ort liegt nicht in {home}: {town}. Ein Mensch entscheidet."
    return replace(decision, state=State.REVIEW, concerns=_in_review(decision.concerns), reason=reason)


def _looked_at(concerns: Iterable[Concern], doubt: str, desk: str) -> tuple[tuple[Concern, ...], bool]:
    """The concerns of a message that nobody may forward: what is urgent is to be looked at, if it is no alarm anyway.

    ``doubt`` says why. With it, whether anything is urgent, so that the desk is to be alerted.
    """
    found = tuple(
        replace(
            concern,
            urgency=Urgency.PRUEFEN,
            recipients=(desk,),
            doubt="; ".join(filter(None, (doubt, concern.doubt))),
        )
        if concern.urgency.is_urgent and concern.urgency is not Urgency.NOTFALL
        else concern
        for concern in concerns
    )
    return found, any(concern.urgency.is_urgent for concern in found)


def _in_review(concerns: Iterable[Concern]) -> tuple[Concern, ...]:
    return tuple(
        replace(concern, state=State.REVIEW) if concern.state is State.ROUTED else concern for concern in concerns
    )
