"""What staff and Excel do to single cells: back references, lost phone numbers, damaged house numbers, yes and no.

Repaired where it is certain, flagged where it is not. Pure text in, text and a German sentence out.
"""

import re

from intake import reference
from intake.message import Kind
from intake.phone_log.columns import systems
from intake.phone_log.normalize import folded

NO_RESULT = "#FORMEL"
"""What stands for a formula that was never calculated, as a program leaves it that only writes workbooks."""
ERRORS = frozenset(
    {NO_RESULT, "#NAME?", "#WERT!", "#BEZUG!", "#NV", "#ZAHL!", "#DIV/0!", "#NULL!", "#VALUE!", "#REF!", "#N/A"}
)
_DITTO = re.compile(
    r"(?:dito|ditto|dto\.?|s\.? ?o\.|siehe oben|s\. oben|w\. ?o\.|wie oben|wie vor|ebenda|ebd\.|-?[\"”“„″]-?|''|〃)",
    re.IGNORECASE,
)
_DITTO_BEGINS = frozenset("dDsSwWeE-\"”“„″'〃")
_NOTHING = frozenset({"", "anonym", "unbekannt", "unterdrueckt", "k a", "keine angabe", "ohne", "keine", "n a", "nn"})
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
_MONTH_NAMES = ("Jan", "Feb", "Mrz", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez")  # Excel's
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_MONTH = f"({'|'.join(_MONTH_NAMES)})"
_HOUSE_DAY = re.compile(rf"(?<!\d)(\d\d)\. ?{_MONTH}$")
_HOUSE_YEAR = re.compile(rf"(?<!\w){_MONTH} (\d\d)$")
_WITHIN_NUMBER = re.compile(r"[\s/().-]")
_PHONE = re.compile(r"[+(]?\d[\d\s()/.-]{4,}\d")
_WRONG_NUMBER = re.compile(r"(?:hat sich |anrufer )?(?:verwaehlt|falsch verbunden|falsche nummer)")
_CALLED_BACK = re.compile(r"(?:rueckruf|zurueckgerufen)\b")
_TOTAL = re.compile(
    r"(?:zwischen|gesamt|tages|monats)?summen?|gesamt(?:zahl)?|insgesamt|anzahl|total|übertrag", re.IGNORECASE
)
_LIST = re.compile(
    r"\b(?:telefon|anruf|ruf|gesprächs?|monats|tages|wochen|jahres|dienst)?-?"
    r"(?:liste|protokoll|journal|log|übersicht|statistik|buch)n?\b",
    re.IGNORECASE,
)
_DRAWN = ("-", "=", "_", "*", "–", "—", ":", "|", "#", "~", "+", ".")
_LONGEST_TITLE = 80  # characters
_NAMES_A_LIST = re.compile(
    rf"{_LIST.pattern}|anrufe?|anliegen|hinweise?|telefonate?|gespräche?|meldungen|export|seite|blatt|von|bis|vom|zum|für|im|am|der|die|des|und|stand|teil"
    r"|montags?|dienstags?|mittwochs?|donnerstags?|freitags?|samstags?|sonntags?|mo|di|mi|do|fr|sa|so"
    r"|januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember"
    r"|jan|feb|mrz|apr|jun|jul|aug|sept?|okt|nov|dez|kw|kalenderwoche|woche|monat|jahr|tag|datum|uhr|zeitraum|quartal"
    r"|vormittags?|nachmittags?|abends?|nachts?|früh|spät|frühdienst|spätdienst|nachtdienst|tagdienst",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_YES = frozenset({"j", "ja", "x", "1", "yes", "y", "ok", "wahr", "true"})
_NO = frozenset({"n", "nein", "0", "no", "falsch", "false", "nicht"})


def back_reference(cell: str) -> str | None:
    """What stands behind "dito", "s. o." or "wie oben" at the beginning of ``cell``; None without such a word."""
    if cell[:1] not in _DITTO_BEGINS:
        return None
    found = _DITTO.match(cell)
    if found is None or cell[found.end() : found.end() + 1].isalnum():
        return None
    return cell[found.end() :].lstrip(" ,;:.–-\n")


def lost(cell: str) -> bool:
    """Whether Excel left only its error value."""
    return cell[:1] == "#" and cell.upper() in ERRORS


def phone(cell: str) -> tuple[str, str]:
    """A phone number as it can be dialled, and a German sentence if it is lost: (number, problem), each may be empty.

    Both are for anonymous callers.
    """
    if not cell:
        return "", ""
    if lost(cell) or _SCIENTIFIC.fullmatch(cell):
        return "", "Die Rufnummer ist beim Speichern in Excel verloren gegangen."
    if not cell[0].isdigit() and folded(cell) in _NOTHING:
        return "", ""
    digits = _WITHIN_NUMBER.sub("", cell)
    if digits.isdecimal() and digits.isascii() and digits[0] != "0" and len(digits) >= 9:
        return _with_prefix(digits), ""
    return cell, ""


def _with_prefix(digits: str) -> str:
    """A number as it was dialled: Excel drops the leading zero of 02151… and the plus sign of +49…."""
    if digits.startswith("49") and len(digits) >= 11:
        return f"+{digits}"
    return f"0{digits}" if len(digits) <= 12 else digits


def phone_within(cell: str) -> str:
    """The number in a cell such as "j – 02151 55555"; empty when there is none."""
    found = _PHONE.search(cell)
    return found.group().strip() if found else ""


def place(cell: str) -> tuple[str, str]:
    """A place with the house number that Excel took for a date, and a German sentence if that is suspected.

    A pair of (place, problem), as ``phone``.
    """
    if found := _HOUSE_DAY.search(cell):
        house = f"{int(found[1])}-{_MONTHS[found[2]]}"
    elif found := _HOUSE_YEAR.search(cell):
        house = f"{_MONTHS[found[1]]}-{int(found[2])}"
    else:
        return cell, ""
    return cell[
        : found.start()
    ] + house, f"„{found.group()}“ ist vermutlich die Hausnummer {house}, von Excel verändert."


def caller(cell: str) -> tuple[str, str]:
    """The caller's name and a German sentence if Excel lost it: (name, problem), both empty for anonymous ones."""
    if lost(cell):
        return "", "Der Name ist beim Speichern in Excel verloren gegangen."
    return ("", "") if folded(cell) in _NOTHING else (cell, "")


def yes_or_no(cell: str) -> bool | None:
    """Yes, no, or None for "keine Angabe" and everything unclear."""
    if not cell:
        return None
    first = folded(cell).partition(" ")[0]
    return True if first in _YES else False if first in _NO else None


def case_number(text: str, prefix: str) -> str:
    """The case that a call-back is about, as it is written on letters; empty without one.

    ``prefix`` is that of the city's numbers, or ``reference.ANY``.
    """
    found = reference.find_case_by_hand(text, prefix)
    return found.case if found else ""


def kind(*, text: str, status: str, direction: str, prefix: str = reference.ANY) -> Kind:
    """What a row is that brings no concern: a missed call, a wrong number, an outgoing call-back.

    ``prefix`` is that of the city's case numbers, or ``reference.ANY``.
    """
    words = folded(text)
    alone = systems.meaning(words)
    told = systems.state(direction) if direction else ""
    if systems.OUTGOING in (alone, told) or (_CALLED_BACK.match(words) and case_number(text, prefix)):
        return Kind.OUTGOING_CALL
    if alone == systems.MISSED or (not words and systems.MISSED in (told, systems.state(status))):
        return Kind.MISSED_CALL
    if len(words) <= 40 and _WRONG_NUMBER.match(words):
        return Kind.WRONG_NUMBER
    return Kind.ORDINARY


def is_label(cells: tuple[str, ...]) -> bool:
    """Whether a line says nothing but which list, day or page this is: so that no concern can be lost with it.

    Every word is one of a few; of what is not known beforehand a person is to see the words. ``cells`` are all of the
    line in order.
    """
    return all(_NAMES_A_LIST.fullmatch(word) for cell in cells for word in _WORD.findall(cell))


def is_title(cells: tuple[str, ...]) -> bool:
    """Whether a line above the header is what the list is called: short, and one of its words says that it is one."""
    said = " ".join(filter(None, cells))
    return is_label(cells) or (len(said) <= _LONGEST_TITLE and _LIST.search(said) is not None)


def is_total(cells: tuple[str, ...]) -> bool:
    """Whether this is a sum row: "Summe" or the like, then which list it is of, and all else in it are numbers.

    ``cells`` are all of the row in order.
    """
    first, *rest = [cell for cell in cells if cell]
    begins, *others = _WORD.findall(first) or [""]
    if not _TOTAL.fullmatch(begins) or not is_label((" ".join(others),)):
        return False
    return all(lost(cell) or is_label((cell,)) for cell in rest)


def is_rule(cells: tuple[str, ...]) -> bool:
    """Whether a line only draws one: dashes and the like in every cell that is not empty, as under a header."""
    first = next(filter(None, cells), "")
    return first[:1] in _DRAWN and not any(char.isalnum() for cell in cells for char in cell)
