"""What goes along with a concern, and what does not: photos to bodies inside the city, cleaned; everything else stays.

A body outside gets no photo, for nobody can redact faces and number plates by pattern, unless a person released them.
Other files are never passed on; the letter names them ("1 PDF liegt bei uns"). What a repeat or a follow-up brought
before the letter was made counts with it. Reads the stored mail, writes nothing. A photo that cannot be read stays
here like the others.
"""

from collections.abc import Sequence

from sqlalchemy.engine import Connection

from intake import mail, storage
from intake.base import german
from intake.message import Attachment, Stored
from routing.letters import photos
from routing.model.forward import NOTHING, DueForward, Enclosed
from routing.model.gazetteer import Box
from routing.model.settings import Configuration
from routing.pipeline import heic
from routing.store import outbox

MOST_BYTES = 7_000_000  # of photos in one pass and so in one digest: 9.6 MB as a mail, which any server takes
_KINDS = (  # in the order in which they are named
    ("image/", "Foto", "Fotos"),
    ("video/", "Video", "Videos"),
    ("audio/", "Tonaufnahme", "Tonaufnahmen"),
    ("application/pdf", "PDF", "PDFs"),
    ("message/", "E-Mail", "E-Mails"),
    ("", "Datei", "Dateien"),
)


def prepare(connection: Connection, due: Sequence[DueForward], configuration: Configuration) -> dict[int, Enclosed]:
    """What goes along with these forwards, keyed by id.

    With all of them, or with the first ones up to MOST_BYTES bytes.
    """
    ready: dict[int, Enclosed] = {}
    box = configuration.gazetteer.box
    size = 0
    again = outbox.repeated_reports(connection, {forward.case_id for forward in due})
    for forward in due:
        inside = configuration.settings.recipients[forward.recipient].inside
        one = _enclosed(connection, forward, again.get(forward.case_id, []), box, inside=inside)
        size += one.size
        if ready and size > MOST_BYTES:
            break
        ready[forward.id] = one
    return ready


def _enclosed(
    connection: Connection, forward: DueForward, again: Sequence[Stored], box: Box | None, *, inside: bool
) -> Enclosed:
    """Of the message and of what tells of the same once more; a person has released the message's own photos only."""
    reports = [forward.stored, *(one for one in again if _is_new(one, forward))]
    files = [file for each in reports for file in each.message.attachments if not file.decoration]
    if not files:
        return NOTHING
    photos = _photos(connection, reports if inside else reports[:1] if forward.photos else [], box)
    return Enclosed(
        photos=tuple(photo.content for photo in photos),
        spot=next((photo.spot for photo in photos if photo.spot), None),
        stays=staying(files, len(photos)),
    )


def _is_new(one: Stored, forward: DueForward) -> bool:
    """Whether the body has not seen it: a further report brings what came after the first letter."""
    return forward.further is None or (one.id != forward.stored.id and one.received_at > forward.further.composed)


def _photos(connection: Connection, reports: Sequence[Stored], box: Box | None) -> list[photos.Photo]:
    """The first readable ones of these messages, at most as many as a letter takes."""
    cleaned: list[photos.Photo] = []
    for each in reports:
        if not any(map(is_photo, each.message.attachments)):
            continue
        for file, data in mail.files(storage.raw(connection, each.id), is_photo):
            photo = _cleaned(file, data, box)
            cleaned += [] if photo is None else [photo]
            if len(cleaned) == photos.MOST:
                return cleaned
    return cleaned


def staying(files: Sequence[Attachment], going: int) -> str:
    """1 Foto und 1 PDF liegen bei uns; ``going`` photos of the ``files`` go along and do not count."""
    counts = dict.fromkeys((beginning for beginning, _, _ in _KINDS), 0)
    for file in files:
        counts[next(beginning for beginning, _, _ in _KINDS if file.content_type.startswith(beginning))] += 1
    counts["image/"] = max(0, counts["image/"] - going)
    named = [german.counted(counts[kind], one, many) for kind, one, many in _KINDS if counts[kind]]
    return f"{german.listed(named)} {'liegt' if sum(counts.values()) == 1 else 'liegen'} bei uns" if named else ""


def photo(connection: Connection, message_id: int, position: int) -> bytes | None:
    """The photo at ``position`` among a message's photos, as a JPEG without metadata; None where it cannot be read."""
    if not (raw := storage.raw(connection, message_id)):
        return None
    found = mail.files(raw, is_photo)
    cleaned = _cleaned(*found[position], None) if position < len(found) else None
    return cleaned.content if cleaned else None


def _cleaned(file: Attachment, data: bytes, box: Box | None) -> photos.Photo | None:
    readable = heic.as_jpeg(data) if file.content_type in heic.TYPES else data
    return photos.cleaned(readable, box) if readable else None


def is_photo(file: Attachment) -> bool:
    """Whether a file of a mail is a photo that can be shown."""
    return file.content_type in photos.READABLE | heic.TYPES and not file.decoration
