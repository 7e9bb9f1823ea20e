"""Names that no title gives away: a usual first name with what follows, and relations ("Mein Nachbar Schulze").

Only what is certain goes: a first name alone may be a street, a church or a word, so it needs a second word beside it
or a relation before it. Schools, streets and hospitals named after people stay.
"""

import re

from routing.text.redaction import names, placeholders, usual_names
from routing.text.redaction.city_words import CityWords

_WORD = re.compile(r"(?<![^\W_])(?<!-)[^\W\d_a-zäöüß][^\W\d_]{2,}(?:-[^\W\d_]{3,})?(?![^\W_])")
_REST = re.compile(
    r"(?:[ ](?:von|van|de|zu|el|al|dos)(?:[ ](?:der|den))?)?"
    r"(?:[ ](?P<word>[^\W\d_]\.(?!\w)|[^\W\d_]{2,}(?:-[^\W\d_]{2,}){0,2}))"
)
_WAYS = r"(?:stra(?:ß|ss)en?|str|platz(?:es)?|weg|allee|ring|damm|wall|ufer|gasse)"
_HOUSES = (
    r"(?:schule|gymnasium|kita|kindergarten|haus|park|klinik|kirche|halle|brücke|denkmal|stiftung|heim|zentrum|hospital|"
    r"stift|bad|turm|tor|kolleg|institut|viertel|siedlung|saal|apotheke|café|kiosk|stadion|bahnhof|museum|friedhof|"
    r"markt|garten)"
)
# "Kurt Tucholsky Gesamtschule" is named after somebody, "Schulze Gartenstraße" is somebody and where he lives.
_NAMED_PLACE = re.compile(
    rf"(?:[ -][^\W\d_]+){{0,2}}[ -](?:{_WAYS}|\w{{0,20}}{_HOUSES})(?:s|es)?(?![^\W_])", re.IGNORECASE
)
_IS_PLACE = re.compile(rf"\w{{0,20}}(?:{_WAYS}|{_HOUSES})(?:s|es)?", re.IGNORECASE)
_HOLY = re.compile(r"(?:\bSt\.|\bSankt|\bHaus|\bCafé|\bKita|\bSalon|\bStift|\bKiosk|-)[ ]?$", re.IGNORECASE)
_ROLE = (
    r"(?:nachbar(?:in|n)?|mieter(?:in)?|vermieter(?:in)?|bewohner(?:in)?|untermieter(?:in)?|eigentümer(?:in)?|"
    r"besitzer(?:in)?|halter(?:in)?|kollege|kollegin|hausmeister(?:in)?|mann|ehemann|sohn|tochter|bruder|schwester|"
    r"mutter|vater|oma|opa|enkel(?:in)?|freund(?:in)?|zeuge|zeugin|täter(?:in)?|chef(?:in)?|lebensgefährte)"
)
_TENANT = r"(?:nachbar(?:in|n)?|(?:ver)?mieter(?:in)?|bewohner(?:in)?|eigentümer(?:in)?|hausmeister(?:in)?)"
_CAPITAL = r"(?<![^\W_])[^\W\d_a-zäöüß][^\W\d_]{1,30}+(?:-[^\W\d_]{1,30}+)?+"
_AFTER_ROLE = placeholders.pattern(
    # At the beginning of a sentence what follows "Mein Nachbar" is a verb or a name.
    rf"(?:^[ \t]*|[.!?:][ ]{{1,2}})(?:(?:Meine?|Unsere?|Ihre?|Seine?)[ ](?i:{_ROLE})|"
    rf"(?:Der|Die)[ ](?i:{_TENANT})),?[ ]"
    rf"(?P<name>{_CAPITAL}(?:[ ]{_CAPITAL})?)(?P<second>[ ]und[ ]{_CAPITAL})?"
    rf"(?=[ ,;:]{{1,2}}[^\W\d_A-ZÄÖÜ]|[ ]?\(|[.,]?$)|"
    rf"(?i:\b(?:sohn|tochter|kinder|mutter|vater|mann|familie)[ ](?:von|der)[ ])"
    rf"(?P<child>{_CAPITAL})(?![ ]?\d|[^\W_]|-)",
    re.MULTILINE,
)
# What the two halves of _AFTER_ROLE need.
_POINTING = re.compile(rf"[MUISD][a-z]{{2,5}}[ ](?i:{_ROLE}|{_TENANT})")
_OF = tuple(f"{end}{of}" for end in ("sohn", "er", "mann", "familie") for of in (" von ", " der "))
_ROLE_BEFORE = re.compile(
    rf"(?i:\b{_ROLE}(?::|,|[ ](?:ist|war|heißt|namens)(?:[ ](?:der|die))?)?[ ]|"
    r"\b(?:hier (?:ist|spricht)(?: der| die)?|ich bin(?: der| die)?|ich,|euer|eure)[ ])$"
)
_AGE = re.compile(r",?[ ]\(?\d{1,3}(?:[ ]?jahre|[ ]?j\b|-?jährig)", re.IGNORECASE)
_INTRODUCED = placeholders.pattern(
    r"(?i:\bmein name (?:ist|lautet)|\bich hei(?:ß|ss)e)[ ]"
    r"(?P<name>[a-zäöüß]{2,20}(?:[ ](?!und\b|aus\b)[a-zäöüß]{2,20}(?=[ ]?(?:[,.;!\n]|$|und\b)))?)(?![^\W_])"
)
_SPOKEN = placeholders.pattern(  # in small letters, too: only behind a usual first name
    r"(?i:\bich bin (?:der |die )?|\bhier (?:ist|spricht) (?:der |die )?|"
    r"\bmein name (?:ist|lautet) |\bich hei(?:ß|ss)e )"
    r"(?P<name>[^\W\d_]{2,20}(?:-[^\W\d_]{2,20})?"
    r"(?:(?:[ ](?i:von|van|zu|de)(?:[ ](?i:der|dem|den|la))?)?(?:[ ][^\W\d_]{2,20}){0,2}))(?![^\W_])"
)
PARTICLES = frozenset({"von", "van", "zu", "de", "der", "dem", "den", "la"})
_SPEAKING = ("ich bin ", "hier ist ", "hier spricht ", "mein name ", "ich hei")
_BORN = placeholders.pattern(rf"(?P<name>{_CAPITAL}[ ]{_CAPITAL})(?=,?[ ](?:geboren|geb\.|\*)[ ])")
_JOINING = (" und ", " & ", " u. ", " sowie ")
_JOINED = tuple(placeholders.NAME + joining for joining in _JOINING)
_NO_SURNAME = frozenset(
    re.findall(
        r"\S+",
        "haus hausnummer nummer wohnung etage straße polizei feuerwehr schule kita firma verwaltung bescheid "
        "angst beschwerde gruß grüße danke dank hier park markt hof berg tal feld kreuz hilf müll sperrmüll "
        "spielplatz beruf geburt",
    )
)


def remove(text: str, city: CityWords) -> str:
    """``text`` without names that a usual first name or a relation makes certain."""
    if "geb" in text or "*" in text:
        text = placeholders.replace(
            _BORN, lambda found: placeholders.NAME if _may_be_name(found["name"], city) else found[0], text
        )
    if _POINTING.search(text) or placeholders.has(text, _OF):
        text = placeholders.replace(_AFTER_ROLE, lambda found: _without_relation(found, city), text)
    if placeholders.has(text, _SPEAKING):
        text = placeholders.replace(_SPOKEN, lambda found: _without_speaker(found, city), text)
    if placeholders.has(text, ("mein name ", "ich hei")):
        text = placeholders.replace(_INTRODUCED, lambda found: _without_introduced(found, city), text)
    kept: list[str] = []
    at = 0
    last = -1  # where the last name ended
    for found in _WORD.finditer(text):
        small = found[0].casefold()
        if found.start() < at or not (small in usual_names.USUAL or "-" in small):
            continue
        joined = last >= 0 and text[last : found.start()] in _JOINING
        end = _end_of_name(text, found, city, joined=joined)
        if end:
            kept += (text[at : found.start()], placeholders.NAME)
            at = last = end
    kept.append(text[at:])
    return "".join(kept)


def is_first(word: str) -> bool:
    """Whether ``word`` is a usual first name ("Karl-Heinz", too)."""
    small = word.casefold()
    return small in usual_names.FIRST or ("-" in small and all(part in usual_names.FIRST for part in small.split("-")))


def is_named_place(text: str, end: int) -> bool:
    """Whether what goes on behind the offset ``end`` (characters) makes a street or a house of the name before it."""
    return _NAMED_PLACE.match(text, end, end + 90) is not None


def is_place(words: str, city: CityWords) -> bool:
    """Whether one of ``words`` ends as the names of streets, schools and other places do, or is a district's."""
    return any(_IS_PLACE.fullmatch(word) or _is_no_surname(word.casefold(), city) for word in words.split())


def _is_no_surname(word: str, city: CityWords) -> bool:
    return word in _NO_SURNAME or word in city.names or word in city.districts


def _end_of_name(text: str, found: re.Match[str], city: CityWords, *, joined: bool) -> int:
    """Where the name ends that begins with the word ``found``, ``joined`` to another name by "und"; 0 for none."""
    word = found[0]
    first = is_first(word)
    if not ((first or word.casefold() in usual_names.LAST) and word[0].isupper()):
        return 0
    before = text[max(0, found.start() - 40) : found.start()]
    if is_named_place(text, found.end()) or _HOLY.search(before):
        return 0
    end = found.end()
    if first and _AGE.match(text, end):
        return end
    related = joined or before.endswith(_JOINED) or _ROLE_BEFORE.search(before) is not None
    if first:
        for _ in range(2):
            rest = _REST.match(text, end, end + 60)
            if rest is None or not rest["word"][0].isupper() or not _may_be_name(rest["word"], city):
                break
            end = rest.end()
    return end if related or end > found.end() else 0


def _may_be_name(words: str, city: CityWords) -> bool:
    return names.is_name(words, city) and not is_place(words, city) and not names.is_matter(words)


def _without_speaker(found: re.Match[str], city: CityWords) -> str:
    """A usual first name goes with the surname behind it, as far as its words are no common ones."""
    first, *others = found["name"].split()
    if not is_first(first) or first == "ernst":
        return found[0]
    end = len(first)
    for word in others:
        if word.casefold() in PARTICLES:
            continue
        if names.is_common(word, city) or is_place(word, city) or names.is_matter(word):
            break
        end = found["name"].index(word, end) + len(word)
        if not is_first(word):
            break
    start = found.start("name") - found.start()
    return f"{found[0][:start]}{placeholders.NAME}{found[0][start + end :]}"


def _without_relation(found: re.Match[str], city: CityWords) -> str:
    group = "name" if found["name"] else "child"
    name = found[group]
    if group == "child":
        word = name.casefold()
        known = {word, word.removesuffix("s")} & (usual_names.FIRST | usual_names.LAST)
        return found[0].removesuffix(name) + placeholders.NAME if known else found[0]
    if not _may_be_name(name, city):
        first, _, rest = name.partition(" ")
        if not rest or not _may_be_name(first, city):
            return found[0]
        name = first
    start = found.start(group) - found.start()
    rest = found[0][start + len(name) :]
    second = found["second"] or ""
    if second and rest == second and _may_be_name(second.removeprefix(" und "), city):
        rest = f" und {placeholders.NAME}"
    return f"{found[0][:start]}{placeholders.NAME}{rest}"


def _without_introduced(found: re.Match[str], city: CityWords) -> str:
    words = found["name"].split()
    if names.is_common(words[0], city):
        return found[0]
    kept = words[1:] if len(words) > 1 and names.is_common(words[1], city) else []
    start = found.start("name") - found.start()
    return " ".join([found[0][:start] + placeholders.NAME, *kept])
