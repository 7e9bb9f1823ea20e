"""Things said to be gone, done or working again: "Der Müll ist weg", "Die Laterne brennt wieder".

Such a sentence is no report. Only what is certain counts, because a resolved message is stored and forwarded to
nobody: a question, a wish ("bis der Müll weg ist"), hearsay ("angeblich"), "nicht", "nur teilweise" and a "but" behind
it all keep the word a report. Things that belong where they stand (lamps, signs, manhole covers) are not resolved by
being gone, and others not by being back.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence

from routing.text.keywords import sentences
from routing.text.keywords.folding import Folded
from routing.text.keywords.values import Form, Keyword, Phrase

_REACH = 140  # characters behind a word that are looked at ...
_BEFORE = 100  # ... and before it
_MENDED = (
    "repariert|behoben|erledigt|erneuert|ersetzt|ausgetauscht|ausgewechselt|geleert|gereinigt|gesaeubert"
    "|instand ?gesetzt"
    "|wiederhergestellt|aufgestellt|gerichtet|geflickt|ausgebessert|verfuellt|verschlossen|befestigt|geschnitten"
    "|zurueckgeschnitten|gestutzt|gemaeht|gestreut|geraeumt|sauber ?gemacht|gefegt|gekehrt"
)
_REMOVED = (
    "entfernt|abgeholt|beseitigt|weggeraeumt|weggebracht|weggemacht|abtransportiert|aufgeraeumt|abgefahren"
    "|abgeschleppt"
    "|eingesammelt|eingefangen|weggefahren|mitgenommen"
)
_BY_SOMEBODY = _REMOVED.removesuffix("|mitgenommen")  # "Diebe haben ... mitgenommen" is no good news
_BE = "(?:ist|sind|wurde|wurden|war|waren)"
_ADVERB = (
    r"(?:(?:jetzt|nun|inzwischen|mittlerweile|wieder|alle|alles|heute|gestern|vorgestern|morgen|frueh|schon|laengst"
    r"|endlich"
    r"|bereits|schnell|komplett|vollstaendig|restlos|auch|dann|ja|doch|sofort|prompt|umgehend|zuegig|soeben|gerade"
    r"|eben"
    r"|gluecklicherweise|dankenswerterweise|zum glueck|gott sei dank|ueber nacht|seit \w+|am \w+|von (?:ihnen|euch"
    r"|jemandem)"
    r"|von (?:der|ihrem|eurem) \w+) ){0,5}?"
)
_END = r"(?=\s*(?:[.,!;:)]|$|und\b|danke|vielen|herzlich|super|prima|toll|bestens))"
_TO = r"[^!?;]{0,60}?"  # of one sentence, in which a full stop is an abbreviation's ("Str. 12")
_DONE_WITHOUT = rf"(?:{_MENDED}|in ordnung|okay|ok)(?: worden| gewesen)?"

_GONE = re.compile(
    rf"{_TO}\b(?:{_BE} {_ADVERB}(?:weg|fort|verschwunden|(?:{_REMOVED})(?: worden)?)"
    rf"|(?:{_BY_SOMEBODY})(?: worden)? (?:wurden?|hat|haben|habt|ist|sind)"
    rf"|(?:ist|sind|war|waren|liegt|liegen|steht|stehen|haengt|haengen|parkt|parken) {_ADVERB}nicht mehr"
    rf"(?: (?:da|dort|hier|vorhanden|zu sehen|zu finden))?){_END}"
)
_DONE = re.compile(
    rf"{_TO}\b(?:{_BE} {_ADVERB}{_DONE_WITHOUT}|(?:hat|haben) sich {_ADVERB}erledigt|sich erledigt (?:hat|haben)"
    rf"|(?:{_MENDED})(?: worden)? (?:wurden?|hat|haben|habt|ist|sind)"
    rf"|(?:ist|sind) {_ADVERB}wieder (?:in ordnung|okay|ok|heil|ganz|sauber|frei|dicht|hell|begehbar|befahrbar"
    rf"|benutzbar"
    rf"|passierbar)){_END}"
)
_WORKS = re.compile(
    rf"{_TO}\b(?:(?:brennt|brennen|leuchtet|leuchten|funktioniert|funktionieren|geht|gehen|laeuft"
    rf"|laufen) {_ADVERB}wieder"
    rf"(?: normal| richtig| einwandfrei| ordentlich)?|(?:ist|sind|steht|stehen) {_ADVERB}wieder (?:da|an|dran"
    rf"|aufgestellt))"
    rf"{_END}"
)
_ACTIVE = re.compile(r"\b(?:hat|haben|habt) (?:\w+ ){0,5}$")
_ACTIVE_END = re.compile(rf"{_TO}\b(?:{_BY_SOMEBODY}|{_MENDED}){_END}")
_NO_BEFORE = re.compile(r"\bkein(?:e|en|er|em|erlei)? (?:\w+ ){0,2}$")
_MORE_AFTER = re.compile(
    r"\W(?:\w+ ){0,2}?mehr(?: (?:da|dort|hier|vorhanden|gesehen|gefunden|entdeckt|zu sehen|zu finden|herum|rum))?"
    rf"(?: (?:am|im|vor|auf|in|an) (?:\w+ ){{0,2}}?\w+)?{_END}"
)

_SIGNS = ("weg", "fort", "verschwunden", "erledigt", "wieder", "mehr", "ordnung", "ok", "okay")
SIGNS = tuple(
    Keyword(sign, ((Phrase(((Form(sign, frozenset({""})),),), ()),),))
    for sign in sorted({*_SIGNS, *f"{_REMOVED}|{_MENDED}".replace(" ?", "").split("|"), "gesetzt", "gemacht"})
)
"""Words without one of which nothing is said to be resolved; the index of the rules looks for them, too."""
_NOT = re.compile(r"\b(?:nicht(?! mehr)|nie|niemals|kaum|kein\w*|niemand|nur|teilweise|halb|fast|beinahe)\b")
_DOUBT = re.compile(
    r"\b(?:wenn|falls|ob|bis|damit|sodass|so dass|sobald|solange|bevor|ehe|wann|nachdem|hoff\w*|wuensch\w*|bitte"
    r"|koenn\w*"
    r"|soll\w*|muss|muess\w*|moecht\w*|will|wollen|darf|duerf\w*|waere|warum|wieso|weshalb|angeblich|laut|heisst|hiess"
    r"|behaupt\w*|anstatt|statt)\b"
)
_BUT = re.compile(
    r"\b(?:aber|jedoch|allerdings|leider|trotzdem|dennoch|nur|rest\w*|haelfte|teilweise|erneut|wieder|neue[rsmn]?"
    r"|noch(?! ein ?mal)|groesser|schlimmer|woanders)\b"
)
_BUT_THEN = re.compile(
    r"[.!;,\s]*(?:aber|leider|nur|jedoch|trotzdem|jetzt|nun|heute|schon|doch)\b[^.!?]{0,60}?"
    r"\b(?:wieder|neue[rsmn]?|erneut|noch|rest\w*|groesser|schlimmer|woanders)\b"
)
_BELONGS = re.compile(
    r"latern|lampe|leucht|licht|schild|poller|deckel|gitter|bank|baenk|papierk|eimer|behaelter|ampel|spiegel|zaun"
    r"|gelaender"
    r"|schauk|rutsch|wippe|spielgeraet|geruest|tonne|container|schranke|pfosten|mast|platte|pflaster|markierung"
    r"|haltestelle|automat|brunnen|absperr|reinigung|abfuhr|leerung|winterdienst|streu|linie|zebra|pfeil|symbol"
    r"|piktogramm|schrift|fahrplan|bordstein|stufe|treppe|handlauf|korb|netz|sitz|seil|lehne|klappe|sprosse"
)


def is_resolved(folded: Folded, start: int, end: int, signs: Sequence[int]) -> bool:
    """Whether the sentence says that the thing at ``start:end`` (folded) is gone or works again.

    ``signs``: where ``SIGNS`` stand in the text, in order.
    """
    sign = bisect_left(signs, end)
    if sign == len(signs) or signs[sign] >= end + _REACH:
        return False
    text = folded.text
    stop = sentences.STOP.search(text, end, end + _REACH)
    until = stop.start() if stop else min(len(text), end + _REACH)
    rest = _plain(text[end:until])
    if stop and stop[0] == "?":
        return False
    before = _said_before(text, start)
    belongs = _BELONGS.search(text, start, end) is not None
    done = _ending(before, text[start:end] + rest, end - start, belongs=belongs)
    if done < 0:
        return False
    said = rest[: done - (end - start)]
    if _DOUBT.search(before) or _DOUBT.search(said):
        return False
    return not (_BUT.search(rest, len(said)) or _BUT_THEN.match(_plain(text[until : until + 90])))


def _said_before(text: str, start: int) -> str:
    """What the sentence says before ``start``, on one line."""
    before = _plain(text[max(0, start - _BEFORE) : start])
    return before[max((found.end() for found in sentences.STOP.finditer(before)), default=0) :]


def _ending(before: str, sentence: str, word: int, *, belongs: bool) -> int:
    """Where in ``sentence``, which begins with a word of so many letters, it is said that that is resolved; or -1."""
    ways = (_WORKS, _DONE) if belongs else (_GONE, _DONE)
    for way in ways:
        found = way.match(sentence)
        if found and not _NOT.search(found[0], word):
            return found.end()
    if _ACTIVE.search(before) and not _NOT.search(before):
        found = _ACTIVE_END.match(sentence)
        if found and not _NOT.search(found[0], word) and not (belongs and not _DONE_ONLY.search(found[0])):
            return found.end()
    more = None if belongs else _MORE_AFTER.match(sentence, word)
    return more.end() if more and _NO_BEFORE.search(before) else -1


_NO_DIRECTLY = re.compile(r"\bkein(?:e|en|erlei)? (?:\w+e?n? )?$")
_FOUND = re.compile(
    r"\w+(?: mehr)? (?:(?:gefunden|entdeckt|gesehen|vorgefunden)(?: worden)?|zu (?:finden|sehen))\s*(?:[.!)]|$)"
)
_HEARSAY = re.compile(
    r"\b(?:sie|ihr\w*|eure?|mitarbeiter\w*|kolleg\w*|leute|polizei|kann|nur|noch|gestern|damals|frueher|bisher|sonst"
    r"|letzte\w*|vorgestern|nicht)\b"
)
_AGAINST = re.compile(
    r"\b(?:doch|dabei|trotzdem|aber|jedoch|leider|heute|jetzt|nun|stimmt|falsch|gelogen|lieg\w*|lag\w*|steck\w*|da"
    r"|dort|hier|wieder|welche|ein\w*|zwei|drei|mehrere|dann|spaeter)\b"
)


def is_denied(folded: Folded, start: int, end: int) -> bool:
    """Whether somebody says to have looked and found none of the thing ("Keine Spritzen gefunden").

    As certain as can be: right behind a "keine", to the end of the sentence, of nobody else's search, and not
    taken back in the sentence after it. Such a message goes to a person, not to the alarm.
    """
    text = folded.text
    before = _said_before(text, start)
    if not _NO_DIRECTLY.search(before) or _DOUBT.search(before) or _HEARSAY.search(before):
        return False
    found = _FOUND.match(_plain(text[start : end + _REACH]))
    return found is not None and not _AGAINST.search(_plain(text[start + found.end() : start + found.end() + 200]))


_DONE_ONLY = re.compile(rf"\b(?:{_MENDED})$")


def _plain(text: str) -> str:
    """On one line, as a wrapped mail was meant."""
    return text.replace("\r\n", " ").replace("\n", " ") if "\n" in text else text
