"""One line of a desk member's answer: the numbers it begins with, and what is to become of them. Pure.

    1 gsak · 2 kbk, ngn sofort · 3 zu: schon erledigt · 4 wie 7 · 5 text · alle zu · Rest zu · zurück

A line is read whole: every word must be known, else it is unclear. A question, a condition, a "nicht", a date is
never an order. Only the reason behind "zu:" is free.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Literal

from msgspec import Struct, structs

from intake.base import did_you_mean
from intake.reference import ANY, POSITION, case_expression, parse_case
from routing.model.decision import Urgency
from routing.replies.desk.names import Names, fold

ALL, REST, NONE = -1, -2, -3
"""In place of a number: all of the list, those that no other line names, a case that is not on the list."""
LONGEST_LINE = 500
LONGEST_REASON = 200
_NUMBER = r"[0-9]{1,3}(?![0-9])"
_CASE = rf"(?i:{case_expression(ANY)})(?:-{POSITION})?(?![0-9-])"
_ONE = rf"(?:{_CASE}|{_NUMBER})"
_HEAD = re.compile(
    rf"(?:(?:bitte\s+)?(?:zu|nr\.?|nummer|punkt|fall|hinweis|#)\s*)?"
    rf"(?P<numbers>{_NUMBER}\s*(?:-|–|\bbis\b)\s*{_NUMBER}"
    rf"|{_ONE}(?:\s*(?:,|\+|&|\bund\b|\bu\.)\s*(?:nr\.?\s*)?{_ONE}(?![.:)]?\s+[^\W\d]+\s*[,;]))*)"
    r"(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_SEVERAL = re.compile(
    r"(?:bitte\s+)?(?:(?P<rest>(?:den\s+|der\s+)?rest|(?:die\s+|alle\s+)?(?:anderen|übrigen|uebrigen|restlichen))"
    r"|(?P<all>alles?))(?P<order>(?:\W|$).*)",
    re.IGNORECASE | re.DOTALL,
)
_RANGE = re.compile(rf"({_NUMBER})\s*(?:-|–|\bbis\b)\s*({_NUMBER})", re.IGNORECASE)
_CLAUSES = re.compile(rf"\s*(?:[;,.]|\bund\b|[;,]\s*und\b)\s*(?={_ONE}(?:[.:)]|\s|$))", re.IGNORECASE)
_SEPARATOR = re.compile(r"^[.:)]?\s*(?:(?:->|=>|-->|==>|[-–—→➔⇒>:=])\s*)?")  # between the number and the order
_BACK = re.compile(
    r"(?:bitte )?(?:alles )?(?:wieder )?(?:zurueck|rueckgaengig|zurueck nehmen|zuruecknehmen)(?: bitte)?"
)
_SAME = re.compile(
    rf"(?:(?:ist|gehört|gehoert|das)\s+)*(?:=|wie|gleich|siehe|identisch\s+mit|(?:das)?selbe\s+wie|dasselbe\s+wie|"
    rf"zusammen\s+mit|(?:doppelt|dopplung|duplikat)\s+(?:zu|mit|wie|von)|gehört\s+zu|gehoert\s+zu|zu(?=\s+nr))\s*"
    rf"(?:nr\.?|nummer|#)?\s*(?P<target>{_ONE})\s*[.!]?",
    re.IGNORECASE,
)
_TEXT = re.compile(
    r"(?:bitte )?(?:(?:den |der )?(?:ganze[nr]? |volle[nr]? |komplette[nr]? )?(?:text|wortlaut|volltext)|"
    r"(?:an)?zeigen)"
    r"(?: (?:bitte|zeigen|schicken|senden))*"
)
_DONE = (
    r"(?:(?:ist |hat sich |schon |bereits |laengst |wurde )*erledigt|erl|(?:ist )?(?:schon |bereits )?abgeschlossen)"
)
_CLOSE = (
    r"(?:(?:bitte |kann |koennen |darf )*(?:zu|zumachen|schliessen|zu machen)(?: bitte)?|(?:ist |sind )?geschlossen|"
    r"close)"
)
_CLOSED = re.compile(rf"(?P<close>{_CLOSE})|(?P<done>{_DONE})")
_CLOSED_BECAUSE = re.compile(r"(?P<close>[^\W\d][^:,;–—-]*?)\s*(?::|,|;|\s[-–—])\s*(?P<reason>\S.*)", re.DOTALL)
_DOUBT = re.compile(
    r"\b(?:nicht|nein|kein\w*|keinesfalls|niemals|oder|aber|erst|falls|wenn|sobald|ausser|vielleicht|eventuell|evtl|"
    r"ggf|gegebenenfalls|wohl|sondern|statt)\b"
)
_DOUBTED_REASON = re.compile(
    r"(?:(?:aber|erst|falls|wenn|sobald|ausser|noch nicht|nein|vielleicht|oder|doch nicht)\b|nicht$)"
)
_JOINTS = frozenset(
    (
        "an",
        "ans",
        "die",
        "den",
        "das",
        "der",
        "und",
        "u",
        "beide",
        "bitte",
        "danke",
        "weiterleiten",
        "geht",
        "gehen",
        "fuer",
    )
)
_URGENCIES = {urgency.value: urgency for urgency in Urgency} | {
    "sammelliste": Urgency.SAMMEL,
    "wochenliste": Urgency.LISTE,
    "pruefen": Urgency.PRUEFEN,
}
_NOTHING = re.compile(
    r"(?:(?:hallo|hi|moin|guten (?:tag|morgen|abend)|servus|mahlzeit|liebe[rs]?|sehr geehrte\w*)(?: [^\d]{0,60})?|"
    r"(?:(?:vielen |besten |herzlichen )?dank(?:e)?"
    r"(?: (?:und|im voraus|schoen|euch|ihnen|dir|vorab|fuer|die|info|mail|liste))*"
    r"(?: (?:gruss|gruesse|lg|vg))?)|bitte|anbei|s o|"
    r"(?:gesendet|von meinem|von unterwegs|diese nachricht wurde|sent from|get outlook|outlook fuer|"
    r"holen sie sich)\b.*)"
)
_RULE = re.compile(r"--|__+")  # as it is written: no sign of it is left when it is folded
_ENDS = re.compile(
    r"(?:(?:mit |viele |beste |liebe |herzliche |schoene |freundliche |danke und |vielen dank und )*"
    r"(?:freundlichen? )?gruss\w*|gruesse\w*|"
    r"(?:mit |viele |beste |liebe |herzliche |schoene |freundlichen? )+gruess\w*|"
    r"mfg|lg|vg|bg|i a|im auftrag|(?:danke |dank )?(?:und )?(?:gruss|gruesse))(?: .{0,60})?"
)


class Unclear(Struct, frozen=True):
    """A line that changes nothing, and why, in German."""

    text: str
    why: str


class Order(Struct, frozen=True):
    """What is to become of one number of the list; ``text`` is the line as it was written."""

    number: int  # from 1; or ALL, REST, NONE; 0 for "back"
    act: Literal["assign", "close", "same", "text", "back"]
    text: str
    bodies: tuple[str, ...] = ()
    urgency: Urgency | None = None
    reason: str = ""
    target: int = 0  # of "same"

    @property
    def meaning(self) -> tuple[object, ...]:
        """What two lines about one number must agree in."""
        return (self.act, frozenset(self.bodies), self.urgency, self.target)

    def of(self, number: int) -> "Order":
        """The same for another number."""
        return structs.replace(self, number=number)

    def with_target(self, target: int) -> "Order":
        """The same with another target."""
        return structs.replace(self, target=target)


class Line(Struct, frozen=True):
    """A line and what it says; neither orders nor unclear: it says nothing."""

    text: str
    orders: tuple[Order, ...] = ()
    unclear: tuple[Unclear, ...] = ()


def cleaned(line: str) -> str:
    """One line with plain blanks and digits, without invisible signs, marks of lists and emphasis."""
    kept = "".join(sign for sign in unicodedata.normalize("NFKC", line) if unicodedata.category(sign) != "Cf")
    kept = " ".join(kept.split())
    return re.sub(r"^[-–—*•·o]\s+(?=\S)", "", kept).strip("*").strip()


def thanks(line: str) -> bool:
    """Whether a ``cleaned`` line thanks, and says nothing else."""
    return re.match(r"(?:vielen |besten |herzlichen )?dank", fold(line)) is not None and bool(
        _NOTHING.fullmatch(fold(line))
    )


def flat(text: str) -> str:
    """``text`` as one line in small letters, without what mail programs put before quoted lines."""
    return " ".join(re.sub(r"^[> ]+", "", line) for line in cleaned_lines(text)).casefold()


def cleaned_lines(text: str) -> list[str]:
    """Every line of ``text``, ``cleaned``."""
    return [cleaned(line) for line in text.splitlines()]


def ends(line: str) -> bool:
    """Whether the signature begins here: what follows is no order."""
    return _RULE.fullmatch(line) is not None or (bool(line) and _ENDS.fullmatch(fold(line)) is not None)


def read(line: str, names: Names, number_of: Callable[[str], int]) -> Line:
    """What a ``cleaned`` line says; ``number_of`` as in ``read`` of the package."""
    if not line or (not re.search(r"\w", line) and not re.search(r"[^\x00-\x7f]", line)):
        return Line(line)
    if len(line) > LONGEST_LINE:
        return Line(line, (), (Unclear(line[:80] + " …", "Die Zeile ist zu lang."),))
    if _NOTHING.fullmatch(fold(line)):
        return Line(line)
    if _BACK.fullmatch(fold(line)):
        return Line(line, (Order(0, "back", line),))
    clauses = _CLAUSES.split(line)
    if len(clauses) > 1:
        several = [_clause(clause, line, names, number_of) for clause in clauses]
        if not any(isinstance(one, str) for one in several):
            return Line(line, tuple(order for one in several if not isinstance(one, str) for order in one))
    found = _clause(line, line, names, number_of)
    return Line(line, (), (Unclear(line, found),)) if isinstance(found, str) else Line(line, found)


def _clause(clause: str, line: str, names: Names, number_of: Callable[[str], int]) -> tuple[Order, ...] | str:
    """The orders of one clause, or why it is unclear, in German."""
    said = _numbers(clause, number_of)
    if said is None:
        return "Am Anfang der Zeile steht keine Nummer der Liste."
    numbers, rest = said
    order = _order(rest, line, names, number_of)
    if isinstance(order, str):
        return order
    if order.act in {"same", "text"} and numbers[0] in {ALL, REST}:
        return "Das geht nur mit einzelnen Nummern."
    return tuple(order.of(number) for number in dict.fromkeys(numbers))


def _numbers(clause: str, number_of: Callable[[str], int]) -> tuple[list[int], str] | None:
    """The numbers that a clause begins with, and what is said of them; None without any."""
    found = _SEVERAL.fullmatch(clause)
    if found:
        return [ALL if found["all"] else REST], found["order"].strip()
    found = _HEAD.fullmatch(clause)
    if found is None or re.match(r"\.\s?[0-9]|[0-9/-]|\s*(?:uhr|x|mal)\b", found["rest"], re.IGNORECASE):
        return None  # a date, a time, a count
    span = _RANGE.fullmatch(found["numbers"])
    if span:
        first, last = int(span[1]), int(span[2])
        return (list(range(first, last + 1)), found["rest"]) if 0 < first < last <= first + 99 else None
    return [_number(one, number_of) for one in re.findall(_ONE, found["numbers"])], found["rest"]


def _number(written: str, number_of: Callable[[str], int]) -> int:
    if written.isdigit():
        return int(written) or 10_000  # 0 is on no list
    named = parse_case(written, ANY)
    return (number_of(str(named)) if named else 0) or NONE


def _order(rest: str, line: str, names: Names, number_of: Callable[[str], int]) -> Order | str:
    """What is to become of the numbers, as an order about number 0; or why it is unclear, in German."""
    same = _SAME.fullmatch(re.sub(r"^[.:)]\s*", "", rest.strip()).strip())
    if same:
        target = _number(same["target"], number_of)
        return Order(0, "same", line, target=target)
    said = _SEPARATOR.sub("", rest.strip(), count=1).strip()
    folded = fold(said)
    if not folded:
        return "Was soll damit geschehen?"
    closing = _closing(said, line, names)
    if closing is not None:
        return closing
    if "?" in said:
        return "Das ist eine Frage."
    if _TEXT.fullmatch(folded):
        return Order(0, "text", line)
    if (doubt := _DOUBT.search(folded)) is not None:
        return f"Mit „{doubt[0]}“ ist nicht sicher, was gelten soll."
    return _assigning(said, line, names)


def _closing(said: str, line: str, names: Names) -> Order | str | None:
    """An order to close; why it is none; None for something else."""
    plain = _CLOSED.fullmatch(fold(said))
    if plain and "?" not in said:
        return Order(0, "close", line, reason=said.strip(" .!") if plain["done"] else "")
    found = _CLOSED_BECAUSE.fullmatch(said)
    if found and _CLOSED.fullmatch(fold(found["close"])):
        reason = found["reason"].strip()
        folded = fold(reason)
        if "?" in reason:
            return "Das ist eine Frage."
        if isinstance(_assigning(reason, line, names), Order):
            return "Soll das geschlossen werden oder an diese Stelle gehen?"
        if not folded or _DOUBTED_REASON.match(folded):
            return "Soll das wirklich geschlossen werden?"
        return Order(0, "close", line, reason=reason[:LONGEST_REASON])
    without = re.fullmatch(rf"{_CLOSE} (?P<why>{_DONE})", fold(said))  # "3 zu schon erledigt"
    if without and "?" not in said:
        return Order(0, "close", line, reason=" ".join(said.split()[-len(without["why"].split()) :]).strip(" .!"))
    if fold(said).startswith("zu "):
        return "Soll das geschlossen werden („zu: Grund“) oder an eine Stelle gehen („an …“)?"
    return None


def _assigning(said: str, line: str, names: Names) -> Order | str:
    """An order to assign, of which every word is known; or what is not understood."""
    if re.search(r"[^\w\s,.&+!/:()–-]|@|://|\w/\w", said) or re.search(r"\.\w", said):
        return "Das habe ich nicht verstanden."
    left = f" {fold(said.replace('&', ' und ').replace('+', ' und '))} "
    bodies: list[tuple[int, str]] = []
    for name, identity in names.by_name:
        while (at := left.find(f" {name} ")) >= 0:
            bodies.append((at, identity))
            left = f"{left[:at]} {'_' * len(name)} {left[at + len(name) + 2 :]}"
    words = [word for word in left.split() if not word.startswith("_") and word not in _JOINTS]
    urgencies = {_URGENCIES[word] for word in words if word in _URGENCIES}
    unknown = [word for word in words if word not in _URGENCIES]
    if unknown:
        known = {name for name, _ in names.by_name if " " not in name} | set(_URGENCIES)
        return f"„{unknown[0]}“ kenne ich nicht als Stelle.{did_you_mean.sentence(unknown[0], sorted(known))}"
    if not bodies:
        return "Wer soll es bekommen?"
    if len(urgencies) > 1:
        return "Es ist mehr als eine Dringlichkeit genannt."
    ids = tuple(dict.fromkeys(identity for _, identity in sorted(bodies)))
    return Order(0, "assign", line, bodies=ids, urgency=next(iter(urgencies), None))
