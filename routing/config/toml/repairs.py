"""Explains one broken TOML statement by the repair that makes it readable.

Menders (``mending``) propose; the first proposal, or pair of proposals, that tomllib reads is the explanation. Long
lists are looked at line by line first, so that every broken entry is named. What nobody can repair is described.
"""

import re
import tomllib
from collections.abc import Iterator

from routing.config.toml import inline_tables
from routing.config.toml.beginner_repairs import MENDERS, Repair, Spot

_LONGEST = 4000  # characters of a statement that two menders are tried on together
_LONGEST_LINE = 2000  # beyond it nobody wrote the line by hand, and the menders' patterns would be slow


def is_sound(text: str) -> bool:
    """Whether tomllib reads it."""
    try:
        tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return False
    return True


def named(statement: str) -> str:
    """Key or header of a statement as written, on one line."""
    head = statement.strip().partition("\n")[0]
    name = head.partition("#")[0] if head.startswith("[") else head.partition("=")[0]
    return "".join(character for character in name.strip()[:60] if character.isprintable())


def explain(statement: str) -> Repair:
    """What is wrong with ``statement`` (a header, or ``key = value`` with all its lines)."""
    if hopeless := _hopeless(statement):
        return Repair((hopeless,), None)
    text, spots = _entries(statement)
    if spots and is_sound(text):
        return Repair(spots, text)
    found = _first_sound(text)
    if found is None or len(found.spots) > 1 or text.count('"') % 2 == 0:
        found = _inline_table(text) or found
    if found is not None:
        return Repair((*spots, *found.spots), found.text, found.is_whole)
    return Repair(spots or (_described(statement),), None)


def _first_sound(text: str) -> Repair | None:
    proposals = []
    for repair in _proposals(text):
        if is_sound(repair.text or ""):
            return repair
        proposals.append(repair)
    if len(text) > _LONGEST:
        return None
    for first in proposals:
        for second in _proposals(first.text or ""):
            if second.text is not None and is_sound(second.text):
                return Repair((*first.spots, *second.spots), second.text, first.is_whole and second.is_whole)
    return None


def _proposals(text: str) -> Iterator[Repair]:
    for mender in MENDERS:
        yield from (repair for repair in mender(text) if repair.text != text)


def _inline_table(text: str) -> Repair | None:
    """A table on one line, each of its entries mended alone."""
    taken = inline_tables.taken_apart(text)
    if taken is None:
        return None
    spots, texts, is_whole = list(taken.spots), [], True
    for entry in taken.entries:
        found = Repair((), entry.text) if is_sound(entry.text) else _first_sound(entry.text)
        if found is None or found.text is None:
            spot = _hopeless(entry.text) or _described(entry.text)
            spots.append(Spot(entry.offset + spot.offset, spot.what, spot.advice))
            return Repair(tuple(spots), None)
        spots += (Spot(entry.offset + spot.offset, spot.what, spot.advice) for spot in found.spots)
        texts.append(found.text)
        is_whole = is_whole and found.is_whole
    mended = taken.with_entries(texts)
    spots.sort(key=lambda spot: spot.offset)
    return Repair(tuple(spots), mended if is_sound(mended) else None, is_whole) if spots else None


def _entries(statement: str) -> tuple[str, tuple[Spot, ...]]:
    """The inner lines of a list over several lines, each mended alone."""
    lines = statement.split("\n")
    if len(lines) < 3 or not re.search(r"=\s*\[\s*(#.*)?$", lines[0]):
        return statement, ()
    spots: list[Spot] = []
    offset = len(lines[0]) + 1
    opening = "x = ["
    for row in range(1, len(lines) - 1):
        line = lines[row]
        if line.strip() and not line.lstrip().startswith("]") and not is_sound(f"{opening}{line}\n]"):
            found = _first_sound_entry(line)
            if found is not None and found.text is not None:
                lines[row] = found.text
                spots += (Spot(offset + spot.offset, spot.what, spot.advice) for spot in found.spots)
        offset += len(line) + 1
    return "\n".join(lines), tuple(spots)


def _first_sound_entry(line: str) -> Repair | None:
    opening, closing = "x = [", "\n]"
    found = _first_sound(f"{opening}{line}{closing}")
    if found is None or found.text is None or not found.text.startswith(opening):
        return None
    spots = (Spot(max(spot.offset - len(opening), 0), spot.what, spot.advice) for spot in found.spots)
    text = found.text.removeprefix(opening).removesuffix(closing)
    return None if "\n" in text else Repair(tuple(spots), text)


def _hopeless(statement: str) -> Spot | None:
    """A fault that no mender may touch, because something is missing that nobody can make up."""
    text = statement.strip()
    indent = len(statement) - len(statement.lstrip())
    if any(len(line) > _LONGEST_LINE for line in statement.split("\n")):
        return Spot(
            0, "Diese sehr lange Zeile ist nicht zu lesen.", "Schreiben Sie jeden Eintrag in eine eigene Zeile."
        )
    if text.startswith("="):
        return Spot(indent, "Vor dem Zeichen = fehlt der Name der Einstellung.", "Schreiben Sie: schlüssel = wert.")
    if re.fullmatch(r"[^=\n]+=\s*(#[^\n]*)?", text):
        what = f"Hinter {named(text)} = fehlt der Wert."
        advice = f'Schreiben Sie den Wert dazu ({named(text)} = "…") oder setzen Sie ein # vor die Zeile.'
        return Spot(statement.index("=") + 1, what, advice)
    for marks in ('"""', "'''"):
        if re.match(rf"[^=\n]+=\s*{marks}", text) and text.count(marks) == 1:
            what = f"Der mehrzeilige Text, der mit {marks} beginnt, hört nicht auf."
            return Spot(statement.index(marks), what, f"Setzen Sie {marks} an sein Ende.")
    return None


def _described(statement: str) -> Spot:
    """A fault that no mender knows, by its looks."""
    text = statement.strip()
    indent = len(statement) - len(statement.lstrip())
    if text.startswith("["):
        what = "Diese Zeile ist kein Anfang einer Tabelle."
        return Spot(indent, what, "Eine Tabelle beginnt mit [name], ein Eintrag einer Liste mit [[name]].")
    if "=" in text:
        what = f"Der Wert von {named(text)} ist nicht zu lesen."
        advice = 'Texte stehen zwischen geraden Anführungszeichen ("so"), Listen in Klammern: ["eins", "zwei"].'
        return Spot(statement.index("=") + 1, what, advice)
    if text.count('"') % 2:
        what = "Diese Zeile gehört wohl zu einem Text, der über mehrere Zeilen geht."
        return Spot(indent, what, 'Solche Texte stehen zwischen je drei Anführungszeichen: """Text""".')
    what = "Diese Zeile ist weder eine Tabelle noch eine Einstellung noch eine Erklärung."
    return Spot(indent, what, "Ist sie eine Erklärung, setzen Sie ein # an ihren Anfang; sonst löschen Sie sie.")
