"""What config.toml may say about watching: whom to call ([operator]), what is too much ([brake]), the desk ([desk]).

Frozen values, checked by pydantic; German descriptions are for staff, see ``routing.model.settings``.
"""

from email.utils import parseaddr
from functools import cached_property
from typing import Annotated

from pydantic import Field

from intake.settings import Table, Words


class OperatorSettings(Table):
    """[operator]: wer gerufen wird, wenn etwas nicht läuft."""

    address: Words
    """Adresse(n) für Störungsmeldungen."""
    command: tuple[str, ...] = ()
    """Zweiter Weg: Programm, das den Text der Meldung auf seiner Standardeingabe bekommt."""
    urgent_command: tuple[str, ...] = ()
    """Programm (SMS, Pager), das bei „notfall“ und „pruefen“ gerufen wird, immer wieder, bis jemand bestätigt. Auf der
    Standardeingabe bekommt es Dringlichkeit, Vorgangsnummer und Ort, sonst nichts."""
    urgent_minutes: Annotated[int, Field(ge=1, le=1440)] = 5
    """So viele Minuten nach einem Ruf kommt der nächste."""
    summary: Words = ("täglich 08:00",)
    """Zeiten der Übersicht über nicht zugestellte Schreiben; sie kommt nur, wenn es welche gibt."""
    probe: str = ""
    """Zeit der Probesendung an das eigene Postfach, z. B. "06:00" (täglich) oder "Mo-Fr 06:00"; leer = keine."""
    report: Words = ()
    """Adresse(n), die am Ersten jedes Monats die Zahlen des vorigen bekommen; leer = niemand."""
    silence_hours: Annotated[int, Field(ge=0, le=10_000)] = 96
    """Ohne eigene Erfahrung gilt ein Eingangsweg als verstummt, wenn so viele Stunden nichts kam; danach lernt das
    Programm aus dem bisherigen Eingang, wie lange Ruhe üblich ist. 0 = nie melden."""


class BrakeSettings(Table):
    """[brake]: die Notbremse. Was darüber liegt, wird angehalten, bis ein Mensch es freigibt; Notfälle nie."""

    letters_per_hour: Annotated[int, Field(ge=0)] = 200
    """So viele Schreiben gehen höchstens in einer Stunde hinaus; 0 = ohne Grenze."""
    learn: bool = True
    """true = auch anhalten, was weit über dem liegt, was zu dieser Uhrzeit üblich ist (gelernt; nie unter 30)."""
    letters_per_sender: Annotated[int, Field(ge=0)] = 20
    """So viele Schreiben löst ein Absender höchstens in 24 Stunden aus; 0 = ohne Grenze."""


class DeskSettings(Table):
    """[desk]: die tägliche Liste dessen, was auf eine Entscheidung wartet."""

    schedule: Words = ("Mo-Fr 07:45",)
    """Zeiten der Liste; sie kommt auch, wenn nichts wartet."""
    members: Words = ()
    """Wer auf die Liste antworten darf: "Anna Beispiel <anna.beispiel@krefeld.invalid>"; der Name steht im Verlauf."""
    review_minutes: Annotated[int, Field(ge=0, le=1440)] = 15
    """Nach höchstens so vielen Minuten Dienstzeit erfährt die Leitstelle, was in Klärung kam; 0 = erst mit der Liste.
    Dringendes kommt sofort und zu jeder Stunde."""

    @cached_property
    def people(self) -> dict[str, str]:
        """The members' names by their address in small letters; without a name the address stands for it."""
        pairs = [parseaddr(member) for member in self.members]
        return {address.casefold(): name or address for name, address in pairs if address}
