"""What each fault of a mail server does to a letter, tried on a real connection; the table in docs/operations.md.

``python -m tests.support.manuals.smtp_faults`` tries all and renews the table; a test proves that it is current. The
scripted server has a reply per verb; the letter goes the whole way through the outbox.
"""

import contextlib
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from intake.base import errors
from routing import desk
from routing.service.daemon import outages
from tests import ROOT
from tests.routing.smtp.test_smtp import Scripted
from tests.servers import certificates
from tests.servers.smtp import SmtpSink
from tests.support import office
from tests.support.journeys import LAMP

OPERATIONS = ROOT / "docs" / "operations.md"
BEGIN, END = "<!-- smtp faults: made by python -m tests.support.manuals.smtp_faults -->", "<!-- end of smtp faults -->"
SILENT = "silence"
LOGIN = 'user = "kod"\npassword_env = "KOD_TEST_PASSWORD"'
HEADINGS = ("fault", "the letter", "counts as a try", "the operator hears", "once the server is well again")


@dataclass(frozen=True, slots=True)
class Fault:
    """``replies`` per verb ("DOT" is the final dot, None hangs up); ``server`` another than the scripted one."""

    name: str
    replies: dict[str, Any] = field(default_factory=dict)
    server: str = ""
    own: str = ""  # lines of our [smtp]
    security: str = "none"

    @property
    def patience(self) -> float:
        """Our time-out in seconds: short where the server is silent in the end, else never reached."""
        return 1 if SILENT in self.name else 120


FAULTS = (
    Fault("nobody listens", server="closed"),
    Fault("silence at the greeting", server=SILENT),
    Fault("421 at the greeting", {"HELLO": "421 4.3.2 closing"}),
    Fault("TLS wanted, none offered", security="starttls"),
    Fault("TLS certificate that nobody signed", server="tls", security="tls"),
    Fault("wrong password", {"EHLO": "250-test\r\n250 AUTH PLAIN", "AUTH": "535 5.7.8 bad"}, own=LOGIN),
    Fault("550 at MAIL (our sender is refused)", {"MAIL": "550 5.7.1 sender refused"}),
    Fault("452 at MAIL (its disk is full)", {"MAIL": "452 4.3.1 insufficient storage"}),
    Fault("552 at MAIL (too large)", {"MAIL": "552 5.3.4 message too large"}),
    Fault("421 at RCPT", {"RCPT": "421 4.3.2 closing"}),
    Fault("450 at RCPT (greylisting)", {"RCPT": "450 4.2.0 greylisted"}),
    Fault("550 at RCPT (no such user)", {"RCPT": "550 5.1.1 unknown user"}),
    Fault("hangs up before the final dot", {"DATA": None}),
    Fault("452 after the final dot", {"DOT": "452 4.3.1 insufficient storage"}),
    Fault("554 after the final dot (taken for spam)", {"DOT": "554 5.7.1 refused"}),
    Fault("hangs up after the final dot", {"DOT": None}),
    Fault("silence after the final dot", {"DOT": ""}),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a fault came to at the first pass, and once a server worked that stands in the other's place."""

    state: str
    attempts: int
    in_doubt: bool
    minutes: int  # until the next try
    told: str
    after: str


def tried(fault: Fault, folder: Path) -> Seen:
    """The fault at one pass; ten minutes later a server that works."""
    with (
        _server(fault, folder) as server,
        office.opened(folder, server, security=fault.security, smtp_more=fault.own, timeout=fault.patience) as place,
    ):
        place.store(LAMP)
        told = _pass(place)
        row = place.rows("SELECT state, attempts, in_doubt FROM deliveries")[0]
        minutes = _minutes_left(place)
    with SmtpSink() as sink, office.opened(folder, sink, "2026-06-10 09:10") as place:
        place.run()
        after = str(place.value("SELECT state FROM deliveries"))
    return Seen(row["state"], row["attempts"], bool(row["in_doubt"]), minutes, told, after)


@contextlib.contextmanager
def _server(fault: Fault, folder: Path) -> Iterator[Any]:
    if fault.server == "tls":
        folder.mkdir(exist_ok=True)
        with SmtpSink(security="tls", certificates=certificates.issue(folder)) as sink:
            yield sink
    elif fault.server == "closed":
        sink = SmtpSink()
        sink.start()
        sink.stop()
        yield sink
    else:
        replies = {"HELLO": ""} if fault.server == SILENT else fault.replies
        with Scripted(**replies) as scripted:
            yield scripted


def _pass(place: office.Office) -> str:
    """One pass; when the operator hears of what goes wrong."""
    try:
        place.run()
    except errors.IntakeError as error:
        return "at once" if outages.person_must_act(error) else "after three failures in a row"
    if "parked" in place.troubles():
        return "at once"
    return "after 4 hours; urgent letters: 15 minutes"


def _minutes_left(place: office.Office) -> int:
    """How long until the next try; 0 when that is as soon as the server answers."""
    [line] = desk.letters.listed(place.work.engine, [], 1)
    return max(0, round((line.due_at - place.clock()).total_seconds() / 60))


def told(fault: Fault, seen: Seen) -> tuple[str, ...]:
    """A row of the table."""
    waits = "as soon as the server answers" if not seen.minutes else f"in {seen.minutes} minute"
    letter = "is parked until a person decides" if seen.state == "parked" else f"waits, next try {waits}"
    counts = "yes" if seen.attempts else "no"
    after = {
        "sent": "goes out, perhaps for the second time: same Message-ID, marked" if seen.in_doubt else "goes out",
        "parked": "stays parked; `kod-intake outbox retry` sends it",
    }[seen.after]
    return fault.name, letter, counts, seen.told, after


def table(folder: Path) -> str:
    """All faults, tried now, as a Markdown table."""
    rows = [HEADINGS, ("---",) * len(HEADINGS)]
    rows += [told(fault, tried(fault, folder / str(number))) for number, fault in enumerate(FAULTS)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def shown() -> str:
    """The table as docs/operations.md has it."""
    found = re.search(
        f"{re.escape(BEGIN)}\n\n(.*?)\n\n{re.escape(END)}", OPERATIONS.read_text(encoding="utf-8"), re.DOTALL
    )
    return found[1] if found else ""


def renew(made: str) -> None:
    """Put the table into docs/operations.md."""
    text = OPERATIONS.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    OPERATIONS.write_text(f"{head}{BEGIN}\n\n{made}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        renew(table(Path(name)))
