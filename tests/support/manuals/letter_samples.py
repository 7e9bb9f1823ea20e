"""One letter of each kind, as docs/schreiben.md shows it.

``python -m tests.support.manuals.letter_samples`` makes that page anew.
"""

import sys
import tempfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from intake.base.german import BERLIN
from routing import letters as letter
from routing.model.decision import Urgency
from routing.model.forward import Suspicion
from routing.model.settings import Recipient
from tests import ROOT
from tests.routing.letters.test_letters import SHIPPED
from tests.support import browser, forward_views, leaks
from tests.support.rule_examples import KREFELD_CITY

TEMPLATES = letter.environment(None, SHIPPED, KREFELD_CITY)
DOCS = ROOT / "docs"
PAGE = DOCS / "schreiben.md"
NOW = datetime(2026, 11, 23, 10, 12, tzinfo=BERLIN)
GSAK = Recipient(name="GSAK", address=("leitstelle@gsak.invalid",))
KBK = Recipient(name="Kommunalbetrieb Krefeld", address=("hinweise@kbk.invalid",))
KOD = Recipient(name="KOD-Leitstelle", address=("kod-leitstelle@krefeld.invalid",), inside=True)
FINES = Recipient(name="Bußgeldstelle", address=("bussgeldstelle@krefeld.invalid",), inside=True)
HEAD = """\
# Die Schreiben

So sehen die Schreiben aus, die KOD intake verschickt: als reiner Text und, wo es eine gibt, in der gestalteten Fassung
auf einem Telefon und in einem Mailprogramm. Beide Fassungen sagen dasselbe. Die Bilder sind mit Chromium gemacht, und
axe-core findet in keinem der Schreiben eine Barriere (`make test-extra`). Die Vorlagen liegen im Ordner `templates/`;
eigene legt man in einen Ordner, den `[files] templates` in `config.toml` nennt, und prüft sie mit `kod-intake check`.

**Fotos** bekommen nur Stellen mit `inside = true` in `config.toml`: höchstens drei je Hinweis, verkleinert, ohne die
Angaben, die eine Kamera hineinschreibt (auch den Ort); Gesichter und Kennzeichen kann kein Programm sicher entfernen.
`kod-intake assign NUMMER STELLE --photos` gibt sie für eine andere Stelle frei, wenn ein Mensch sie angesehen hat.
Stellen außerhalb bekommen einen **Auszug**: die Sätze zur Sache, aus bekannten Wörtern; „[…]“ steht für ein Wort, das
einen Menschen meinen könnte, „…“ für Weggelassenes (`text` in `config.toml`).
Andere Anhänge gehen an niemanden und werden nur genannt. **Name und Rückrufnummer** bekommt eine Stelle nur mit
`share = ["contact"]` und nur für Hinweise, bei denen die Zustimmung festgehalten ist. Jeder **Sammelliste** hängen
dieselben Angaben als Tabelle für Excel (CSV) und für Programme an (JSON, mit den Namen von Open311 GeoReport v2).
`kod-intake preview gsak --at "24.12.2026 08:00"` zeigt eine Liste vorher; versandt oder geändert wird dabei nichts.

Diese Seite und ihre Bilder macht `.venv/bin/python -m tests.support.manuals.letter_samples` neu; eine Prüfung
vergleicht den Text mit dem, was das Programm schreibt.
"""


def _view(number: int, place: str, district: str, category: str, text: str, **more: Any) -> letter.ForwardView:
    values: dict[str, Any] = {
        "urgency": Urgency.SAMMEL,
        "received": NOW - timedelta(hours=number),
        "channel": "E-Mail",
        "reply_by": date(2026, 11, 30),
    }
    return forward_views.view(
        number=f"KOD-2026-{4700 + number:06}",
        place=place,
        district=district,
        category=category,
        text=text,
        **(values | more),
    )


FORWARD = _view(
    12,
    "Roßstraße 12",
    "Stadtmitte",
    "Abfall / Müllablagerung",
    "Guten Tag Herr Laubach,\n\nneben den Containern liegen mehrere Säcke und eine Matratze, seit drei Tagen. "
    "Sie erreichen mich unter 02151 123456.\n\nMit freundlichen Grüßen\nPetra Sommer",
    urgency=Urgency.HEUTE,
    channel="Telefon",
    reports=2,
    first=NOW - timedelta(days=2),
    kept="1 Foto und 1 PDF liegen bei uns",
    reply_by=date(2026, 11, 25),
)
FURTHER = _view(
    12,
    "Roßstraße 12",
    "Stadtmitte",
    "Abfall / Müllablagerung",
    "Jetzt liegt neben den Containern auch noch ein Kühlschrank!",
    urgency=Urgency.HEUTE,
    reports=4,
    first=NOW - timedelta(days=2),
    further="weitere Meldung (4.)",
    told=NOW - timedelta(days=2),
    reply_by=None,
)
URGENT = _view(
    11,
    "Spielplatz Moritzplatz",
    "Inrath/Kliedbruch",
    "Spritzen",
    "Im Sandkasten liegen zwei gebrauchte Spritzen mit Nadel. Hier spielen gerade Kinder!",
    urgency=Urgency.SOFORT,
    reply_by=date(2026, 11, 24),
    photos=2,
    spot=(51.3324, 6.5646),
)
EMERGENCY = _view(
    13,
    "Hauptbahnhof",
    "",
    "Akute Gefahr für Menschen",
    "Am Südausgang liegt ein Mann bewusstlos auf dem Boden und reagiert nicht.",
    urgency=Urgency.NOTFALL,
    reply_by=None,
)
DOUBTFUL = _view(
    15,
    "Hauptbahnhof",
    "",
    "Akute Gefahr für Menschen",
    "Am Südausgang lag gestern ein Mann, vielleicht hat er nur geschlafen. Kümmert sich da jemand?",
    urgency=Urgency.PRUEFEN,
    reply_by=None,
    suspicion=Suspicion(("lag", "Mann"), "liegt vielleicht zurück („gestern“); wird nur vermutet („vielleicht“)"),
)
OBJECTION = _view(
    14,
    "",
    "",
    "Einspruch gegen ein Bußgeld",
    "Gegen den Bescheid vom 09.11.2026 lege ich Einspruch ein.",
    urgency=Urgency.HEUTE,
    reply_by=None,
    kept="1 PDF liegt bei uns",
)
COLLECTED = (
    _view(1, "Marktstraße 5", "Stadtmitte", "Straße / Schlagloch", "Vor dem Haus ist ein tiefes Schlagloch."),
    _view(2, "Ostwall 100", "Stadtmitte", "Grün / Hecke", "Die Hecke ragt in den Gehweg.", channel="Dialogtag"),
    _view(3, "Ostwall 9", "Stadtmitte", "Straße / Schild", "Das Schild ist umgefahren.", reports=3, first=NOW),
    _view(4, "Dionysiusplatz", "Stadtmitte", "Bank", "An der Bank fehlt ein Brett."),
    _view(5, "Krefelder Straße 17", "Hüls", "Kanal / Gully", "Der Gully ist verstopft.", kept="1 Foto liegt bei uns"),
    _view(6, "Am Röttgen", "Uerdingen", "Ratten", "Auf dem Spielplatz laufen Ratten.\nSchon zum zweiten Mal."),
    _view(7, "", "", "Straße / Fahrbahn", "Die Fahrbahn ist gerissen."),
)


def envelope(number: str, recipient: str, proof: str = "k7f3q2") -> letter.Envelope:
    """From the KOD to ``recipient``, always the same; ``proof`` is the token in the subject."""
    return letter.Envelope(
        number=number,
        sender="kod-weiterleitung@krefeld.invalid",
        reply_to="kod@krefeld.invalid",
        to=(recipient,),
        message_id="kod@krefeld.invalid",
        date=NOW,
        proof=proof,
    )


def _of(kind: letter.Kind, body: Recipient, *views: letter.ForwardView, number: str = "") -> letter.Letter:
    return letter.compose(kind, views, body, envelope(number or views[0].number, body.address[0]), TEMPLATES)


def letters() -> Iterator[tuple[str, str, letter.Letter]]:
    """(name of the pictures or "", German heading, letter) of each kind."""
    yield "weiterleitung", "Weiterleitung an eine Stelle", _of("forward", GSAK, FORWARD)
    yield "nachtrag", "Nachtrag: weitere Meldungen zu einem Schreiben", _of("nachtrag", GSAK, FURTHER)
    yield "sofort", "Dringende Weiterleitung, mit Fotos (nur an Ämter der Stadt)", _of("forward", KOD, URGENT)
    yield "notfall", "Notfall an die Leitstelle", _of("forward", KOD, EMERGENCY)
    yield "pruefen", "Bitte sofort ansehen: vielleicht ein Notfall", _of("forward", KOD, DOUBTFUL)
    yield "vorgang", "Was kein Hinweis ist: ein Einspruch", _of("vorgang", FINES, OBJECTION)
    yield "sammelliste", "Sammelliste", _of("digest", KBK, *COLLECTED, number="KOD-S-2026-11-23-KBK-1")
    citizen = envelope("KOD-2026-004712", "anna@web.invalid")
    notice = "https://www.krefeld.invalid/datenschutz"
    yield (
        "",
        "Eingangsbestätigung an die Bürgerin oder den Bürger (üblich: aus)",
        letter.compose_acknowledgement(citizen, TEMPLATES, received=NOW, privacy=notice),
    )
    yield (
        "",
        "Nachricht, an wen weitergeleitet wurde (üblich: aus)",
        letter.compose_acknowledgement(citizen, TEMPLATES, received=NOW, bodies=("GSAK",), privacy=notice),
    )
    reason = "Keine Regel hat getroffen."
    items = [letter.desk_list.Item("KOD-2026-004712", NOW, "Telefon", "", "Roßstraße 12", reason)]
    desk = envelope("Klaerung", "kod-leitstelle@krefeld.invalid")
    yield "", "Die tägliche Liste der Leitstelle", letter.compose_review(items, desk, TEMPLATES)
    open_one = letter.reminders.Open("KOD-2026-004712", "Abfall / Müllablagerung", "Roßstraße 12", NOW)
    body = envelope("Erinnerung", "leitstelle@gsak.invalid")
    note = letter.compose_note("erinnerung", letter.reminders.reminder([open_one], "KOD"), body, TEMPLATES)
    yield "", "Erinnerung an eine Stelle, die nicht geantwortet hat", note
    call = letter.reminders.escalation(open_one, "GSAK", 30, times=1, addresses=["leitstelle@gsak.invalid"])
    yield (
        "",
        "Ruf an die Leitstelle: Dringendes ohne Antwort",
        letter.compose_note("eskalation", call, desk, TEMPLATES),
    )
    operator = envelope("alarm", "it-betrieb@krefeld.invalid", proof="")
    stuck = letter.reminders.Stuck("GSAK", "3 Schreiben", NOW, "550 5.1.1 unbekannt")
    overview = letter.reminders.overview([stuck], [], NOW, "KOD")
    yield "", "Übersicht für den Betrieb", letter.compose_note("bericht", overview, operator, TEMPLATES)
    what = "Das Postfach „kod“ lässt sich nicht abholen.\nDer Server antwortet nicht."
    todo = "Prüfen Sie, ob der Mailserver läuft. Es wird weiter versucht; nichts geht verloren."
    alarm = letter.compose_alarm(operator, TEMPLATES, what=what, todo=todo, since=NOW)
    yield "", "Störungsmeldung an den Betrieb", alarm


def page() -> str:
    """docs/schreiben.md."""
    parts = [HEAD]
    for name, heading, made in letters():
        parts.append(
            f"\n## {heading}\n\n```\nBetreff: {made.subject}\n\n{leaks.body(made.raw).replace(chr(13), '')}```\n"
        )
        if name:
            parts.append(
                f"\n![{heading}, auf einem Telefon](pictures/{name}-{browser.PHONE}.png)\n"
                f"![{heading}, in einem Mailprogramm](pictures/{name}-{browser.DESKTOP}.png)\n"
            )
    return "".join(parts)


def html_of(made: letter.Letter) -> str:
    """The HTML of a letter."""
    part = leaks.read(made.raw).get_body(("html",))
    assert part is not None
    return str(part.get_content())


def main() -> None:
    """Write the page and its pictures."""
    PAGE.write_text(page(), "utf-8")
    (DOCS / "pictures").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, _, made in letters():
            for width in (browser.PHONE, browser.DESKTOP) if name else ():
                seen = browser.look(html_of(made), width, Path(folder))
                shown = browser.picture(html_of(made), width, seen.height, Path(folder))
                (DOCS / "pictures" / f"{name}-{width}.png").write_bytes(shown)
                sys.stdout.write(f"{name} {width} {seen}\n")


if __name__ == "__main__":
    main()
