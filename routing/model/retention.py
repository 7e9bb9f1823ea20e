"""[retention] of config.toml: how long each kind of data is kept. Pure values; nothing here deletes."""

from typing import Annotated

from pydantic import Field

from intake.settings import Table

Days = Annotated[int, Field(ge=0, le=36_500)]


class RetentionSettings(Table):
    """[retention]: nach wie vielen Tagen was gelöscht wird; 0 = nie."""

    raw: Days = 90
    """Urschriften mit Anhängen, versandte Schreiben, gelesene Post auf dem Mailserver: Tage nach dem letzten Ereignis
    eines geschlossenen Vorgangs."""
    cases: Days = 180
    """Alles übrige eines geschlossenen Vorgangs (Texte, Namen, Ort, Verlauf): Tage nach seinem letzten Ereignis. Es
    bleibt eine Zeile für die Statistik, ohne Person und ohne Nummer."""
    kept: Days = 90
    """Nachrichten ohne Vorgang (Dank, Werbung, Irrläufer, automatische Post): Tage nach der Entscheidung."""
    silent: Days = 180
    """Ein weitergegebener Hinweis, zu dem so viele Tage nichts mehr kam, gilt als geschlossen. In Klärung schließt
    nur ein Mensch."""
    figures: Days = 1095
    """Zeilen für die Statistik: Tage nach dem Eingang."""
    looks: Days = 90
    """Wer wann welchen Vorgang angesehen hat."""
    operations: Days = 90
    """Betriebsereignisse ohne Vorgang, Probesendungen, nicht mehr benutzte Regelstände."""
    protocol: Days = 1095
    """Löschprotokoll und beendete Sperren."""
    copies: Days = 30
    """Was „restore“ im Datenordner beiseitelegt."""
