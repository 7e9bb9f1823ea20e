"""What the operator reads when something keeps the daemon from working: German, for an administrator, one place.

Each text says what is wrong (its first line is the title of the mail) and what is to be done. Pure: no I/O.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from intake.base import german


class OutageText(Struct, frozen=True):
    """What is wrong and what is to be done, in German."""

    what: str
    todo: str

    def because(self, error: Exception) -> str:
        """What is wrong, and why: in German where the error knows it."""
        return f"{self.what}\nGrund: {getattr(error, 'german', '') or error}"


class ChannelTexts(Struct, frozen=True):
    """What the operator reads of one channel; None where it cannot happen.

    ``busy`` (another process works it) and ``failed`` are of every channel. ``late``: not received from with success
    for long; ``unfiled``: what is stored cannot be filed away there. ``stuck`` and ``rejected`` tell of files by name.
    """

    busy: str
    failed: OutageText
    late: OutageText | None = None
    unfiled: OutageText | None = None
    stuck: Callable[[Sequence[str]], OutageText] | None = None
    rejected: Callable[[Sequence[str]], OutageText] | None = None


DATABASE = OutageText(
    "Die Datenbank ist zurzeit nicht zu benutzen.",
    "Nachrichten bleiben im Postfach und in den Ordnern liegen, nichts geht verloren; es wird weiter versucht. Prüfen "
    "Sie, ob der Datenbankserver läuft und von diesem Rechner aus erreichbar ist, oder ob ein anderes Programm die "
    "Datei der Datenbank benutzt. Geben Sie Eiliges bis dahin von Hand weiter.",
)
START = OutageText(
    "Der Dienst kann nicht starten.",
    "Nachrichten bleiben im Postfach und in den Ordnern liegen, nichts geht verloren. Beheben Sie den Grund; der "
    "Dienst wird von selbst neu gestartet, oder sofort mit: systemctl restart kod-intake. Geben Sie Eiliges bis dahin "
    "von Hand weiter. Weiteres steht in: journalctl -u kod-intake",
)
DISPATCH = OutageText(
    "Hinweise lassen sich zurzeit nicht einordnen.",
    "Es wird weiter versucht; nichts geht verloren. Wird es in einer Stunde nicht besser, starten Sie den Dienst neu "
    "(systemctl restart kod-intake) und sehen Sie ins Protokoll: journalctl -u kod-intake",
)
SENDING = OutageText(
    "Schreiben lassen sich zurzeit nicht versenden.",
    "Prüfen Sie, ob der Mailserver für den Versand läuft und von diesem Rechner aus erreichbar ist, und ob "
    "Benutzername und Kennwort in config.toml unter [smtp] noch gelten. Es wird weiter versucht; kein Schreiben geht "
    "verloren. Geben Sie Eiliges telefonisch weiter; was wartet, zeigt: kod-intake list",
)

CALLS = OutageText(
    "Wen die Rufbereitschaft noch zu rufen hat, lässt sich zurzeit nicht nachsehen.",
    "Es wird weiter versucht. Was dringend ist, steht auch in den Schreiben an die Leitstelle. Sehen Sie ins "
    "Protokoll: journalctl -u kod-intake",
)
URGENT_COMMAND = OutageText(
    "Die Rufbereitschaft lässt sich nicht rufen: Das Programm unter [operator] urgent_command geht nicht.",
    "Rufen Sie selbst an: Was dringend ist, steht auch in den Schreiben an die Leitstelle und unter: kod-intake list. "
    "Probieren Sie das Programm von Hand aus, als das Konto des Dienstes. Es wird jede Minute weiter versucht.",
)


LOOK = "Sehen Sie nach mit: kod-intake status, kod-intake list"
DAEMON = OutageText(
    "Der Dienst läuft nicht (oder hat sich seit über einer Minute nicht gemeldet).",
    "Starten Sie ihn: systemctl restart kod-intake",
)
WAITING = OutageText("Nachrichten warten seit über 15 Minuten auf ihre Einordnung.", LOOK)
UNSENT = OutageText("Schreiben warten seit über vier Stunden auf den Versand.", LOOK)
URGENT = OutageText(
    "Ein dringendes Schreiben ist seit über 15 Minuten nicht angenommen worden.", f"Rufen Sie die Stelle an. {LOOK}"
)
PARKED = OutageText(
    "Schreiben wurden vom Mailserver der Stelle abgelehnt und liegen bereit.",
    "Prüfen Sie die Adressen in config.toml. Noch einmal versuchen: kod-intake requeue letters",
)
UNANSWERED = OutageText(
    "Auf ein dringendes Schreiben hat auch nach der Wiederholung niemand geantwortet.",
    "Rufen Sie die Stelle an. Hat sich jemand gekümmert: kod-intake ack NUMMER",
)
CONFIGURATION = OutageText(
    "config.toml enthält Fehler; es gilt die letzte gute Fassung.", "Prüfen Sie die Datei mit: kod-intake check"
)


def braked(count: int) -> OutageText:
    """So many letters were held by the rate limit."""
    held = german.counted(count, "Schreiben wurde", "Schreiben wurden")
    return OutageText(
        f"{held} von der Notbremse angehalten: Es sind ungewöhnlich viele.",
        "Sehen Sie nach mit: kod-intake outbox. Freigeben nach Ursache: kod-intake outbox release --sender ADRESSE "
        "oder --recipient KÜRZEL, alle: kod-intake outbox release",
    )


def bounced(stopped: Sequence[str]) -> OutageText:
    """Letters came back; to the ``stopped`` addresses nothing goes any more."""
    where = f" ({', '.join(stopped)})" if stopped else ""
    return OutageText(
        f"Schreiben kamen als unzustellbar zurück{where}.",
        "Berichtigen Sie die Adresse in config.toml. Noch einmal schicken: kod-intake outbox resume ADRESSE. "
        "Welche Hinweise betroffen sind, zeigt: kod-intake outbox",
    )


def mailbox(name: str) -> ChannelTexts:
    """Of the mailbox of this name in config.toml."""
    return ChannelTexts(
        busy=f"Das Postfach „{name}“ bearbeitet gerade ein anderer kod-intake.",
        failed=OutageText(
            f"Das Postfach „{name}“ lässt sich nicht abholen.",
            "Prüfen Sie, ob der Mailserver läuft und von diesem Rechner aus erreichbar ist, und ob Benutzername und "
            f"Kennwort in config.toml unter [mailboxes.{name}] noch gelten. Es wird weiter versucht; Mails bleiben "
            "solange im Postfach. Weiteres steht in: journalctl -u kod-intake",
        ),
        late=OutageText(f"Das Postfach „{name}“ wurde zu lange nicht mit Erfolg abgeholt.", ""),
        unfiled=OutageText(
            f"Im Postfach „{name}“ lassen sich gelesene Nachrichten nicht ablegen.",
            "Neue Nachrichten werden weiter abgeholt und weitergeleitet; sie bleiben nur im Eingang liegen. Sobald "
            "Platz oder Rechte da sind, werden sie von selbst in ihren Ordner gelegt.",
        ),
    )


def left_alone(mailbox_name: str, mails: Sequence[str]) -> OutageText:
    """Mails that the server does not give, each named."""
    count = german.counted(len(mails), "Nachricht", "Nachrichten")
    return OutageText(
        f"Der Mailserver gibt {count} im Postfach „{mailbox_name}“ nicht heraus.\n\n" + "\n".join(mails[:20]),
        "Alle anderen werden abgeholt; diese nicht, und weitergeleitet ist davon nichts. Bitte sehen Sie sie im "
        "Postfach selbst an, und lassen Sie den Mailserver prüfen. Es wird weiter versucht.",
    )


def unexplained(mailbox_name: str, count: int, report: str) -> OutageText:
    """So many mails on the server are not stored; ``report`` is the comparison in lines."""
    many = german.counted(count, "Nachricht", "Nachrichten")
    return OutageText(
        f"Im Postfach „{mailbox_name}“ sind {many} auf dem Server nicht gespeichert.\n\n{report}",
        "Welche es sind, zeigt: kod-intake reconcile. Was im Ordner für Gelesenes liegt und nicht gespeichert ist, "
        "hat jemand von Hand dorthin gelegt, oder die Datenbank wurde aus einer älteren Sicherung geholt. "
        "Verschieben Sie es zurück in den Eingang; dann wird es abgeholt. Nichts davon ist weitergeleitet worden.",
    )


def drop_folder(name: str, folder: Path) -> ChannelTexts:
    """Of the folder of phone logs of this name in config.toml."""
    return ChannelTexts(
        busy=f"Den Ordner „{name}“ bearbeitet gerade ein anderer kod-intake.",
        failed=OutageText(
            f"Der Ordner „{folder}“ der Telefonliste lässt sich nicht lesen.",
            "Prüfen Sie, ob es den Ordner gibt, ob das Laufwerk verbunden ist und ob der Dienst ihn lesen und "
            "beschreiben darf. Es wird weiter versucht; die Dateien bleiben solange liegen.",
        ),
        stuck=lambda files: _stuck_files(name, files),
        rejected=lambda files: _rejected_rows(name, files),
    )


def _stuck_files(folder_name: str, files: Sequence[str]) -> OutageText:
    """Files that could not be read for long, as if somebody had them open."""
    return OutageText(
        f"Eine Telefonliste im Ordner „{folder_name}“ lässt sich seit Längerem nicht lesen.",
        f"Bitte schließen Sie die Datei, falls sie noch geöffnet ist: {', '.join(files)}",
    )


def _rejected_rows(folder_name: str, files: Sequence[str]) -> OutageText:
    """Rows or whole files of phone logs that were handed back."""
    return OutageText(
        f"In einer Telefonliste im Ordner „{folder_name}“ ließ sich nicht alles lesen.",
        f"Betroffen: {', '.join(files)}. Die abgelehnten Zeilen stehen im Ordner „erledigt“ neben der Datei "
        "(…abgelehnt.csv), eine ganz unlesbare Datei mit dem Grund im Ordner „unlesbar“. Berichtigen Sie die Zeilen "
        "und legen Sie die Datei noch einmal ab.",
    )


def disk_full(data: Path, error: Exception) -> OutageText:
    """Nothing can be stored below ``data``."""
    return OutageText(
        "Der Datenträger ist voll: Es kann nichts mehr gespeichert werden.",
        "Nachrichten bleiben im Postfach und in den Ordnern liegen, nichts geht verloren. Bitte schaffen Sie Platz "
        f"({data}); die Arbeit geht dann von selbst weiter.\n\n{error}",
    )


def templates(problems: Sequence[str]) -> OutageText:
    """The city's own templates are broken; the shipped ones are used."""
    return OutageText(
        "Eine Vorlage für Schreiben ist fehlerhaft.\n\n" + "\n".join(problems),
        "Die Schreiben gehen hinaus, aber mit der mitgelieferten Vorlage. Bitte berichtigen Sie die eigene im Ordner "
        "aus config.toml ([files] templates), prüfen Sie sie mit kod-intake check und laden Sie sie danach neu: "
        "systemctl reload kod-intake",
    )


def configuration_refused(error: Exception) -> OutageText:
    """A changed config.toml is broken; the last good one stays in force."""
    return OutageText(
        "Die geänderte config.toml wurde nicht übernommen.\n"
        f"Sie enthält Fehler; die letzte gute Fassung bleibt in Kraft.\n\n{error}",
        "Bitte berichtigen Sie die Datei und prüfen Sie sie mit: kod-intake check",
    )


def books(name: str, report: str) -> OutageText:
    """A line of the books is off; ``report`` is the line with its differences."""
    return OutageText(
        f"Die Bücher stimmen nicht ({name}).\n\n{report}",
        "Alle Zeilen zeigt: kod-intake books. Heben Sie die Datenbank auf, bevor Sie etwas ändern; was fehlt, liegt "
        "vielleicht noch im Postfach oder in der letzten Sicherung.",
    )


def probe(address: str, where: str) -> OutageText:
    """A probe to one of our addresses did not come through in time."""
    return OutageText(
        f"Die Probesendung an {address} ist nicht durchgekommen: {where}.",
        "Auch Hinweise von Bürgern kommen vielleicht nicht an. Prüfen Sie Versand und Postfach; noch eine Probe "
        "schickt: kod-intake probe. Sobald eine durchkommt, wird es gemeldet.",
    )


def silence(name: str, since: datetime) -> OutageText:
    """Nothing came through the channel of this name since then (aware), which is longer than usual."""
    return OutageText(
        f"Über „{name}“ kommt nichts mehr an: nichts Neues seit {german.short_moment(since)}. So lange ist es um "
        "diese Zeit sonst nie ruhig.",
        "Prüfen Sie, ob Hinweise woanders liegen: ob das Postfach noch die richtige Adresse hat, eine Regel im "
        "Mailserver sie umleitet, oder niemand mehr die Liste ablegt. Eine Probe schickt: kod-intake probe",
    )
