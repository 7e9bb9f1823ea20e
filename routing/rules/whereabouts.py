"""Words that only say where something is: "Müll neben dem kleinen roten Container" is about the Müll.

A word does when a preposition of place stands before it, with nothing but articles, numbers and adjectives between.
Told by the word's neighbours alone, so it errs where grammar would know better; nothing urgent depends on it.
"""

from intake.message import Message
from routing.concern import Match
from routing.keywords.folding import word_list

_REACH = 60  # characters before the word that are looked at
_MOST_WORDS = 4
_PREPOSITIONS = word_list(
    """
    an am auf aufm im in ins unter unterm neben nebem hinter hinterm vor vorm bei beim zwischen gegenüber gegenueber
    ggü ggü. ggue nahe nähe höhe ecke zum zur entlang um über überm seitlich rund
    """
)
_BETWEEN = word_list(
    """
    der die das dem den des vom von einem einer einen eine ein ihrem ihrer unserem unserer meinem meiner diesem dieser
    jedem jeder allen zwei drei vier mehreren
    """
)
_VERBS = word_list(
    """
    liegen stehen wachsen ragen hängen wurden werden haben fehlen laufen parken lagen standen gehen blockieren brennen
    aber immer wieder oder leider hier
    """
)
"""Words that look like an adjective and end the phrase."""


def mentions(match: Match, message: Message) -> bool:
    """Whether a match only says where; a keyword of several parts ("brücke + kaputt") says more than that."""
    text = message.subject if match.field == "subject" else message.new_text
    return " + " not in match.keyword and only_where(text, match.start)


def only_where(text: str, start: int) -> bool:
    """Whether the word that begins at ``start`` of a text as it was written only says where something is."""
    before = text[max(0, start - _REACH) : start]
    if not before or not before[-1].isspace():
        return False
    for written in reversed(before.lower().split()[-_MOST_WORDS:]):
        word = written.lstrip("(„\"'")
        if word in _PREPOSITIONS:
            return True
        if word not in _BETWEEN and (word in _VERBS or len(word) < 4 or not word.endswith(("en", "em", "er"))):
            return False
    return False
