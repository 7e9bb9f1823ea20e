"""What ``suggest`` prints: valid TOML for config.toml, with the counts behind each word as comments."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from intake.base import german
from routing.model.settings import Settings
from routing.rules.lint.usage import Misleading
from routing.rules.suggest import Advice, Body, Proposal

HOW = """\
# Prüfen Sie jedes Wort. Nehmen Sie es in eine Regel auf, die es schon gibt, oder übernehmen Sie die Regel und tragen
# Sie Name, Kategorie und Dringlichkeit ein. Schreiben Sie Beispiele dazu. Danach: kod-intake check und backtest."""


def lines(advice: Advice, settings: Settings, now: datetime, misleading: Iterable[Misleading] = ()) -> Iterator[str]:
    """The proposals in order, grouped by body, the most useful first.

    Then what has no body yet, and words that misled.

    ``now`` is aware.
    """
    counted = german.counted(advice.messages, "Nachricht", "Nachrichten")
    waiting = german.counted(advice.waiting, "ist", "sind")
    yield f"# Vorschläge aus {counted}, Stand {german.short_moment(now)}."
    yield (
        f"# {german.number(advice.missed)} hat ein Mensch einer Stelle zugewiesen, zu der keine Regel führt; "
        f"{waiting} in Klärung."
    )
    if not advice.proposals:
        yield "# Kein Wort kommt darin oft und eindeutig genug vor, um es vorzuschlagen."
    else:
        yield (
            f"# Mit diesen Wörtern kämen {german.number(advice.gained)} von {german.number(advice.missed)} an die "
            f"richtige Stelle, höchstens {german.number(advice.wrong)} andere zusätzlich an eine falsche."
        )
        yield HOW
    together: dict[Body, list[Proposal]] = defaultdict(list)
    for proposal in advice.proposals:
        together[proposal.body].append(proposal)
    for number, (body, proposals) in enumerate(together.items(), 1):
        yield ""
        yield from _rule(number, body, proposals, settings)
    if advice.open:
        yield ""
        yield "# Häufig in Klärung, noch ohne Stelle:"
        yield from (f'#   "{word.word}": {word.waiting} in Klärung, {word.elsewhere} anderswo' for word in advice.open)
    if misleading := tuple(misleading):
        yield ""
        yield "# Diese Schlüsselwörter führten in die Irre; ein Mensch hat die Nachrichten anders zugewiesen:"
        for one in misleading:
            yield f'#   "{one.keyword}" der Regel „{one.rule}“: {one.corrected} von {one.matched}'


def _rule(number: int, body: Body, proposals: list[Proposal], settings: Settings) -> Iterator[str]:
    names = [settings.body_name(name) for name in body]
    yield "[[rules]]"
    yield f"name = {_quoted(f'Vorschlag {number}: {german.listed(names)}')}"
    yield 'category = "Hinweis"'
    yield f"recipient = [{', '.join(map(_quoted, body))}]" if len(body) > 1 else f"recipient = {_quoted(body[0])}"
    yield 'urgency = "heute"'
    yield "keywords = ["
    words = [f"  {_quoted(proposal.keyword)}," for proposal in proposals]
    width = max(map(len, words))
    for word, proposal in zip(words, proposals, strict=True):
        yield f"{word:<{width}}  # {_counts(proposal)}"
    yield "]"
    if all(proposal.states for proposal in proposals):
        states = dict.fromkeys(state for proposal in proposals for state in proposal.states)
        yield f"states = [{', '.join(map(_quoted, states))}]  # ein Hinweis ist die Sache mit einem davon"


def _counts(proposal: Proposal) -> str:
    strength = f"{proposal.strength:.1f}".replace(".", ",")
    waiting = f", in Klärung {proposal.waiting}" if proposal.waiting else ""
    states = f"; meist dabei: {german.listed(proposal.states)}" if proposal.states else ""
    right = f"{proposal.gained} mehr richtig; richtig {proposal.right}, falsch {proposal.wrong}"
    return f"{right}{waiting}{states}; G² {strength}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
