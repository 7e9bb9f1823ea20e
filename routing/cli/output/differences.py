"""What ``backtest`` prints: differences grouped for staff, or as one JSON object for machines.

A citizen's words are shown shortened, without what points at a person, and as printable characters only.
"""

from collections.abc import Iterator
from typing import Any

import click

from intake.base import german
from intake.message import Message
from routing.cli.output import printable
from routing.rules import backtest_words
from routing.rules.backtest import Group, Routing, Tally
from routing.text import redaction
from routing.text.redaction import CityWords

LONGEST_EXAMPLE = 110
LONGEST_READ = 5000  # characters of a message that are looked through for an example


def lines(tally: Tally, city: CityWords) -> Iterator[str]:
    """What staff reads, in order: the groups, those with something urgent first, then the largest."""
    total = german.counted(tally.total, "Nachricht", "Nachrichten")
    if not tally.total:
        yield "Es sind noch keine Nachrichten gespeichert. Mit --table nehmen Sie Texte aus einer Tabelle."
    elif not tally.groups:
        yield f"{total} verglichen. Keine würde anders weitergeleitet."
    else:
        would = "würde" if tally.changed == 1 else "würden"
        yield click.style(
            f"{total} verglichen. {german.number(tally.changed)} {would} anders weitergeleitet:", bold=True
        )
        for group in backtest_words.urgent_first(tally):
            yield ""
            yield from _group(group, city)
    if tally.renamed:
        yield f"\nBei {german.counted(tally.renamed, 'Nachricht', 'Nachrichten')} änderte sich nur die Kategorie."


def _group(group: Group, city: CityWords) -> Iterator[str]:
    yield click.style(backtest_words.title(group), bold=True)
    yield from backtest_words.causes(group)
    for example in group.examples:
        yield f"        {example.name}: {shown(example.message, example.found, city)}"


def shown(message: Message, found: str, city: CityWords) -> str:
    """A message's words around ``found``, short, without what points at a person, for a terminal."""
    whole = " – ".join(part for part in (message.subject, message.new_text) if part)
    redacted = redaction.redact(whole[:LONGEST_READ], city, own_names=(message.from_name, message.from_addr))
    text = " ".join(redacted.text.split())
    at = text.find(" ".join(found.split())) if found else -1
    start = max(0, at - LONGEST_EXAMPLE // 2) if at > LONGEST_EXAMPLE // 2 else 0
    part = text[start : start + LONGEST_EXAMPLE]
    if at >= 0:
        end = at - start + len(" ".join(found.split()))
        part = f"{part[: at - start]}[{part[at - start : end]}]{part[end:]}"
    return f"„{'… ' if start else ''}{printable.line(part)}{' …' if start + LONGEST_EXAMPLE < len(text) else ''}“"


def values(tally: Tally, city: CityWords) -> dict[str, Any]:
    """The same for machines: counts, and lists with one entry for each difference, keyed by name."""
    return {
        "messages": tally.total,
        "changed": tally.changed,
        "renamed": tally.renamed,
        "groups": [
            {
                "count": group.count,
                "urgent": group.is_urgent,
                "before": _outcome_values(group.before),
                "after": _outcome_values(group.after),
                "causes": [
                    {"change": cause.change, "rule": cause.rule, "keyword": cause.keyword, "count": count}
                    for cause, count in group.causes.most_common()
                ],
                "examples": [
                    {"name": example.name, "text": shown(example.message, example.found, city)}
                    for example in group.examples
                ],
            }
            for group in backtest_words.urgent_first(tally)
        ],
    }


def _outcome_values(outcome: Routing) -> dict[str, Any]:
    return {
        "state": outcome.state,
        "kind": outcome.kind or "concern",
        "recipients": [{"name": name, "urgency": urgency} for name, urgency in outcome.going],
    }
