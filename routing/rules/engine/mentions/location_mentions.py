"""Words that only say where something is: "Müll neben dem kleinen roten Container" is about the Müll.

A word does when a preposition of place stands before it, with nothing but articles, numbers and adjectives between, or
a word for a part of a place ("am Rand des Spielplatzes"). Some prepositions name a topic as often as a place ("bitte
um Reinigung", "Ärger über Hunde", "zum Parken benutzt"): of those only what cannot be meant otherwise counts. Told by
the word's neighbours alone, so it errs where grammar would know better; nothing urgent depends on it.
"""

import re

from intake.message import Message
from routing.model.decision import Match
from routing.text.keywords.folding import word_list

_REACH = 60  # characters before the word that are looked at
_MOST_WORDS = 4
_PREPOSITIONS = word_list(
    """
    an am auf aufm im in ins unter unterm neben nebem hinter hinterm vor vorm bei beim zwischen gegenüber gegenueber
    ggü ggü. ggue nahe nähe höhe ecke entlang überm übern seitlich rund rings innerhalb außerhalb ausserhalb oberhalb
    unterhalb abseits unweit längs richtung
    """
)
_PARTS_OF_PLACES = word_list(
    """
    bereich umgebung umfeld rand ende anfang eingang ausgang zugang rückseite vorderseite seite mitte
    """
)
"""Behind them a genitive names the place: "im Bereich der Ampel"."""
_BETWEEN = word_list(
    """
    der die das dem den des vom von einem einer einen eine ein ihrem ihrer unserem unserer meinem meiner diesem dieser
    jedem jeder allen zwei drei vier mehreren
    """
)
_OF = frozenset({"der", "des", "vom", "von", "eines", "einer", "unserer", "unseres", "dieser", "dieses"})
_VERBS = word_list(
    """
    liegen stehen wachsen ragen hängen wurden werden haben fehlen laufen parken lagen standen gehen blockieren brennen
    aber immer wieder oder leider hier
    """
)
"""Words that look like an adjective and end the phrase."""
_AROUND = re.compile(r"\w+ (?:he)?rum\b")
_ABOUT = re.compile(
    r"beschwer|ärger|aerger|klag|reg\w+ (?:mich|uns)|unmut|wut|empör|freu|sprech|gespräch|inform|hinweis|hingewiesen"
    r"|meldung|bericht|diskutier|frage"
)
_ROUND_ABOUT = re.compile(r"\b(?:rund|rings) um\b(?!.*\bum\b)")
_DOING = re.compile(r"\w*(?:en|ung)\b")


def mentions(match: Match, message: Message) -> bool:
    """Whether a match only says where: of "gehweg + kaputt" the first part does; "tonne ... geleert" says more."""
    text = message.subject if match.field == "subject" else message.new_text
    return "..." not in match.keyword and only_where(text, match.start)


def only_where(text: str, start: int) -> bool:
    """Whether the word that begins at ``start`` of a text as it was written only says where something is."""
    before = text[max(0, start - _REACH) : start]
    if not before or not before[-1].isspace():
        return False
    follows = ""  # the word behind the one that is looked at
    for written in reversed(before.split()[-_MOST_WORDS:]):
        word = written.lower().lstrip("(„\"'")
        if word in _PREPOSITIONS or (word in _PARTS_OF_PLACES and follows in _OF):
            return True
        if word in {"um", "über", "ueber", "zum", "zur"}:
            return _is_place(word, before.lower(), text, start)
        if word not in _BETWEEN and (
            written[0].isupper() or word in _VERBS or len(word) < 4 or not word.endswith(("en", "em", "er"))
        ):
            return False
        follows = word
    return False


def _is_place(preposition: str, before: str, text: str, start: int) -> bool:
    """Whether "um", "über" or "zum" names a place: "um die Container herum", "über die Wiese", "zum Spielplatz"."""
    if preposition == "um":
        return _AROUND.match(text, start) is not None or _ROUND_ABOUT.search(before) is not None
    if preposition in {"über", "ueber"}:
        return _ABOUT.search(before) is None
    return _DOING.match(text, start) is None
