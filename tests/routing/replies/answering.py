"""Answers of bodies as their mail programs write them, to letters that were really sent, and what came of each."""

import itertools
import re
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any, NamedTuple

from tests import TESTS
from tests.servers.smtp import SmtpSink
from tests.support import journeys, office
from tests.support.journeys import Letter
from tests.support.office import Office

SERVER = "mx.stadt.example"
PROVED = ("Authentication-Results", f"{SERVER}; dmarc=pass header.from={{domain}}")
TRUSTED = f"""[mailboxes.kod]
host = "127.0.0.1"
security = "none"
user = "{office.OWN}"
trusted_authserv_id = "{SERVER}"
[linking]
days = 0
[brake]
letters_per_hour = 0
letters_per_sender = 0
"""
RULES = """
[[rules]]
name = "Müll"
category = "Müllablagerung"
recipient = "gsak"
urgency = "heute"
keywords = ["sofa"]
[[rules]]
name = "Straße"
category = "Straßenschaden"
recipient = "kbk"
urgency = "heute"
keywords = ["schlagloch"]
[[rules]]
name = "Laub"
category = "Reinigung"
recipient = "gsak"
urgency = "sammel"
keywords = ["laub"]
[[rules]]
name = "Ölspur"
category = "Ölspur"
recipient = "kbk"
urgency = "sofort"
keywords = ["ölspur*"]
"""
STREETS = ("Roßstraße 12", "Ostwall 5", "Marktstraße 17", "Westwall 30", "Hochstraße 8")
PHOTO = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
TOPICS = {"gsak": "ein altes Sofa", "kbk": "ein Schlagloch", "urgent": "eine Ölspur", "digest": "zu viel Laub"}
States = dict[str, tuple[str, str, Any]]
"""Each concern's state, why it waits, and the body's answer, by its number."""
_count = itertools.count(1)
_NUMBER = re.compile(r"KOD-\d{4}-\d{6}(?:-\d+)?")
_STATES = {"closed": "done", "answered": "assigned", "open": "open"}


class Answer(NamedTuple):
    """What somebody wrote, how his program put it, and what must come of it (see the corpora)."""

    key: str
    letter: str
    style: str
    text: str
    right: str
    photo: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    prefix: str = "AW: "


class Answered(NamedTuple):
    """What came of an answer: `right`, `asked` of a person, `lost` or `wrong`; and what was seen."""

    verdict: str
    seen: str


def corpus(name: str) -> list[Answer]:
    """The answers of one of the corpora in tests/data."""
    found = tomllib.loads((TESTS / "data" / name).read_text(encoding="utf-8"))["answers"]
    return [Answer(**one | {"headers": tuple(map(tuple, one.get("headers", ())))}) for one in found]


def heads(name: str, kind: str) -> list[tuple[str, str]]:
    """(key, head) of the forged or honest answers of one of the corpora."""
    found = tomllib.loads((TESTS / "data" / name).read_text(encoding="utf-8"))[kind]
    return [(one["key"], one["head"]) for one in found]


@contextmanager
def opened(folder: Path, sink: SmtpSink) -> Iterator[Office]:
    """An office whose mail server proves senders, with one case of each body that no answer is about."""
    with office.opened(folder, sink, rules=journeys.BODIES + RULES, more=TRUSTED) as place:
        place.receive("Ostwall 77: noch ein Sofa")
        place.receive("Ostwall 78: noch ein Schlagloch")
        yield place


def letter(place: Office, kind: str) -> tuple[Letter, list[str]]:
    """A new letter of this kind, and the numbers of its concerns in the order of its list."""
    [sent] = letters(place, [kind])
    return sent


def letters(place: Office, kinds: Sequence[str]) -> list[tuple[Letter, list[str]]]:
    """New letters, as above: the single ones of one pass, a pass for each digest."""
    last: list[int] = []
    for kind in kinds:
        for street in STREETS if kind == "digest" else [STREETS[next(_count) % len(STREETS)]]:
            place.store(f"{street}: {TOPICS[kind]} neben den Containern")
        if kind == "digest":
            _all_sent(place)
        last.append(int(place.value("SELECT max(id) FROM messages")))
    _all_sent(place)
    by_mail = {one.message_id.strip("<>"): one for one in place.letters()}
    mail_ids = {
        row["message_id"]: row["mail_id"]
        for row in place.rows(
            "SELECT cases.message_id, letters.mail_id FROM letters JOIN forwards ON forwards.letter_id = letters.id "
            "JOIN concerns ON concerns.id = forwards.concern_id JOIN cases ON cases.id = concerns.case_id"
        )
    }
    sent = [by_mail[mail_ids[message]] for message in last]
    return [
        (one, list(dict.fromkeys(_NUMBER.findall(one.text))) if kind == "digest" else _NUMBER.findall(one.subject)[:1])
        for one, kind in zip(sent, kinds, strict=True)
    ]


def _all_sent(place: Office) -> None:
    place.run()
    while place.value("SELECT count(*) FROM forwards WHERE state = 'planned'"):
        place.clock.advance(days=1)
        place.run()


def answers(place: Office, wanted: Sequence[Answer]) -> list[Answered]:
    """Write each answer to a new letter and compare what changed with what must."""
    mails, told = [], []
    for one, (sent, numbers) in zip(wanted, letters(place, [one.letter for one in wanted]), strict=True):
        names = {"own": numbers[0], "other": "KOD-2026-000001"}
        names |= {str(at): number for at, number in enumerate(numbers, 1)}
        text = re.sub(r"\{(\w+)\}", lambda found, names=names: names[found[1]], one.text)  # type: ignore[misc]
        proof = f"{PROVED[0]}: {PROVED[1].format(domain=sent.to[0].partition('@')[2])}\r\n"
        mails.append(proof.encode() + written(sent, one, text))
        told.append((one.right, numbers))
    before, asked, after = _sent(place, mails)
    ours = {_concern(number, after) for _, numbers in told for number in numbers}
    elsewhere = {number for number in before if number not in ours and after[number] != before[number]}
    assert not elsewhere
    return [
        _judged(right, numbers, before, after, is_asked)
        for (right, numbers), is_asked in zip(told, asked, strict=True)
    ]


def answered_with(place: Office, heads: Sequence[str]) -> list[str]:
    """Answer a new letter "erledigt" under each head: `counted`, `changed`, `asked` of a person, or `lost`."""
    mails, told = [], []
    for head, (sent, [number]) in zip(heads, letters(place, ["gsak"] * len(heads)), strict=True):
        written = head
        for name, value in _values(sent).items():
            written = written.replace(name, value)
        written += (
            f"To: {office.OWN}\nMessage-ID: <{next(_count)}@body.example>\nContent-Type: text/plain; charset=utf-8\n"
        )
        mails.append(f"{written}\nerledigt\n".replace("\n", "\r\n").encode())
        told.append(number)
    before, asked, after = _sent(place, mails)
    ours = {_concern(number, after) for number in told}
    assert not {number for number in before if number not in ours and after[number] != before[number]}
    states = [after[_concern(number, after)] for number in told]
    changed = [state != before[_concern(number, after)] for state, number in zip(states, told, strict=True)]
    return [
        "counted" if state[0] == "closed" else "changed" if is_changed else "asked" if is_asked else "lost"
        for state, is_changed, is_asked in zip(states, changed, asked, strict=True)
    ]


def _values(sent: Letter) -> dict[str, str]:
    """What the heads of a corpus stand for."""
    inside = sent.subject.partition("]")[0].lstrip("[")
    return {
        "{bare}": inside,
        "{token}": sent.subject,
        "{number}": sent.title,
        "{id}": sent.message_id,
        "{wrong}": sent.title.replace("]", " #zzzzz9]", 1),
        "{swapped}": _NUMBER.sub("KOD-2026-000001", sent.subject, count=1),
    }


def _sent(place: Office, mails: Sequence[bytes]) -> tuple[States, list[bool], States]:
    """Each concern's state before these mails; whether a person is asked about each of them; the states after."""
    before = _states(place)
    newest = place.value("SELECT max(id) FROM messages")
    for mail in mails:
        place.put(mail)
    place.run()
    rows = place.rows(
        "SELECT state = 'review' OR kind = 'unclear' AS asked FROM decisions "
        f"WHERE message_id > {newest} ORDER BY message_id"
    )
    return before, [bool(row["asked"]) for row in rows], _states(place)


def _concern(number: str, states: States) -> str:
    return number if number in states else f"{number}-1"


def written(sent: Letter, one: Answer, text: str) -> bytes:
    """The mail that answers a letter."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"Disposition <{sent.to[0]}>"
    mail["To"] = office.OWN
    mail["Subject"] = f"{one.prefix}{sent.subject}"
    mail["Message-ID"] = f"<answer{next(_count)}@body.example>"
    mail["In-Reply-To"] = sent.message_id
    mail["References"] = sent.message_id
    content = _styled(sent, one.style, text)
    if one.style == "html":
        mail.set_content(content, subtype="html")
    else:
        mail.set_content(content)
    if one.photo:
        mail.add_attachment(PHOTO, "image", "jpeg", filename="IMG_0815.jpg")
    raw = mail.as_bytes()
    return "".join(f"{name}: {value}\r\n" for name, value in one.headers).encode() + raw


def _styled(sent: Letter, style: str, text: str) -> str:
    quoted = "\n".join(f"> {line}".rstrip() for line in sent.text.splitlines())
    wrote = f"Am Mo., 30. Nov. 2026 um 07:31 Uhr schrieb KOD Krefeld <{office.OWN}>:"
    block = (
        f"Von: KOD Krefeld <{office.OWN}>\nGesendet: Montag, 30. November 2026 07:31\nAn: Disposition <{sent.to[0]}>\n"
        f"Betreff: {sent.subject}"
    )
    match style:
        case "bare":
            return text
        case "top":
            return f"{text}\n\n{wrote}\n\n{quoted}\n"
        case "phone":
            return f"{text}\n\nVon meinem iPhone gesendet\n\n> {wrote[:-1]}:\n>\n{quoted}\n"
        case "bottom":
            return f"{wrote}\n{quoted}\n\n{text}\n"
        case "outlook":
            return f"{text}\n\n________________________________\n{block}\n\n{sent.text}"
        case "original":
            return f"{text}\n\n-----Ursprüngliche Nachricht-----\n{block}\n\n{sent.text}"
        case "inside":
            lines = sent.text.splitlines()
            at = next(at for at, line in enumerate(lines) if line.startswith("Bitte antworten"))
            return "\n".join(["-----Ursprüngliche Nachricht-----", block, "", *lines[:at], text, *lines[at:]])
        case "between":
            return f"{wrote}\n{_between(quoted.splitlines(), text)}\n"
        case "html":
            old = sent.text.replace("\n", "<br>")
            return (
                f'<html><body><div style="color:#1F497D">{text}</div><div style="border-top:solid #E1E1E1 1.0pt">'
                f"<b>Von:</b> KOD Krefeld &lt;{office.OWN}&gt;<br><b>Gesendet:</b> Montag, 30. November 2026 07:31<br>"
                f"<b>An:</b> Disposition<br><b>Betreff:</b> {sent.subject}</div><p>{old}</p></body></html>"
            )
    raise ValueError(style)


def _between(quoted: list[str], text: str) -> str:
    """Answers below what they are about: "2:erledigt" below the number of the second concern."""
    if not re.match(r"\d:", text):
        at = next(at for at, line in enumerate(quoted) if "Ort" in line)
        return "\n".join([*quoted[: at + 1], "", text, "", *quoted[at + 1 :]])
    lines = list(quoted)
    numbers = [index for index, line in enumerate(quoted) if "Vorgang" in line and "KOD-" in line]
    for line in reversed(text.splitlines()):
        position, _, said = line.partition(":")
        behind = numbers[int(position) - 1] + 2
        lines[behind:behind] = ["", said, ""]
    return "\n".join(lines)


def _states(place: Office) -> States:
    """Each concern's state, why it waits, and the body's answer, by its number."""
    rows = place.rows(
        "SELECT cases.number || '-' || concerns.position AS number, concerns.state, concerns.waits_for, "
        "forwards.answer FROM concerns "
        "JOIN cases ON cases.id = concerns.case_id LEFT JOIN forwards ON forwards.concern_id = concerns.id"
    )
    return {row["number"]: (row["state"], row["waits_for"], row["answer"]) for row in rows}


def _of(state: tuple[str, str, Any], former: tuple[str, str, Any]) -> str:
    name, _, said = state
    if name == "review":
        return "not_ours" if said == "refused" else "question"
    if state != former and name == "open" and said:
        return "changed"
    return _STATES[name]


def _judged(right: str, numbers: list[str], before: States, after: States, is_asked: bool) -> Answered:
    wanted = right.partition("+")[0]
    expected = dict(part.split("=") for part in (wanted if "=" in wanted else f"*={wanted}").split())
    own = [_concern(number, after) for number in numbers]
    got = [_of(after[number], before[number]) for number in own]
    shown = is_asked or "question" in got
    verdicts = []
    for at, state in enumerate(got, 1):
        wish = expected.get(str(at), expected.get("*", "open")).replace("nothing", "open").split("/")
        if state in wish or (state == "open" and "question" in wish and shown):
            verdicts.append("right")
        elif state == "question" or (state == "open" and shown):
            verdicts.append("asked")
        else:
            verdicts.append("lost" if state == "open" else "wrong")
    worst = next((one for one in ("wrong", "lost", "asked") if one in verdicts), "right")
    return Answered(worst, f"{' '.join(got)}{' asked' if is_asked else ''}")
