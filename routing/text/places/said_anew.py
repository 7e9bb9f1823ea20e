"""A citizen's correction of where it is: "Hausnummer war 12 statt 21", "ich meinte die Lindenstraße".

``place`` says what a later message makes of the place that a case has. Nothing is guessed: where the old number and
the new one cannot be told apart, or no new place is named, it is no correction, and a person reads it. Pure.
"""

import re
from collections.abc import Sequence

from routing.model.decision import Place
from routing.text.keywords import folding

_SAYS_SO = re.compile(
    r"\b(?:korrektur|korrigier\w*|berichtig\w*|richtigstell\w*|statt|anstatt|nicht\b[^.!?\n]{0,60}\bsondern"
    r"|ich meinte|gemeint (?:ist|war)|vertippt|verschrieben|vertan|verwechselt|zahlendreher|falsche? (?:\w+ )?"
    r"(?:strasse|hausnummer|adresse|nummer|nr|ort|angabe)\w*|hausnummer (?:ist|war|lautet|muss)|muss (?:natuerlich )?"
    r"(?:heissen|lauten)|richtig (?:ist|waere|lautet)|es ist (?:die )?(?:nummer|nr|hausnummer)\W"
    r"|nicht (?:die )?\d{1,4}\b)"
)
_NUMBER = re.compile(r"(?<![\w.:,])(\d{1,4}[a-h]?)(?![\w:]|[.,]\d|\s?(?:uhr|min|stunden?|tage?|meter|m\b|euro))")
_OLD = re.compile(r"\b(?:statt|anstatt|nicht|und nicht)\s(?:(?!sondern)[a-z]+\s){0,2}$")
_PART = re.compile(r"^(.*?)\s+(\d{1,4}\s?[a-h]?)$")
_CASE = re.compile(r"\b[a-z]{2,10}-20\d\d-\d{6,9}(?:-\d+)?\b")
LONGEST = 600  # characters; a longer message tells more than a correction
_MARK = " (nicht "


def is_said(text: str) -> bool:
    """Whether a short message says that something told before was wrong."""
    return len(text) <= LONGEST and _SAYS_SO.search(folding.plain(text)) is not None


def place(text: str, named: Sequence[Place], before: str) -> str:
    """The place as a letter is to name it, "Westwall 62 (nicht 60)"; empty where the message does not tell it.

    ``named``: the places that the message names, ``before``: that of the concern.
    """
    was = known(before)
    parts = _PART.match(was)
    street, number = (parts[1], parts[2].replace(" ", "")) if parts else (was, "")
    if not is_said(text) or not street:
        return ""
    others = [one for one in named if one.street and folding.plain(one.street) != folding.plain(street)]
    if others:
        new = f"{others[0].street} {others[0].number}".strip()
        return f"{new}{_MARK}{was})" if len({(one.street, one.number) for one in others}) == 1 else ""
    folded = _CASE.sub(" ", folding.plain(text))
    told = [(found[1], _OLD.search(folded, 0, found.start()) is not None) for found in _NUMBER.finditer(folded)]
    wrong = {one for one, is_old in told if is_old} | {number}
    new_numbers = {one for one, _ in told} - wrong
    if len(new_numbers) != 1 or (number and number not in {one for one, _ in told} and len(told) > 1):
        return ""
    (right,) = new_numbers
    return f"{street} {right}{_MARK}{number})" if number else f"{street} {right}"


def known(place_told: str) -> str:
    """A place without the note of what it was before."""
    return place_told.partition(_MARK)[0]
