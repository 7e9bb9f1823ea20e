"""What a letter may say of a concern: made here once and redacted.

A template sees a ForwardView and nothing else of the message, so that nothing unredacted can reach it. Its one
personal field is ``contact``, which is empty without the citizen's recorded consent.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from intake.base import german, umlauts
from routing.model import words
from routing.model.forward import NOTHING, DueForward, Enclosed, Suspicion
from routing.text import citizen, excerpt, redaction
from routing.text.places import landmarks
from routing.text.redaction import CityWords, limits

LONGEST_FIELD = 200
LONGEST_DOUBT = 400
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")
_BLANKS = re.compile(r"[ \t]{3,}")
_WRAPPED = re.compile(r"(?<=[^\n]{65})[ \t]*\n(?=[^\W\d_])")  # where a mail program broke a line, not the citizen
_HOUSE_NUMBER = re.compile(r"(.*?)(\d{1,4})\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardView:
    """One concern as a template sees it; every text is German, cleaned and redacted.

    ``number`` is "KOD-2026-000123" or "KOD-2026-000123-1"; ``urgency`` as ``words.URGENCY`` has it (NOTFALL, heute
    …); ``counted`` tells the number of ``reports`` and of what, "" for a single one; ``text`` the citizen's own
    words, ``removed`` how many marks are in it, ``excerpt`` that it is one; ``landmark`` ("neben den Containern") is
    taken from these words, and ``withheld`` says that they stay with the KOD. ``further`` ("weitere Meldung (3.)") is
    set when the body has a letter about the concern, since ``told``, or is to get it (``told`` is empty).
    ``doubtful`` says that a person should look before it leaves the city. ``photos`` go with the letter, ``kept`` ("1
    Foto, 1 PDF") stay with the KOD. ``contact`` is empty unless the citizen agreed and the recipient may have it.
    ``received`` and ``reply_by`` are written out ("" where nothing is asked for), ``received_at`` (aware) and
    ``reply_on`` the same for machines. ``found`` ("„liegt“, „blutet“") and ``doubt`` tell what a doubtful emergency
    rests on; "" for everything else.
    """

    number: str
    category: str
    code: str
    urgency: str
    place: str
    district: str
    landmark: str
    spot: tuple[float, float] | None  # latitude and longitude, where a photo was taken
    received_at: datetime
    channel: str
    text: str
    contact: str
    reports: int
    counted: str
    since: str
    further: str
    told: str
    withheld: bool
    photos: int
    kept: str
    confirm: int  # minutes within which the body is to say that it has the letter; 0: nothing is asked for
    reply_on: date | None
    removed: int
    doubtful: bool
    excerpt: bool = False
    found: str = ""
    doubt: str = ""
    received: str = field(init=False)
    reply_by: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "received", _said_when(self.received_at))
        object.__setattr__(self, "reply_by", german.long_date(self.reply_on) if self.reply_on else "")

    @property
    def where(self) -> str:
        """Place and district in one line."""
        known = [part for part in (self.place, self.district) if part]
        if known or not self.spot:
            return ", ".join(known) or "nicht sicher erkannt"
        return "laut Foto bei {:.4f}, {:.4f}".format(*self.spot)

    @property
    def whereabouts(self) -> str:
        """Place, district and what stands beside it: "Roßstraße 12, Stadtmitte (neben den Containern)"."""
        return f"{self.where} ({self.landmark})" if self.landmark else self.where

    @property
    def map(self) -> str:
        """The address of a map of the spot (degrees, WGS 84), or ""."""
        if not self.spot:
            return ""
        return "https://www.openstreetmap.org/?mlat={:.4f}&mlon={:.4f}&zoom=18".format(*self.spot)

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of the citizen's words, in order."""
        return tuple(self.text.split("\n"))

    @property
    def order(self) -> tuple[object, ...]:
        """What views are sorted by: district (unknown last), street, house number, case number."""
        found = _HOUSE_NUMBER.match(self.place)
        street, house = (found[1], int(found[2])) if found else (self.place, 0)
        return (
            not self.district,
            umlauts.sorted_as(self.district),
            not self.place,
            umlauts.sorted_as(street),
            house,
            _case_key(self.number),
        )


class Policy(Struct, frozen=True):
    """What a body may have of a concern and is asked for, with this letter."""

    words: Literal["excerpt", "full", "none"] = "full"  # of the citizen's: see Recipient.text
    contact: str = ""  # the citizen's, where he agreed and the body may have it
    further: str = ""  # what the letter is called when the body has one about the concern: "weitere Meldung (3.)"
    confirm: int = 0  # minutes within which it is to say that it has the letter; 0: nothing is asked for
    reply_by: date | None = None


NO_POLICY = Policy()
"""Nothing more than the concern, and nothing is asked for."""


class Said(Struct, frozen=True):
    """The words and the place that a body may have, how many marks are in them, whether a person should look."""

    text: str
    place: str
    removed: int
    doubtful: bool


def said(forward: DueForward, city: CityWords, wording: str, known: excerpt.Known | None) -> Said:
    """What a body may have of the words and the place: an excerpt of known words, or all but what is redacted."""
    message = forward.stored.message
    own = citizen.written(message, city)
    text, place = limits.shortened(own.words, own.offsets(forward.found)), one_line(forward.place)
    if wording == "full" or known is None:
        redacted = redaction.redact(text, city, own_names=own.names, own_addresses=citizen.senders(message))
        site = redaction.redact(place, city, own_names=own.names)
        shown = _BLANK_LINES.sub("\n\n", _WRAPPED.sub(" ", _BLANKS.sub(" ", redacted.text))).strip()
        return Said(shown, site.text, redacted.count + site.count, redacted.doubtful)
    site_shown = excerpt.of_cell(place, known)
    if wording == "none":
        return Said("", site_shown, 0, doubtful=False)
    made = excerpt.of_text(text, known, (place,))
    return Said(made.text, site_shown, made.gaps, doubtful=not made.says)


def view(
    forward: DueForward,
    city: CityWords,
    policy: Policy = NO_POLICY,
    enclosed: Enclosed = NOTHING,
    known: excerpt.Known | None = None,
) -> ForwardView:
    """The view of a concern for one body: what the citizen wrote, and the place, redacted.

    What is known of the sender is used to find it in the text and appears nowhere but in the policy's ``contact``;
    ``city`` has the words of the place that are nobody's name. Of a message with several concerns (not
    ``forward.single``) nobody knows which one stands beside what, so no landmark is named.
    """
    message, received = forward.stored.message, forward.stored.received_at
    shown = said(forward, city, policy.words, known)
    since = _day(min(forward.opened_at, received)) if forward.reports > 1 else ""
    sent = forward.further.sent if forward.further else None
    return ForwardView(
        number=one_line(forward.number),
        category=one_line(forward.category),
        code=one_line(forward.category_id),
        urgency=words.URGENCY[forward.urgency],
        place=one_line(shown.place),
        district=one_line(forward.district),
        landmark=one_line(landmarks.named(shown.text, forward.place, forward.category)) if forward.single else "",
        spot=enclosed.spot,
        received_at=received,
        channel=one_line(message.channel),
        text=shown.text,
        contact=one_line(policy.contact),
        reports=forward.reports,
        counted=_counted(forward, since),
        since=since,
        further=one_line(policy.further),
        told=german.long_date(german.local(sent).date()) if sent else "",
        withheld=policy.words != "full" and not shown.text and bool(message.new_text or message.text),
        excerpt=policy.words == "excerpt",
        photos=len(enclosed.photos),
        kept=one_line(enclosed.stays),
        confirm=policy.confirm,
        reply_on=policy.reply_by,
        removed=shown.removed,
        doubtful=shown.doubtful,
        **_suspected(forward.suspicion, city, (message.from_name,)),
    )


def _suspected(suspicion: Suspicion | None, city: CityWords, names: Sequence[str]) -> dict[str, str]:
    """``found`` and ``doubt`` of the view, redacted."""
    if suspicion is None:
        return {}
    told = {"found": ", ".join(f"„{word}“" for word in suspicion.found), "doubt": suspicion.doubt}
    redacted = {key: redaction.redact(said, city, own_names=names).text for key, said in told.items()}
    return {key: one_line(said, LONGEST_DOUBT) for key, said in redacted.items()}


def _day(moment: datetime) -> str:
    return f"{german.local(moment):%d.%m.%Y}"


def _counted(forward: DueForward, since: str) -> str:
    """2 zu diesem Ort seit 21.11.2026; reports are counted by case, not by each of its several concerns."""
    if forward.reports < 2:
        return ""
    if not forward.single:
        about = "zum Vorgang (alle Themen)"
    else:
        about = "zu diesem Ort" if forward.place else "zu diesem Hinweis"
    return f"{forward.reports} {about} seit {since}"


def _said_when(moment: datetime) -> str:
    """Day and time; the day alone for midnight sharp, as which a list without times is read."""
    at = german.local(moment)
    midnight = not (at.hour or at.minute or at.second)
    return german.long_date(at.date()) if midnight else german.long_moment(moment)


def one_line(text: str, longest: int = LONGEST_FIELD) -> str:
    """``text`` without line ends and invisible characters, at most ``longest`` characters."""
    line = " ".join(redaction.clean(text[: 4 * longest]).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _case_key(number: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", number))
