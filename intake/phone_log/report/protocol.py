"""What became of a file, in German, for those who dropped it: stored, handed back, passed over, and what to do.

A protocol names rows and columns, never what somebody wrote in them: the list itself says that. Only of a line that
was not understood it shows the first words, as a person must see at once whether they matter. Its numbers add up:
every line that is not blank is counted once.
"""

from collections import Counter
from datetime import datetime

from intake.base import german
from intake.phone_log.values import Item, Problem, Reason, Rejected, Row, Skipped

_SAID = 500  # rows of each kind that are named one by one
_WORDS = 80  # characters of a line that was not read
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
        self.supplements = 0
        self.unread = 0
        self.known: int | None = None
        """How many of the rows were stored before; None as long as nobody has looked."""
        self._unread: list[str] = []
        self._skipped: Counter[Reason] = Counter()
        self._between: list[str] = []
        self._to_mend: list[str] = []
        self._to_check: list[str] = []
        self._doubtful = 0

    @property
    def rows(self) -> int:
        """The lines that are, or may be, somebody's words: all but blank ones, headers, sums and headings."""
        return self.stored + self.rejected + self.unread

    def add(self, item: Item) -> None:
        """Note one more item of the file."""
        if isinstance(item, Row):
            self.stored += 1
            self.supplements += bool(item.message.follows)
            if item.problems:
                self._doubtful += 1
                self._note(self._to_check, item)
        elif isinstance(item, Rejected):
            self.rejected += 1
            self._note(self._to_mend, item)
        else:
            if item.reason is Reason.UNREAD:
                self.unread += 1
                if len(self._unread) < _SAID:
                    self._unread.append(_first_words(item))
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
        if self.unread:
            parts.append(
                "Nicht gelesen, weil es nicht wie ein Anruf aussieht. Bitte sehen Sie nach; ein Anliegen tragen Sie "
                "als eigene Zeile mit allen Spalten nach:\n" + _listed(self._unread, self.unread)
            )
        if self._doubtful:
            parts.append("Übernommen, aber bitte prüfen Sie diese Zeilen:\n" + _listed(self._to_check, self._doubtful))
        return "\n\n".join(parts) + "\n"

    def _summary(self) -> str:
        if self.rejected:
            result = "teilweise übernommen" if self.stored else "nicht übernommen"
        elif not self.stored:
            result = "keine Zeile mit einem Anliegen gefunden"
        elif self.unread:
            result = (
                f"übernommen bis auf {german.counted(self.unread, 'Zeile, die', 'Zeilen, die')} nicht gelesen wurde"
            )
            result += "n" if self.unread > 1 else ""
        else:
            result = "vollständig übernommen"
        lines = [f"Ergebnis: {result}.", f"  {german.counted(self.stored, 'Zeile', 'Zeilen')} übernommen"]
        if self.known is not None:
            kinds = f"neu {german.number(self.stored - self.known)}, schon bekannt {german.number(self.known)}"
            lines[-1] += f" ({kinds})"
        if self.supplements:
            lines.append(f"  {german.counted(self.supplements, 'Zeile ergänzt', 'Zeilen ergänzen')} eine andere")
        if self.rejected:
            lines.append(f"  {german.counted(self.rejected, 'Zeile', 'Zeilen')} abgelehnt")
        if self.unread:
            lines.append(f"  {german.counted(self.unread, 'Zeile', 'Zeilen')} nicht gelesen")
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


def _first_words(item: Skipped) -> str:
    sheet = f"Blatt „{item.sheet}“, " if item.sheet else ""
    words = " ".join(" ".join(filter(None, item.cells)).split())
    shown = words if len(words) <= _WORDS else f"{words[: _WORDS - 1].rstrip()}…"
    return f"  {sheet}Zeile {item.number}: {shown}"


def _said(item: Item, problem: Problem) -> str:
    sheet = f"Blatt „{item.sheet}“, " if item.sheet else ""
    column = " ".join(problem.column.split())[:60]
    where = f"{sheet}Zeile {item.number}" + (f", Spalte „{column}“" if column else "")
    return f"  {where}: {problem.what} {problem.advice}"


def _listed(lines: list[str], count: int) -> str:
    more = [f"  … und weitere; insgesamt {german.counted(count, 'Zeile', 'Zeilen')}."] if len(lines) >= _SAID else []
    return "\n".join([*lines, *more])
