"""What the citizen wrote in a message, and the names and addresses by which he is known in it. Pure."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec import Struct

from intake.message import Message
from routing.text import web_forms

if TYPE_CHECKING:
    from routing.text.redaction import CityWords

_PREFIXES = re.compile(r"^(?:\s*(?:re|aw|wg|fwd?|antwort)\s*(?:\[\d+\])?:\s*)+", re.IGNORECASE)

_SPEAKER = re.compile(  # a line of a chat that was exported: "29.11.26, 10:02 - Klaus M.: ja"
    r"^\[?\d{1,2}[./]\d{1,2}[./]\d{2,4},? (?:um )?\d{1,2}:\d\d(?::\d\d)?\]?[ \t]*[-–]?[ \t]*([^\W\d_][^:\n]{0,39}):",
    re.MULTILINE,
)
_MOST_SPEAKERS = 20


class Written(Struct, frozen=True):
    """What the citizen wrote, and his names as far as the message tells them.

    ``before`` characters (the subject) stand before the new text.
    """

    words: str
    names: tuple[str, ...]
    before: int = 0

    def offsets(self, found: Iterable[int]) -> list[int]:
        """Where in the words stands what is ``found`` at these offsets of the new text, in order."""
        return [self.before + one for one in found]


def written(message: Message, city: "CityWords") -> Written:
    """What the citizen wrote, of a web form the concern and the scene; and the subject, which may name the place."""
    form = web_forms.read(message, web_forms.of(city.library, city.taught))
    text = form.told if form else message.new_text or message.text
    subject = _PREFIXES.sub("", message.subject).strip()
    words = text if not subject or subject in text else f"Betreff: {subject}\n\n{text}"
    speakers = dict.fromkeys(_SPEAKER.findall(text)) if text[:1].isdecimal() or text[:1] == "[" else ()
    names = form.names if form else (message.from_name, *list(speakers)[:_MOST_SPEAKERS])
    return Written(words, names, len(words) - len(text))


def senders(message: Message) -> tuple[str, ...]:
    """The addresses known of the sender, in order, by which they are found in his words."""
    return (message.from_addr, message.reply_to, message.contact)
