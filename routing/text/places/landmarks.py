"""What stands beside it, in the citizen's own words: "neben den Containern", "gegenüber 117", "Laterne 4711".

A street with a number is where the crew stops; these words tell where to look. They are taken over only where a
preposition of place stands before one of the things that stand in a city, or before a house number, a corner or a
lamp-post's number: no name of anybody can be among them, and the text is a redacted one anyway. The sentence that
names the street comes first, the clearer words before "auf dem Gehweg". Pure, linear in the text.
"""

import re
from collections.abc import Iterator, Sequence

from routing.text.keywords.folding import word_list

_LONGEST = 60
_REACH = 5  # words behind the first
_THINGS = word_list(
    """
    container kiosk büdchen trinkhalle spielplatz bolzplatz sportplatz haltestelle bahnhof haltepunkt bahnsteig
    einfahrt ausfahrt auffahrt zufahrt garage eingang ausgang eingangstor parkplatz parkhaus parkbucht laterne mast
    laternenpfahl ampel parkbank sitzbank bank baum bäume hecke gebüsch brücke unterführung tunnel treppe kreuzung
    kreisverkehr kreisel zebrastreifen verkehrsinsel kita kindergarten schule kirche friedhof supermarkt aldi lidl rewe
    edeka netto penny kaufland rossmann tankstelle apotheke bäckerei sparkasse briefkasten stromkasten verteilerkasten
    schaltkasten trafohaus bücherschrank brunnen denkmal teich weiher graben bach gehweg bürgersteig radweg fußweg
    grünstreifen seitenstreifen mittelstreifen grünfläche wiese beet baumscheibe rinnstein bordstein innenhof hinterhof
    mauer zaun turnhalle sporthalle rathaus museum theater schwimmbad krankenhaus altenheim seniorenheim imbiss
    restaurant café hotel gaststätte fahrradständer papierkorb mülleimer litfaßsäule parkscheinautomat
    """
)
_INFLECTED = frozenset(thing + ending for thing in _THINGS for ending in ("", "e", "en", "er", "ern", "es", "n", "s"))
_CLEAR = word_list("neben hinter hinterm vor vorm gegenüber ggü ggü. unter unterm zwischen nahe nähe")
_WEAK = word_list("an am auf aufm bei beim in im")
_BETWEEN = word_list("von vom der die das dem den des einer einem zum zur zwei drei")
_WHITHER = word_list("die das den")  # "ragt in den Gehweg" says where to, not where
_STREET = r"[A-ZÄÖÜ][\w.-]{2,30}(?:[ ](?:[Ss]tr(?:\.|aße|asse)|[Ww]eg|[Pp]latz|[Aa]llee|[Rr]ing|[Ww]all)\b)?"
_CORNERED = rf"(?!(?:Haus|Hausnummer|Hausnr|Nr|Nummer)\b){_STREET}"  # "Höhe Hausnummer" alone tells nothing
_HOUSE = r"(?:von[ ])?(?:(?:Haus|Hausnummer|Hausnr\.?|Nr\.?|Nummer)[ ])?\d{1,4}[a-h]?\b(?!\.?\d)"
_NUMBERED = re.compile(r"\w+(?:-?nummer|-nr\.)?:?(?:[ ](?:nr\.?|nummer):?)?[ ]\d{1,6}\b(?!\.?\d)", re.IGNORECASE)
_SPECIAL = {
    **dict.fromkeys(
        ("gegenüber", "ggü", "ggü."),
        re.compile(rf"\w+\.?[ ](?:{_HOUSE}|(?:(?:der|dem|von)[ ])?{_STREET}[ ]\d{{1,4}}[a-h]?\b(?!\.?\d))"),
    ),
    **dict.fromkeys(
        ("ecke", "höhe"), re.compile(rf"\w+[ ](?:{_HOUSE}|(?:(?:der|von)[ ])?{_CORNERED}(?:[ ]?/[ ]?{_STREET})?)")
    ),
    **dict.fromkeys(
        ("zwischen", "zw."), re.compile(rf"\w+\.?[ ](?:de[rm][ ])?{_STREET}[ ]und[ ](?:de[rm][ ])?{_STREET}")
    ),
    **dict.fromkeys(word_list("laterne laternenmast mast lichtmast leuchte mast-nr. mastnummer"), _NUMBERED),
}
_BEGINS = _CLEAR | _WEAK | _SPECIAL.keys()
_SENTENCES = re.compile(r"[.!?;][ ]+(?=[A-ZÄÖÜ„\"])|\n+")
_SHORTENED = ("str", "Str", "ggü", "zw", "Nr", "ca")
_NUMBER = re.compile(r"\s*\d.*$")
_CORNER = re.compile(r"[Ee]cke (?:der |von )?(?P<streets>.+)")


def named(text: str, place: str, about: str = "") -> str:
    """The clearest landmark that ``text`` (redacted) names, at best beside the street of ``place``, or "".

    Nothing that ``place`` says already, and not what the matter is ``about``: "an der Bank fehlt ein Brett".
    """
    known, street = _key(f"{place} {about}"), _key(_NUMBER.sub("", place))
    best = (2, 3, "")
    for sentence in _split(text):
        named_here = [(clear, _short(landmark, place)) for clear, landmark in _landmarks(sentence)]
        found = [one for one in named_here if one[1] and len(one[1]) <= _LONGEST and not _said(one[1], known)]
        if found:
            clear, landmark = min(found, key=lambda one: one[0])
            best = min(best, (int(street not in _key(sentence)), clear, landmark), key=lambda one: one[:2])
    return best[2]


def _split(text: str) -> list[str]:
    """The sentences of ``text``; "Seidenstr. Ecke Ostwall" is none that ends in the middle."""
    sentences: list[str] = []
    for part in _SENTENCES.split(text):
        if sentences and sentences[-1].endswith(_SHORTENED):
            sentences[-1] += f". {part}"
        else:
            sentences.append(part)
    return sentences


def _short(landmark: str, place: str) -> str:
    """Without what ``place`` says already: "gegenüber" of its own number, "Ecke Ostwall" of its own corner."""
    number = _NUMBER.search(place)
    if number and landmark.rpartition(" ")[2] == number[0].strip():
        return "gegenüber" if landmark.lower().startswith(("gegenüber", "ggü")) else ""
    corner = _CORNER.fullmatch(landmark)
    if not corner:
        return landmark
    own = _key(_NUMBER.sub("", place))
    others = [street.strip() for street in corner["streets"].split("/") if _key(street) != own]
    return f"Ecke {'/'.join(others)}" if others else ""


def _said(landmark: str, known: str) -> bool:
    word = landmark.rpartition(" ")[2]
    return bool(known) and not word[0].isdigit() and _key(word) in known


def _landmarks(sentence: str) -> Iterator[tuple[int, str]]:
    """Each landmark with how clear it is, 0 the clearest."""
    begins = sentence.lower().split()
    if _BEGINS.isdisjoint(begins):
        return
    words = sentence.split()
    for index, word in enumerate(begins):
        if word in _SPECIAL and (found := _SPECIAL[word].match(" ".join(words[index : index + _REACH]))):
            yield 0, found[0]
        elif word in _CLEAR or word in _WEAK:
            phrase = _phrase(words[index : index + _REACH])
            if phrase:
                yield 1 if word in _CLEAR else 2, phrase


def _phrase(words: Sequence[str]) -> str:
    """A preposition, articles and adjectives, and one of the things behind them; or ""."""
    for index, written in enumerate(words[1:], start=1):
        word = written.lower().rstrip('.,;:!?)“"')
        if any(word[start:] in _INFLECTED for start in range(max(0, len(word) - 20), len(word) - 2)):
            first = words[0]
            begin = first if first == "Nähe" else first[0].lower() + first[1:]
            return " ".join((begin, *words[1:index], written[: len(word)]))
        if words[0].lower() in _WEAK and word in _WHITHER:
            return ""
        if word != written.lower() or not (word in _BETWEEN or (len(word) > 3 and word.endswith(("en", "em", "er")))):
            return ""
    return ""


def _key(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold().replace("strasse", "str")))
