"""What ``explain`` prints: a decision told to somebody at the desk, with the sentence, the word and the moment.

A word that counted is marked: in colour where the terminal has it, else in brackets. Everything that a citizen wrote
is shown as printable characters only. Nothing is decided here.
"""

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import click
from msgspec import Struct

from intake.base import german
from intake.message import Message
from routing.cli.output import printable
from routing.cli.output.evidence import Evidence
from routing.model import words
from routing.model.decision import Concern, Decision, Match, State
from routing.model.settings import Settings
from routing.planning import schedule
from routing.rules.engine import explain
from routing.text.keywords.sentences import Stops

COLOURS = {State.ROUTED: "green", State.REVIEW: "yellow", State.KEPT: "cyan"}
MOST_SENTENCES = 5
MOST_UNREAD = 3
_MARGIN = "   "


def tell(
    name: str,
    message: Message,
    decision: Decision,
    settings: Settings,
    evidence: Evidence,
    further: Iterable[str] = (),
) -> None:
    """Print it, and ``further`` lines below; ``name`` is the file's (- for a text from standard input)."""
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    heading = [] if name == "-" else [click.style(printable.line(name), bold=True)]
    teller = Teller(settings, datetime.now(UTC), coloured, evidence)
    click.echo("\n".join((*heading, *teller.lines(decision, message), *further)) + "\n", color=coloured)


class Teller(Struct, frozen=True):
    """What a telling needs: who is who, what time it is, whether the terminal shows colours, what spoke for a rule."""

    settings: Settings
    now: datetime
    coloured: bool
    evidence: Evidence

    def lines(self, decision: Decision, message: Message) -> Iterator[str]:
        """The decision, line by line."""
        result = click.style(explain.result(decision), fg=COLOURS[decision.state], bold=True)
        yield f"{result} {decision.reason}"
        if decision.alert:
            yield click.style(explain.ALARM, fg="red", bold=True)
        for number, concern in enumerate(decision.concerns, 1):
            yield self._heading(number, concern)
            yield from (f"{_MARGIN}{line}" for line in self._inside(concern, decision, message))
        yield from self.evidence.words(decision)
        if decision.places:
            yield printable.line(explain.places(decision))
        if decision.homes:
            yield printable.line(explain.homes(decision))
        if decision.near_misses:
            yield click.style(explain.NEAR_MISSES, bold=True)
            yield from explain.near_misses(decision.near_misses, printable.line)
        yield from _unread(message)
        yield from (f"Beim Lesen aufgefallen: {printable.line(problem)}" for problem in message.problems)

    def _heading(self, number: int, concern: Concern) -> str:
        urgent = concern.urgency.is_urgent
        urgency = click.style(words.URGENCY_WHEN[concern.urgency], fg="red" if urgent else None, bold=urgent)
        return f"{click.style(explain.heading(number, concern), bold=True)} ({urgency})"

    def _inside(self, concern: Concern, decision: Decision, message: Message) -> Iterator[str]:
        if why := explain.no_letter(concern, decision):
            yield why
        elif not concern.urgency.is_urgent:
            yield from (self._when(concern, name) for name in concern.recipients)
        if concern.doubt:
            yield printable.line(explain.doubt(concern))
        if where := explain.own_places(concern, decision):
            yield printable.line(where)
        yield from self._sentences(concern.matches, message)
        yield from self.evidence.lines(concern)
        yield from explain.word_lines(concern.matches, printable.line)

    def _when(self, concern: Concern, name: str) -> str:
        recipient = self.settings.recipients[name]
        due = schedule.due(concern.urgency, recipient, self.settings.office, self.now)
        return f"an {recipient.name}: ginge hinaus am {german.short_moment(due)}"

    def _sentences(self, matches: Iterable[Match], message: Message) -> Iterator[str]:
        """The sentences in which the words stand, each once, with all of its words marked."""
        sentences: dict[tuple[str, int, int], list[Match]] = {}
        stops = {"subject": Stops(message.subject), "new_text": Stops(message.new_text)}
        for match in matches:
            span = stops[match.field].sentence(match.start, match.end)
            sentences.setdefault((match.field, *span), []).append(match)
        for (field, start, end), inside in list(sentences.items())[:MOST_SENTENCES]:
            text = message.subject if field == "subject" else message.new_text
            yield f"{explain.field(inside[0])}: {self._marked(text, start, end, inside)}"
        if len(sentences) > MOST_SENTENCES:
            yield f"und {german.counted(len(sentences) - MOST_SENTENCES, 'weiterer Satz', 'weitere Sätze')}"

    def _marked(self, text: str, start: int, end: int, matches: Iterable[Match]) -> str:
        end = min(len(text), end + 1)  # with its full stop
        pieces, at = [], start
        for match in sorted(matches, key=lambda match: match.start):
            if match.start >= at:
                pieces += [printable.line(text[at : match.start]), self._word(printable.line(match.found))]
                at = match.end
        return " ".join("".join((*pieces, printable.line(text[at:end]))).split())

    def _word(self, word: str) -> str:
        return click.style(word, fg="yellow", bold=True, underline=True) if self.coloured else f"[{word}]"


def _unread(message: Message) -> Iterator[str]:
    """What of the mail is older than this message or below its signature, so that no rule looks at it."""
    read = Counter(line.strip() for line in message.new_text.splitlines())
    unread = []
    for line in message.text.splitlines():
        written = line.strip()
        if read[written] > 0:
            read[written] -= 1
        elif written:
            unread.append(written)
    if not unread:
        return
    lines = german.counted(len(unread), "Zeile", "Zeilen")
    yield click.style(f"Nicht gelesen (Zitat, Unterschrift oder Anhängsel), {lines}:", bold=True)
    for written in unread[:MOST_UNREAD]:
        shown = printable.line(written)
        yield click.style(f"  {shown[:100]}{'…' if len(shown) > 100 else ''}", dim=True)
    if len(unread) > MOST_UNREAD:
        yield click.style("  …", dim=True)
