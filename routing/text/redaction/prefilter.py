"""Which passes a text needs at all, told by one look at it: most texts need few, and each pass costs as much as this.

Each gate is a wider pattern than the pass behind it, so that nothing is missed; RE2 tries all of them at once in time
linear in the text. A letter beyond ASCII counts as whatever the pass may take it for. What an earlier pass leaves (a
mark) opens no gate: a pass that goes by marks asks for them itself.
"""

from functools import lru_cache
from typing import Any

import re2

from routing.text.redaction import usual_names
from routing.text.redaction.city_words import CityWords

FORMS, PEOPLE, KNOWN, CLOSED, THANKED, SIGNED, RESIDENT, POINTED, HEALTH, DOUBTFUL = range(10)

_MOST_MEMORY = 3_000_000  # bytes that RE2 may take for all patterns
_ODD = "İıſ\u212a"  # letters that Python takes for i, s and k where case does not count, and RE2 does not

_WORD = r"0-9A-Za-z\x{80}-\x{10ffff}"  # what may stand in a word, for within brackets
_DIGIT = r"[0-9\x{80}-\x{10ffff}]"
_GAP = r"(?:[ \t\x{a0}/().\x{2010}-\x{2014}-]{0,5}|[/-]\n)"
_START = r"(?:^|[^0-9A-Za-z])"

_LABEL = (
    r"(?i:tel|handy|mobil|fon|fax|ruf|durchwahl|whatsapp|festnetz|phone|nummer|unter|erreichbar)"
    rf"[{_WORD}_]{{0,10}}[^0-9A-Za-z\n]{{0,8}}(?i:(?:nr|nummer|ist|unter|lautet)[^0-9A-Za-z\n]{{0,6}})?"
)
_FORMS = (
    r"@|(?i: at | ät |[(\[{<](?:at|ät)|\.com/| entfernt\])",
    rf"(?i:geb)[^\n]{{0,40}}{_DIGIT}|\*[ ]?{_DIGIT}",
    rf"(?i:de)[ ]?{_DIGIT}{{2}}(?:[ \x{{a0}}.-]{{0,2}}{_DIGIT}){{6}}",
    rf"(?i:[a-z]{{2}}){_DIGIT}{{2}}[ \x{{a0}}]?[{_WORD}]{{4}}|(?i:bic)[ :]{{0,3}}[A-Z]{{6}}",
    rf"{_DIGIT}{{4}}[ -]?{_DIGIT}{{4}}[ -]?{_DIGIT}{{4}}|(?i:konto|kto|blz)[^\n]{{0,24}}{_DIGIT}",
    rf"{_LABEL}{_DIGIT}{_GAP}{_DIGIT}{_GAP}{_DIGIT}",
    rf"(?:\+[ (]{{0,2}}{_DIGIT}|0[ \x{{a0}}]?\(?{_DIGIT})(?:{_GAP}{_DIGIT}){{4}}",
    rf"(?m:^[ \t]*{_DIGIT}(?:[ /-]?{_DIGIT}){{5}}[{_WORD} /-]*[ \t]*$)|{_DIGIT}{{9}}",
    r"(?i:kennzeichen|kunden-?n|ausweis|versicher|steuer-?[in])",
    (
        r"(?:[A-ZÄÖÜ]{1,3}(?:[ ]?[-–.:·][ ]?|[ ])[A-ZÄÖÜ]{1,2}|(?i:[a-zäöü]{2,3}[ ]?[-–·][ ]?[a-zäöü]{1,2}))"
        r"[ \t\n–-]{0,3}[1-9]"
    ),
)
_PEOPLE = (
    r"(?:Herrn?|Frau|Familie|Eheleute|Hrn?\.?|Fräulein|Fr\.|Fam\.|HERRN?|FRAU|FAMILIE)[ \t\x{a0}\n]",
    r"(?i:namens|mein name |ich hei|hei(?:ß|ss)t|geborene|geb\.|ich bin d)",
    (
        r"(?im:^[ \t]*(?:hallo|hi|hey|moin|servus|lieber?|werter?|sehr geehrter?|guten (?:tag|morgen|abend))[ ])"
        r"(?:[^D\s]|D[^a]|Da[^m]|Dam[^e]|Dame[^n]|Damen[^ ])"  # "Sehr geehrte Damen und Herren" names nobody
    ),
    (
        r"(?im:^[ \t]*(?:(?:vor-?|nach-?|familien)?name|melder(?:in)?|anrufer(?:in)?|absender(?:in)?|kontakt|"
        r"ansprechpartner(?:in)?)[ \t]*:)"
    ),
)
_ROLES = (
    r"(?:nachbar|mieter|vermieter|bewohner|untermieter|eigent|besitzer|halter|kolleg|hausmeister|mann|ehemann|sohn|"
    r"tochter|bruder|schwester|mutter|vater|oma|opa|enkel|freund|zeug|täter|chef|lebensgef)"
)
_KNOWN = (
    rf"[MUISD][a-z]{{2,5}}[ ](?i:{_ROLES})",
    r"(?i:(?:sohn|tochter|kinder|mutter|vater|mann|familie) (?:von|der) |mein name |ich hei|geb|\*)",
    rf"{_START}(?i:{'|'.join(sorted(usual_names.USUAL))})(?:[^0-9A-Za-z]|$)",
)
_CLOSED = (
    (
        rf"{_START}(?i:lg|vg|mfg|hg|gr(?:ü|u|ue)(?:ß|ss)en?|gez\.)[ \t]{{0,2}}[,.!;:-]{{0,2}}[ \t\n]{{1,2}}"
        rf"[{_WORD}]"
    ),
)
_THANKED = (
    (
        r"(?i:danke(?:schön)?|dank|voraus|bis dann|euer|eure|ihre?|ciao|tschüss|cheers)[ \t]{0,2}[,.!;:-]{0,2}[ \t\n]"
        rf"{{1,2}}[{_WORD}'-]{{2,31}}(?:[ ][{_WORD}'-]{{1,31}}){{0,2}}[ \t.!;)]{{0,8}}"
        r"(?:\n[ \t]{0,20}\n|(?:\n[ \t]{0,20}){0,8}\z)"
    ),
)
_SIGNED = (
    (
        r"(?im:^[ \t>]*(?:(?:mit |viele |liebe |beste |schöne |herzliche |freundliche )?"
        rf"(?:(?:den )?[{_WORD}_]{{3,14}} )?(?:gr(?:ü|u|ue)(?:ß|ss)|mfg|m\.f\.g|lg|vg|hg|hochachtungsvoll|gez\.)|"
        r"(?:vielen |besten |herzlichen )?danke?(?: im voraus)?[ \t.,!]{0,3}$)|^[ \t]*(?:--|__|—))"
    ),
)
_RESIDENT = (
    (
        r"(?i:wohnen?|wohnhaft|(?:adresse|anschrift)(?: ist)?:?)[ ](?i:(?:hier|selbst|direkt|selber|auch)[ ])?"
        rf"(?i:(?:in|auf|an|am|im)[ ])?(?i:(?:der|dem)[ ])?[A-ZÄÖÜ][{_WORD}_. -]*{_DIGIT}"
    ),
)
_POINTED = (
    (
        r"(?i:(?:mein|unser|der|die|dem|den|meinem?|meinen|meiner|unsere[mnr]?|vom|beim|seine?|ihre?)[ ](?:nachbar|"
        r"vermieter|mieter|bewohner|sohn|tochter|mutter|vater|exmann|ex-mann|freund|chef|kolleg))"
    ),
    rf"(?i:(?:aus|in|im|von)[ ](?:haus|hausnummer|nummer|nr\.?)[ ]){_DIGIT}",
    rf"(?i:(?:aus|in|im)[ ](?:der[ ]|dem[ ])?){_DIGIT}{{1,2}}\.[ ]?(?i:etage|stock|og)|(?i:klingel)",
)
_HEALTH = (
    (
        r"(?i:hiv|aids|hepatitis|tbc|tuberkul|krätze|syphilis|epilep|schizophren|depress|bipolar|psych|geisteskrank|"
        r"dement|demenz|krebs|alkohol|trinker|drogen|sucht|süchtig|heroin|junkie|methadon|substituiert|"
        r"schwerbehindert|suizidal|vorbestraft)"
    ),
)
_DOUBTFUL = (
    rf"{_DIGIT}{{6}}",
    r"(?i:herrn?|frau|familie|hr\.|fr\.|fam\.)[ ](?:(?i:dr|prof)\.?[ ]){0,2}[a-zäöüß]{3}",
    (
        r"(?i:besitzer|halter|eigentümer|verursacher|täter|fahrer|zeuge?|inhaber|wirt)(?i:in)?[ ]"
        r"(?i:ist |war |heißt |namens )?[A-ZÄÖÜ][a-zäöüß]"
    ),
    r"(?i:[ ]von[ ](?:nebenan|gegenüber|drüben|oben|unten))",
)
_GATES = (_FORMS, _PEOPLE, _KNOWN, _CLOSED, _THANKED, _SIGNED, _RESIDENT, _POINTED, _HEALTH, _DOUBTFUL)
ALL = frozenset(range(len(_GATES)))


def opened(text: str, city: CityWords) -> frozenset[int]:
    """The set of numbers of the passes that ``text`` (cleaned) may need."""
    if not text.isascii() and any([letter in text for letter in _ODD]):  # noqa: C419 - a list is faster here
        return ALL
    together, gate_of = _compiled(city.plates)
    return frozenset(gate_of[index] for index in together.Match(text) or ())


@lru_cache(maxsize=2)
def _compiled(codes: frozenset[str]) -> tuple[Any, tuple[int, ...]]:
    """All patterns as one RE2 set, and which gate each belongs to; ``codes`` are those of the city's number plates."""
    near = [(FORMS, rf"(?i:(?:{'|'.join(sorted(codes))})[ ]?[a-z]{{1,2}}[ -]?[1-9])")] if codes else []
    every = [*((gate, pattern) for gate, patterns in enumerate(_GATES) for pattern in patterns), *near]
    options = re2.Options()
    options.max_mem = _MOST_MEMORY
    together = re2.Set.SearchSet(options)  # type: ignore[no-untyped-call]  # re2 has no types
    for _, pattern in every:
        together.Add(pattern)
    together.Compile()
    return together, tuple(gate for gate, _ in every)
