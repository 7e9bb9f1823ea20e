"""What ``rules`` and ``rules find`` print for staff: who gets what, which rules know a word, and where each stands."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from intake.base import german
from routing.config.rulebook.finding import Known, Line, Listed
from routing.model.settings import Rule

WIDEST = 100
MOST_WORDS = 6
_BY_URGENCY = {
    "notfall": "Notfall",
    "pruefen": "bitte sofort ansehen",
    "sofort": "sofort",
    "heute": "heute",
    "sammel": "Sammelliste",
    "liste": "Wochenliste",
}
_STATES = {"review": "Klärung", "kept": "nur speichern", "routed": "weiterleiten"}


def rule(listed: Listed) -> str:
    """A rule in three lines: its name, who gets what, where it stands."""
    changed = (
        f", geändert in Zeile {german.listed(map(str, listed.changed))} von config.toml" if listed.changed else ""
    )
    return f"{listed.rule.name}\n    {_consequence(listed)}\n    {listed.file}, Zeile {listed.line}{changed}"


def lines(found: Sequence[Known], listed: Iterable[Listed], *, wide: int) -> Iterator[str]:
    """The rules that know a word, each with its keywords; those where it does not count, together at the end.

    ``wide``: columns of the terminal.
    """
    by_name = {one.rule.name: one for one in listed}
    width = min(wide, WIDEST)
    found = sorted(found, key=lambda known: len(known.keyword.split()))  # where the word alone is enough, first
    for name in dict.fromkeys(known.rule for known in found if known.key == "keywords"):
        keywords = [known for known in found if known.rule == name and known.key == "keywords"]
        yield name
        yield from _wrapped(_consequence(by_name[name]), width)
        yield from _wrapped(f"Schlüsselwörter: {_words(keywords)}", width)
        yield from _wrapped(_places(known.places for known in keywords), width)
    exceptions = [known for known in found if known.key != "keywords"]
    if exceptions:
        yield "Hier zählt es nicht (except oder unless):"
        for name in dict.fromkeys(known.rule for known in exceptions):
            mine = [known for known in exceptions if known.rule == name]
            yield from _wrapped(f"{name}: {_words(mine)}; {_places(known.places for known in mine)}", width)


def _consequence(listed: Listed) -> str:
    written = listed.rule
    if isinstance(written, Rule):
        what, speed = f"{listed.category} {written.category}".strip(), _BY_URGENCY[written.urgency]
    else:
        what, speed = f"Art der Nachricht: {written.kind}", _STATES[written.state]
    return f"{what} → {german.listed(written.recipient) if written.recipient else 'niemand'}, {speed}"


def _words(found: Sequence[Known]) -> str:
    shown = [f"„{known.keyword}“{_lists(known)}" for known in found[:MOST_WORDS]]
    if len(found) > MOST_WORDS:
        shown.append(f"{len(found) - MOST_WORDS} weitere")
    return german.listed(shown)


def _lists(known: Known) -> str:
    return f" (Liste {german.listed(f'@{name}' for name in known.lists)})" if known.lists else ""


def _places(all_places: Iterable[Iterable[Line]]) -> str:
    """Each file with the lines there, in order."""
    by_file: dict[str, set[int]] = {}
    for places in all_places:
        for file, line in places:
            by_file.setdefault(file, set()).add(line)
    return "; ".join(f"{file}, {_numbered(sorted(numbers))}" for file, numbers in by_file.items())


def _numbered(numbers: Sequence[int]) -> str:
    return f"Zeile {numbers[0]}" if len(numbers) == 1 else f"Zeilen {german.listed(map(str, numbers))}"


def _wrapped(text: str, width: int) -> list[str]:
    margin = "    "
    return textwrap.wrap(
        text, width, initial_indent=margin, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False
    )
