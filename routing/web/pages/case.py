"""Vorgang: one case whole (messages, reasons, letters, answers, timeline), and what can be done with it."""

from urllib.parse import quote

from intake import reference, storage
from intake.message import Stored
from routing.desk import actions, case_numbers, case_views, kept, letters, replies, reshaping
from routing.model.web import Role
from routing.pipeline import attachments
from routing.web import looking, marking
from routing.web.visit import Answer, File, Go, Page, Route, Visit, row_number

_NO_PHOTO = File(b"", "text/plain; charset=utf-8", status=404)


def show(visit: Visit) -> Answer:
    """The case, found by number, or a message that is only kept (N-42). Raises UnknownCaseError."""
    number, work = visit.parts["number"], visit.work
    of = kept.show if kept.is_number(number) else case_views.show
    case = of(work.engine, number)
    if refused := looking.refused(visit, case.number, [stored.id for stored in case.messages], "show"):
        return refused
    texts = {stored.id: _marked(case, stored) for stored in case.messages}
    names = work.settings.body_names
    photos = {stored.id: sum(map(attachments.is_photo, stored.message.attachments)) for stored in case.messages}
    return Page("vorgang.html.j2", {"case": case, "texts": texts, "names": names, "photos": photos})


def act(visit: Visit) -> Answer:
    """Close it, have it judged anew, say that somebody takes care of it, or change what belongs to it."""
    number, engine, actor = visit.parts["number"], visit.work.engine, visit.visitor.name
    what, seen = visit.form.get("do"), visit.form.get("seen", "")
    if what in _RESHAPING:
        return _reshaped(visit, what)
    if what == "close":
        said = actions.close(engine, number, visit.now, actor=actor, reason=visit.form.get("reason", ""), seen=seen)
    elif what == "requeue":
        said = actions.requeue(engine, number, visit.now, actor=actor, recipients=visit.settings.recipients, seen=seen)
    elif what == "ack":
        said = replies.acknowledge(engine, number, visit.now, actor=actor)
    else:
        said = ""
    return Go(f"/vorgang/{number}", said)


_RESHAPING = ("merge", "split", "reopen", "place", "photos")


def _reshaped(visit: Visit, what: str) -> Answer:
    """Merge, split, reopen, correct the place, release the photos; of the concern that was chosen, or the case."""
    engine, form, now, actor = visit.work.engine, visit.form, visit.now, visit.visitor.name
    number, seen, configuration = visit.parts["number"], form.get("seen", ""), visit.work.active.configuration
    position = form.get("position", "")
    one = f"{number}-{position}" if position.isdecimal() and case_numbers.position(number) is None else number
    if what == "split":
        new = reshaping.split(engine, one, now, actor=actor, what=form.get("about", "").strip()[:200], seen=seen)
        return Go(f"/klaerung/{new}", f"{new} ist ein Hinweis für sich. Bitte entscheiden Sie.")
    if what == "merge":
        into = form.get("into", "").strip()[:40]
        said = reshaping.merge(engine, configuration, number, into, now, actor=actor, seen=seen)
        return Go(f"/vorgang/{quote(into.upper(), safe='')}", said)
    if what == "reopen":
        reason = form.get("reason", "").strip()[:500]
        said = reshaping.reopen(engine, one, now, actor=actor, reason=reason, seen=seen)
    elif what == "place":
        said = reshaping.correct_place(engine, configuration, one, form.get("place", ""), now, actor=actor, seen=seen)
    else:
        said = reshaping.release_photos(engine, one, now, actor=actor, seen=seen)
    return Go(f"/vorgang/{number}", said)


def letter(visit: Visit) -> Answer:
    """A letter, found by number, as it was sent: subject, addresses, text. Raises UsageError when there is none."""
    engine, number = visit.work.engine, row_number(visit.parts["letter"])
    shown = letters.as_sent(engine, number)
    refused = looking.refused(visit, f"Schreiben-{number}", letters.messages(engine, number), "letter")
    return refused or Page("schreiben.html.j2", {"letter": shown})


def photo(visit: Visit) -> Answer:
    """A photo of a message as bytes, made anew from its pixels."""
    message, position = (row_number(visit.parts[name]) for name in ("message", "position"))
    if refused := looking.refused(visit, reference.message_number(message), [message], "photo"):
        return refused
    with storage.reading(visit.work.engine) as connection:
        content = attachments.photo(connection, message, position)
    return File(content, "image/jpeg") if content else _NO_PHOTO


def _marked(case: case_views.Case, stored: Stored) -> list[marking.Piece]:
    decisions = [row for row in case.decisions if row.message_id == stored.id]
    matches = [match for row in decisions[:1] for one in row.detail.get("concerns", ()) for match in one["matches"]]
    return marking.pieces(stored.message.new_text or stored.message.text, matches)


ROUTES = (
    Route("/vorgang/{number}", show, roles=(Role.DESK, Role.PRIVACY)),
    Route("/vorgang/{number}", act, "POST", roles=(Role.DESK,)),
    Route("/schreiben/{letter:int}", letter, roles=(Role.DESK, Role.PRIVACY)),
    Route("/foto/{message:int}/{position:int}", photo, roles=(Role.DESK, Role.PRIVACY)),
)
