"""Which new row of a list is a known call in other words? Only what vanished from the list can have become it.

A list is dropped again and again, with rows added and old ones edited, and a row has no key. What the last version of
the list had and this one lacks has been edited or deleted; what this one has and nobody has seen is an edit or a new
call. ``paired`` puts the two together where day and time, place, words or caller agree well enough, each once, the
best first. In doubt a row is a new call: a body that hears of something twice is better off than one that never does.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from difflib import SequenceMatcher

from msgspec import Struct

from intake.base import german
from intake.message import Message
from intake.phone_log.normalize import squeezed

MOST = 20_000  # rows that are new, or gone, in one version; more are not edits but another list
_COMPARED = 400  # characters of a text
_TELLING = 15  # letters that make a text more than a keyword
_NEAR = 200  # candidates that are compared with one row


class Call(Struct, frozen=True):
    """What a row says, as far as it is compared: of one just read, or of one that was stored."""

    identity: bytes
    day: str
    minute: str  # "" without a time
    place: str
    text: str
    caller: str


def call(message: Message, received_at: datetime) -> Call:
    """The row as it is compared; ``received_at`` is aware, UTC."""
    at = german.local(received_at)
    return Call(
        identity=message.identity,
        day=at.date().isoformat(),
        minute=f"{at:%H:%M}" if message.date is not None else "",
        place=squeezed(message.place).replace("strasse", "str"),
        text=squeezed(message.text)[:_COMPARED],
        caller="".join(filter(str.isdigit, message.contact))[-6:] or squeezed(message.from_name),
    )


def paired(new: Sequence[Call], gone: Sequence[Call]) -> dict[bytes, bytes]:
    """The gone row that each edited row continues, a mapping of identities (bytes), new to gone.

    Both are rows of two versions of one list, in order.
    """
    ranked = [
        (rank, new_index, gone_index)
        for new_index, gone_index in _candidates(new, gone)
        if (rank := _rank(new[new_index], gone[gone_index])) >= 1
    ]
    ranked.sort(key=lambda pair: (-pair[0], pair[1], pair[2]))
    found: dict[bytes, bytes] = {}
    taken: set[int] = set()
    for _, new_index, gone_index in ranked:
        identity = new[new_index].identity
        if identity not in found and gone_index not in taken:
            found[identity] = gone[gone_index].identity
            taken.add(gone_index)
    return found


def _candidates(new: Sequence[Call], gone: Sequence[Call]) -> Iterator[tuple[int, int]]:
    """The pairs that share a day, or time, place and words: all others cannot agree."""
    by_key: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, one in enumerate(gone):
        for key in _keys(one):
            by_key[key].append(index)
    for index, one in enumerate(new):
        near = dict.fromkeys(other for key in _keys(one) for other in by_key.get(key, ())[:_NEAR])
        yield from ((index, other) for other in near)


def _keys(one: Call) -> Iterable[tuple[str, ...]]:
    return (
        ("minute", one.day, one.minute),
        ("text", one.day, one.text),
        ("place", one.day, one.place),
        ("call", one.minute, one.place, one.text),
        ("day", one.day),
    )


def _rank(new: Call, gone: Call) -> int:
    """How surely one is the other: 6 in all but a word, 1 by place and similar words; 0 is another call."""
    same_day, same_minute = new.day == gone.day, bool(new.minute) and new.minute == gone.minute
    same_place, same_caller = new.place == gone.place, bool(new.caller) and new.caller == gone.caller
    if not same_day:  # the date was corrected; the same words at another time are another call
        return 3 if same_minute and same_place and new.text == gone.text else 0
    alike = _alike(new.text, gone.text)
    if same_minute:
        return 6 if same_place and alike >= 0.5 else 5 if alike >= 0.8 else 4 if same_place or same_caller else 0
    if new.text == gone.text:
        telling = len(new.text) >= _TELLING or same_place or same_caller
        return 2 if telling else 0
    return 1 if (same_place or same_caller) and alike >= 0.6 else 0


def _alike(one: str, other: str) -> float:
    """From 0 to 1; a text to which something was added is alike."""
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= 6 and shorter in longer:
        return 1.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
