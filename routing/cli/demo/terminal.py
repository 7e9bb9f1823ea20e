"""What the demo says in the terminal: German, 100 columns, plain text when the output is piped.

Everything that a mail or a phone log brought is shown as text: no markup, no control characters.
"""

import io
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from intake.base import german
from routing.cli.demo.outcome import Concern, Letter, Remark
from routing.model import words

WIDTH = 100
LINES_OF_A_LETTER = 60
COLOURS = {"notfall": "bold red", "sofort": "red", "heute": "yellow"}


class Page:
    """The terminal, written from top to bottom."""

    def __init__(self) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")  # an old terminal shows ? for what it does not know
        columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDTH
        self._console = Console(width=min(WIDTH, columns), highlight=False)

    def title(self, text: str) -> None:
        """The first line."""
        self._console.print(Panel(Text(text, style="bold", justify="center"), box=box.DOUBLE))

    def heading(self, text: str) -> None:
        """A new section."""
        self._console.print()
        self._console.print(Rule(Text(f" {text} ", style="bold"), align="left"))

    def say(self, text: str, style: str = "") -> None:
        """A paragraph."""
        self._console.print(Text(visible(text), style=style))

    def command(self, text: str) -> None:
        """A line to copy: never wrapped."""
        self._console.print(Text(visible(text)), soft_wrap=True)

    def listed(self, lines: Iterable[tuple[str, str]], width: int) -> None:
        """Two columns, the first ``width`` characters wide."""
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        table.add_column(width=width, overflow="fold")
        table.add_column(overflow="fold")
        for word, text in lines:
            table.add_row(Text(visible(word)), Text(visible(text)))
        self._console.print(table)

    def concerns(self, lines: Sequence[Concern]) -> None:
        """The overview: a line for each concern."""
        table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold", expand=True)
        for name, width in (("Vorgang", 17), ("Eingang", 8), ("Stand", 7), ("Dringlichkeit", 13), ("an wen", 15)):
            table.add_column(name, width=width, no_wrap=True)
        table.add_column("Ort, Thema oder „Betreff“", ratio=1, no_wrap=True, overflow="ellipsis")
        for line in lines:
            subject = visible(line.category.rpartition(" / ")[2]) or f"„{shortened(line.subject, 60)}“"
            table.add_row(
                line.number,
                f"{german.local(line.received_at):%d.%m.%y}",
                Text(words.CONCERN[line.state], style="magenta" if line.state == "review" else ""),
                Text(line.urgency or "–", style=COLOURS.get(line.urgency, "")),
                Text(", ".join(line.recipients) or "–"),
                Text(", ".join(visible(part) for part in (line.place, subject) if part)),
            )
        self._console.print(table)

    def letters(self, name: str, address: str, letters: Mapping[Path, Letter]) -> None:
        """One body's letters: of each urgency the longest in a box, of the others where they lie."""
        self.heading(f"{name} <{address}>: {german.counted(len(letters), 'Schreiben', 'Schreiben')}")
        chosen = {
            max(_of(letters, urgency), key=lambda path: len(letters[path].text)) for urgency in _urgencies(letters)
        }
        for path in (path for path in letters if path in chosen):
            self._letter(path, letters[path])
        others = [path for path in letters if path not in chosen]
        if others:
            self.say("Außerdem:")
            width = max(len(str(path)) for path in others)
            self.listed(((str(path), letters[path].subject) for path in others), width)

    def _letter(self, path: Path, letter: Letter) -> None:
        lines = visible(letter.text).rstrip().split("\n")
        text = Text("\n".join(lines[:LINES_OF_A_LETTER]))
        if len(lines) > LINES_OF_A_LETTER:
            text.append(f"\n… {len(lines) - LINES_OF_A_LETTER} weitere Zeilen in {path}", style="dim")
        panel = Panel(
            text,
            title=Text(visible(letter.subject), style="bold"),
            title_align="left",
            subtitle=Text(f"{german.short_moment(letter.sent_at)} · {path}" if letter.sent_at else str(path), "dim"),
            subtitle_align="right",
            border_style=COLOURS.get(letter.urgency, ""),
        )
        self._console.print(panel)

    def remarks(self, lines: Sequence[Remark]) -> None:
        """What there is to say about single messages."""
        self.listed(((_named(line), line.text) for line in lines), width=40)


def _named(line: Remark) -> str:
    subject = f"„{shortened(line.subject, 60)}“" if line.subject else ""
    where = "" if line.number else f"{line.channel} {german.short_moment(line.received_at)}"
    return " ".join(part for part in (line.number, where, subject) if part)


def _urgencies(letters: Mapping[Path, Letter]) -> set[str]:
    return {letter.urgency for letter in letters.values()}


def _of(letters: Mapping[Path, Letter], urgency: str) -> list[Path]:
    return [path for path, letter in letters.items() if letter.urgency == urgency]


def visible(text: str) -> str:
    """No control characters, so no escape sequences; lines stay lines."""
    return "".join(char if char.isprintable() or char == "\n" else "·" for char in text)


def shortened(text: str, length: int) -> str:
    """The first ``length`` characters in one line."""
    line = " ".join(visible(text).split())
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"
