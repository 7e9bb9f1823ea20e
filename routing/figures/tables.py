"""A report as tables in German words: what text, workbooks and pages show, each in its own way. Pure.

A cell is text, a number, or one of the two kinds of number that each form writes in its own way: ``Seconds`` and
``Share``. Text of a table may come from citizens or from a phone log (a channel's name): each form makes it harmless.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Literal

from msgspec import Struct

from intake.base import german
from routing.figures import periods
from routing.figures.values import TIMES, Report
from routing.model import words
from routing.model.decision import Urgency


class Seconds(int):
    """A length of time."""


class Share(float):
    """A part of a whole: 0.125 is 12.5 %."""


Cell = str | int | float | Seconds | Share | None


class Table(Struct, frozen=True):
    """``rows`` hold a cell for each of ``columns``; ``plot``: how the second column is drawn ("": not at all)."""

    key: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    plot: Literal["", "bars", "columns", "line"] = ""
    note: str = ""


_KINDS = {
    "spam": "Werbung",
    "thanks": "Dank",
    "automatic": "automatische Nachricht",
    "answer": "Antwort einer Stelle",
    "bounce": "unzustellbares Schreiben",
    "repeat": "weitere Meldung",
    "supplement": "Ergänzung in der Telefonliste",
    "follow-up": "Nachtrag zu einem Vorgang",
    "edit": "Berichtigung",
    "concern": "Hinweis ohne Thema",
    "": "ohne Entscheidung",
}
_SHARES = {
    "without_person": "ohne einen Menschen entschieden",
    "review": "in Klärung gewesen",
    "corrected": "von einem Menschen berichtigt",
    "handed_back": "von einer Stelle zurückgegeben",
    "repeated": "mehrmals gemeldet",
}
_TIMES = {
    "decision": "bis zur Entscheidung",
    "letter": "bis das Schreiben angenommen war",
    "answer": "bis zur ersten Antwort",
    "done": "bis zum Abschluss",
}
_HOURS = [f"{hour} Uhr" for hour in range(24)]
MOST_STREETS = 30


def of(report: Report) -> tuple[Table, ...]:
    """All tables of a report, in the order in which people read them."""
    compared = _Compared(report)
    return (
        _overview(report),
        _times(report),
        compared.table("channel", "Eingangswege", "Eingangsweg"),
        _desks(report),
        compared.table("category", "Themen", "Thema", empty="(noch ohne Thema)", plot="bars"),
        compared.table("district", "Stadtteile", "Stadtteil", empty="(ohne Stadtteil)", plot="bars"),
        compared.table(
            *("street", "Straßen", "Straße"),
            empty="(ohne Straße)",
            most=MOST_STREETS,
            note="Nur Vorgänge, deren Frist noch läuft: Vom Übrigen ist kein Ort mehr gespeichert.",
        ),
        _spots(report),
        compared.table(
            *("body", "Stellen", "Stelle"),
            names=report.names,
            plot="bars",
            note="Ein Anliegen kann an mehrere Stellen gehen und zählt dann bei jeder.",
        ),
        compared.table("urgency", "Dringlichkeit", "Dringlichkeit", names=_URGENCY, order=_URGENCY),
        _fixed(report, "weekday", "Wochentage", german.WEEKDAYS, "columns"),
        _fixed(report, "hour", "Uhrzeiten", _HOURS, "columns"),
        _weeks(report),
        _months(report),
        _others(report),
    )


_URGENCY = {urgency.value: words.URGENCY[urgency] for urgency in Urgency} | {"": "(noch keine)"}


class _Compared:
    """Tables that hold a period beside the one before."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def table(
        self,
        key: str,
        title: str,
        column: str,
        *,
        empty: str = "(ohne Angabe)",
        names: Mapping[str, str] | None = None,
        order: Iterable[str] = (),
        most: int = 0,
        plot: Literal["", "bars"] = "",
        note: str = "",
    ) -> Table:
        counts, before = self._report.counts, self._report.before
        here, there = counts.by.get(key, {}), before.by.get(key, {})
        place = {value: index for index, value in enumerate(order)}
        values = sorted({*here, *there}, key=lambda one: (place.get(one, len(place)), -here.get(one, 0), one))
        shown = values[:most] if most else values
        rows: list[tuple[Cell, ...]] = [
            (_name(value, names or {}, empty), *_compared(here.get(value, 0), there.get(value, 0), counts.concerns))
            for value in shown
        ]
        if rest := values[len(shown) :]:
            now, then = (sum(one.get(value, 0) for value in rest) for one in (here, there))
            rows.append((f"übrige ({len(rest)})", *_compared(now, then, counts.concerns)))
        columns = (column, "Anliegen", "Anteil", _before(self._report), "Unterschied")
        return Table(key, title, columns, tuple(rows), plot, note)


def _before(report: Report) -> str:
    return "davor" if report.period.kind == "days" else periods.said(report.earlier)


def _compared(here: int, there: int, whole: int) -> tuple[Cell, ...]:
    return here, Share(here / whole) if whole else None, there, here - there


def _name(value: str, names: Mapping[str, str], empty: str) -> str:
    said = names.get(value, value) or empty
    return "".join(sign if sign.isprintable() else " " for sign in said)


def _overview(report: Report) -> Table:
    counts, before = report.counts, report.before
    here, there = counts.concerns, before.concerns
    rows: list[tuple[Cell, ...]] = [("Bürgeranliegen", here, None, there, here - there)]
    for key, said in _SHARES.items():
        rows.append((said, *_compared(counts.shares[key], before.shares[key], here)))
    for said, now, then in (
        ("weitere Meldungen zu Anliegen", counts.further, before.further),
        ("Nachrichten ohne Anliegen", sum(counts.others.values()), sum(before.others.values())),
    ):
        rows.append((said, now, None, then, now - then))
    columns = ("Was", "Anzahl", "Anteil", _before(report), "Unterschied")
    return Table("overview", "Überblick", columns, tuple(rows))


def _times(report: Report) -> Table:
    rows = []
    for name in TIMES:
        now, then = report.counts.times[name], report.before.times[name]
        cells = (now.median, now.nine_in_ten, then.median, then.nine_in_ten)
        rows.append((_TIMES[name], now.count, *(None if one is None else Seconds(one) for one in cells)))
    said = _before(report)
    columns = ("Vom Eingang", "Anliegen", "Median", "neun von zehn", f"Median, {said}", f"neun von zehn, {said}")
    note = "Neun von zehn Anliegen brauchten höchstens so lange. Gezählt sind die, bei denen es so weit gekommen ist."
    return Table("times", "Wie lange es dauert", columns, tuple(rows), "", note)


def _desks(report: Report) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            _name(one.name, {}, "(ohne Angabe)"),
            one.concerns,
            one.days,
            round(one.concerns / one.days, 1) if one.days else None,
            "nach Öffnungszeiten" if one.is_desk and one.hours and not one.problem else "Tage mit Eingang",
        )
        for one in report.desks
    ]
    columns = ("Anlaufstelle oder Weg", "Anliegen", "Betriebstage", "je Tag", "gezählt")
    return Table("desks", "Betriebstage", columns, tuple(rows))


def _spots(report: Report) -> Table:
    rows = tuple((_name(one.street, {}, ""), one.category, one.concerns) for one in report.counts.spots)
    note = "Straßen, aus denen dasselbe mindestens dreimal kam; nur Vorgänge, deren Frist noch läuft."
    return Table("spots", "Schwerpunkte", ("Straße", "Thema", "Anliegen"), rows, "", note)


def _fixed(report: Report, key: str, title: str, names: Iterable[str], plot: Literal["columns", "line"]) -> Table:
    return _series(report, key, title, {str(index): name for index, name in enumerate(names)}, plot)


def _weeks(report: Report) -> Table:
    day, weeks = report.period.first, {}
    while day <= report.period.last:
        year, week, _ = day.isocalendar()
        weeks[f"{year}-W{week:02}"] = f"KW {week:02}/{year}"
        day += timedelta(days=1)
    return _series(report, "week", "Kalenderwochen", weeks, "line" if len(weeks) > 2 else "")


def _months(report: Report) -> Table:
    day, months = report.period.first, {}
    while day <= report.period.last:
        months[f"{day:%Y-%m}"] = f"{german.MONTHS[day.month - 1]} {day.year}"
        day += timedelta(days=1)
    return _series(report, "month", "Monate", months, "columns" if len(months) > 1 else "")


def _series(
    report: Report, key: str, title: str, names: Mapping[str, str], plot: Literal["", "columns", "line"]
) -> Table:
    found, whole = report.counts.by.get(key, {}), report.counts.concerns
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (name, found.get(value, 0), Share(found.get(value, 0) / whole) if whole else None)
        for value, name in names.items()
    )
    return Table(key, title, ("Zeit", "Anliegen", "Anteil"), rows, plot)


def _others(report: Report) -> Table:
    found = sorted(report.counts.others.items(), key=lambda one: (-one[1], one[0]))
    rows = tuple((_name(kind, _KINDS, ""), count) for kind, count in found)
    return Table("others", "Nachrichten ohne Anliegen", ("Art", "Anzahl"), rows)
