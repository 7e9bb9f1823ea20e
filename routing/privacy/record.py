"""The record of processing activities (Art. 30 GDPR) and a draft of the impact assessment (Art. 35), of config.toml.

Texts in Markdown, German, made of the configuration in force and of the table of places: what is set differently reads
differently. What only the city can know stands as „[bitte ergänzen]“. Pure.
"""

from collections.abc import Iterator
from datetime import datetime

from intake.base import german
from routing.model.retention import RetentionSettings
from routing.model.settings import Recipient, Settings
from routing.privacy import places

OPEN = "[bitte ergänzen]"
_MEANING = {
    "raw": "Urschriften mit Anhängen, versandte Schreiben, gelesene Post auf dem Mailserver",
    "cases": "Vorgänge mit Texten, Namen, Ort und Verlauf",
    "kept": "Nachrichten ohne Vorgang",
    "silent": "Weitergegebenes ohne Antwort gilt als geschlossen",
    "figures": "Zeilen für die Statistik, ohne Person",
    "looks": "Wer was angesehen hat",
    "operations": "Betriebsereignisse, Probesendungen, Regelstände",
    "protocol": "Löschprotokoll und beendete Sperren",
    "copies": "Was ein Zurückspielen beiseitelegt",
}


def activities(settings: Settings, now: datetime) -> str:
    """The record; ``now``: aware."""
    return "\n".join(_activities(settings, now)) + "\n"


def _activities(settings: Settings, now: datetime) -> Iterator[str]:
    city = settings.city
    yield f"# Verzeichnis der Verarbeitungstätigkeiten: Hinweise an {city.signed}"
    yield f"\nStand {german.long_date(german.local(now).date())}, aus der geltenden Konfiguration. Art. 30 DSGVO."
    yield f"\n## Verantwortlich\n\nStadt {city.name}, {OPEN}. Datenschutzbeauftragte(r): {OPEN}."
    yield (
        "\n## Zweck und Rechtsgrundlage\n\nHinweise aus der Bevölkerung annehmen, nach festen Regeln einordnen und an "
        "die zuständige Stelle weitergeben. Art. 6 Abs. 1 Buchst. e, Abs. 3 DSGVO mit § 3 DSG NRW; die regelmäßige "
        "Weitergabe nach § 6 DSG NRW ist mit der oder dem Datenschutzbeauftragten abzustimmen. Eine Entscheidung im "
        "Einzelfall über eine Person trifft das Programm nicht (kein Art. 22 DSGVO)."
    )
    yield "\n## Betroffene und Daten\n\nWer schreibt oder anruft, und wer in Hinweisen genannt ist. Gespeichert:\n"
    for name, rows in places.personal():
        yield f"- {rows.name} (Tabelle `{name}`): {_until(settings.retention, rows.key)}"
    yield "\nAußerhalb der Datenbank:\n"
    for one in (*places.DATA_FOLDER, *places.ELSEWHERE):
        if one.key or one in places.ELSEWHERE:
            yield f"- {one.pattern}: {one.name}; {_until(settings.retention, one.key, one.by)}"
    yield "\n## Woher\n"
    yield from (f"- Postfach „{name}“ ({box.user} auf {box.host})" for name, box in settings.mailboxes.items())
    yield from (f"- Ablageordner „{name}“ ({folder.channel})" for name, folder in settings.drop_folders.items())
    yield "\n## An wen\n"
    yield from (_body(name, body) for name, body in settings.recipients.items())
    yield "\n## Fristen\n"
    yield from (f"- {_MEANING[key]}: {_days(days)} (`{key}`)" for key, days in settings.retention.model_dump().items())
    yield (
        "\n## Drittländer\n\nKeine Übermittlung durch das Programm. Wo Mailserver und Datenträger stehen: "
        + OPEN
        + "."
    )
    yield "\n## Technische und organisatorische Maßnahmen\n"
    yield from _MEASURES


_MEASURES = (
    "- Ordner des Dienstes 0700, Dateien 0600; ein eigenes Konto; kein Speicherabbild.",
    "- Verbindungen zu Mailservern verschlüsselt; Ausnahme nur der eigene Rechner.",
    "- Gelöschtes wird in der eingebauten Datenbank überschrieben; der Datenträger selbst ist zu verschlüsseln: "
    + OPEN,
    "- Jeder Blick auf einen Vorgang wird mit dem wirklichen Konto vermerkt (`kod-intake access`).",
    "- Löschung jede Nacht mit Protokoll nach DIN 66398 (`kod-intake retention --log`); Sperren gehen vor.",
    "- Auskunft, Löschung, Einschränkung, Sperre als Kommandos (`kod-intake person`, `hold`).",
    "- Sicherungen nur für ihren Eigentümer lesbar; nach einem Zurückspielen wird Gelöschtes wieder gelöscht.",
)


def _body(name: str, body: Recipient) -> str:
    where = "Amt der Stadt" if body.inside else "außerhalb"
    shared = "mit Name und Rückruf, wenn zugestimmt" if "contact" in body.share else "ohne Name und Rückruf"
    return f"- {body.name} (`{name}`, {where}): {', '.join(body.addresses)}; {shared}"


def _until(settings: RetentionSettings, key: str, by: str = "") -> str:
    if key == "keep_days":
        return "nach `keep_days` des Ablageordners"
    if not key:
        return f"löscht {by}" if by else "ohne Bezug zu einer Person"
    return f"{_days(getattr(settings, key))} (`{key}`)"


def _days(days: int) -> str:
    return f"{german.number(days)} Tage" if days else "wird nie gelöscht"


def assessment(settings: Settings, now: datetime) -> str:
    """A draft of the impact assessment, to be gone through by people; ``now``: aware."""
    never = [key for key, days in settings.retention.model_dump().items() if not days]
    outside = [body.name for body in settings.recipients.values() if not body.inside]
    shared = [body.name for body in settings.recipients.values() if body.share]
    lines = [
        f"# Entwurf einer Datenschutz-Folgenabschätzung: Hinweise an {settings.city.signed}",
        f"\nStand {german.long_date(german.local(now).date())}. Art. 35 Abs. 7 DSGVO. Bewerten muss ein Mensch.",
        "\n## Beschreibung\n\nSiehe das Verzeichnis der Verarbeitungstätigkeiten.",
        "\n## Notwendigkeit und Verhältnismäßigkeit\n",
        f"- Stellen außerhalb der Stadt: {german.listed(outside) or 'keine'}.",
        f"- Name und Rückruf bekommen bei Zustimmung: {german.listed(shared) or 'niemand'}.",
        f"- Nie gelöscht wird: {german.listed(never) or 'nichts'}.",
        f"- Eingangsbestätigung an Bürgerinnen und Bürger: {'ja' if settings.acknowledgement.send else 'nein'}.",
        "\n## Risiken und was ihnen begegnet\n",
        "| Risiko | Begegnung | Bewertung |",
        "|---|---|---|",
        *(f"| {risk} | {answer} | {OPEN} |" for risk, answer in _RISKS),
        "\n## Stellungnahme der oder des Datenschutzbeauftragten\n",
        OPEN,
    ]
    return "\n".join(lines) + "\n"


_RISKS = (
    ("Angaben über Dritte (Beschwerden über Nachbarn) gehen hinaus", "Schwärzung, im Zweifel sieht ein Mensch hin"),
    ("Eine Schwärzung übersieht einen Namen", "im Zweifel Klärung; Stichproben durch die Leitstelle"),
    ("Gesundheit, Herkunft, Straftaten in Freitexten", "wird nicht ausgewertet; Fristen; Schwärzung"),
    ("Gefälschte Antworten schließen Vorgänge", "Prüfung des Absenders; Zweifel gehen an die Leitstelle"),
    ("Neugierige Blicke im Haus", "jeder Blick wird mit dem wirklichen Konto vermerkt"),
    ("Daten bleiben zu lange", "nächtliche Löschung mit Protokoll; Sperren mit Grund und Datum"),
    (
        "Eine alte Sicherung bringt Gelöschtes zurück",
        "Liste von Schlüsselhashes; gleich danach wird gelöscht",
    ),
    ("Verlust des Datenträgers", "Verschlüsselung des Datenträgers (Aufgabe des Betriebs)"),
    ("Statistik verrät jemanden (ein Hinweis, genaue Zeit)", "keine Nummer, kein Ort, keine Wörter; Frist"),
)
