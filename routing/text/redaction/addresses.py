"""Where the sender lives and how a letter ends: signatures, home addresses, and the health of somebody named.

A signature is what follows a closing formula, six lines at most; a postscript of more than a few words stays.
"""

import re
from collections.abc import Iterable

from intake.base import umlauts
from routing.text.redaction import first_names, names, placeholders
from routing.text.redaction.city_words import CityWords

_CLOSING = re.compile(
    r"[ \t>]*(?P<formula>(?i:(?:mit |viele |liebe |beste |schöne |herzliche |freundliche )?(?:(?:den )?(?:freundlich|"
    r"best|lieb|herzlich|schön|viel|sonnig|nett)\w{0,4} )?gr(?:ü|u|ue)(?:ß|ss)(?:en?|le)?|mfg|m\.f\.g\.|lg|vg|hg|"
    r"hochachtungsvoll|gez\.))(?![^\W_])(?P<rest>[^\n]{0,100})"
)
_THANKS = re.compile(r"[ \t>]*(?i:(?:vielen |besten |herzlichen )?danke?(?: im voraus)?)[ \t.,!]{0,3}")
_SIGNED = re.compile(
    r"[ \t,.!;–-]*(?:(?i:von|ihre?|eure?|die|der|i\.[ ]?a\.)[ ])?(?P<name>[^\W\d_][^\d@:/?!\[\]]{0,50}?)[ \t.,!]*"
)
_ONWARD = ("aus ", "an ", "vom ", "und ", "in ", "nach ", "für ", "dass ")
_POSTSCRIPT = re.compile(r"[ \t]*(?:p\.?[ ]?s\b|nachtrag)", re.IGNORECASE)
_DASHES = re.compile(r"[ \t]*(?:--|__|—)[-_—]{0,80}[ \t]*")  # above a signature, in mails
_SEPARATORS = re.compile(r"([ \t]*(?:[|•·]|[ ]/[ ])[ \t]*)")  # within a line of it
_HOME_LINE = re.compile(r"[ \t]*(?:\d{5}[ ]+[^\W\d]|[^\W\d][\w .'’-]{2,50}?[ ]?\d{1,4}[ ]?[a-zA-Z]?[ \t]*(?:,|$))")
_PARTED = re.compile(r"[,;\n]")  # an address from the next
_DIGIT = re.compile(r"\d")
_NO_DIGIT = re.compile(r"\D")
_LETTER = re.compile(r"[^\W\d_]")
_OWN_STREET = re.compile(
    r"(?P<street>[^\W\d].{2,60}?)(?P<suffix>stra(?:ß|ss)e|str\.?)?[ ]*(?P<number>\d{1,4}[ ]?[a-z]?)", re.IGNORECASE
)
_HOME_ALONE = re.compile(
    r"[ \t]*(?:[^\W\d][\w .'’-]{2,50}?[ ]?\d{1,4}[ ]?[a-zA-Z]?(?:,[ ]*\d{5}[ ]+[^\W\d][\w -]{1,40})?|"
    r"\d{5}[ ]+[^\W\d][\w -]{1,40})[ \t.]*"
)
_LONGEST = 6  # nonblank lines of a signature
_MARK = re.compile(placeholders.PATTERN)

_RESIDENT = placeholders.pattern(
    r"(?P<before>(?i:\b(?:wohnen?|wohnhaft|(?:adresse|anschrift)(?: ist)?:?)[ ]"
    r"(?:(?:hier|selbst|direkt|selber|auch)[ ])?(?:(?:in|auf|an|am|im)[ ])?(?:(?:der|dem)[ ])?))"
    r"(?:[A-ZÄÖÜ][\w.-]{1,40}[ ]){0,3}?[A-ZÄÖÜ][\w.-]{1,40}[ ]?\d{1,4}(?:[ ]?[a-z]\b)?"
)
_HEALTH = placeholders.pattern(
    r"(?i:(?<![^\W_])(?:hiv(?:[ -]?(?:positiv|infiziert))?|aids|hepatitis|tbc|tuberkulose|krätze|syphilis|"
    r"epilep\w{1,10}|schizophren\w{0,4}|depress\w{1,6}|bipolar|psychisch krank\w{0,4}|psychose\w{0,4}|"
    r"psychotisch\w{0,3}|geisteskrank\w{0,4}|dement|demenz\w{0,8}|krebskrank\w{0,4}|krebs|alkoholkrank\w{0,4}|alkoholiker(?:in)?|"
    r"alkoholabhängig\w{0,3}|trinker(?:in)?|drogenabhängig\w{0,3}|drogensüchtig\w{0,3}|suchtkrank\w{0,4}|"
    r"süchtig\w{0,3}|heroinabhängig\w{0,3}|junkie|methadon\w{0,12}|substituiert|schwerbehindert\w{0,3}|suizidal\w{0,3}|vorbestraft)"
    r"(?![^\W_]))"
)
_SOMEBODY = re.compile(
    r"(?i:\b(?:mein|unser|der|die|dem|den|meinem?|meinen|meiner|unsere[mnr]?|vom|beim|seine?|ihre?)[ ](?:nachbar|"
    r"vermieter|mieter|bewohner|sohn|tochter|mutter|vater|exmann|ex-mann|freund|chef|kolleg)\w{0,4}|"
    r"\b(?:aus|in|im|von)[ ](?:haus|hausnummer|nummer|nr\.?)[ ]\d|"
    r"\b(?:aus|in|im)[ ](?:der[ ]|dem[ ])?\d{1,2}\.[ ]?(?:etage|stock|og)\b|\bklingel)"
)


def remove_letterhead(text: str) -> str:
    """``text`` without the sender's address under his name, where a letter begins with both."""
    if not text.lstrip(" \t").startswith(placeholders.NAME):
        return text
    lines = text.split("\n", 5)
    if lines[0].strip() == placeholders.NAME:
        for index, line in enumerate(lines[1:4], 1):
            if not _HOME_LINE.match(line) or len(line) > 80:
                break
            lines[index] = placeholders.HOME
    return "\n".join(lines)


def remove_below_name(text: str) -> str:
    """``text`` without the home that stands below a removed name in its last lines."""
    lines = text.split("\n")
    below = 0  # lines that may still belong to the name
    for index in range(max(0, len(lines) - _LONGEST), len(lines)):
        if lines[index].strip(" \t,.") == placeholders.NAME:
            below = 3
        elif below and _HOME_ALONE.fullmatch(lines[index]):
            lines[index], below = placeholders.HOME, below - 1
        elif lines[index].strip():
            below = 0
    return "\n".join(lines)


def remove_signatures(text: str, city: CityWords) -> str:
    """``text`` with names and home addresses after a closing formula replaced by their marks."""
    lines = text.split("\n")
    left = 0  # lines that may still belong to a signature
    certain = False  # the next line is signed, even in small letters
    for index, line in enumerate(lines):
        closing = _CLOSING.fullmatch(line)
        if closing is not None and _ends(closing["rest"], city):
            lines[index], certain, left = _close(line, closing, city), _ends_bare(closing["rest"]), _LONGEST
        elif _THANKS.fullmatch(line) or _DASHES.fullmatch(line):
            certain, left = False, _LONGEST
        elif left and line.strip():
            parts = _SEPARATORS.split(line)
            parts[::2] = [_signed(part, city, certain=certain) for part in parts[::2]]
            lines[index] = "".join(parts)
            left = 0 if len(line.split()) > 6 or _POSTSCRIPT.match(line) else left - 1
            certain = False
    return "\n".join(lines)


def remove_residence(text: str) -> str:
    """``text`` without the place in "ich wohne in der Roßstr. 12"."""
    return placeholders.replace(_RESIDENT, lambda found: found["before"] + placeholders.HOME, text)


def remove_own(text: str, addresses: Iterable[str]) -> str:
    """``text`` without the sender's ``addresses`` (also their telephone)."""
    folded = ""
    numbered = (address for address in addresses if _DIGIT.search(address))
    for part in (part.strip() for address in numbered for part in _PARTED.split(address)):
        if "@" in part:
            continue
        found = _OWN_STREET.fullmatch(part)
        if found is not None:
            folded = folded or umlauts.written_out(text)
            if umlauts.written_out(found["street"].strip())[:4] in folded:
                text = placeholders.replace(_street(found), lambda _: placeholders.HOME, text)
            continue
        digits = _NO_DIGIT.sub("", part)
        if 5 < len(digits) < 20 and not _LETTER.search(part):
            text = placeholders.replace(
                placeholders.pattern(rf"(?<!\d){'[ /().-]{0,2}'.join(digits)}(?!\d)"),
                lambda _: placeholders.PHONE,
                text,
            )
    return text


def remove_health(text: str) -> str:
    """``text`` without words of illness and addiction: for where somebody is named or pointed at."""
    return placeholders.replace(_HEALTH, lambda _: placeholders.PERSON, text)


def points_at_somebody(text: str) -> bool:
    """Whether the text points at somebody ("mein Nachbar", "der aus Haus 5")."""
    return _SOMEBODY.search(text) is not None


def _ends(rest: str, city: CityWords) -> bool:
    """Whether the letter ends here: nothing after the formula but a name or a place ("aus Hüls")."""
    bare = _MARK.sub("", rest).strip(" \t,.!;-–")
    return not bare or bare.startswith(_ONWARD[:1]) or _name_in(bare, city, certain=True) != ""


def _ends_bare(rest: str) -> bool:
    return rest.strip(" \t,.!;-–") == "" or rest.strip(" \t,").startswith(_ONWARD[:1])


def _close(line: str, closing: re.Match[str], city: CityWords) -> str:
    rest = closing["rest"]
    bare = _MARK.sub("", rest)
    if not _name_in(bare, city, certain=True):
        return line
    kept = " ".join((placeholders.NAME, *_MARK.findall(rest)))
    return f"{line[: closing.start('rest')]} {kept}"


def _signed(line: str, city: CityWords, *, certain: bool) -> str:
    """A line of a signature, or a part of one, with its name or home replaced."""
    if _POSTSCRIPT.match(line) or _MARK.search(line):
        return line
    if _HOME_LINE.match(line) and len(line) < 80:
        return placeholders.HOME
    return placeholders.NAME if _name_in(line, city, certain=certain) else line


def _name_in(text: str, city: CityWords, *, certain: bool) -> str:
    """The name that ``text`` is, or nothing; ``certain``: up to four words even in small letters."""
    found = _SIGNED.fullmatch(text)
    if found is None or text.strip(" \t,.!;-–").startswith(_ONWARD):
        return ""
    words = found["name"].split()
    if (
        certain
        and len(words) < 5
        and not any(names.is_common(word, city) for word in words)
        and not first_names.is_place(text, city)
    ):
        return found["name"]
    return found["name"] if names.is_name(found["name"], city) else ""


def _street(found: re.Match[str]) -> re.Pattern[str]:
    """A pattern for a street and number in its usual spellings."""
    spellings = {"ä": "(?:ä|ae)", "ö": "(?:ö|oe)", "ü": "(?:ü|ue)", "ß": "(?:ß|ss)", " ": "[ -]?", "-": "[ -]?"}
    written = found["street"].strip().lower()
    for plain, umlaut in (("ae", "ä"), ("oe", "ö"), ("ue", "ü"), ("ss", "ß")):
        written = written.replace(plain, umlaut)
    street = "".join(spellings.get(char, re.escape(char)) for char in written)
    suffix = r"[ -]?(?:stra(?:ß|ss)e|str\.?)" if found["suffix"] else ""
    number = "[ ]?".join(re.escape(part) for part in re.findall(r"\d+|[a-z]", found["number"].casefold()))
    return placeholders.pattern(rf"(?<![^\W_])(?i:{street}{suffix}[ ,]{{0,3}}(?:nr\.?[ ]?)?{number}(?![^\W_]))")
