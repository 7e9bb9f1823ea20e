"""What identifies by its form: e-mail addresses, telephone, account and other long numbers, number plates.

One pass, one alternation, the leftmost match wins: dates, times, sums of money, case numbers and the numbers of lamp
posts come first and stay. Every repetition is bounded or possessive, so that hostile text costs linear time. All but
mail addresses, BICs and marks need a digit near their beginning, so that a text without those is tried there alone.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from intake import reference
from routing.text.redaction import placeholders
from routing.text.redaction.city_words import CityWords

_GAP = r"(?:[ \t\u00a0/().\u2010-\u2014-]{0,5}|[/-]\n)"  # between the digits of a telephone number
_LOCAL = r"[\w.!#$%&'*+/=?^`{|}~-]"  # of an e-mail address
_DOMAIN = r"[\w-]++(?:\.[\w-]++){0,8}"
_DAY, _MONTH = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
_START, _END = r"(?<![^\W_])", r"(?![^\W_])"  # of a word, with "_" outside

_MONTH_NAME = r"(?i:jan|feb|mär|mar|apr|mai|jun|jul|aug|sep|okt|nov|dez)[a-zä]{0,7}\.?"
_DATE = (
    rf"(?:{_DAY}(?:[ ]?[./-][ ]?{_MONTH}[ ]?[./-][ ]?(?:19|20)?\d\d|\.?[ ]{_MONTH_NAME}[ ](?:19|20)?\d\d)"
    rf"|(?:19|20)\d\d-\d\d-\d\d)(?!\d)"
)
_BORN = (
    (
        r"(?i:(?<![^\W\d_])(?:geboren(?:e[rn]?)?|geb(?:\.|oren)?|geburtsdatum|geburtstag(?=[ ]?:)|geb\.?-?datum)"
        rf"[ :.,]{{0,3}}(?:(?:ist|am|im)[ ]{{1,2}}(?:der[ ])?)?)(?:{_DATE}|(?:19|20)\d\d(?![\d.]))"
    ),
    rf"(?:(?<=[(,])|(?<=[\w,\]][ ]))\*[ ]?{_DATE}",
)
_ABBREVIATIONS = ("DIN", "RKL")  # with a class behind them: DIN A 4, Reinigungsklasse IV
_KEPT = (
    # The numbers of any city, in capitals as they are printed: somebody quotes a neighbouring city's letter, too.
    rf"\b{reference.case_expression(reference.ANY)}(?:-{reference.POSITION})?(?!\w)",
    rf"\b{reference.digest_expression(reference.ANY)}(?!\w)",
    rf"(?<![\d.]){_DAY}\.[ ]?{_MONTH}\.(?:[ ]?(?:19|20)?\d\d)?(?!\d|\.\d|[ ]?/)",
    rf"(?<![\d/-]){_DAY}(?P<between>[/-]){_MONTH}(?P=between)(?:19|20)\d\d(?![\d/-])",
    rf"(?<![\d-])(?:19|20)\d\d-(?:0[1-9]|1[0-2])-{_DAY}(?!\d|-\d)",
    rf"(?<![\d/(]){_MONTH}[/.](?:19|20)\d\d(?![ /.-]{{0,3}}\d)",
    r"(?<!\d)11[02](?:[ ]?/[ ]?11[02])?(?![ /-]?\d)",
    r"(?<![\d:])(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d)?(?![\d:])",
    r"(?<![\d.])[1-9]\d{0,2}(?:\.\d{3}){1,3}(?![\d.])",
    (
        r"(?i:\b(?:laternen)?(?:mast|leuchte|laterne|lampe)\w{0,8}[ .:-]{0,3}(?:nr\.?|nummer)?[ .:]{0,3}\d{1,8})"
        r"(?![\d/]|[ /().-]{1,3}\d)"
    ),
    r"(?i:\b(?:mo|di|mi|do|fr|sa|so)[-–](?:mo|di|mi|do|fr|sa|so)[ ]\d{1,2}(?=[:.]\d\d|[ ]?uhr|[ ]?[-–]))",
)
_MAIL = (
    rf"\"[^\"\n]{{1,64}}\"@{_DOMAIN}",
    rf"(?<!{_LOCAL}){_LOCAL}++[ ]?@[ ]?{_DOMAIN}",
    (
        rf"(?<![\w.+-])[\w.+-]++\s?(?:[(\[{{<](?:at|ät|@)[)\]}}>])\s?"
        rf"{_DOMAIN}(?:\s?[(\[](?:dot|punkt)[)\]]\s?\w{{2,20}})?"
    ),
    (
        r"(?<![\w.+-])[\w.+-]++[ ](?i:at|ät)[ ][\w-]{1,63}(?:\.[\w-]{1,63}){0,4}(?:\.|[ ](?:dot|punkt)[ ])"
        r"(?:de|com|net|org|eu|info|me|gmx|at|ch|nl)\b"
    ),
    r"@\w[\w.]{2,40}",
    r"(?i:\b(?:https?://)?(?:www\.|m\.)?(?:facebook|instagram|tiktok|linkedin|twitter)\.com/)[\w.@/?=&%-]++",
)
_ACCOUNT = (
    rf"(?i:{_START}DE[ ]?\d\d(?:[ \u00a0.-]{{0,2}}\d){{18}})(?!\d)",
    (
        rf"{_START}[A-Z]{{2}}\d\d(?:[ \u00a0]?(?=[A-Z]{{0,4}}\d)[A-Z0-9]{{4}}|[ \u00a0]?[A-Z]{{4}}(?=[ ]?\d)){{2,7}}"
        rf"(?:[ \u00a0]?(?=[A-Z]?\d)[A-Z0-9]{{1,3}})?{_END}"
    ),
    r"(?i:\b[a-z]{2}\d\d(?:[ \u00a0]?[a-z]{4})?(?:[ \u00a0]?\d{4}){2,6}(?:[ \u00a0]?\d{1,3})?\b)",
    r"(?i:\bBIC\b[ :]{0,3})[A-Z]{6}[A-Z0-9]{2,5}\b",
    r"(?<!\d)\d{4}(?P<group>[ -]?)\d{4}(?P=group)\d{4}(?P=group)\d{4}(?!\d)",
    r"(?i:\b(?:konto(?:nummer|[ -]?nr\.?)?|kto\.?(?:[ -]?nr\.?)?|blz)[ :.]{0,3})\d(?:[ ]?\d){4,11}(?!\d)",
)
_LABELLED = (
    (
        r"(?i:\b(?:tel|telefon(?:nummer|nr)?|handy(?:nummer|nr)?|mobil(?:nummer|telefon|funk)?|fon|fax|ruf(?:nummer)?|"
        r"durchwahl|whatsapp|festnetz|phone|mobile)\b[ .:]{0,4}(?:nr\.?|nummer|ist|unter|lautet)?[ .:+(]{0,3})"
        rf"\d(?:{_GAP}\d){{2,24}}(?!\d)"
    ),
    (
        r"(?i:\b(?:(?:meine[rn]?|unter(?: der| meiner)?|ruf|rück(?:ruf)?)[ -]?nummer|unter|"
        r"anruf\w{0,4}|rückruf\w{0,4}|erreichbar)\b[ :]{0,3})"
        r"(?=\d(?:[ /-]?\d){5,14}(?!\d))\d{2,15}(?:[ /-]\d{2,14}){0,4}(?!\d)"
    ),
)
_PHONE = (
    rf"(?:\((?=\+[ ]?\d{{1,3}}\)))?\+[ (]{{0,2}}\d(?:{_GAP}\d){{5,24}}(?!\d)",
    rf"(?<!\d)(?<!\d[.,])(?:\((?=0[ \d]{{1,7}}\)))?0[ \u00a0]?\(?\d(?:{_GAP}\d){{4,24}}(?!\d)",
    r"^[ \t]*\d(?:[ /-]?\d){5,14}[ \t]*$",  # alone on its line, as in a signature
)
_LONG = (
    (
        r"(?i:\b(?:kunden-?(?:nummer|nr\.?)|(?:personal)?ausweis(?:nummer|[ -]?nr\.?)?|versicherten-?(?:nummer|nr\.?)|"
        r"(?:sozial|renten)versicherungs-?(?:nummer|nr\.?)|steuer-?(?:id|nummer|nr\.?))[ :.]{1,3})"
        r"(?=[A-Z0-9 ]{0,4}\d)[A-Z0-9](?:[ /]?[A-Z0-9]){5,14}\b"
    ),
    r"(?<!\d)\d{9,}+",
)

_MARKS = {
    "email": placeholders.MAIL,
    "account": placeholders.ACCOUNT,
    "phone": placeholders.PHONE,
    "plate": placeholders.PLATE,
    "long": placeholders.NUMBER,
}
_BEFORE_DATE = re.compile(r"\*[ ]?|[^\d]*?(?=(?:\d|$))")
_LABEL = re.compile(r"[^\d+(]*+")
_UNSETTLED = re.compile(r"\d(?<![\d.,-]\d)\d{5,7}(?![\d.,])")


# What a form without a digit needs: a mail address one of the first (small letters), a BIC capitals; marks stay whole.
_AT = ("@", " at ", " ät ", *(f"{bracket}{at}" for bracket in "([{<" for at in ("at", "ät")), ".com/", " entfernt]")
_CAPITALS = re.compile(r"[A-Z][A-Z]{5}")
_REACH = 40  # the first digit stands 35 characters after the beginning at most ("Laternenleuchte...nummer")
_DIGITS = re.compile(r"\d+")
_BEGINNING = re.compile(r"(?<![^\W\d_])[^\W\d_]|(?<!\d)\d|[*+(]")  # of each form with a digit but blanks in a line


def remove(text: str, city: CityWords) -> str:
    """``text`` with everything that identifies by its form replaced by its mark."""
    small = text.lower()
    forms = _forms(city.bodies, city.plates)
    if any(sign in small for sign in _AT) or _CAPITALS.search(text):
        return placeholders.replace(forms, _change, text)
    kept: list[str] = []
    position = 0
    for beginning in _beginnings(text):
        if beginning >= position and (found := forms.match(text, beginning)):
            kept += (text[position:beginning], _change(found))
            position = found.end()
    kept.append(text[position:])
    return "".join(kept)


def doubtful(text: str) -> bool:
    """Whether a number is left that may be somebody's telephone (six to eight digits without a word that says so)."""
    return _UNSETTLED.search(text) is not None


@lru_cache(maxsize=4)
def _forms(bodies: frozenset[str], codes: frozenset[str]) -> re.Pattern[str]:
    """All forms, each a named group; ``bodies`` and ``codes`` (of plates) are what the city adds."""
    every = (
        ("born", _BORN),
        ("kept", _KEPT),
        ("email", _MAIL),
        ("account", _ACCOUNT),
        ("labelled", _LABELLED),
        ("phone", _PHONE),
        ("plate", _plates(bodies, codes)),
        ("long", _LONG),
    )
    return placeholders.pattern("|".join(f"(?P<{name}>{'|'.join(parts)})" for name, parts in every), re.MULTILINE)


def _plates(bodies: frozenset[str], codes: frozenset[str]) -> tuple[str, ...]:
    """Number plates: written with a hyphen or in capitals those of any city, else those with one of the ``codes``."""
    abbreviations = "|".join(sorted({*_ABBREVIATIONS, *(body.upper() for body in bodies if len(body) < 4)}))
    found = [
        (
            r"(?i:\bkennzeichen[ :]{0,3}(?:(?:ist|lautet|war)[ :]{1,2})?)(?=[A-Z0-9 -]{0,9}\d)[A-Z0-9]{1,4}"
            r"(?:[ -]{1,3}[A-Z0-9]{1,5}){0,3}\b"
        ),
        (
            rf"{_START}(?!(?:{abbreviations})[ -])[A-ZÄÖÜ]{{1,3}}(?:[ ]?[-–.:·][ ]?|[ ])"
            rf"[A-ZÄÖÜ]{{1,2}}[ \t\n–-]{{0,3}}[1-9]\d{{0,3}}"
            rf"(?:[ ]?[EH])?{_END}"
        ),
        rf"(?i:{_START}[a-zäöü]{{2,3}}[ ]?[-–·][ ]?[a-zäöü]{{1,2}}[ \t\n–-]{{0,3}}[1-9]\d{{0,3}}[eh]?){_END}",
    ]
    if codes:
        near = "|".join(sorted(codes))
        found += [
            rf"(?i:{_START}(?:{near})[ ][a-z]{{1,2}}[ -]?[1-9]\d{{0,3}}[eh]?){_END}",
            rf"(?i:{_START}(?:{near})[a-z]{{1,2}}[ -]?[1-9]\d{{1,3}}[eh]?){_END}",
        ]
    return tuple(found)


def _beginnings(text: str) -> Iterator[int]:
    """Ascending, each position from which a form may reach a digit, as long as there is no address nor mark."""
    last = tried = 0
    for digits in _DIGITS.finditer(text):
        first = digits.start()
        for found in _BEGINNING.finditer(text, max(tried, first - _REACH), first):
            yield found.start()
        if first > last and text[first - 1] in " \t":
            line = text.rfind("\n", last, first) + 1
            if (line or not last) and not text[line:first].strip(" \t"):
                yield line
        yield first
        tried, last = first + 1, digits.end()


def _change(found: re.Match[str]) -> str:
    if found["born"] is not None:
        label = _BEFORE_DATE.match(found[0])
        return (label[0] if label else "") + placeholders.BORN
    if found["kept"] is not None:
        return found[0]
    if found["labelled"] is not None:
        label = _LABEL.match(found[0])
        return (label[0] if label else "") + placeholders.PHONE
    return next((mark for name, mark in _MARKS.items() if found[name] is not None), placeholders.NUMBER)
