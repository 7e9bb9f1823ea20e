"""Short texts in which a keyword certainly stands, made from the keyword itself.

The linter asks the rules what they do with them: so it finds what really happens, whatever the way the rules decide.
A regular expression has no sample text (nothing can be told about it), and a word list gives a few of its entries.
"""

import re
from collections.abc import Iterator
from itertools import chain, islice

from routing.model.settings import Vocabulary
from routing.text.keywords import folding
from routing.text.keywords.values import Keyword

MOST_ENTRIES = 40
"""Entries of a list that are tried; of several lists in one keyword one after the other."""
_DEEPEST = 4
_LISTED = re.compile(r"@[\w-]+")
_UNWRITTEN = re.compile(r"\*|\.\.\.|…")


def texts(source: str, vocabulary: Vocabulary, *, most: int = MOST_ENTRIES) -> tuple[str, ...]:
    """The keyword as somebody would write it, at most ``most`` texts in order; with word lists once for each entry."""
    if len(source) > 2 and source.startswith("/") and source.endswith("/"):
        return ()
    pieces = _LISTED.split(source.replace(" + ", " und "))
    choices = [tuple(islice(_entries(name[1:], vocabulary), most)) for name in _LISTED.findall(source)]
    if not all(choices):
        return ()
    written = [] if choices else pieces
    for varied, entries in enumerate(choices):
        for entry in entries if varied == 0 else entries[1:]:
            words = [entry if place == varied else others[0] for place, others in enumerate(choices)]
            written.append("".join(chain(*zip(pieces, [*words, ""], strict=True))))
    return tuple(dict.fromkeys(" ".join(_UNWRITTEN.sub(" ", text).split()) for text in written))


def forms(keyword: Keyword) -> tuple[str, ...]:
    """All inflections (folded) of a keyword of one word, a tuple of words; empty for the others."""
    if len(keyword.parts) != 1 or "@" in keyword.source:
        return ()
    single = [phrase.slots[0] for phrase in keyword.parts[0] if len(phrase.slots) == 1]
    return tuple(
        dict.fromkeys(form.literal + ending for slot in single for form in slot for ending in form.endings or {""})
    )


def _entries(name: str, vocabulary: Vocabulary, depth: int = 0) -> Iterator[str]:
    wanted = folding.plain(name)
    for known, entries in vocabulary.items():
        if folding.plain(known) == wanted:
            for entry in entries:
                if not entry.startswith("@"):
                    yield entry.strip("*")
                elif depth < _DEEPEST:
                    yield from _entries(entry[1:], vocabulary, depth + 1)
