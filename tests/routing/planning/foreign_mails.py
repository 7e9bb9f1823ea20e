"""Mails with their right values, many in one file (``tests/data/foreign_mails``), as the shipped rules judge them.

A mail begins with a line "#### name | key=value; value | …". Behind it stand header fields and the body; To, Date and
Message-ID are added where they are missing, and "@@N sentence" is that sentence N times. The keys: ``state`` and
``to`` (any of the values; "-" for no body outside, "a,b" for both), ``place`` (of the first concern), ``never`` (in
no letter), ``says`` (in the letters), ``new`` and ``notnew`` (in what the citizen wrote now), ``subject``, ``from``,
``file``, ``not`` (no such body, no such match), ``one`` (a single concern), ``urgent``, ``alarm`` (the duty desk hears
of it, decided or not), ``encoding`` (of the mail's bytes, whatever its header says).
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from msgspec import Struct

from intake import mail
from intake.message import Message, Stored
from routing import letters, rules
from routing.config import loader
from routing.model.decision import Concern, Decision, State, Urgency
from routing.model.settings import Configuration
from routing.planning import release
from routing.store.cases import main_place
from routing.text.redaction import CityWords, city_words
from tests import TESTS
from tests.support import forward_views

FOLDER = TESTS / "data/foreign_mails"
RECEIVED = datetime(2026, 11, 30, 8, 5, tzinfo=UTC)
OUTSIDE = {"gsak", "kbk", "ngn"}
_REPEATED = re.compile(r"^@@(\d+) (.*)$", re.MULTILINE)


class Case(Struct, frozen=True):
    """A mail and what is right about it."""

    name: str
    right: dict[str, list[str]]
    raw: bytes


class City(Struct, frozen=True):
    """The shipped configuration, compiled."""

    configuration: Configuration
    rule_set: rules.RuleSet
    words: CityWords


@cache
def shipped() -> City:
    """Krefeld as it comes with the program."""
    configuration = loader.load(TESTS.parent / "config.toml", prove=False)
    return City(configuration, rules.compiled(configuration)[0], city_words.of_configuration(configuration))


def cases(file: Path) -> Iterator[Case]:
    """The mails of a file, in order."""
    for number, part in enumerate(file.read_text("utf-8").split("#### ")[1:]):
        head, _, text = part.partition("\n")
        name, *keys = (each.strip() for each in head.split(" | "))
        pairs = [each.partition("=") for each in keys]
        right = {key: [one.strip() for one in value.split(";")] for key, _, value in pairs}
        fields, _, body = text.partition("\n\n")
        body = _REPEATED.sub(lambda found: " ".join([found[2]] * int(found[1])), body)
        fields = f"To: kod@stadt.invalid\nMessage-ID: <{number}@{file.stem}.invalid>\n{fields}"
        for field, usual in (("Date", "Mon, 30 Nov 2026 09:00:00 +0100"), ("MIME-Version", "1.0")):
            fields += "" if f"\n{field}:" in fields else f"\n{field}: {usual}"
        if "\nContent-Type:" not in fields:
            fields += "\nContent-Type: text/plain; charset=utf-8"
        yield Case(name, right, f"{fields}\n\n{body}".encode(right.get("encoding", ["utf-8"])[0]))


def judged(raw: bytes) -> tuple[Message, Decision]:
    """The mail as read, and what would become of it."""
    city, message = shipped(), mail.parse(raw, received_at=RECEIVED)
    decision = rules.classify(message, city.rule_set)
    return message, release.guarded(decision, message, city.configuration)


def faults(case: Case) -> list[str]:
    """What is wrong with what becomes of the mail; nothing when all is as it should be."""
    message, decision = judged(case.raw)
    going = [one for one in decision.concerns if decision.state is State.ROUTED and one.state is State.ROUTED]
    bodies = {name for concern in going for name in concern.recipients}
    letters_ = [_letter(message, concern) for concern in going]
    told, said = " ".join(letters_), message.new_text
    found = {
        "state": lambda value: decision.state == value,
        "to": lambda value: not bodies & OUTSIDE if value == "-" else bodies == set(value.split(",")),
        "place": lambda value: bool(going) and value in main_place(_stored(message), going[0].places)[0],
        "subject": lambda value: message.subject == value,
        "from": lambda value: message.from_addr == value,
        "file": lambda value: value in [one.name for one in message.attachments],
        "one": lambda _: len(going) == 1,
        "alarm": lambda _: any(one.urgency.is_urgent for one in decision.concerns),
        "urgent": lambda _: any(one.urgency in {Urgency.NOTFALL, Urgency.PRUEFEN} for one in going),
    }
    wrong = [key for key, right in found.items() if key in case.right and not any(map(right, case.right[key]))]
    wrong += [f"never {value}" for value in case.right.get("never", ()) if value in told]
    wrong += [f"says {value}" for value in case.right.get("says", ()) if value not in told]
    wrong += [f"new {value}" for value in case.right.get("new", ()) if value not in said]
    wrong += [f"notnew {value}" for value in case.right.get("notnew", ()) if value in said]
    words = {match.found.casefold() for concern in going for match in concern.matches}
    return wrong + [f"not {value}" for value in case.right.get("not", ()) if value in bodies | words]


def _stored(message: Message) -> Stored:
    return Stored(1, "kod", RECEIVED, message)


def _letter(message: Message, concern: Concern) -> str:
    forward = forward_views.due(_stored(message), concern, concern.recipients[0])
    view = letters.view(forward, shipped().words)
    return f"{view.whereabouts}\n{view.text}\n"
