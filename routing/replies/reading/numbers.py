"""Case numbers in a reply, each with the words that belong to it: what a body answers to a digest.

"KOD-2026-000123-1 erledigt, -000124 nicht unsere Straße" names the number first; "Erledigt: KOD-… und KOD-…" names it
last; some write their answers between the quoted lines. Numbers may be shortened once a whole one stands before them.
"""

import itertools
import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from msgspec import Struct

from intake import reference
from routing.replies.reading import patterns
from routing.replies.reading.bodies import Bodies

_JOINT = re.compile(r"[\s,;/+&:]*(?:und|sowie|u\.|bis)?[\s,;/+&:]*", re.IGNORECASE)
_LEAD = re.compile(
    r"[\s\d.)*•–:-]*(?:(?:die|der|das|den|zu|zum|vorgang|nummer|nr|fuer|für|betr|bzgl|und|bei|hinweis)\b[.:\s]*)*",
    re.IGNORECASE,
)

Case = tuple[str, int | None]


class Part(Struct):
    """Cases with the words that are about them."""

    cases: list[Case]
    text: str


def parts(text: str, bodies: Bodies, prefix: str, year: int) -> list[Part]:
    """The cases with this ``prefix`` that a reply names, in order, each with its words; empty when it names none."""
    found: list[Part] = []
    header = ""
    last: Case | None = None
    for line in text.replace("\r", "").split("\n"):
        if line.lstrip().startswith(">"):
            continue
        if found and bodies.closing.fullmatch(patterns.fold(line)):
            break
        hits = list(_hits(line, prefix, year, last))
        if not hits:
            if line.rstrip().endswith(":"):
                header = line
            elif found and line.strip() and not header:
                found[-1].text += "\n" + line
            continue
        last = hits[-1][1]
        found += _parts_of_line(line, [(match, case) for match, case in hits], header)
    return found


def replaced(text: str, prefix: str, written: Callable[[Case], str]) -> str:
    """``text`` with each whole number of a case or concern, a pair of number and position, as ``written`` gives it."""
    whole = (match for match in _numbers(prefix).finditer(text) if match["case"])
    cut = [0]
    pieces = []
    for match in whole:
        position = int(match["position"]) if match["position"] else None
        pieces += [text[cut[-1] : match.start()], written((match["case"].upper(), position))]
        cut.append(match.end())
    return "".join([*pieces, text[cut[-1] :]])


def between(quoted: str, bodies: Bodies, prefix: str, year: int) -> list[Part]:
    """Answers written between quoted lines, in order: each belongs to the number quoted last before it."""
    found: list[Part] = []
    current: Case | None = None
    for line in quoted.replace("\r", "").split("\n"):
        plain = line.strip()
        if plain.startswith(">"):
            hits = list(_hits(plain, prefix, year, None))
            current = hits[0][1] if hits else current
        elif plain and current is not None:
            if bodies.closing.fullmatch(patterns.fold(plain)):
                break
            if found and found[-1].cases == [current]:
                found[-1].text += "\n" + plain
            else:
                found.append(Part([current], plain))
        elif plain and patterns.fold(plain) and not re.search(r"(?:schrieb|wrote).*:$", plain):
            return []  # words before the quotation: they are about all of it
    return found


@lru_cache(maxsize=8)
def _numbers(prefix: str) -> re.Pattern[str]:
    """Whole numbers, serials alone and positions alone, with the bracket and the token of a subject around them."""
    return re.compile(
        rf"\[?(?<![\w-])(?:(?P<case>{reference.case_expression(prefix)})"
        rf"|-?(?P<short>{reference.SHORT_SERIAL})|-(?P<bare>[0-9]{{6}}))"
        rf"(?:-(?P<position>{reference.POSITION}))?(?![\w-]){reference.BEHIND}\]?"
        r"|(?<=[\s,])-(?P<sibling>[0-9]{1,2})(?![\w.:-])",
        re.IGNORECASE,
    )


def _hits(line: str, prefix: str, year: int, last: Case | None) -> Iterator[tuple[re.Match[str], Case]]:
    for match in _numbers(prefix).finditer(line):
        position = int(match["position"]) if match["position"] else None
        if match["sibling"]:
            if last is None:
                continue
            case: Case = (last[0], int(match["sibling"]))
        elif match["case"]:
            case = (match["case"].upper(), position)
        else:
            known = reference.year_of(last[0]) if last else year
            if not known:
                continue
            series = reference.case_series(prefix, known)
            case = (reference.case_number(series, int(match["short"] or match["bare"])), position)
        last = case
        yield match, case


def _parts_of_line(line: str, hits: list[tuple[re.Match[str], Case]], header: str) -> list[Part]:
    lead = line[: hits[0][0].start()]
    tail = line[hits[-1][0].end() :]
    if lead[_end_of_lead(lead) :].strip(" ,:-–"):  # words first, numbers last
        return [Part([case for _, case in hits], f"{lead} {_gaps(line, hits)} {tail}")]
    found: list[Part] = []
    group: list[Case] = []
    for index, (match, case) in enumerate(hits):
        group.append(case)
        end = hits[index + 1][0].start() if index + 1 < len(hits) else len(line)
        words = line[match.end() : end]
        if index + 1 < len(hits) and _JOINT.fullmatch(words):
            continue
        said = words.strip(" \t,:;-–=>\u2192")
        found.append(Part(group, said or header))
        group = []
    return found


def _end_of_lead(lead: str) -> int:
    found = _LEAD.match(lead)
    return found.end() if found else 0


def _gaps(line: str, hits: list[tuple[re.Match[str], Case]]) -> str:
    """What stands between the numbers of a line, without "und" and commas."""
    between = [line[one.end() : two.start()] for (one, _), (two, _) in itertools.pairwise(hits)]
    return " ".join(gap for gap in between if not _JOINT.fullmatch(gap))
