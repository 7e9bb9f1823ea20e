"""The German words for states and urgencies: letters, pages and the command line say the same.

Each table goes by the value as it is stored (a member of an enumeration or its text), and has a word for every one.
"""

from collections.abc import Mapping

from routing.model.decision import State, Urgency

DECISION: Mapping[str, str] = {
    State.ROUTED: "wird weitergeleitet",
    State.REVIEW: "zur Klärung",
    State.KEPT: "nur gespeichert",
}
"""What a message comes to."""

CONCERN: Mapping[str, str] = {
    "review": "Klärung",
    "open": "offen",
    "answered": "beantwortet",
    "closed": "geschlossen",
    "replaced": "ersetzt",
}
"""Where a concern stands (``concerns.state``)."""

DELIVERY: Mapping[str, str] = {
    "planned": "wartend",
    "parked": "abgelehnt",
    "held": "angehalten",
    "bounced": "unzustellbar",
    "sending": "wird verschickt",
    "sent": "angenommen",
    "cancelled": "wird nicht verschickt",
}
"""Where a letter to one address stands (``deliveries.state``)."""

HELD: Mapping[str, str] = {
    "brake": "Notbremse",
    "learned": "Notbremse: weit mehr als um diese Zeit üblich",
    "sender": "Notbremse: zu viele von einem Absender",
    "address": "Adresse unbekannt",
    "trial": "Probebetrieb",
    "restore": "vielleicht vor dem Zurückspielen versandt",
    "person": "von Hand",
}
"""Why a letter is held (``deliveries.held``, ``routing.store.outbox.Held``), behind "angehalten"."""

HELD_BECAUSE: Mapping[str, str] = {
    "brake": "von der Notbremse angehalten",
    "learned": "angehalten: weit mehr Schreiben als um diese Zeit üblich",
    "sender": "angehalten: zu viele Schreiben wegen eines Absenders",
    "address": "angehalten: Die Adresse gibt es laut Mailserver nicht",
    "trial": "angehalten: Probebetrieb ohne Versand",
    "restore": "angehalten: vielleicht schon vor dem Zurückspielen der Sicherung versandt",
    "person": "von Hand angehalten",
}
"""The same as a reason that stands by itself."""

ANSWER: Mapping[str, str] = {
    "done": "erledigt",
    "commissioned": "beauftragt",
    "refused": "nicht zuständig",
    "question": "Rückfrage",
    "received": "zur Kenntnis genommen",
    "automatic": "automatische Antwort",
    "unclear": "unklar",
}
"""What a body said of a concern (``forwards.answer``, ``routing.replies.reading.AnswerKind``)."""

ANSWER_IN_TIMELINE: Mapping[str, str] = {
    **ANSWER,
    "commissioned": "beauftragt oder eingeplant",
    "unclear": "unklar, bitte lesen",
}
"""The same where the words were read by the program, and what a person is to do."""

URGENCY: Mapping[str, str] = {
    Urgency.NOTFALL: "NOTFALL",
    Urgency.PRUEFEN: "Bitte sofort ansehen",
    Urgency.SOFORT: "SOFORT",
    Urgency.HEUTE: "heute",
    Urgency.SAMMEL: "Sammelliste",
    Urgency.LISTE: "Liste",
}
"""As letters and their subjects have it."""

URGENCY_WHEN: Mapping[str, str] = {
    Urgency.NOTFALL: "Notfall, sofort an die Leitstelle",
    Urgency.PRUEFEN: "vielleicht ein Notfall, sofort und allein an die Leitstelle",
    Urgency.SOFORT: "sofort, Tag und Nacht",
    Urgency.HEUTE: "heute, innerhalb der Dienstzeit",
    Urgency.SAMMEL: "mit der nächsten Sammelliste",
    Urgency.LISTE: "mit der Wochenliste",
}
"""When it goes out."""
