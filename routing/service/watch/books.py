"""The books at the door: the account said in German, and its difference as an alarm with the numbers.

What lies on the mail servers is compared beside the store: the command asks at once, the night has its own comparison
of every mailbox. A line that is off is an alarm of its own, which ends when the line is in balance again.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy.engine import Engine

from intake import reconcile, storage
from intake.base import german
from routing.service import outage_texts
from routing.service.alerts import Alerts
from routing.service.watch import reconcile as comparison
from routing.store import books
from routing.store.books import Line, Wrong

WORK = "books"
"""The heartbeat of the last account, and the first word of the condition that holds while a line is off."""
_LABEL = 16  # columns

_NAMES = {
    "arrivals": "Fundstellen",
    "bytes": "Urschriften",
    "messages": "Nachrichten",
    "decisions": "Entscheidungen",
    "numbers": "Nummern",
    "cases": "Vorgänge",
    "concerns": "Hinweise",
    "rows": "Listenzeilen",
    "files": "Gelesene Listen",
    "plans": "Geplant",
    "forwards": "Weiterleitungen",
    "letters": "Schreiben",
    "deliveries": "Zustellungen",
}
_PARTS = {
    ("arrivals", "messages"): "einer neuen Nachricht",
    ("arrivals", "again"): "einer bekannten",
    ("bytes", "bytes"): "aufbewahrt",
    ("bytes", "deleted"): "nach Frist gelöscht",
    ("messages", "decided"): "entschieden",
    ("messages", "waiting"): "wartend",
    ("messages", "judged again"): "werden neu eingeordnet",
    ("decisions", "routed"): "weitergeleitet",
    ("decisions", "review"): "in Klärung",
    ("decisions", "kept"): "behalten",
    ("cases", "with concerns"): "mit Hinweisen",
    ("concerns", "review"): "in Klärung",
    ("concerns", "open"): "offen",
    ("concerns", "answered"): "beantwortet",
    ("concerns", "closed"): "geschlossen",
    ("concerns", "replaced"): "ersetzt",
    ("rows", "new"): "neu gespeichert",
    ("rows", "known"): "mit bekanntem Inhalt",
    ("files", "stored"): "Zeilen gespeichert",
    ("files", "forgotten"): "gelöscht, kommen nicht wieder",
    ("files", "handed back"): "zurückgegeben",
    ("files", "unread"): "als nicht gelesen genannt",
    ("plans", "decided"): "wie entschieden",
    ("plans", "alerts"): "Alarme an die Leitstelle",
    ("plans", "was in a letter already"): "standen schon in einem Schreiben",
    ("forwards", "composed"): "in Schreiben",
    ("forwards", "planned"): "später fällig",
    ("forwards", "parked"): "zurückgestellt",
    ("forwards", "cancelled"): "abgesagt",
    ("letters", "of forwards"): "mit Weiterleitungen",
    ("letters", "others"): "Listen, Erinnerungen, Bestätigungen",
    ("letters", "forwards"): "Weiterleitungen darin",
    ("deliveries", "sent"): "angenommen",
    ("deliveries", "planned"): "zu senden",
    ("deliveries", "sending"): "gehen gerade hinaus",
    ("deliveries", "held"): "angehalten",
    ("deliveries", "parked"): "abgelehnt",
    ("deliveries", "bounced"): "unzustellbar",
    ("deliveries", "cancelled"): "abgesagt",
    ("deliveries", "letters"): "Schreiben",
    ("deliveries", "in doubt"): "im Zweifel",
}
_WRONG = {
    ("arrivals", "no place"): "Nachrichten ohne Fundstelle",
    ("arrivals", "place of nothing"): "Fundstellen ohne Nachricht",
    ("bytes", "no bytes"): "Nachrichten ohne Urschrift",
    ("bytes", "other length"): "Urschriften von anderer Länge als beim Eingang",
    ("bytes", "bytes of nothing"): "Urschriften ohne Nachricht",
    ("messages", "neither decided nor waiting"): "Nachrichten weder entschieden noch wartend",
    ("messages", "waits, is nothing"): "wartende Nachrichten, die es nicht gibt",
    ("messages", "decided, is nothing"): "Entscheidungen zu Nachrichten, die es nicht gibt",
    ("decisions", "no case"): "Entscheidungen ohne Vorgang",
    ("decisions", "case is gone"): "Entscheidungen, deren Vorgang fehlt",
    ("numbers", "counter below"): "Zähler unter der höchsten vergebenen Nummer",
    ("cases", "no concern"): "Vorgänge ohne Hinweis",
    ("concerns", "open, goes to nobody"): "offene Hinweise, die an niemanden gehen",
    ("concerns", "case is gone"): "Hinweise, deren Vorgang fehlt",
    ("files", "row lost"): "Zeilen von Listen weder gespeichert noch zurückgegeben noch genannt (Liste)",
    ("files", "row too many"): "Zeilen von Listen mehr, als darin stehen (Liste)",
    ("plans", "decided, not planned"): "entschiedene Weiterleitungen fehlen (Nachricht:Stelle)",
    ("plans", "planned, not decided"): "Weiterleitungen, die niemand entschieden hat (Nachricht:Stelle)",
    ("forwards", "in no letter"): "Weiterleitungen gelten als geschrieben und stehen in keinem Schreiben",
    ("forwards", "in a letter already"): "Weiterleitungen gelten als geplant und stehen schon in einem Schreiben",
    ("forwards", "letter is gone"): "Weiterleitungen, deren Schreiben fehlt",
    ("forwards", "concern is gone"): "Weiterleitungen, deren Hinweis fehlt",
    ("letters", "forward lost"): "Weiterleitungen fehlen in ihrem Schreiben",
    ("letters", "forward too many"): "Weiterleitungen zu viel in Schreiben",
    ("deliveries", "address without delivery"): "Adressen von Schreiben ohne Zustellung",
    ("deliveries", "delivery without address"): "Zustellungen zu viel",
    ("deliveries", "letter without delivery"): "Schreiben ohne Zustellung",
    ("deliveries", "letter is gone"): "Zustellungen, deren Schreiben fehlt",
    ("deliveries", "sent by nobody"): "Zustellungen gelten als unterwegs, und niemand sendet sie",
}


class Account(Struct, frozen=True):
    """The books of the store, what lies on the mail servers, and the German words of those that did not answer."""

    store: books.Books
    servers: tuple[reconcile.Comparison, ...] = ()
    unasked: tuple[str, ...] = ()

    @property
    def difference(self) -> int:
        return self.store.difference + sum(one.unexplained for one in self.servers)

    def as_json(self) -> dict[str, Any]:
        """For machines: plain values."""
        return {
            "difference": self.difference,
            "lines": [line.as_json() for line in self.store.lines],
            "mailboxes": [one.as_json() for one in self.servers],
            "unasked": list(self.unasked),
        }


def record(engine: Engine, alerts: Alerts, found: books.Books, now: datetime) -> None:
    """Write down that the books were closed at ``now`` (aware).

    Of each line that is off the operator is notified, once.
    """
    with storage.writing(engine) as connection:
        storage.beat(connection, WORK, now)
    for line in found.lines:
        condition = f"{WORK} {line.name}"
        if line.difference:
            text = outage_texts.books(_NAMES[line.name], "\n".join(_told(line)))
            alerts.begin(condition, text.what, text.todo, now)
        else:
            alerts.end(condition, now)


def report(account: Account) -> str:
    """The account for staff, lines in order."""
    lines = [*_verdict(account), *(comparison.report(found) for found in account.servers)]
    for line in account.store.lines:
        lines += _told(line)
    lines.append(
        "Von den Zeilen der Telefonlisten zählen hier die gespeicherten. Was zurückgegeben oder nicht gelesen wurde, "
        "nennt das Protokoll neben jeder Liste."
    )
    return "\n".join(lines)


def _verdict(account: Account) -> Iterator[str]:
    if account.difference:
        yield f"Die Bücher stimmen nicht: {german.counted(account.difference, 'Abweichung', 'Abweichungen')}."
    elif account.unasked:
        yield "Die Bücher des Speichers stimmen; nicht alle Postfächer ließen sich vergleichen."
    else:
        yield "Die Bücher stimmen."
    yield from (f"  ! Nicht verglichen: {why}" for why in account.unasked)


def _told(line: Line) -> Iterator[str]:
    """A line with its sum, and each difference."""
    parts = " + ".join(_named(line.name, line.parts))
    beside = _beside(line.name, line.open)
    yield f"{_NAMES[line.name] + ':':<{_LABEL}} {german.number(line.whole)}{f' = {parts}' if parts else ''}{beside}"
    yield from (f"  ! {_wrong(line.name, one)}" for one in line.wrong if one.count)


def _beside(line: str, values: Mapping[str, int]) -> str:
    told = _named(line, values)
    return f" ({', '.join(told)})" if told else ""


def _named(line: str, values: Mapping[str, int]) -> list[str]:
    """The parts of a line that are not 0, each with its German name; a series of case numbers has its own."""
    return [f"{german.number(value)} {_PARTS.get((line, name), name)}" for name, value in values.items() if value]


def _wrong(line: str, one: Wrong) -> str:
    what = _WRONG.get((line, one.kind), f"{_NAMES[line]} in einem Zustand, den es nicht gibt")
    return f"{german.number(one.count)} × {what}: {_listed(one.examples, one.count)}"


def _listed(examples: Sequence[str], count: int) -> str:
    return ", ".join(examples) + (" …" if count > len(examples) else "")
