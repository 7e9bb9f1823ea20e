"""Names that stand in a sentence like any word: "petra müller", "der schmitz von nebenan", in small letters or not.

Certain is a usual first name before a usual surname, and a usual name "von nebenan", as far as neither is a word of
its own. A word before "von nebenan" that German does not know may be a name: only a person can tell (``doubtful``).
"""

import re
from collections.abc import Iterator

from routing.text.keywords import folding
from routing.text.keywords.dictionary import is_known
from routing.text.redaction import first_names, names, placeholders, usual_names
from routing.text.redaction.city_words import CityWords

_WORDS = frozenset(  # usual names that are words of their own, too
    re.findall(
        r"\S+",
        "ernst else frank max rita mark alex tim kalle christian conny wanda schneider fischer weber wagner "
        "becker bauer richter klein schröder schwarz zimmermann braun hofmann lange könig kaiser fuchs lang "
        "jung hahn vogel berger schuster winter kraus schumacher krämer vogt stein sommer groß haas schreiber "
        "graf ziegler kühn engel horn busch sauer koch wolf roman schäfer keller kuhn demir kaya",
    )
)
_FIRST = frozenset(usual_names.FIRST - _WORDS)
_SURE = frozenset(usual_names.USUAL - _WORDS)
_SHOPS = frozenset(
    re.findall(
        r"\S+", "aldi lidl rewe edeka netto penny kaufland rossmann kik tedi obi späti kiosk imbiss büdchen kita dm"
    )
)
_TOKEN = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+){0,3}")
_BESIDE = re.compile(
    r"\b(?:der|die|dem|den|vom|beim|zum)[ ](?P<name>[^\W\d_]{3,30})"
    r"(?=[ ]von[ ](?:nebenan|gegenüber|drüben|oben|unten)\b)",
    re.IGNORECASE,
)
_BESIDES = ("nebenan", "gegenüber", "drüben", "oben", "unten")


def remove(text: str, _city: CityWords) -> str:
    """``text`` without the names that are certain."""
    if not _FIRST.isdisjoint(text.casefold().split()):
        text = _cut(text, _pairs(text))
    if placeholders.has(text, _BESIDES):
        text = _BESIDE.sub(lambda found: _without(found) if _is_sure(found["name"]) else found[0], text)
    return text


def doubtful(text: str, city: CityWords) -> bool:
    """Whether a word that German does not know stands where only a neighbour's name would."""
    if not placeholders.has(text, _BESIDES):
        return False
    return any(_may_be_name(found["name"].casefold(), city) for found in _BESIDE.finditer(text))


def _pairs(text: str) -> Iterator[tuple[int, int]]:
    """Where a usual surname, in capitals or not, follows one or more first names, one space between."""
    begin = end = -1
    for found in _TOKEN.finditer(text):
        word = found[0].casefold()
        follows = found.start() == end + 1 and text[end] == " "
        if begin >= 0 and follows and word in _SURE and word not in _FIRST:
            if not first_names.is_named_place(text, found.end()):
                yield begin, found.end()
            begin = -1
        elif word in _FIRST:
            begin = begin if begin >= 0 and follows else found.start()
        else:
            begin = -1
        end = found.end()


def _cut(text: str, places: Iterator[tuple[int, int]]) -> str:
    kept: list[str] = []
    at = 0
    for begin, end in places:
        kept += (text[at:begin], placeholders.NAME)
        at = end
    return "".join((*kept, text[at:]))


def _without(found: re.Match[str]) -> str:
    return found[0].removesuffix(found["name"]) + placeholders.NAME


def _is_sure(word: str) -> bool:
    return word.casefold() in _SURE


def _may_be_name(word: str, city: CityWords) -> bool:
    if word in _SURE or word in _SHOPS or names.is_common(word, city) or names.is_matter(word):
        return False
    if first_names.is_place(word, city):
        return False
    return word in usual_names.USUAL or (len(word) > 3 and not is_known(folding.plain(word)))
