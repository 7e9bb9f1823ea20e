"""Hostile concerns: what people write besides the matter, each with its marks, and the letters that come of them.

The words stand in ``tests/data/leaks`` and were written from the contract, before the program's redaction was looked
at. ``concerns`` gives each wording once, as a whole mail or a row of a phone log, or as a single sentence; ``sent``
decides one and composes every letter to a body outside, by the very code of the daemon; ``shown`` finds its marks in
their decoded bytes. The same seed gives the same concerns.
"""

import email
import email.policy
import json
import random
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from functools import cache
from typing import Any

from intake import mail, phone_log
from intake.message import Message, Stored
from intake.settings import DropFolderSettings
from routing import rules
from routing.model.decision import Decision, State
from routing.model.forward import Enclosed
from routing.model.settings import Configuration
from routing.pipeline import attachments, compose
from routing.planning import release
from routing.rules import RuleSet
from tests import ROOT
from tests.routing.letters.test_letters import TEMPLATES
from tests.support import forward_views

DATA = ROOT / "tests" / "data" / "leaks"
NOW = datetime(2026, 6, 9, 7, 0, tzinfo=UTC)
_SLOT = re.compile(r"\{([A-Za-z])\}|‹([^›]*)›")
_TEXT = ("", "note")
_PHONES = ("0157 3381204", "02151 338120", "0157/3381204", "+49 157 3381204", "(02151) 33 81 20", "02151-338120")
_OPENINGS = ("Guten Tag,", "Sehr geehrte Damen und Herren,", "Hallo,", "")
_ENDINGS = ("Bitte kümmern Sie sich darum.", "Danke im Voraus.", "Mit freundlichen Grüßen", "")


@dataclass(frozen=True, slots=True)
class Hostile:
    """A concern: of which kind, in which field the ``marks`` stand, and the message."""

    kind: str
    field: str
    marks: tuple[str, ...]
    message: Message
    said: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a message: the letters' bytes by body, and whether anything that was for outside waits."""

    letters: tuple[tuple[str, bytes], ...]
    decision: Decision
    waits: bool


@cache
def people() -> dict[str, list[str]]:
    """Names, words and things that are surnames, homes."""
    return tomllib.loads((DATA / "people.toml").read_text("utf-8"))


def concerns(file: str = "kinds.toml", *, seed: int = 1, single: bool = False) -> Iterator[Hostile]:
    """Each wording of ``file`` once; ``single``: those of the text alone, each as one sentence with its matter."""
    chance = random.Random(seed)
    matters = tomllib.loads((DATA / "matters.toml").read_text("utf-8"))["matter"]
    for kind in tomllib.loads((DATA / file).read_text("utf-8"))["kind"]:
        for number, wording in enumerate(kind["wordings"]):
            made = _filled(wording, kind, matters[chance.randrange(len(matters))], chance)
            if single and (kind.get("field", "") not in _TEXT or "\n" in made[0].strip()):
                continue
            yield _concern(kind, number, made, chance, single=single)


def _filled(
    wording: str, kind: Mapping[str, Any], matter: Mapping[str, str], chance: random.Random
) -> tuple[str, tuple[str, ...], str]:
    """(what is said, its marks, the matter beside it or "")."""
    known = people()
    first, _, last = chance.choice(known["names"]).partition(" ")
    sentence = matter["sentence"]
    values = {
        "N": f"{first} {last}",
        "F": first,
        "L": last,
        "W": chance.choice(known["words"]),
        "X": chance.choice(known["things"]),
        "H": chance.choice(known["homes"]),
        "P": chance.choice(_PHONES),
        "A": sentence,
        "a": sentence[0].lower() + sentence[1:],
        "S": matter["clause"],
        "n": matter["thing"],
    }
    marks: list[str] = []

    def fill(slot: re.Match[str]) -> str:
        if slot[2] is not None:
            marks.append(slot[2])
            return slot[2]
        if slot[1] in "NFLWXHP":
            marks.extend((first, last) if slot[1] == "N" else (values[slot[1]],))
        return values[slot[1]]

    said = _SLOT.sub(fill, wording)
    said = said.upper() if kind.get("caps") else said.lower() if kind.get("small") else said
    has_matter = any(slot in wording for slot in ("{A}", "{a}", "{S}", "{n}"))
    return said, tuple(marks), "" if has_matter else sentence


def _concern(
    kind: Mapping[str, Any],
    number: int,
    made: tuple[str, tuple[str, ...], str],
    chance: random.Random,
    *,
    single: bool,
) -> Hostile:
    said, marks, matter = made
    field = kind.get("field", "")
    if single:
        whole = (
            f"{said.rstrip('.')}{('; ', ' – ', ', ')[number % 3]}{matter[0].lower()}{matter[1:]}." if matter else said
        )
        return Hostile(kind["name"], field, marks, _row(text=whole), whole)
    if field in _TEXT:
        parts = [said, f"{matter}."] if number % 2 else [f"{matter}.", said]
        whole = " ".join(part for part in parts if part != ".")
        if field == "note" or number % 3 == 0:
            return Hostile(kind["name"], field, marks, _row(text=whole), whole)
        opening, ending = chance.choice(_OPENINGS), chance.choice(_ENDINGS)
        text = "\n".join(part for part in (opening, whole, ending) if part)
        return Hostile(kind["name"], field, marks, _mail(text), text)
    matter = matter or chance.choice(
        ("Am Ostwall 12 liegt eine alte Matratze", "Am Karlsplatz quillt der Papierkorb über")
    )
    if field in {"subject", "attachment", "sender"}:
        return Hostile(kind["name"], field, marks, _mail(f"{matter}.", **{field: said}), said)
    return Hostile(kind["name"], field, marks, _row(text=f"{matter}.", **{field: said}), said)


def _mail(text: str, *, subject: str = "Hinweis", attachment: str = "", sender: str = "") -> Message:
    made = EmailMessage()
    made["From"] = Address(sender, "buerger", "web.invalid")
    made["To"] = "kod@krefeld.invalid"
    made["Subject"] = subject
    made["Message-ID"] = "<1@web.invalid>"
    made["Date"] = "Tue, 09 Jun 2026 09:00:00 +0200"
    made.set_content(f"{text}\n")
    if attachment:
        made.add_attachment(b"%PDF-1.4 x", maintype="application", subtype="pdf", filename=attachment)
    return mail.parse(made.as_bytes(policy=email.policy.SMTP), received_at=NOW)


def _row(*, text: str, place: str = "", remark: str = "", caller: str = "", category: str = "") -> Message:
    cells = {"Datum": "09.06.2026", "Anrufer": caller, "Kategorie": category, "Ort": place, "Anliegen": text}
    cells["Bemerkung"] = remark
    table = "".join(
        ";".join('"' + cell.replace('"', '""') + '"' for cell in line) + "\r\n" for line in (cells, cells.values())
    )
    settings = DropFolderSettings.model_validate({"folder": "telefon", "channel": "Telefon"})
    read = phone_log.read(table.encode(), name="telefon.csv", settings=settings, today=NOW.date(), fallback=NOW)
    return read.rows[0].message


def sent(message: Message, configuration: Configuration, rule_set: RuleSet) -> Sent:
    """The letters to bodies outside that come of ``message`` alone."""
    settings = configuration.settings
    decision = rules.classify(message, rule_set)
    judged = release.guarded(decision, message, configuration)
    stored = Stored(1, "kod", NOW, message)
    made = []
    for position, concern in enumerate(judged.concerns):
        if judged.state is not State.ROUTED or concern.state is not State.ROUTED:
            continue
        for name in concern.recipients:
            if settings.recipients[name].inside:
                continue
            forward = forward_views.due(stored, concern, name, position, single=len(judged.concerns) == 1)
            files = [one for one in message.attachments if not one.decoration]
            enclosed = {position: Enclosed(stays=attachments.staying(files, 0))}
            letter = compose.letter_about(
                [forward], forward.number, configuration, TEMPLATES, NOW, "zufall", enclosed, proof="k7f3q"
            )
            made.append((name, letter.letter.raw))
    return Sent(tuple(made), judged, waits=bool(_outside(decision, settings)) and not made)


def _outside(decision: Decision, settings: Any) -> bool:
    return decision.state is State.ROUTED and any(
        not settings.recipients[name].inside
        for concern in decision.concerns
        if concern.state is State.ROUTED
        for name in concern.recipients
    )


def shown(concern: Hostile, raw: bytes) -> list[str]:
    """The marks that a reader of the letter finds: in headers, bodies, files and their names."""
    return marks_in(concern, everything(raw))


def marks_in(concern: Hostile, text: str) -> list[str]:
    """The marks of a concern that stand in a text."""
    plain = _plain(text)
    return [mark for mark in concern.marks if _stands(mark, plain)]


def everything(raw: bytes) -> str:
    """All that a letter says, decoded, in small letters, one blank between words."""
    letter = email.message_from_bytes(raw, _class=EmailMessage, policy=email.policy.default)
    texts = []
    for part in letter.walk():
        texts += [str(value) for _, value in part.items()]
        if not part.is_multipart():
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            texts.append(content.decode("utf-8", "replace"))
    return _plain(" ".join(texts))


def _stands(mark: str, text: str) -> bool:
    """Whether a mark stands there as words, its genitive too; a number however its digits are grouped."""
    plain = _plain(mark)
    digits = re.sub(r"\D", "", plain)
    if len(digits) > 5 and len(digits) > sum(map(str.isalpha, plain)):
        return re.search(r"[\W_]{0,3}".join(digits), text) is not None
    return re.search(rf"(?<!\w){re.escape(plain)}(?:s|in|’)?(?!\w)", text) is not None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def arriving() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Ordinary reports, and the facts of each that a dispatcher needs."""
    for line in [one for file in sorted(DATA.glob("arrive*.txt")) for one in file.read_text("utf-8").splitlines()]:
        if line and not line.startswith("#"):
            text, _, facts = line.partition(" | ")
            yield text, tuple(fact.strip() for fact in facts.split(";"))


def blind() -> Iterator[tuple[Message, tuple[str, ...]]]:
    """Texts of an author who knew nothing of the excerpt, and the marks that must not leave."""
    for number, line in enumerate((DATA / "blind.jsonl").read_text("utf-8").splitlines()):
        one = json.loads(line)
        text = one["text"]
        message = Message(
            channel=one["channel"], identity=b"%032d" % number, text=text, new_text=text, place=one.get("place", "")
        )
        yield message, tuple(one["marks"])


def row(text: str) -> Message:
    """A row of a phone log that says ``text``."""
    return _row(text=text)


def missing(facts: Sequence[str], letters: Sequence[bytes]) -> list[str]:
    """The facts that none of the letters has; a word may be inflected otherwise in the line "Ort"."""
    text = " ".join(map(everything, letters))
    return [fact for fact in facts if _plain(fact) not in text]
