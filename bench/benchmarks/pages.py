"""A page of the house on a database of years, against a small one: from the request to the last byte, medians.

The pages are served by the real server in this process; somebody with every role is signed in. A hundred concerns are
in review, the others open. The search for a word that stands nowhere is the worst: it ends when its time is over.
"""

import http.client
import secrets
import socket
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from bench import report
from bench.benchmarks import store
from bench.options import Options
from bench.support import installation, mailbox
from intake import storage
from routing.model.web import Role
from routing.service import runtime
from routing.store import accounts
from routing.web import application, server
from tests.servers.smtp import SmtpSink

SMALL = 1_000
ROUNDS = 7
MOST_SECONDS = 0.3
IN_REVIEW = 100
PAGES = {
    "Heute": "/",
    "Klärung, the list": "/klaerung",
    "Klärung, one": "/klaerung/KOD-2020-{last:06}",
    "Vorgang": "/vorgang/KOD-2020-000500",
    "Suche, a word of all": f"/suche?worte={quote('Rheinstraße')}",
    "Suche, a word of none": "/suche?worte=nirgendwo",
    "Suche, body and state": "/suche?stelle=kbk&stand=closed",
    "Postausgang": "/postausgang",
    "Regeln": "/regeln",
    "Datenschutz": "/datenschutz",
    "Zahlen, while a year is counted": "/zahlen?art=jahr",
    "Zahlen, counted": "/zahlen?art=jahr",
}
COUNTING = "werden gerade gezählt"


def measure(options: Options) -> Iterator[report.Row]:
    """A row for each page: seconds on the large database, against the small one."""
    times: dict[str, list[float]] = {name: [] for name in PAGES}
    sizes = (SMALL, options.concerns)
    with (
        mailbox.post_office(options.root, 0, (), security=options.security, seed=options.seed) as post,
        SmtpSink() as smtp,
    ):
        for size in sizes:
            config = installation.write(options.root / f"pages{size}", post, post.fill(), smtp.port)
            store.fill(config, size)
            with _opened(config, size) as (port, secret):
                for name, path in PAGES.items():
                    if name == "Zahlen, counted":
                        _wait(port, secret, path, size)
                    times[name].append(_median(port, secret, path.format(last=size)))
    for name, (small, big) in times.items():
        what = f"page {name}, {options.concerns} concerns"
        against = f"{SMALL} concerns: {small * 1000:.0f} ms"
        yield report.at_most(what, f"{big * 1000:.0f} ms", against, big / MOST_SECONDS, 1, "<= 300 ms")


@contextmanager
def _opened(config: Path, size: int) -> Iterator[tuple[int, str]]:
    """The pages on a port, and the secret of a session."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config.write_text(config.read_text() + f'\n[web]\nlisten = "127.0.0.1:{port}"\n')
    work = runtime.Runtime.open(config, installation.ENVIRONMENT, exclusive=False)
    secret = secrets.token_urlsafe(32)
    pages = server.Server(application.create(work), work.settings.web)
    try:
        work.compile()
        with storage.writing(work.engine) as connection:
            accounts.add(connection, "anna", "Anna", [str(role) for role in Role], "", work.clock())
            accounts.begin_session(connection, secret, "anna", "token", work.clock())
            step = max(1, size // IN_REVIEW)
            connection.execute(sa.text("UPDATE concerns SET state = 'review' WHERE id % :step = 0"), {"step": step})
        pages.start()
        yield port, secret
    finally:
        pages.stop()
        work.close()


def _wait(port: int, secret: str, path: str, size: int) -> None:
    """Until the figures are counted; tells how long that took since the page was opened first."""
    started = time.monotonic()
    while COUNTING in _page(port, secret, path):
        time.sleep(1)
    sys.stderr.write(f"figures of a year, {size} concerns: counted {time.monotonic() - started:.0f} s later\n")


def _median(port: int, secret: str, path: str) -> float:
    return statistics.median(_once(port, secret, path) for _ in range(ROUNDS))


def _once(port: int, secret: str, path: str) -> float:
    started = time.monotonic()
    _page(port, secret, path)
    return time.monotonic() - started


def _page(port: int, secret: str, path: str) -> str:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
        connection.request("GET", path, headers={"Cookie": f"intake_session={secret}"})
        response = connection.getresponse()
        text = response.read().decode()
    if response.status != 200:
        raise RuntimeError(f"{path}: {response.status}")
    return text
