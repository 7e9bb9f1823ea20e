"""Names of people: after Herr and Frau, in introductions and greetings, and the sender's own wherever they stand.

An emergency stays readable: "Frau blutet stark" names nobody. Streets named after people stay, too.
"""

import re
from collections.abc import Iterable

from intake.base import umlauts
from routing.text.redaction import placeholders
from routing.text.redaction.city_words import CityWords

_WORD = r"[^\W\d_a-zäöüßéèçğşıłšž][^\W\d_]*(?:['’][^\W\d_]+)?"  # begins with a capital of any script
_NAME = rf"(?:{_WORD}(?:-{_WORD}){{0,3}}|[A-ZÄÖÜ]\.(?:-?[A-ZÄÖÜ]\.)?)"
_PARTICLE = r"(?:(?i:von|van|zu|de|del|della|di|da|dos|el|al|ten|ter|bin|ibn|la|le)[ ](?:(?i:der|den|dem|la)[ ])?)?"
_DEGREE = r"(?:(?:Dr|Prof|Dipl|Ing|med|jur|phil|Doktor|Professor(?:in)?)\b\.?[ -]?){0,4}+"
_SPACE = r"(?:[ \t\u00a0]{1,3}|[ \t]?\n)"
_PERSON = rf"{_DEGREE}(?P<name>{_PARTICLE}{_NAME}(?:[ ]{_PARTICLE}{_NAME}){{0,2}})"

_NO_NAME = frozenset(
    re.findall(
        r"\S+",
        "anfang mitte ende hilfe geld kind kinder hund hunde mann frau herr und oder abend morgen nacht "
        "mittag nachmittag vormittag uhr ab bis um blutet liegt liegen sitzt steht stehen schreit ruft weint "
        "ist sind war hat haben wird werden mit ohne im in am an auf aus bei unter über vor hinter neben der "
        "die das den dem ein eine einen braucht bewusstlos verletzt schläft droht schlägt läuft atmet "
        "regungslos leblos blutend stark sehr nicht danach dann ich wir sie er es bitte heute gestern jetzt "
        "seit wurde kam kommt geht macht will soll kann muss von zu nach für dort hier da wie als auch noch "
        "schon so dass weil wenn damen herren team zusammen ordnungsamt ordnungsdienst leute alle "
        "nachbarn kollegen mitarbeiter stadt oberbürgermeister oberbürgermeisterin bürgermeister sagt "
        "meint wohnt meldet möchte bittet hatte beim vom zum zur sich grüße grüßen grüsse gruß gruss bürger "
        "nachbarschaft anwohner anwohnerin bürgerin nachbar nachbarin mieter mieterin eltern mutter vater "
        "danke familie eheleute",
    )
)
_NEVER_SECOND = re.compile(  # what follows a name in a hurried note
    r"müll(?!er)|sperrmüll|wilder$|schlaglo|laterne|lampe$|spritze|nadel|hunde?$|ratte|park$|gehweg|fahrbahn|graffiti|"
    r"scherben?$|container|papierk|spielpl|lärm$|feuer$|bitte$|anruf$|rückruf|meldet$|danke$"
)
_STREET = re.compile(
    r"(?:-[^\W\d_]{1,30}){0,4}(?:[ -]?(?:stra(?:ß|ss)e|str\b|platz|weg\b|allee|ring\b|damm|wall\b|ufer|gasse)|"
    r"-(?:park|schule|haus|halle|brücke))",
    re.IGNORECASE,
)
_STREET_WORD = re.compile(r".*(?:stra(?:ß|ss)e|str|platz|weg|allee|ring|damm|wall|ufer|gasse)$", re.IGNORECASE)

_PLACES_OF_NAMES = (
    placeholders.pattern(
        r"(?:\b(?:Herrn?|Frau|Familie|Eheleute|Hrn?|HERRN?|FRAU|FAMILIE|Fräulein)\b|\b(?:Hrn?|Fr|Fam)\.)"
        rf"{_SPACE}{_PERSON}"
    ),
    placeholders.pattern(
        r"(?:(?i:\bnamens|\bmein name (?:ist|lautet)|\bich hei(?:ß|ss)e|(?<!das )\bhei(?:ß|ss)t|"
        r"\bgeborene|\bgeb\.|\bich bin (?:der|die))"
        rf"[ \t]{{1,3}}){_PERSON}"
    ),
    placeholders.pattern(
        r"(?:^[ \t]*(?i:hallo|hi|hey|moin|servus|lieber?|werter?|sehr geehrter?|guten (?:tag|morgen|abend))[ ])"
        rf"{_PERSON}(?=[ ]?(?:[,!.;]|$))",
        re.MULTILINE,
    ),
)
# What the first two need.
_TITLES = ("Herr", "Fr", "Hr", "Fam", "Eheleute", "HERR", "FRAU", "FAMILIE")
_INTRODUCTIONS = ("namens", "mein name ", "ich hei", "heißt", "heisst", "geborene", "geb.", "ich bin d")
_FIELD = placeholders.pattern(
    r"(?P<label>^[ \t]*(?i:(?:vor-?|nach-?|familien)?name|melder(?:in)?|anrufer(?:in)?|absender(?:in)?|kontakt|"
    r"ansprechpartner(?:in)?)[ \t]*:[ \t]*)[^\n,;\[]{2,80}",
    re.MULTILINE,
)
_SMALL = re.compile(
    r"(?i:\b(?:herrn?|frau|familie|hr\.|fr\.|fam\.))[ ](?i:(?:dr|prof)\.?[ ]){0,2}(?P<name>[a-zäöüß]{3,30})\b"
)
_ROLE = re.compile(
    r"\b(?i:besitzer|halter|eigentümer|verursacher|täter|fahrer|zeuge?|inhaber|wirt)(?:in)?[ ]"
    r"(?:ist |war |heißt |namens )?(?P<name>[A-ZÄÖÜ][a-zäöüß]+[ ][A-ZÄÖÜ][a-zäöüß]+)\b"
)
_ADDRESSED = placeholders.pattern(
    rf"(?P<name>{_NAME}(?:[ ]{_NAME}){{0,2}})(?=[ ]{{0,2}}[<(]{re.escape(placeholders.MAIL)})"
)
_PART = r"[^\W\d_]{3,}"
_LETTERS = re.compile(_PART)
_REPEATED = re.compile(rf"{re.escape(placeholders.NAME)}(?:[ -]{re.escape(placeholders.NAME)})+")
_COMMON = frozenset(  # parts of a sender's name that are words of their own: gone only beside another part
    re.findall(
        r"\S+",
        "stadt verein gmbh team info office mail post kontakt service von und van der die das den dem "
        "herr herrn frau familie prof med dipl ing buerger anwohner nachbar baum hund muell "
        "park laterne wald platz stein bach berg feuer brand ratte weg strasse haus garten web gmx gmail "
        "online unbekannt anonym notfall",
    )
)


def remove(text: str, city: CityWords) -> str:
    """``text`` without the names that a title, an introduction, a greeting or a field gives away."""
    titled, introduced, greeted = _PLACES_OF_NAMES
    if any(title in text for title in _TITLES):
        text = _drop_after(titled, text, city)
    if placeholders.has(text, _INTRODUCTIONS):
        text = _drop_after(introduced, text, city)
    text = _drop_after(greeted, text, city)
    if ":" not in text:
        return text
    return placeholders.replace(_FIELD, lambda found: found["label"] + placeholders.NAME, text)


def remove_addressed(text: str, city: CityWords) -> str:
    """``text`` without the name before a removed mail address: "Petra Sommer <…>"."""
    if f"<{placeholders.MAIL}" not in text and f"({placeholders.MAIL}" not in text:
        return text
    return placeholders.replace(
        _ADDRESSED, lambda found: placeholders.NAME if is_name(found["name"], city) else found[0], text
    )


def remove_own(text: str, names: Iterable[str], city: CityWords) -> str:
    """``text`` without the parts (three letters or more, also with -s) of the sender's ``names`` or e-mail address."""
    parts = {umlauts.written_out(part) for name in names for part in _LETTERS.findall(name.partition("@")[0])}
    whole = umlauts.written_out(text) if parts else ""
    parts = {part for part in parts if part in whole}
    common = {part for part in parts if part in _COMMON or part in city.folded}
    rare = parts - common
    initials = {part[0] for part in rare}

    def change(found: re.Match[str]) -> str:
        written = found[0]
        initial = written[0]
        if initial.isascii() and initial.lower() not in initials:  # nearly all words, and every mark: it has a bracket
            return written
        word = umlauts.written_out(written)
        own = word in rare or (word.endswith("s") and word[:-1] in rare)
        return written if not own or _STREET.match(found.string, found.end()) else placeholders.NAME

    if rare:
        text = _REPEATED.sub(placeholders.NAME, _OWN.sub(change, text))
        text = _drop_beside(text, common)
    return text


def doubtful(text: str, city: CityWords) -> bool:
    """Whether a title in small letters ("frau schmitz") or a part played ("Fahrer Quintus Harm") names somebody."""
    if placeholders.has(text, ("herr", "frau ", "familie ", "hr.", "fr.", "fam.")) and any(
        not is_common(found["name"], city) for found in _SMALL.finditer(text)
    ):
        return True
    return any(is_name(found["name"], city) and not is_matter(found["name"]) for found in _ROLE.finditer(text))


def is_name(words: str, city: CityWords) -> bool:
    """Whether each of these one to four words may be part of a name: a capital first, no street, no common word."""
    parts = words.split()
    return 0 < len(parts) < 5 and all(
        part[0].isupper() and not _is_common(part.casefold(), city) and not _STREET_WORD.match(part.rstrip("."))
        for part in parts
    )


def is_common(word: str, city: CityWords) -> bool:
    """Whether ``word`` stands in ordinary sentences, or is the city's or a body's, so that it is no name."""
    return _is_common(word.casefold().rstrip("."), city)


def _is_common(word: str, city: CityWords) -> bool:
    return word in _NO_NAME or word in city.names or word in city.bodies


def is_matter(words: str) -> bool:
    """Whether one of ``words`` says what a concern is about."""
    return any(_NEVER_SECOND.match(word.casefold()) for word in words.split())


_OWN = placeholders.pattern(_PART)


def _drop_after(place: re.Pattern[str], text: str, city: CityWords) -> str:
    """``text`` with what ``place`` finds as "name" dropped, as far as its words are names."""
    kept: list[str] = []
    position = 0
    while found := place.search(text, position):
        if found["mark"]:
            kept.append(text[position : found.end()])
            position = found.end()
            continue
        start = found.start("name")
        length = _length(found["name"], city)
        kept += (text[position:start], placeholders.NAME if length else "")
        position = start + length
    kept.append(text[position:])
    return "".join(kept)


def _length(name: str, city: CityWords) -> int:
    """How much of ``name`` (capitals with spaces between) is a name."""
    length = 0
    for found in re.finditer(rf"(?P<particle>{_PARTICLE})(?P<word>\S+)", name):
        word = found["word"].casefold().rstrip(".")
        if _is_common(word, city) or _STREET_WORD.match(word):
            break
        if length and _NEVER_SECOND.match(word):
            break
        length = found.end()
    return length


def _drop_beside(text: str, words: set[str]) -> str:
    """``text`` without ``words`` (folded) that stand directly before or after a removed name."""
    if not words:
        return text
    mark = re.escape(placeholders.NAME)
    for beside in (rf"{mark}[ ,-]{{1,2}}(?P<word>[^\W\d_]+)", rf"(?P<word>[^\W\d_]++)[ ,-]{{1,2}}{mark}"):
        text = re.sub(
            beside, lambda found: placeholders.NAME if umlauts.written_out(found["word"]) in words else found[0], text
        )
    return text
