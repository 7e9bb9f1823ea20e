"""Klärung: what waits for a decision, the gravest first, and the page on which it is decided.

A decision says what its page showed; when somebody else was quicker, nothing is changed and the visitor sees the case
as it is now. After a decision the next one opens by itself.
"""

from routing.desk import actions, case_numbers, case_views, changing, proposals
from routing.model.decision import Urgency
from routing.model.web import Role
from routing.pipeline import attachments
from routing.web import looking, marking
from routing.web.visit import Answer, Go, Page, Route, Visit

SHOWN = 100
KEYS = 9  # bodies that have a key


def show_list(visit: Visit) -> Answer:
    """All that waits, sorted by urgency, then by age."""
    waiting = case_views.listed(visit.work.engine, ["review"], SHOWN, gravest_first=True)
    looking.note(visit, "list", (item.number for item in waiting))
    return Page("klaerung.html.j2", {"waiting": waiting, "limit": SHOWN})


def show(visit: Visit) -> Answer:
    """One concern with all that helps to decide."""
    return _page(visit, _following(visit, visit.parts["number"]), "")


def decide(visit: Visit) -> Answer:
    """Assign the concern to the list of bodies that were chosen, or close it."""
    number, form = visit.parts["number"], visit.form
    chosen = _chosen(visit)
    following = _following(visit, number)
    if not chosen and form.get("do") != "close":
        return _page(visit, following, "Bitte wählen Sie mindestens eine Stelle.", status=400)
    work, seen = visit.work, form.get("seen", "")
    try:
        if form.get("do") == "close":
            said = actions.close(
                work.engine, number, visit.now, actor=visit.visitor.name, reason=form.get("reason", ""), seen=seen
            )
        else:
            said = actions.assign(
                work.engine,
                work.active.configuration,
                number,
                chosen,
                visit.now,
                actor=visit.visitor.name,
                urgency=Urgency(form["urgency"]) if form.get("urgency") in list(Urgency) else None,
                category=form.get("category", "").strip()[:200],
                photos=form.get("photos") == "yes",
                seen=seen,
            )
    except changing.ChangedError as error:
        return _page(visit, following, error.german, status=409)
    return Go(f"/klaerung/{following}" if following else "/klaerung", said)


def _chosen(visit: Visit) -> list[str]:
    """The button that was pressed, and the boxes that were ticked."""
    form, known = visit.form, visit.settings.recipients
    return [name for name in known if form.get("do") == f"to {name}" or form.get(f"also {name}") == "yes"]


def _following(visit: Visit, number: str) -> str:
    """The concern that comes after this one in the list, after the last one the first; "" when there is no other."""
    numbers = [item.number for item in case_views.listed(visit.work.engine, ["review"], SHOWN, gravest_first=True)]
    at = numbers.index(number) if number in numbers else len(numbers)
    others = [*numbers[at + 1 :], *numbers[:at]]
    return others[0] if others else ""


def _page(visit: Visit, following: str, problem: str, *, status: int = 200) -> Answer:
    number, work = visit.parts["number"], visit.work
    case = case_views.show(work.engine, number)
    if refused := looking.refused(visit, case.number, [stored.id for stored in case.messages], "review"):
        return refused
    concern = case.concern(case_numbers.position(number))
    stored = next(one for one in case.messages if one.id == concern.message_id)
    decision = [row for row in case.decisions if row.message_id == stored.id][-1]
    matches = [match for one in decision.detail.get("concerns", ()) for match in one["matches"]]
    values = {
        "case": case,
        "concern": concern,
        "stored": stored,
        "decision": decision,
        "subject": marking.pieces(stored.message.subject, matches, "subject"),
        "text": marking.pieces(stored.message.new_text or stored.message.text, matches),
        "bodies": [
            (name, work.settings.recipients[name].name)
            for name in proposals.bodies(work.engine, work.settings, case, concern)
        ],
        "keys": KEYS,
        "urgencies": list(Urgency),
        "problem": problem,
        "following": following,
        "photos": range(sum(map(attachments.is_photo, stored.message.attachments))),
    }
    return Page("entscheiden.html.j2", values, status)


ROUTES = (
    Route("/klaerung", show_list, roles=(Role.DESK,)),
    Route("/klaerung/{number}", show, roles=(Role.DESK,)),
    Route("/klaerung/{number}", decide, "POST", roles=(Role.DESK,)),
)
