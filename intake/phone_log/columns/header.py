"""Which column means what: the header row is found among the first lines by its words, not by its place.

config.toml may name columns (``columns = { text = "Was war los" }``); the rest goes by synonyms from real phone logs.
A table without a recognisable concern column is not guessed at: ``unknown`` words the advice, with a mapping to paste.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from intake.phone_log.columns import systems
from intake.phone_log.columns.systems import System
from intake.phone_log.formats.csv import Record
from intake.phone_log.normalize import folded
from intake.phone_log.values import UnreadableError


class Role(StrEnum):
    """What a column may mean; the values are the keys of ``columns`` in config.toml."""

    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    CALLER = "caller"
    PHONE = "phone"
    PLACE = "place"
    HOUSE = "house"
    DISTRICT = "district"
    TEXT = "text"
    REMARK = "remark"
    CATEGORY = "category"
    FORWARD = "forward"
    STAFF = "staff"
    STATUS = "status"
    CHANNEL = "channel"
    CONSENT = "consent"
    CALLBACK = "callback"
    DIRECTION = "direction"
    OTHER = "other"
    UNKNOWN = ""


# Synonyms in the folded form of ``normalize.folded``; the first one that a header has wins the role.
_SYNONYMS: dict[Role, tuple[str, ...]] = {
    Role.NUMBER: ("lfd nr", "lfdnr", "lfd", "nr", "laufende nummer", "pos", "id", "no"),
    Role.DATE: (
        *("datum", "tag", "anrufdatum", "datum des anrufs", "eingangsdatum", "zeitpunkt", "zeitstempel", "wann"),
        *("anrufzeitpunkt", "eingang", "eingegangen am", "erfasst am", "date", "start time", "starttime"),
        *("call time", "calldate", "created", "timestamp", "datum uhrzeit", "datum zeit"),
    ),
    Role.TIME: ("uhrzeit", "zeit", "beginn", "start", "anrufzeit", "anrufbeginn", "startzeit", "um", "time"),
    Role.CALLER: (
        *("anrufer", "anruferin", "name", "melder", "melderin", "buerger", "buergerin", "hinweisgeber", "vorname"),
        *("nachname", "meldende person", "beschwerdefuehrer", "caller", "wer"),
    ),
    Role.PHONE: (
        *("tel", "tel nr", "telnr", "telefon", "telefonnummer", "telefonnr", "telefon nr", "rufnummer", "rufnr"),
        *("caller id", "calling number", "caller number", "originationnumber", "anrufernummer", "src"),
        *("rueckrufnr", "rueckrufnummer", "rueckruf nr", "handy", "mobil", "handynummer", "nummer", "phone"),
    ),
    Role.PLACE: (
        *("ort", "strasse", "str", "oertlichkeit", "einsatzort", "adresse", "anschrift", "tatort", "standort", "wo"),
        *("ort des geschehens", "platz", "lage", "location"),
    ),
    Role.HOUSE: ("hausnummer", "hausnr", "haus nr", "hnr"),
    Role.DISTRICT: ("stadtteil", "ortsteil", "bezirk", "stadtbezirk"),
    Role.TEXT: (
        *("anliegen", "sachverhalt", "beschwerde", "schilderung", "beschreibung", "meldung", "hinweis", "mitteilung"),
        *("inhalt", "text", "problem", "was", "anrufgrund", "gespraechsnotiz", "notiz", "notizen", "bemerkung"),
        *("bemerkungen", "anmerkung", "anmerkungen", "kommentar", "stichwort", "stichworte", "betreff"),
    ),
    Role.CATEGORY: ("kategorie", "art", "thema", "rubrik", "art des anliegens", "kurztitel", "titel"),
    Role.FORWARD: (
        *("weiter an", "weitergeleitet an", "weitergegeben an", "weitergabe an", "abgabe", "abgabe an"),
        *("abgegeben an", "zust", "zustaendig", "zustaendigkeit", "weiterleitung"),
    ),
    Role.STAFF: (
        *("kuerzel", "bearb", "bearbeiter", "bearbeiterin", "mitarbeiter", "mitarbeiterin", "aufgen von", "kz"),
        *("aufgenommen von", "angenommen von", "sachbearbeiter", "sachbearbeiterin", "agent"),
    ),
    Role.STATUS: ("status", "erledigt", "erl", "stand", "ergebnis", "bearbeitungsstand"),
    Role.CHANNEL: ("kanal", "eingangsweg", "meldeweg", "quelle", "herkunft", "channel"),
    Role.CONSENT: (
        *("daten weitergeben", "datenweitergabe", "einwilligung", "zustimmung", "datenschutz", "weitergabe erlaubt"),
        *("daten duerfen weitergegeben werden", "einverstanden", "dsgvo"),
    ),
    Role.CALLBACK: ("rueckruf", "rueckruf gewuenscht", "rueckruf erbeten", "rueckruf erwuenscht"),
    Role.DIRECTION: ("richtung", "anrufrichtung", "anrufart", "direction"),
    Role.OTHER: ("ende", "dauer", "nebenstelle", "durchwahl", "zeile", "grund", "was tun", "endzeit", "wochentag"),
}
_ROLE_OF = {word: role for role, words in _SYNONYMS.items() for word in words}
_BY_NOTE = len(_ROLE_OF)
_VALUES = 2  # cells that begin like a date, a time or a number make a row no header
_VALUE_BEGINS = frozenset("0123456789+")
_UNSAID = dict.fromkeys(Role, "")
_REMARKS = ("notiz", "notizen", "bemerkung", "bemerkungen", "anmerkung", "anmerkungen", "kommentar", "gespraechsnotiz")
_TITLES = ("betreff", "stichwort", "stichworte")
_SEVERAL = {Role.CALLER: " ", Role.PHONE: " / ", Role.PLACE: ", ", Role.REMARK: "\n", Role.CATEGORY: ", "}
_CLOCK = re.compile(r"(?:time|zeit)$", re.IGNORECASE)
_BESIDE = frozenset({Role.FORWARD, Role.STAFF, Role.STATUS, Role.CHANNEL, Role.CALLBACK, Role.CONSENT})
_SEVERAL_WORDS = 8  # characters
_LETTERS = re.compile(r"[^\W\d_]{4}")
_PARENTHESIS = re.compile(r"\([^)]*\)")
_PART = re.compile(r"[/,|+\n]| und | oder ")
_HINTED = re.compile(r"([^\W\d_][^:*\n\"{]{1,30})[:*\n][^\"{\d]*$")  # "Anliegen: Was ist los?"
_CONTINUED = re.compile(r"[ (]*(?:fortsetzung|forts\.?|teil)?[ ]*\d*\)?$", re.IGNORECASE)


@dataclass(frozen=True)
class Columns:
    """Where each role stands in a record, and the header's own words."""

    names: tuple[str, ...]
    places: Mapping[Role, tuple[int, ...]]
    system: System | None = None
    """The telephone system that wrote the list, where it is known."""

    @cached_property
    def _roles(self) -> list[Role]:
        """What each column says; for a role with several columns and for unknown ones see ``values``."""
        role_of = {places[0]: role for role, places in self.places.items()}
        return [role_of.get(index, Role.UNKNOWN) for index in range(len(self.names))]

    @cached_property
    def _several(self) -> list[Role]:
        return [role for role, places in self.places.items() if len(places) > 1]

    def has(self, role: Role) -> bool:
        """Whether the table has such a column."""
        return role in self.places

    @property
    def says_nothing_alone(self) -> bool:
        """Whether the concern stands in a call list's column for notes, in which nobody need have written."""
        return self.system is not None and systems.is_note(self.name(Role.TEXT))

    def name(self, role: Role) -> str:
        """The header's word for ``role``, for messages to staff."""
        return self.names[self.places[role][0]].replace("\n", " ") if role in self.places else ""

    def values(self, cells: Sequence[str]) -> dict[Role, str]:
        """What a record says for each role, a mapping from role to text; nothing for one that the table has not.

        ``cells`` are those of one record, in order of the columns; a short record lacks the last ones.
        """
        said = _UNSAID.copy()
        said.update(zip(self._roles, cells))  # noqa: B905 - a row may be shorter or longer
        for role in self._several:
            said[role] = self.cell(cells, role)
        return said

    @cached_property
    def _beside(self) -> list[int]:
        """The columns whose words no message has."""
        known = {index for role, places in self.places.items() if role not in _BESIDE for index in places}
        ours = {index for index, name in enumerate(self.names) if _meaning(name, {})[0] is Role.OTHER}  # "Was tun"
        return [index for index in range(len(self.names)) if index not in known | ours]

    def beside(self, cells: Sequence[str]) -> str:
        """What a record says in several words where it says nothing of its concern, cell after cell."""
        width, found = len(cells), ""
        for index in self._beside:
            if index < width and len(cell := cells[index]) >= _SEVERAL_WORDS and " " in cell and _LETTERS.search(cell):
                found += f"\n{cell}" if found else cell
        return found

    def cell(self, cells: Sequence[str], role: Role) -> str:
        """What a record says for ``role``; several columns of one role are joined."""
        places = self.places.get(role)
        if places is None:
            return ""
        if len(places) == 1:
            return cells[places[0]] if places[0] < len(cells) else ""
        found = [cells[index] for index in places if index < len(cells) and cells[index]]
        return _SEVERAL.get(role, " ").join(dict.fromkeys(found))


def columns(record: Record, configured: Mapping[str, str]) -> Columns | None:
    """The columns, if this record is a header row: it names the concern and something beside it; None otherwise.

    ``configured`` is a mapping from our words for columns to the list's, as config.toml has it.
    """
    if sum(map(bool, record.cells)) < 1 or any(len(cell) > 80 for cell in record.cells):
        return None
    system = systems.recognised(record.cells)
    wanted = {name: Role(role) for name, role in system.roles.items()} if system else {}
    wanted |= {folded(name): Role(role) for role, name in configured.items()}
    ranked: dict[Role, list[tuple[int, int]]] = {}
    alone = sum(map(bool, record.cells)) == 1  # "Was: Müll am Ring" is a sentence, no name with a hint
    for index, cell in enumerate(record.cells):
        role, rank = _meaning(cell.replace(":", " ") if alone else cell, wanted)
        if role is not None:
            ranked.setdefault(role, []).append((rank, index))
    if Role.TEXT not in ranked or len(ranked) < min(2, sum(map(bool, record.cells))):
        return None
    if len(ranked) == 1 and ranked[Role.TEXT][0][0] == _BY_NOTE:  # "Telefonnotizen" alone is a title
        return None
    if system:  # its channel is a line of the exchange
        ranked.pop(Role.CHANNEL, None)
    return Columns(without_flaw(record), _placed(ranked, record.cells), system)


def without_flaw(record: Record) -> tuple[str, ...]:
    """The cells of a header in order, without a stray quote in one of them."""
    return tuple(cell.replace('"', "") for cell in record.cells) if record.flaw else record.cells


def _meaning(cell: str, wanted: Mapping[str, Role]) -> tuple[Role | None, int]:
    """A header cell's role and how good the word is for it (0 is best); None when it says nothing."""
    cell = cell.replace('"', "")  # a stray one within the word
    forms = systems.forms(cell)
    for form in forms:
        if form in wanted:
            return wanted[form], -1
    bare = _PARENTHESIS.sub(" ", cell)
    hinted = _HINTED.match(bare)
    for form in (*forms[:2], *map(folded, _PART.split(hinted[1] if hinted else bare))):
        role = _ROLE_OF.get(form)
        if role is not None:
            return role, _SYNONYMS[role].index(form)
    if _ROLE_OF.get(folded(_CONTINUED.sub("", cell))) is Role.TEXT:
        return Role.TEXT, _BY_NOTE
    return (Role.TEXT, _BY_NOTE) if systems.is_note(cell) else (None, 0)


def is_known(name: str, configured: Mapping[str, str]) -> bool:
    """Whether a column may be called so."""
    return name in configured.values() or _meaning(name, {})[0] is not None


def _placed(ranked: dict[Role, list[tuple[int, int]]], names: Sequence[str]) -> dict[Role, tuple[int, ...]]:
    text, *others = sorted(ranked.pop(Role.TEXT))
    placed = {role: tuple(index for _, index in found) for role, found in ranked.items()}
    placed[Role.TEXT] = (text[1],)
    if len(days := placed.get(Role.DATE, ())) > 1 and Role.TIME not in placed:  # "StartDate", "StartTime"
        clocks = [index for index in days if _CLOCK.search(names[index])]
        if clocks and len(clocks) < len(days):
            placed[Role.DATE] = tuple(index for index in days if index not in clocks)
            placed[Role.TIME] = tuple(clocks)
    for _, index in others:
        word = folded(_PARENTHESIS.sub(" ", names[index]))
        role = Role.CATEGORY if word in _TITLES else Role.REMARK
        placed[role] = (*placed.get(role, ()), index)
    return {role: found if role in _SEVERAL else found[:1] for role, found in placed.items()}


def check(configured: Mapping[str, str]) -> None:
    """Raise UnreadableError when ``columns`` in config.toml uses a key that means nothing."""
    for key in configured:
        if key not in set(Role) - {Role.UNKNOWN}:
            raise UnreadableError(
                f"In config.toml steht unter columns der unbekannte Schlüssel „{key}“. Möglich sind: "
                f"{', '.join(role for role in Role if role not in {Role.OTHER, Role.UNKNOWN})}."
            )


def unknown(found: Iterable[Record], name: str) -> UnreadableError:
    """The advice for a table whose concern column is not known, with a mapping to paste into config.toml."""
    every = list(found)
    if system := next(filter(None, (systems.recognised(record.cells) for record in every)), None):
        return UnreadableError(system.advice(name))
    best = max(every, key=_headlike, default=None)
    cells = [cell for cell in best.cells if cell] if best else []
    if sum(cell[:1] in _VALUE_BEGINS for cell in cells) >= _VALUES and not any(
        _meaning(cell, {})[0] for cell in cells
    ):
        return UnreadableError(
            f"Die Datei „{name}“ hat anscheinend keine Kopfzeile. Bitte schreiben Sie über die erste Zeile die "
            "Namen der Spalten, zum Beispiel „Datum“, „Uhrzeit“, „Ort“ und „Anliegen“, und legen Sie die Datei noch "
            "einmal ab."
        )
    mapping: dict[str, str] = {}
    for cell in cells:
        role, _ = _meaning(cell, {})
        if role is not None:
            mapping.setdefault(role.value, cell)
    mapping = {"text": _wordiest(best, every, mapping) or "NAME DER SPALTE", **mapping}
    pasted = ", ".join(f"{role} = {json.dumps(cell, ensure_ascii=False)}" for role, cell in mapping.items())
    seen = ", ".join(f"„{cell}“" for cell in cells) or "keine"
    return UnreadableError(
        f"In der Datei „{name}“ ist keine Spalte mit dem Anliegen zu erkennen. Gefundene Spalten: {seen}. "
        "Bitte nennen Sie die Spalte in der Liste „Anliegen“, oder tragen Sie in config.toml bei diesem Ordner ein, "
        f"welche Spalte was bedeutet, zum Beispiel:\ncolumns = {{ {pasted} }}\n"
        "Danach legen Sie die Datei noch einmal ab."
    )


def _wordiest(names: Record | None, rows: Iterable[Record], mapping: Mapping[str, str]) -> str:
    """The name of the column without a meaning yet that holds most words; most likely the concern."""
    free = [(index, name) for index, name in enumerate(names.cells) if name] if names else []
    lengths = {
        name: (
            sum(_letters(row.cells[index]) for row in rows if row is not names and index < len(row.cells)),
            len(name),
        )
        for index, name in free
        if name not in mapping.values()
    }
    return max(lengths, key=lambda name: lengths[name], default="")


def _letters(cell: str) -> int:
    return sum(map(str.isalpha, cell))


def _headlike(record: Record) -> tuple[int, int]:
    known = sum(_meaning(cell, {})[0] is not None for cell in record.cells if cell)
    words = sum(bool(cell) and not any(char.isdigit() for char in cell) and len(cell) <= 40 for cell in record.cells)
    return known + words, -record.number
