"""What a bounce gives back: which letter it was, and who did not get it (RFC 3464, and what older servers write).

Pure, never raises. The original is looked for in the message that the report holds, else in the header that it holds,
else in the text, where servers without reports quote it.
"""

import re

from intake import reference
from intake.mail.mime import clean, header
from intake.mail.mime.header import Fields
from intake.message import BouncedLetter, Failure

OUR_FIELD = b"x-kod-intake"
"""Our own letters bear the number of their case, or of their list, in it."""

_QUOTED_ID = re.compile(r"(?im)^[> \t]{0,20}Message-ID:[ \t]{0,20}\n?[> \t]{0,20}<([^<>\s]{1,500})>")
_ORIGINAL = re.compile(
    r"(?im)^[ \t>]{0,8}(?:-{2,40}.{0,60}(?:below|original|copy|returned|unsent|headers|forwarded|kopie|urspr)|"
    r"received: |return-path: |message-id: )"
)
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_ADDRESS = re.compile(r"[^\s<>;,()\"]+@[^\s<>;,()\"]+")
_NAMED_LINE = re.compile(
    r"(?m)^[ \t]{0,8}(?:<([^<>\s@]{1,200}@[^<>\s@]{1,200})>|([^<>\s@:,;\"]{1,200}@[\w.-]{1,200})[ \t]{0,20}$)"
)
_LOOKED_AT = 50_000
_FAILURES = 50
_REPORTS = 5


def case_number(text: str) -> str:
    """The first number of a case in ``text``, or nothing: of any city, as a mail is read without its configuration."""
    found = reference.find_case(text[:_LOOKED_AT], reference.ANY)
    return found.case if found else ""


def read(fields: Fields, originals: list[Fields], reports: list[bytes], text: str) -> BouncedLetter:
    """What came back (RFC 3464 and what servers write in its place). Raises nothing.

    ``originals`` is a list of headers found inside, ``reports`` a list of the machine-readable parts (bytes).
    """
    failures = [failure for report in reports[:_REPORTS] for failure in _failures(report)]
    if not failures:
        failures = _exim(fields) or _said(text)
    for original in originals:
        message_id = identifier(header.plain(original, b"message-id"))
        number = _number(header.plain(original, OUR_FIELD)) or _number(header.text(original, b"subject"))
        if message_id or number:
            token = _token(header.text(original, b"subject"))
            return BouncedLetter(message_id, number, tuple(failures[:_FAILURES]), token)
    quoted = _QUOTED_ID.search(text[:_LOOKED_AT])
    number = _number(text[:_LOOKED_AT]) if quoted else ""
    token = _token(text[:_LOOKED_AT])
    return BouncedLetter(quoted[1] if quoted else "", number, tuple(failures[:_FAILURES]), token)


def identifier(value: str) -> str:
    """A Message-ID without brackets."""
    start, end = value.find("<"), value.find(">")
    inside = value[start + 1 : end] if 0 <= start < end else value.strip("<> ")
    return clean.visible("".join(inside[:990].split()))


def _number(text: str) -> str:
    """The case or concern that ``text`` names, else the digest; of any city, see ``case_number``."""
    found = reference.find_case(text, reference.ANY)
    return str(found) if found else reference.find_digest(text, reference.ANY)


def _token(text: str) -> str:
    """The first token of a letter of ours in ``text``, or nothing."""
    return next((token for _, token in reference.find_tokens(text)), "")


def _failures(report: bytes) -> list[Failure]:
    """One for each block of fields that names a recipient (RFC 3464, section 2.3)."""
    found: list[Failure] = []
    at = 0
    for _ in range(2 * _FAILURES):
        if at >= len(report):
            break
        fields, after, _ = header.split(report, at, len(report))
        recipients = [header.plain(fields, name) for name in (b"original-recipient", b"final-recipient")]
        if any(recipients):
            found.append(_failure(fields, recipients))
        at = max(after, at + 1)
    return found


def _failure(fields: Fields, recipients: list[str]) -> Failure:
    named = next(filter(None, map(_ADDRESS.search, [each.partition(";")[2] or each for each in recipients])), None)
    diagnosis = header.text(fields, b"diagnostic-code")
    status = _STATUS.search(header.plain(fields, b"status")) or _STATUS.search(diagnosis)
    return Failure(
        clean.visible(named[0]) if named else "",
        status[0] if status else "",
        clean.visible(header.plain(fields, b"action").partition(" ")[0]).lower(),
        diagnosis.partition(";")[2].strip()[:500] or diagnosis[:500],
    )


def _said(text: str) -> list[Failure]:
    """Who is named in a line of his own, before the letter that the server quotes."""
    own = _ORIGINAL.split(text[:_LOOKED_AT], maxsplit=1)[0]
    named = dict.fromkeys(found[1] or found[2] for found in _NAMED_LINE.finditer(own))
    return [Failure(address, "", "failed", "") for address in list(named)[:_FAILURES]]


def _exim(fields: Fields) -> list[Failure]:
    named = _ADDRESS.findall(header.plain(fields, b"x-failed-recipients"))
    return [Failure(clean.visible(address), "", "failed", "") for address in named[:_FAILURES]]
