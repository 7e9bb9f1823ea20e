"""Letters: what recipients get, composed from redacted views, as the bytes that are frozen and sent.

A letter is plain text and HTML of the same content (multipart/alternative). Its subject holds the number, the urgency,
the category and the place, in ASCII, and no word that should not show on a locked telephone. Nothing here knows the
citizen: see ``routing.letters.view``. A broken template of the staff never holds a letter up: the shipped one is taken
and ``Letter.fallback`` says why. The same arguments give the same bytes.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from intake.base import german
from routing.letters import (
    answer_links,
    desk_list,
    digest_files,
    headers,
    mime,
    photos,
    reminders,
    subjects,
    templates,
)
from routing.letters.headers import Envelope, bare, envelope, is_address, new_message_id
from routing.letters.resend import again
from routing.letters.templates import Templates
from routing.letters.view import ForwardView, Policy, one_line, view
from routing.model import words
from routing.model.decision import Urgency
from routing.model.settings import CitySettings, Recipient

__all__ = (
    "CORRECTION",
    "SUPPLEMENT",
    "Envelope",
    "ForwardView",
    "Kind",
    "Letter",
    "Policy",
    "Templates",
    "again",
    "bare",
    "compose",
    "compose_acknowledgement",
    "compose_alarm",
    "compose_note",
    "compose_plain",
    "compose_review",
    "desk_list",
    "envelope",
    "environment",
    "is_address",
    "new_message_id",
    "photos",
    "reminders",
    "view",
)

SUPPLEMENT, CORRECTION = "Ergänzung", "Berichtigung"
"""What a further letter is called that is no "weitere Meldung"; the templates know these words."""
Kind = Literal["forward", "digest", "vorgang", "nachtrag"]
STANDARD = (
    "forward",
    "digest",
    "notfall",
    "pruefen",
    "vorgang",
    "nachtrag",
    "alarm",
    "klaerung",
    "eingang",
    "weitergeleitet",
    *reminders.NAMES,
)
TEXT_ONLY = ("alarm", "klaerung", "eingang", "weitergeleitet", *reminders.NAMES)
_ALARMS = {words.URGENCY[urgency]: urgency.value for urgency in Urgency if urgency.is_alarm}
"""By what a view calls its urgency: the template of an emergency, which no recipient changes."""
_NONE: Mapping[str, Sequence[bytes]] = {}
_NAMES: Mapping[str, str] = {}


class Letter(Struct, frozen=True):
    """A composed letter, to whom, and the sender for SMTP ("" for an automatic answer).

    ``message_id`` without brackets; ``fallback``: why the shipped template was taken, or ""; ``token``: what its
    subject bears behind the number, or "".
    """

    subject: str
    message_id: str
    raw: bytes
    return_path: str
    to: tuple[str, ...]
    fallback: str = ""
    token: str = ""


def environment(folder: Path | None, shipped: Path, city: CitySettings) -> Templates:
    """The templates of the staff's ``folder`` (if any) before those of ``shipped``, read now, for this city.

    Raises OSError for a folder that cannot be read; a template that cannot be filled shows only when it is
    (``trial``).
    """
    return templates.environment(folder, shipped, city)


def compose(
    kind: Kind,
    views: Sequence[ForwardView],
    recipient: Recipient,
    envelope: Envelope,
    environment: Templates,
    pictures: Mapping[str, Sequence[bytes]] = _NONE,
) -> Letter:
    """The letter about one view ("forward", "vorgang", "nachtrag") or many ("digest", whose envelope has a number).

    An emergency has a template of its own, certain ("notfall") or in doubt ("pruefen"). An empty digest is a
    ValueError: it is never sent.
    ``pictures`` are JPEGs by the number of their view; a digest carries its machine-readable copies besides.
    """
    if not views:
        raise ValueError("a letter needs a concern; empty digests are not sent")
    ordered = sorted(views, key=lambda one: one.order)
    first = ordered[0]
    weekly = all(one.urgency == "Liste" for one in ordered)
    if kind == "digest":
        name = spare = "digest"
        subject = subjects.of_digest(envelope.number, ordered, weekly=weekly)
    elif kind in {"vorgang", "nachtrag"}:
        name = spare = kind
        subject = subjects.of_forward(first)
    else:
        spare = _ALARMS.get(first.urgency, "forward")
        name = recipient.template if spare == "forward" else spare
        subject = subjects.of_forward(first)
    values = {
        "view": first,
        "views": tuple(ordered),
        "number": one_line(envelope.number),
        "recipient": one_line(recipient.name),
        "weekly": weekly,
        **answer_links.values(envelope, [one.number for one in ordered], whole_list=kind == "digest"),
        "sent": german.long_moment(envelope.date),
        "day": german.long_date(german.local(envelope.date).date()),
    }
    text, html, fallback = templates.render(environment, name, spare, values)
    files = [file for one in ordered for file in _photo_files(one.number, pictures.get(one.number, ()))]
    if kind == "digest":
        files = [*_copies(envelope.number, ordered, recipient.name, environment.city.name), *files]
    return _letter(envelope, subject, text, html, fallback, files)


def _photo_files(number: str, photos: Sequence[bytes]) -> list[mime.File]:
    return [
        mime.File(f"{number}-foto-{count}.jpg", "image/jpeg", content, shown=True)
        for count, content in enumerate(photos, start=1)
    ]


def _copies(number: str, views: Sequence[ForwardView], agency: str, city: str) -> list[mime.File]:
    return [
        mime.File(f"{number}.csv", "text/csv; charset=utf-8", digest_files.table(views)),
        mime.File(f"{number}.json", "application/json", digest_files.requests(views, agency, city)),
    ]


def compose_alarm(
    envelope: Envelope,
    environment: Templates,
    *,
    what: str,
    todo: str,
    since: datetime | None,
    resolved: bool = False,
) -> Letter:
    """A message to the operator: what happened (its first line is the subject), since when, what to do; plain text.

    ``since`` is aware, in any time zone, and shown in the city's; None where nobody knows it.
    """
    title, _, details = what.strip().partition("\n")
    subject = subjects.cut(f"[{environment.city.reference}-Störung{' behoben' if resolved else ''}] {title}")
    values = {
        "what": what.strip(),
        "title": title.strip(),
        "details": details.rstrip(),  # keeps its own lines, like the report of a broken config.toml
        "todo": todo.strip(),
        "since": german.long_moment(since) if since else "",
        "resolved": resolved,
        "sent": german.long_moment(envelope.date),
    }
    text, fallback = templates.render_text(environment, "alarm", values)
    return _letter(envelope, subject, text, "", fallback)


def compose_review(
    items: Sequence[desk_list.Item],
    envelope: Envelope,
    environment: Templates,
    *,
    kind: desk_list.Kind = "list",
    bodies: Mapping[str, str] = _NAMES,
) -> Letter:
    """What waits in review: the desk's daily list, which is sent when empty too, or what came in since.

    ``bodies`` are the names of those that an answer may name, by id; empty where nobody may answer.
    """
    seen = desk_list.values(items, envelope.date, kind, bodies)
    text, fallback = templates.render_text(environment, "klaerung", seen)
    return _letter(envelope, desk_list.subject(items, environment.city.reference, kind), text, "", fallback)


def compose_note(name: str, note: tuple[str, Mapping[str, Any]], envelope: Envelope, environment: Templates) -> Letter:
    """One of the letters of ``notes``: ``note`` is its subject and what its template ``name`` sees, keyed by name.

    Raises jinja2.TemplateError for a city's template that cannot be filled.
    """
    subject, values = note
    values = {**values, **answer_links.of_reminder(envelope, values)}
    text, fallback = templates.render_text(environment, name, values)
    return _letter(envelope, subject, text, "", fallback)


def compose_plain(envelope: Envelope, subject: str, text: str) -> Letter:
    """A letter of the program itself in its own words, which no template changes."""
    return _letter(envelope, subjects.plain(subject), text, "", "")


def compose_acknowledgement(
    envelope: Envelope,
    environment: Templates,
    *,
    received: datetime,
    bodies: Sequence[str] = (),
    privacy: str = "",
) -> Letter:
    """To the citizen, under the case's number: that the concern came in, or to which ``bodies`` it was forwarded.

    It repeats nothing that he wrote, so that it can neither leak nor be matched when it comes back. ``received`` is
    aware; ``privacy`` is the address of the privacy notice or "". The envelope is to be an automatic answer (RFC
    3834).
    """
    name = "weitergeleitet" if bodies else "eingang"
    said = "Ihr Hinweis wurde weitergeleitet" if bodies else "Ihr Hinweis ist eingegangen"
    values = {
        "number": one_line(envelope.number),
        "received": german.long_moment(received),
        "bodies": one_line(german.listed(bodies)),
        "privacy": one_line(privacy),
    }
    text, fallback = templates.render_text(environment, name, values)
    return _letter(envelope, subjects.plain(f"[{envelope.number}] {said}"), text, "", fallback)


def _letter(
    envelope: Envelope, subject: str, text: str, html: str, fallback: str, files: Sequence[mime.File] = ()
) -> Letter:
    subject = subjects.with_token(subject, envelope.proof)
    raw = mime.message(headers.fields(envelope, subject), text, html, files)
    return Letter(subject, envelope.message_id, raw, envelope.return_path, envelope.to, fallback, envelope.proof)
