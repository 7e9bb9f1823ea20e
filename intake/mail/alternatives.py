"""Which of a message's texts a reader sees: of alternatives one, otherwise all of them, none twice."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from intake.mail.content import Text
    from intake.mail.mime.parts import Part

_STUB = re.compile(
    r"(?i)\bhtml\b|multi-?part message|mime format|mail-?client|e-?mail-?programm|im browser|in your browser"
)
_STUB_SIGNS = ("html", "multi", "mime format", "client", "programm", "browser")
"""Without any of these in small letters ``_STUB`` finds nothing; looking for words is quicker."""
_TELLING = 100
"""A plain text of so many characters is no stub, unless the page beside it is much longer."""
LONG = 400
"""One of so many characters is the text, whatever stands beside it."""


def told(text: str) -> int:
    """How many characters a plain text has that says enough to do without the page beside it; 0 otherwise."""
    said = text.strip()
    return len(said) if len(said) > LONG or (len(said) > _TELLING and not _is_stub(said)) else 0


def _is_stub(said: str) -> bool:
    """Whether a plain text speaks of the page that it stands in for."""
    lower = said.lower()
    return any(sign in lower for sign in _STUB_SIGNS) and _STUB.search(said) is not None


def preferred(children: "list[tuple[Part, list[Text]]]") -> "list[Text]":
    """Of alternatives the plain text; the last one when that is empty or a stub.

    ``children`` are pairs of a part and its texts, in order of the mail; gives the list of texts to be read.
    """
    plain = [text for part, texts in children if part.content_type == "text/plain" for text in texts]
    others = [texts for part, texts in children if part.content_type != "text/plain"]
    if not plain or not others:
        return others[-1] if others else plain
    said = "\n".join(text for text, _ in plain).strip()
    if len(said) > LONG:
        return plain
    best = max(others, key=lambda texts: sum(len(text) for text, _ in texts))
    length = sum(len(text) for text, _ in best)
    if not said or length > 8 * len(said) + 40:
        return best
    return best if length and _is_stub(said) and (length > len(said) or _says_other(best, said)) else plain


def _says_other(page: "list[Text]", said: str) -> bool:
    """Whether a page shares hardly a word with the plain text beside it."""
    words = {word for text, _ in page for word in text.lower().split()}
    return 4 * len(words & set(said.lower().split())) < len(words)


def in_order(children: "list[tuple[Part, list[Text]]]") -> "list[Text]":
    """Every text, in order of the mail; a page that only repeats the plain text before it is left out.

    ``children`` are pairs of a part and its texts.
    """
    kept: list[Text] = []
    before = ""
    for part, texts in children:
        if part.content_type == "text/html" and before:
            said = "".join(text for text, _ in texts)
            if "".join(said.split()) == "".join(before.split()):
                before = ""
                continue
        before = "".join(text for text, _ in texts) if part.content_type == "text/plain" else ""
        kept += texts
    return kept
