"""What ``list`` and ``show`` print: cases in words for the desk.

Everything a citizen, a body's server or a file brought is shown as printable characters only: no control characters,
so no escape sequences and no forged lines.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from intake.base import german
from intake.message import Attachment
from routing.cli.output.printable import WIDTH, line, visible
from routing.model import words

LONGEST_WORDS = 70


def print_table(found: Iterable[Any]) -> None:
    """The desk's list, at least 100 columns wide; the day without its year, which the number has."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("Vorgang", "Eingang", "Stand", "Dringlichkeit", "an wen", "Anliegen, Ort"):
        table.add_column(title, no_wrap=title not in {"an wen", "Anliegen, Ort"}, overflow="fold")
    for item in found:
        cells = (
            item.number,
            f"{german.local(item.opened_at):%d.%m. %H:%M}",
            words.CONCERN.get(item.state, "gespeichert").capitalize(),
            item.urgency,
            ", ".join(item.recipients),
            _matter(item),
        )
        table.add_row(*(Text(line(cell)) for cell in cells))
    console = Console()
    console.width = max(console.width, WIDTH)
    console.print(table)


def _matter(item: Any) -> str:
    """The narrow name of the category, as in subjects, and the place; without a category the message's own words."""
    if item.category:
        return ", ".join(part for part in (item.category.rpartition(" / ")[2], item.place) if part)
    about = " ".join(item.about.split())
    if len(about) > LONGEST_WORDS:
        about = about[: LONGEST_WORDS + 1].rpartition(" ")[0] or about[:LONGEST_WORDS]
        about += " …"
    return ", ".join(part for part in (f"„{about}“" if about else "", item.place) if part)


def case_lines(case: Any, names: Mapping[str, str]) -> Iterator[str]:
    """A case as ``show`` prints it, line by line in order; ``names`` are the bodies' names keyed by their ids."""
    yield click.style(case.number, bold=True)
    for concern in case.concerns:
        yield from _concern(concern, [row for row in case.letters if row.concern_id == concern.id], case, names)
    for stored in case.messages:
        yield from _message(stored)
    for decision in case.decisions:
        yield f"\nEntscheidung {german.short_moment(decision.at)} ({who(decision.actor)}): {line(decision.reason)}"
        matches = (match for concern in decision.detail.get("concerns", ()) for match in concern["matches"])
        told = (f"„{line(m['found'])}“ → Regel „{line(m['rule'])}“ ({line(m['keyword'])})" for m in matches)
        yield from (f"  {one}" for one in dict.fromkeys(told))
    yield "\nVerlauf"
    for entry in case.timeline:
        by = "" if entry.actor in {"", "daemon", *names} else who(entry.actor)
        doer = f" ({by})" if by and by not in entry.what else ""
        yield f"  {german.short_moment(entry.at)}  {line(entry.what)}{line(doer)}"


def _concern(concern: Any, letters: Sequence[Any], case: Any, names: Mapping[str, str]) -> Iterator[str]:
    position = f"-{concern.position} " if len(case.concerns) > 1 else ""
    state = ", ".join(part for part in (words.CONCERN[concern.state].capitalize(), concern.urgency) if part)
    matter = ", ".join(
        part for part in (concern.category or "ohne Kategorie", concern.place, concern.district) if part
    )
    yield f"  {position}{state}: {line(matter)}"
    if concern.waits_for:
        yield f"    ! {line(concern.waits_for)}"
    told = (_letter(row, names.get(row.recipient, row.recipient)) for row in letters if row.planned != "cancelled")
    yield from (f"    {line(one)}" for one in dict.fromkeys(told))


def _letter(row: Any, name: str) -> str:
    """Where the letter about a concern to one body stands."""
    if row.report_id is not None:
        name += ", Nachtrag über weitere Meldungen"
    if row.planned == "planned":
        return f"geplant: {name}, {_weekday(row.planned_for)}"
    if row.planned == "parked":
        return f"an {name}: das Schreiben ließ sich nicht verfassen ({row.reason})"
    at = f" am {german.short_moment(row.finished_at)}" if row.finished_at else ""
    states = {
        "sent": f"{words.DELIVERY['sent']}{at}",
        "parked": f"{words.DELIVERY['parked']} ({row.reply})",
        "cancelled": "wird nicht mehr verschickt",
        "held": f"{words.DELIVERY['held']}, siehe kod-intake outbox",
        "bounced": f"kam als unzustellbar zurück ({row.reply})",
    }
    answer = f"; Antwort: {words.ANSWER[row.answer]}" if row.answer else ""
    return f"an {name}: {states.get(row.state, 'wird gerade verschickt')}{answer}"


def _weekday(moment: datetime) -> str:
    return f"{german.WEEKDAYS[german.local(moment).weekday()]}, {german.short_moment(moment)}"


def _message(stored: Any) -> Iterator[str]:
    message = stored.message
    yield f"\n{message.channel}, {german.long_moment(stored.received_at)}"
    address = f"<{message.from_addr}>" if message.from_name and message.from_addr else message.from_addr
    person = " ".join(part for part in (message.from_name, address, message.contact) if part)
    if person:
        yield f"Von: {line(person)}"
    if message.subject:
        yield f"Betreff: {line(message.subject)}"
    yield from (f"  {one}" for one in visible(message.new_text or message.text).splitlines())
    if files := [file for file in message.attachments if not file.decoration]:
        yield f"Anhänge: {line('; '.join(_files(files)))}"
    yield from (f"  ! {line(problem)}" for problem in message.problems)


def _files(files: Sequence[Attachment]) -> Iterator[str]:
    """Each file by name and size; one within a forwarded mail behind that."""
    for forwarded, some in itertools.groupby(files, key=lambda file: file.forwarded):
        named = ", ".join(f"{file.name or file.content_type} ({_size(file.size)})" for file in some)
        yield f"darin: {named}" if forwarded else named


def _size(octets: int) -> str:
    return f"{german.number(-(-octets // 1000))} KB"


def who(actor: str) -> str:
    """Who did it, for people: the daemon is the program."""
    return "kod-intake" if actor == "daemon" else line(actor)
