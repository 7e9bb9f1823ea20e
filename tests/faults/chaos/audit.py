"""What must hold after a run: the books balance, everything came once or is marked, every outage began and ended."""

import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from email import message_from_bytes, policy

from tests.faults.chaos.city import City
from tests.faults.chaos.killer import received
from tests.support.installation import OPERATOR

IN_TIME = 120.0
"""Seconds of an open way within which an emergency is out: a minute until another daemon takes over, one more because
the machine is busy with chaos."""
A_LETTER = 1.0
"""Seconds more for each letter, all of them urgent, that was accepted while it waited: a busy machine sends three."""
MOST = 3
"""Findings of a kind that are told."""
STARTS = "Der Dienst kann nicht starten."
"""An outage that each daemon has for itself: it has no database to agree in."""
BEGINS, ENDS = "Störung: ", "Störung behoben: "
LETTER = {"Störung": "b", "Störung, neue Ursache": "c", "Störung behoben": "e"}
ONCE = re.compile(r"(bc*e)*")
AT_LEAST_ONCE = re.compile(r"(b+c*e+)*")
"""A server that takes a mail and hangs up gets it again."""


def findings(there: City, closed: Sequence[tuple[float, float]]) -> Iterator[str]:
    """Everything that is not as promised, each as a line; all is at rest and the daemons still run."""
    for found in (_ends(there), _stored(there), _letters(there), _outages(there), _late(there, closed), _bugs(there)):
        lines = list(found)
        yield from lines[:MOST]
        if len(lines) > MOST:
            yield f"and {len(lines) - MOST} more of this kind"


def figures(there: City, faults: int) -> dict[str, int]:
    """What a run had to do with."""
    taken = received(there.sink)
    return {
        "faults": faults,
        "mails": len(there.work.mails),
        "rows": len(there.work.calls),
        "letters": len(taken),
        "repeated": sum(count > 1 for count in taken.values()),
        "told": len(there.first.calls()),
    }


def left(there: City) -> dict[str, object]:
    """What is not done yet."""
    first = there.first
    states = first.rows("SELECT state, count(*) AS n FROM deliveries GROUP BY state")
    return {
        "inbox": len(first.inbox()),
        "files": [path.name for path in first.drop.glob("*.csv")],
        "waiting": first.count("waiting"),
        "forwards": first.count("forwards", "state <> 'composed'"),
        "deliveries": {row.state: row.n for row in states},
        "conditions": [row.name for row in first.rows("SELECT name FROM conditions")],
        "open outages": open_outages(there),
        "daemons": [(seat.process_id, seat.ended) for seat in there.seats],
    }


def open_outages(there: City) -> list[str]:
    """Titles of outages that the operator was told of, by command or mail, and not yet of their end."""
    last = {title.partition(": ")[2]: title for title in _mailed(there) if title.startswith((BEGINS, ENDS))}
    mailed = {what for what, title in last.items() if title.startswith(BEGINS)}  # a mail may come twice
    balance: Counter[str] = Counter()
    for title in _commanded(there):
        if title.startswith((BEGINS, ENDS)):
            balance[title.partition(": ")[2]] += 1 if title.startswith(BEGINS) else -1
    return sorted(mailed | {title for title, count in balance.items() if count > 0})


def _ends(there: City) -> Iterator[str]:
    end = time.monotonic() + IN_TIME
    while (status := there.first.run("status", "--json")).returncode != 0 and time.monotonic() < end:
        time.sleep(0.2)  # a busy machine may not answer it in time
    if status.returncode != 0:
        troubles = json.loads(status.stdout or "{}").get("troubles", status.stderr)
        yield f"status {status.returncode} in peace: {troubles}"
    for seat in there.seats:
        seat.wanted = False
        if (code := seat.installation.stop()) != 0:
            yield f"a daemon ended with {code}"
    books = there.first.run("books")
    if books.returncode != 0:
        yield f"the books do not balance: {books.stdout}{books.stderr}"


def _stored(there: City) -> Iterator[str]:
    first, work = there.first, there.work
    rows = first.rows("SELECT data FROM raw_messages JOIN messages ON id = message_id WHERE channel = 'E-Mail'")
    yield from _differ("mails stored", Counter(work.mails), Counter(bytes(row.data) for row in rows))
    yield from _differ("mails filed away", Counter(work.mails), Counter(first.inbox("kod-intake/Erledigt")))
    calls = first.rows("SELECT text FROM messages WHERE channel = 'Telefon'")
    yield from _differ("rows stored", Counter(work.calls), Counter(row.text for row in calls))
    everything = len(work.mails) + len(work.calls)
    for table in ("messages", "cases", "concerns"):
        if (count := first.count(table)) != everything:
            yield f"{count} {table} of {everything} messages"
    done = list((first.drop / "erledigt").glob("*.csv"))
    if len(done) != work.logs:
        yield f"{len(done)} phone logs filed away of {work.logs}"


def _differ(what: str, wanted: Counter[bytes] | Counter[str], found: Counter[bytes] | Counter[str]) -> Iterator[str]:
    missing, too_many = Counter(wanted), Counter(found)
    missing.subtract(found)
    too_many.subtract(wanted)
    for word, items in (("missing", +missing), ("too many", +too_many)):
        if items:
            yield f"{what}: {items.total()} {word}: {list(items)[:2]}"


def _letters(there: City) -> Iterator[str]:
    rows = there.first.rows(
        "SELECT mail_id, address, raw, in_doubt, state FROM deliveries JOIN letters ON letters.id = letter_id"
    )
    planned = {(row.mail_id.strip("<>"), row.address): row for row in rows}
    taken = received(there.sink)
    if unknown := taken.keys() - planned.keys():
        yield f"letters nobody planned: {sorted(unknown)[:3]}"
    if missing := planned.keys() - taken.keys():
        yield f"letters that never arrived: {sorted(missing)[:3]}"
    if unmarked := [letter for letter, count in taken.items() if count > 1 and not planned[letter].in_doubt]:
        yield f"letters that arrived again without a mark: {unmarked[:3]}"
    frozen = {bytes(row.raw) for row in rows}
    if {item.content for item in there.sink.messages if OPERATOR not in item.recipients} - frozen:
        yield "a letter arrived with other bytes than its own"


def _outages(there: City) -> Iterator[str]:
    for way, titles, course in (("by command", _commanded(there), ONCE), ("by mail", _mailed(there), AT_LEAST_ONCE)):
        told: dict[str, list[str]] = defaultdict(list)
        for title in titles:
            kind, _, what = title.partition(": ")
            told[what].append(LETTER.get(kind, "?"))
        for what, kinds in told.items():
            order = "".join(kinds)
            if what == STARTS and len(there.seats) > 1 and order.count("b") == order.count("e"):
                continue
            if not course.fullmatch(order):
                yield f"told {way} of {what!r} in the order {' '.join(kinds)} (b: begins, c: another cause, e: ends)"


def _commanded(there: City) -> list[str]:
    return [call.partition("\n")[0] for call in there.first.calls()]


def _mailed(there: City) -> list[str]:
    mails = [item.content for item in there.sink.messages if item.recipients == (OPERATOR,)]
    subjects = [str(message_from_bytes(content, policy=policy.default)["Subject"]) for content in mails]
    return [re.sub(r"^\[KOD-(.*?)\] (Neue Ursache)?", _kind, subject) for subject in subjects]


def _kind(found: "re.Match[str]") -> str:
    return f"{found[1]}, neue Ursache" if found[2] else f"{found[1]}: "


def _late(there: City, closed: Sequence[tuple[float, float]]) -> Iterator[str]:
    accepted: dict[tuple[str, str], float] = {}
    for item in there.sink.messages:
        for letter in _of(item.content, item.recipients):
            accepted.setdefault(letter, item.at)
    rows = there.first.rows(
        "SELECT messages.mail_id AS came_as, text, letters.mail_id, address, attempts FROM messages "
        "JOIN concerns ON concerns.message_id = messages.id JOIN forwards ON forwards.concern_id = concerns.id "
        "JOIN letters ON letters.id = forwards.letter_id JOIN deliveries ON deliveries.letter_id = letters.id"
    )
    led = set()
    for row in rows:
        came_as = row.came_as if row.came_as in there.work.letters else row.text
        led.add(came_as)
        came = there.work.letters.get(came_as)
        out = accepted.get((row.mail_id.strip("<>"), row.address))
        if came is None:
            yield f"a letter for what needs none: {came_as!r}"
        elif out is not None:
            waited = max(length for length in _open(came, out, closed))
            before = sum(came < at < out for at in accepted.values())
            if waited > IN_TIME + A_LETTER * before + 60 * (2 ** max(row.attempts - 1, 0) - 1):
                yield f"{came_as!r} waited {waited:.0f} s of an open way ({out - came:.0f} s, {row.attempts} tries)"
    if missing := there.work.letters.keys() - led:
        yield f"no letter for {sorted(missing)[:3]}"


def _of(content: bytes, recipients: Iterable[str]) -> list[tuple[str, str]]:
    found = re.search(rb"(?im)^message-id:\s*<([^>]+)>", content)
    return [(found[1].decode() if found else "", address) for address in recipients]


def _open(start: float, end: float, closed: Sequence[tuple[float, float]]) -> Iterator[float]:
    """Lengths of the stretches between ``start`` and ``end`` in which nothing was closed; 0 among them."""
    yield 0.0
    at = start
    for since, until in sorted(closed):
        if since > end:
            break
        if since > at:
            yield since - at
        at = max(at, until)
    yield max(0.0, end - at)


def _bugs(there: City) -> Iterator[str]:
    """A traceback in the log is something that nobody expected."""
    for number, seat in enumerate(there.seats):
        found = re.findall(r"(?m)^Traceback.*\n(?:[ \n].*\n|\n)*(.{0,160})", seat.installation.logged())
        for kind, count in Counter(found).items():
            yield f"daemon {number}: {count} tracebacks: {kind}"
