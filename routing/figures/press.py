"""Sentences for the press, ready to be used: "Rund 50 Bürgeranliegen … an acht Betriebstagen". Pure.

What is counted are concerns, not mails: a mail about a lamp and rubbish brings two, a second mail about the same heap
none. From twenty on a number is rounded, and says so where it was.
"""

from collections.abc import Sequence

from intake.base import german
from routing.figures import periods
from routing.figures.values import Counts, Desk, Period

_WORDS = ("", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf")


def sentences(period: Period, counts: Counts, desks: Sequence[Desk], city: str) -> tuple[str, ...]:
    """What can be said of the period, the whole first, then each desk with its days of operation."""
    if not counts.concerns:
        return (f"{_begun(_when(period))} sind in {city} keine Bürgeranliegen eingegangen.",)
    is_one = counts.concerns == 1
    told = f"{_when(period)} in {city} eingegangen"
    found = [f"{_concerns(counts.concerns)} {'ist' if is_one else 'sind'} {told}.{_most(counts)}"]
    for one in desks:
        if not (one.is_desk and one.concerns):
            continue
        verb = "ist" if one.concerns == 1 else "sind"
        days = days_in_words(one.days)
        found.append(
            f"{_concerns(one.concerns)} {verb} an {days} {_when(period)} in der Anlaufstelle „{one.name}“ "
            "aufgenommen worden."
        )
    return tuple(found)


def rounded(number: int) -> str:
    """A number as the press says it: "acht", "17", "rund 50", "50", "rund 1.300"."""
    if number < 20:
        return _WORDS[number] if 1 <= number <= 12 else str(number)
    step = 10 if number < 1000 else 100
    near = (number + step // 2) // step * step
    return german.number(number) if near == number else f"rund {german.number(near)}"


def days_in_words(days: int) -> str:
    """Behind "an": "einem Betriebstag", "acht Betriebstagen"."""
    if days == 1:
        return "einem Betriebstag"
    return f"{_WORDS[days] if 2 <= days <= 12 else german.number(days)} Betriebstagen"


def _concerns(number: int) -> str:
    if number == 1:
        return "Ein Bürgeranliegen"
    return f"{_begun(rounded(number))} Bürgeranliegen"


def _begun(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]


def _when(period: Period) -> str:
    said = periods.said(period)
    if period.kind == "year":
        return f"im Jahr {said}"
    if period.kind in {"month", "quarter"}:
        return f"im {said}"
    return f"am {said}" if period.first == period.last else f"vom {said}"


def _most(counts: Counts) -> str:
    """What most of them were about, where one category stands out."""
    known = sorted(((count, name) for name, count in counts.by.get("category", {}).items() if name), reverse=True)
    if not known or known[0][0] < 5 or (len(known) > 1 and known[0][0] == known[1][0]):
        return ""
    count, name = known[0]
    return f" Am häufigsten ging es um „{name}“ ({rounded(count)})."
