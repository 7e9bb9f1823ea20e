"""What config.toml may say about watching: whom to call ([operator]), and what is too much at once ([brake]).

Frozen values, checked by pydantic; German descriptions are for staff, see ``routing.model.settings``.
"""

from typing import Annotated

from pydantic import Field

from intake.settings import Table, Words


class OperatorSettings(Table):
    """[operator]: wer gerufen wird, wenn etwas nicht läuft."""

    address: Words
    """Adresse(n) für Störungsmeldungen."""
    command: tuple[str, ...] = ()
    """Zweiter Weg: Programm, das den Text der Meldung auf seiner Standardeingabe bekommt."""
    summary: Words = ("täglich 08:00",)
    """Zeiten der Übersicht über nicht zugestellte Schreiben; sie kommt nur, wenn es welche gibt."""
    probe: str = ""
    """Zeit der Probesendung an das eigene Postfach, z. B. "06:00" (täglich) oder "Mo-Fr 06:00"; leer = keine."""
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
