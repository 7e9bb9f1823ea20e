"""An installation without a mailbox: mails are put straight into the store, the clock is set, letters go to the sink.

For tests of what happens between the store and the way out; a pass costs milliseconds. Everything is the real code,
the letters go over a real SMTP connection.
"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from intake import mail, storage
from intake.message import Arrival
from routing.pipeline.sending import Sender
from routing.service import channels, health, runtime
from tests.support import journeys
from tests.support.journeys import Clock, Letter, read_letter

OWN = "kod@krefeld.invalid"
_numbers = itertools.count(1)


class Office:
    """Work on an open runtime; see ``opened``."""

    def __init__(self, work: runtime.Runtime, clock: Clock, sink: Any) -> None:
        self.work = work
        self.clock = clock
        self.sink = sink
        self._server = work.transport()

    def receive(self, text: str, **how: str) -> int:
        """A mail (see ``store``) is worked as well: decided, letters frozen and sent. Returns the message's id."""
        self.store(text, **how)
        self.run()
        return int(self.value("SELECT max(id) FROM messages"))

    def store(self, text: str, *, sender: str = "anna@example.org", subject: str = "Hinweis", **headers: str) -> None:
        """A mail arrives now."""
        fields = {
            "From": f"Anna Beispiel <{sender}>",
            "To": OWN,
            "Subject": subject,
            "Message-ID": f"<{next(_numbers)}@example.org>",
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        body = text.replace("\n", "\r\n")
        self.put(f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n".encode())

    def put(self, raw: bytes) -> None:
        """A whole mail arrives now."""
        message = mail.parse(raw, received_at=self.clock())
        arrival = Arrival(
            source="kod", key=f"INBOX;1;{next(_numbers)}", received_at=self.clock(), raw=raw, message=message
        )
        with storage.writing(self.work.engine) as connection:
            storage.add(connection, [arrival], self.clock())

    def run(self) -> int:
        """Everything that is due now; how many letters were accepted."""
        while self.work.dispatch().total:
            pass
        self.work.follow_up()
        while self.work.freeze_letters():
            pass
        return Sender(self.work.engine, self.work.instance, self.clock).everything(lambda: self._server).sent

    def at(self, moment: str) -> int:
        """The clock is set and everything due is done; how many letters were accepted."""
        self.clock.set(moment)
        return self.run()

    def letters(self, *to: str) -> list[Letter]:
        """What the sink got, for these bodies or addresses, or all."""
        wanted = {journeys.ADDRESSES.get(name, name) for name in to}
        found = [read_letter(received) for received in list(self.sink.messages)]
        return [letter for letter in found if not wanted or wanted & set(letter.to)]

    def reply(self, letter: Letter, text: str, *, sender: str = "", **headers: str) -> int:
        """Somebody answers a letter: its Message-ID, its subject."""
        answered = {"In-Reply-To": letter.message_id, "References": letter.message_id}
        subject = headers.pop("Subject", f"AW: {letter.subject}")
        return self.receive(text, sender=sender or letter.to[0], subject=subject, **answered, **headers)

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Rows of the database."""
        with storage.reading(self.work.engine) as connection:
            return [dict(row) for row in connection.execute(sa.text(query)).mappings()]

    def value(self, query: str) -> Any:
        """The only value of the only row."""
        [row] = self.rows(query)
        [value] = row.values()
        return value

    def troubles(self) -> list[str]:
        """What ``status`` complains of, by name."""
        state = health.read(
            self.work.engine, self.work.settings, channels.configured(self.work.settings), self.clock()
        )
        return [trouble.name for trouble in state.troubles if trouble.name != "daemon"]

    def close(self) -> None:
        """End the connection."""
        self._server.close()


@contextmanager
def opened(
    folder: Path,
    sink: Any,
    moment: str = "2026-06-10 09:00",
    *,
    rules: str = journeys.BODIES + journeys.RULES,
    more: str = "",
    security: str = "none",
    smtp_more: str = "",
    timeout: float = 120,
    database: str = "",
    summary: str = "[]",
    operator: str = "",
) -> Iterator[Office]:
    """An office with the journeys' bodies and rules; ``more`` are further tables of config.toml."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "config.toml"
    service = f'database = "{database}"\n' if database else ""
    config.write_text(
        f'{journeys.CITY}[service]\ndata = "data"\n{service}[smtp]\nhost = "{sink.host}"\nport = {sink.port}\n'
        f'security = "{security}"\nfrom = "weiterleitung@krefeld.invalid"\n'
        f'reply_to = "{OWN}"\ntimeout_seconds = {timeout}\n{smtp_more}\n'
        f'[operator]\naddress = ["{journeys.OPERATOR}"]\nsummary = {summary}\n{operator}\n'
        f"{'' if '[desk]' in more else DESK}\n"
        f"{more}\n{rules}",
        encoding="utf-8",
    )
    clock = Clock(moment)
    work = runtime.Runtime.open(config, {"KOD_TEST_PASSWORD": "falsch"}, clock)
    office = Office(work, clock, sink)
    try:
        yield office
    finally:
        office.close()
        work.close()


DESK = "[desk]\nschedule = []\nreview_minutes = 0"
