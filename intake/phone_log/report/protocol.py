"""What became of a file, in German, for those who dropped it: stored, handed back, passed over, and what to do.

A protocol names rows and columns, never what somebody wrote in them: the list itself says that.
"""

from collections import Counter
from datetime import datetime

from intake.base import german
from intake.phone_log.values import Item, Problem, Reason, Rejected, Row

_SAID = 500  # rows of each kind that are named one by one
_PASSED_OVER = {
    Reason.PREAMBLE: "Vorspann",
    Reason.HEADER: "Kopfzeile",
    Reason.BLANK: "leer",
    Reason.TOTAL: "Summe",
    Reason.HEADING: "Zwischenzeile",
}


class Protocol:
    """Counts a file's items as they come, and remembers what has to be said of them."""

    def __init__(self) -> None:
        self.stored = 0
        self.rejected = 0
        self._skipped: Counter[Reason] = Counter()
        self._between: list[str] = []
        self._to_mend: list[str] = []
        self._to_check: list[str] = []
        self._doubtful = 0

    def add(self, item: Item) -> None:
        """Note one more item of the file."""
        if isinstance(item, Row):
            self.stored += 1
            if item.problems:
                self._doubtful += 1
                self._note(self._to_check, item)
        elif isinstance(item, Rejected):
            self.rejected += 1
            self._note(self._to_mend, item)
        else:
            self._skipped[item.reason] += 1
            if item.reason in {Reason.TOTAL, Reason.HEADING} and len(self._between) < _SAID:
                self._between.append(f"{item.sheet} {item.number}".strip())
            if item.problems:
                self._doubtful += 1
                self._note(self._to_check, item)

    def text(self, name: str, now: datetime, *, rejects: str = "") -> str:
        """The whole protocol, German, each line ended by a line feed.

        ``now`` is aware, and shown in the city's local time.

        ``name`` is the file's, ``rejects`` that of the file with the rows to mend.
        """
        parts = [f"Protokoll zu „{name}“\nGelesen am {german.short_moment(now)} Uhr.", self._summary()]
        if self.rejected:
            todo = (
                f" Sie stehen in der Datei „{rejects}“. Bitte berichtigen Sie dort"
                if rejects
                else " Bitte berichtigen Sie"
            )
            parts.append(
                f"Nicht übernommen.{todo} diese Zeilen und legen Sie die Datei noch einmal in den Ordner:\n"
                + _listed(self._to_mend, self.rejected)
            )
        if self._doubtful:
            parts.append("Übernommen, aber bitte prüfen Sie diese Zeilen:\n" + _listed(self._to_check, self._doubtful))
        return "\n\n".join(parts) + "\n"

    def _summary(self) -> str:
        if not self.rejected:
            result = "vollständig übernommen" if self.stored else "keine Zeile mit einem Anliegen gefunden"
        else:
            result = "teilweise übernommen" if self.stored else "nicht übernommen"
        lines = [f"Ergebnis: {result}.", f"  {german.counted(self.stored, 'Zeile', 'Zeilen')} übernommen"]
        if self.rejected:
            lines.append(f"  {german.counted(self.rejected, 'Zeile', 'Zeilen')} abgelehnt")
        if self._skipped:
            kinds = ", ".join(f"{_PASSED_OVER[reason]} {count}" for reason, count in self._skipped.items())
            lines.append(f"  {german.counted(self._skipped.total(), 'Zeile', 'Zeilen')} übergangen ({kinds})")
        if self._between:
            several = "Zeile" if len(self._between) == 1 else "Zeilen"
            lines.append(f"  Als Summe oder Zwischenzeile übergangen: {several} {', '.join(self._between)}")
        return "\n".join(lines)

    @staticmethod
    def _note(lines: list[str], item: Item) -> None:
        if len(lines) < _SAID:
            lines += [_said(item, problem) for problem in item.problems]


def _said(item: Item, problem: Problem) -> str:
    sheet = f"Blatt „{item.sheet}“, " if item.sheet else ""
    column = " ".join(problem.column.split())[:60]
    where = f"{sheet}Zeile {item.number}" + (f", Spalte „{column}“" if column else "")
    return f"  {where}: {problem.what} {problem.advice}"


def _listed(lines: list[str], count: int) -> str:
    more = [f"  … und weitere; insgesamt {german.counted(count, 'Zeile', 'Zeilen')}."] if len(lines) >= _SAID else []
    return "\n".join([*lines, *more])
