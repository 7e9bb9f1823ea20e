"""What belongs together: a follow-up joins its case, the same again is counted, and nothing is hidden by it."""

import itertools
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from intake.message import Automatic, Kind, Message, Stored
from routing import desk
from routing.model.decision import Concern, Decision, Place, State, Urgency
from routing.store.cases import matching
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support.journeys import EMERGENCY, OIL, UNKNOWN, Clock, Installation, mail

WEDNESDAY = "2026-06-10 10:00"
NOW = datetime(2026, 6, 10, 8, tzinfo=UTC)
HEAP = "am Ostwall 12 liegen Müllsäcke"
OTHER_WORDS = "vor dem Haus Ostwall 12 hat jemand Müllsäcke abgeladen"
_ids = itertools.count(1)


def stored(text: str = "Müllsäcke", **changes: Any) -> Stored:
    values: dict[str, Any] = {"channel": "E-Mail", "identity": b"x", "new_text": text, "from_addr": "anna@example.org"}
    return Stored(next(_ids), "kod", NOW, Message(**(values | changes)))


def concern(**changes: Any) -> Concern:
    values: dict[str, Any] = {
        "category": "Müll",
        "category_id": "S01",
        "recipients": ("gsak",),
        "urgency": Urgency.SAMMEL,
        "rules": (),
        "matches": (),
    }
    return Concern(**(values | changes))


def decision(*concerns: Concern, places: tuple[Place, ...] = (Place("Ostwall", "12"),), **changes: Any) -> Decision:
    values: dict[str, Any] = {"state": State.ROUTED, "kind": "concern", "reason": "", "places": places}
    own = tuple(structs.replace(one, places=one.places or places) for one in concerns)
    return Decision(concerns=own, **(values | changes))


def key(
    one: Concern, message: Stored | None = None, exactness: matching.Exactness = "hausnummer", **changes: Any
) -> str:
    judged = decision(one, **changes)
    return matching.likeness(message or stored(), judged, judged.concerns[0], exactness)


def test_parts_of_a_category_are_one_thing_at_one_place() -> None:
    part = concern(category="Müll (Sperrmüll)", category_id="S01-sperrmuell")
    assert key(concern()) == key(part)
    assert key(concern()) != key(structs.replace(part, recipients=("kbk",)))
    assert key(concern()) != key(concern(category="Müll (anders)"))


def test_concerns_are_alike_by_category_recipients_and_exact_place() -> None:
    same = key(concern())
    assert same
    assert same == key(concern(rules=("andere",)), stored("ganz andere Worte", from_addr="bert@example.org"))
    for other in (
        key(concern(category="Laterne")),
        key(concern(recipients=("kbk",))),
        key(concern(), places=(Place("Ostwall", "14"),)),
        key(concern(), places=(Place("Westwall", "12"),)),
    ):
        assert other not in {same, ""}


@pytest.mark.parametrize(
    "places",
    [
        (Place("Ostwall"),),
        (Place("Ostwall", "12"), Place("Rheinstraße", "3")),
        (Place("Ostwall", "12", town="Moers"),),
        (Place("Ostwall", "12"), Place("", town="Moers")),
    ],
    ids=["without number", "two places", "another town", "a town beside"],
)
def test_an_inexact_place_is_like_no_other(places: tuple[Place, ...]) -> None:
    assert "" == key(concern(), places=places)


def test_the_street_may_be_enough() -> None:
    near = [key(concern(), exactness="strasse", places=(Place("Ostwall", number),)) for number in ("", "12", "99")]
    assert 1 == len(set(near) - {""})


@pytest.mark.parametrize("urgency", [Urgency.NOTFALL, Urgency.SOFORT])
def test_what_is_urgent_is_like_no_other(urgency: Urgency) -> None:
    assert "" == key(concern(urgency=urgency))
    hurried = decision(concern(), concern(category="Ölspur", urgency=urgency))
    assert "" == matching.likeness(stored(), hurried, hurried.concerns[0], "hausnummer")


@pytest.mark.parametrize(
    ("changes", "ruled"),
    [
        ({"automatic": Automatic.AUTO_REPLY}, {}),
        ({"kind": Kind.MISSED_CALL}, {}),
        ({}, {"state": State.REVIEW}),
        ({}, {"kind": "einspruch"}),
        ({}, {"alert": True}),
    ],
)
def test_only_a_persons_plain_concern_is_counted_with_another(changes: dict[str, Any], ruled: dict[str, Any]) -> None:
    assert "" == key(concern(), stored(**changes), **ruled)


def test_without_a_place_the_same_words_of_the_same_sender_are_alike() -> None:
    def words(text: str, **changes: Any) -> str:
        return key(concern(), stored(text, **changes), places=())

    same = words("Die Laterne ist aus!")
    assert same == words("die  laterne\nist aus")
    assert words("Die Lampe ist aus") not in {same, ""}
    assert words("Die Laterne ist aus!", from_addr="bert@example.org") not in {same, ""}
    assert words("Die Laterne ist aus!", from_addr="formular@krefeld.invalid", reply_to="anna@example.org") == same
    assert "" == words("Die Laterne ist aus!", from_addr="")


def test_the_phone_logs_column_is_a_place() -> None:
    at = [key(concern(), stored(place=place), places=()) for place in ("Ostwall 12", "ostwall  12", "Ostwall")]
    assert at[0] == at[1] != ""
    assert "" == at[2]


def test_a_follow_up_says_something_new_when_it_is_more_urgent_elsewhere_or_else() -> None:
    known = [("Müll", "Ostwall 12", "sammel")]
    assert matching.same_matter(concern(), "", known)
    assert matching.same_matter(concern(), "Ostwall 12", known)
    assert not matching.same_matter(concern(), "Westwall 3", known)
    assert not matching.same_matter(concern(urgency=Urgency.HEUTE), "", known)
    assert not matching.same_matter(concern(urgency=Urgency.NOTFALL), "", [("Müll", "", "notfall")])
    assert not matching.same_matter(concern(category="Laterne"), "", known)


# Journeys


@pytest.fixture
def place(tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink) -> Installation:
    return Installation(tmp_path, dovecot, smtp_sink, linking={"days": 7})


def test_three_citizens_about_one_heap_make_one_letter_that_says_so(place: Installation) -> None:
    clock = Clock(WEDNESDAY)
    place.deliver(
        mail(HEAP, sender="anna@example.org"),
        mail(OTHER_WORDS, sender="bert@example.org"),
        mail("am Ostwall 14 liegen Müllsäcke", sender="carla@example.org"),
    )
    place.once(clock)
    clock.advance(minutes=30)
    place.deliver(mail(HEAP, sender="dora@example.org"))
    done = place.once(clock)
    assert (1, 1) == (done.new, done.kept)
    clock.set("2026-06-10 13:01")
    assert 1 == place.once(clock).sent
    [letter] = place.letters("gsak")
    assert "3 zu diesem Ort" in letter.text
    assert 2 == len(place.numbers())
    shown = place.run("show", place.numbers()[0]).stdout
    assert all(name in shown for name in ("anna@", "bert@", "dora@"))
    assert "gezählt und nicht noch einmal weitergeleitet" in " ".join(shown.split())


def test_the_same_mail_sent_again_is_counted_once(place: Installation) -> None:
    clock = Clock(WEDNESDAY)
    place.deliver(mail("die Laterne ist aus"), mail("die Laterne ist aus"))
    place.once(clock)
    place.deliver(mail("die Laterne ist aus"))
    place.once(clock)
    assert 1 == len(place.letters("ngn"))
    assert 3 == place.count("messages")
    assert 1 == len(place.numbers())


def test_what_is_urgent_goes_out_each_time(place: Installation) -> None:
    clock = Clock(WEDNESDAY)
    for text in (EMERGENCY, OIL, EMERGENCY, OIL):
        place.deliver(mail(f"Ostwall 12: {text}"))
        place.once(clock)
    assert 2 == len(place.letters("kbk"))
    assert 4 == len(place.letters("kod"))


def test_a_message_that_also_says_something_else_goes_out_whole(place: Installation) -> None:
    clock = Clock(WEDNESDAY)
    place.deliver(mail(HEAP), mail(f"{HEAP}, und die Laterne ist aus", sender="bert@example.org"))
    place.once(clock)
    assert 2 == len(place.numbers())
    assert 1 == len(place.letters("ngn"))


def test_after_the_days_or_the_end_of_the_first_it_goes_out_again(place: Installation) -> None:
    clock = Clock("2026-06-10 07:00")
    place.deliver(mail(HEAP))
    place.once(clock)
    clock.set("2026-06-10 07:31")
    place.once(clock)
    desk_closes(place, clock)
    place.deliver(mail(OTHER_WORDS, sender="bert@example.org"))
    place.once(clock)
    assert 2 == len(place.numbers())
    clock.advance(days=8)
    place.deliver(mail(HEAP, sender="carla@example.org"))
    place.once(clock)
    assert 3 == len(place.numbers())


def desk_closes(place: Installation, clock: Clock, number: str = "") -> None:
    with place.opened(clock) as work:
        desk.close(work.engine, number or place.numbers()[0], clock(), actor="Frau Muster")


def test_what_was_counted_with_a_case_that_is_closed_unsent_goes_out_by_itself(place: Installation) -> None:
    clock = Clock(WEDNESDAY)
    place.deliver(mail(HEAP), mail(OTHER_WORDS, sender="bert@example.org"), mail(HEAP, sender="carla@example.org"))
    place.once(clock)
    assert 1 == len(place.numbers())
    desk_closes(place, clock)
    place.once(clock)
    assert 2 == len(place.numbers())
    desk_closes(place, clock)  # once more changes nothing
    assert 0 == place.count("waiting")
    clock.set("2026-06-10 13:01")
    place.once(clock)
    [letter] = place.letters("gsak")
    assert "2 zu diesem Ort" in letter.text


def test_a_case_that_is_judged_again_keeps_what_was_counted_with_it(place: Installation) -> None:
    clock = Clock(WEDNESDAY)
    place.deliver(mail(HEAP), mail(OTHER_WORDS, sender="bert@example.org"))
    place.once(clock)
    with place.opened(clock) as work:
        desk.requeue(work.engine, place.numbers()[0], clock(), actor="Frau Muster")
    place.deliver(mail(HEAP, sender="carla@example.org"))
    place.once(clock)
    place.once(clock)
    clock.set("2026-06-10 13:01")
    place.once(clock)
    [letter] = place.letters("gsak")
    assert "3 zu diesem Ort" in letter.text
    assert 1 == len(place.numbers())


@pytest.mark.parametrize("prefix", ["AW: ", "Re: ", "WG: AW[2]: ", "Antw.: Fwd: "])
def test_a_citizens_follow_up_joins_its_case(place: Installation, prefix: str) -> None:
    clock = Clock(WEDNESDAY)
    place.deliver(mail(HEAP))
    place.once(clock)
    [number] = place.numbers()
    place.deliver(
        mail("die Müllsäcke liegen immer noch da", f"{prefix}[{number}] Ihr Hinweis"),
        mail(UNKNOWN, f"{prefix}[{number}] Ihr Hinweis"),
    )
    place.once(clock)
    assert [number] == place.numbers()
    [kept, review] = place.rows("SELECT state, kind FROM decisions ORDER BY id DESC LIMIT 2")[::-1]
    assert ("kept", "follow-up") == (kept["state"], kept["kind"])
    assert "review" == review["state"]


def test_thanks_and_questions_of_the_same_citizen_are_no_further_reports(place: Installation) -> None:
    clock = Clock(WEDNESDAY)
    place.deliver(mail(HEAP, message_id="<erste@example.org>"))
    place.once(clock)
    for text in (UNKNOWN, "die Müllsäcke liegen immer noch da", "die Laterne ist aus"):
        place.deliver(mail(text, In_Reply_To="<erste@example.org>"))
    place.once(clock)
    clock.set("2026-06-10 13:01")
    place.once(clock)
    assert 1 == len(place.numbers())
    [letter] = place.letters("gsak")
    assert "zu diesem Ort" not in letter.text


def test_an_answer_to_ones_own_mail_joins_its_case_and_what_it_says_anew_goes_out(place: Installation) -> None:
    clock = Clock(WEDNESDAY)
    place.deliver(mail(HEAP, message_id="<erste@example.org>"))
    place.once(clock)
    place.deliver(
        mail("die Laterne ist jetzt auch aus", "Noch etwas", In_Reply_To="<erste@example.org>"),
        mail(f"hier: {EMERGENCY}", "Schnell", References="<x@y> <erste@example.org>"),
    )
    place.once(clock)
    [number] = place.numbers()
    assert [number] == [letter.subject[letter.subject.index("KOD-") :][:15] for letter in place.letters("ngn")]
    assert 1 == len(place.letters("kod"))


def test_a_stranger_who_quotes_a_number_gets_into_nobodys_case(place: Installation) -> None:
    clock = Clock(WEDNESDAY)
    place.deliver(mail(HEAP, message_id="<erste@example.org>"))
    place.once(clock)
    [number] = place.numbers()
    place.deliver(
        mail(UNKNOWN, f"AW: [{number}]", sender="mallory@example.net"),
        mail(UNKNOWN, "AW: Hinweis", sender="mallory@example.net", In_Reply_To="<erste@example.org>"),
    )
    place.once(clock)
    assert 3 == len(place.numbers())


def test_two_daemons_database_links_too(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink, database_url: str
) -> None:
    place = Installation(tmp_path, dovecot, smtp_sink, database_url, linking={"days": 7})
    clock = Clock(WEDNESDAY)
    place.deliver(mail(HEAP), mail(OTHER_WORDS, sender="bert@example.org"))
    place.once(clock)
    place.deliver(mail("noch da", f"AW: {place.numbers()[0]}", sender="bert@example.org"))
    place.once(clock)
    assert 1 == len(place.numbers())
    desk_closes(place, clock)
    place.once(clock)
    assert 2 == len(place.numbers())
