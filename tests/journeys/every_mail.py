"""``python -m tests.journeys.every_mail``: the mails and lists of all corpora through one installation; the account.

Each sentence that a corpus has becomes a mail, written as one of several programs would; each mail comes as it is, and
some come twice. Then: on the server = arrived, arrived = stored and repeated, stored = listed, and ``books`` finds no
difference. Exit code 1, with what differs, otherwise. ``--mails`` is how many mails at least, ``--seed`` which ones.
"""

import argparse
import base64
import csv
import io
import json
import quopri
import random
import re
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from email.header import Header
from pathlib import Path
from typing import Any

from tests import TESTS
from tests.intake.phone_log import test_foreign_lists as foreign_lists
from tests.routing.planning import foreign_mails
from tests.servers import processes
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink
from tests.support.journeys import Clock, Installation

DATA = TESTS / "data"
REPEATED = 40
"""Mails that come a second time."""
_OF_CASE = re.compile(r"(?<=-\d{6})-\d+$")  # which concern of its case
STATES = ("klärung", "offen", "beantwortet", "geschlossen", "ersetzt", "gespeichert")


def sentences() -> Iterator[str]:
    """What people write, in all corpora."""
    for file in sorted((DATA / "signs").glob("*.txt")):
        yield from filter(None, file.read_text("utf-8").split("\n"))
    for file in sorted((DATA / "strangers").glob("*.csv")):
        yield from (row["text"] for row in csv.DictReader(io.StringIO(file.read_text("utf-8")), delimiter=";"))
    for line in (DATA / "replies.txt").read_text("utf-8").split("\n"):
        if line and not line.startswith("#"):
            yield line.partition(": ")[2].replace("⏎", "\n")
    for file in sorted(DATA.glob("*.toml")):
        yield from _texts(tomllib.loads(file.read_text("utf-8")))


def _texts(values: Any) -> Iterator[str]:
    if isinstance(values, str):
        yield from [values] if " " in values else []
    elif isinstance(values, dict | list):
        for value in values.values() if isinstance(values, dict) else values:
            yield from _texts(value)


def originals() -> Iterator[bytes]:
    """The mails of all corpora, as they are."""
    yield from (path.read_bytes() for path in sorted((TESTS / "mails").glob("*.eml")))
    for file in sorted(foreign_mails.FOLDER.glob("*.txt")):
        yield from (case.raw for case in foreign_mails.cases(file))


def written(text: str, number: int, chance: random.Random) -> bytes:
    """A mail that says ``text``, as one of several programs writes it."""
    body, content, encoding = text.encode("utf-8"), "text/plain; charset=utf-8", "8bit"
    match chance.randrange(8):
        case 0:
            body, encoding = base64.encodebytes(body), "base64"
        case 1:
            body, encoding = quopri.encodestring(body), "quoted-printable"
        case 2:
            body, content = text.encode("cp1252", "replace"), "text/plain; charset=iso-8859-1"
        case 3:
            page = text.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>")
            body, content = f"<html><p>{page}</p></html>".encode(), "text/html; charset=utf-8"
        case 4:
            body += "\n\nAm 29.11.2026 um 10:00 schrieb KOD:\n> Vielen Dank für Ihren Hinweis.\n".encode()
        case 5:
            parts = (
                f"--x\nContent-Type: text/plain; charset=utf-8\n\n{text}\n--x\nContent-Type: image/png; name=a.png\n"
            )
            body, content = f"{parts}\niVBORw0KGgo=\n--x--\n".encode(), "multipart/mixed; boundary=x"
        case 6:
            content = "text/plain"
        case _:
            body = text.encode("utf-8").decode("cp1252", "replace").encode("utf-8")
    head = {
        "From": f"Person {number} <p{number}@post.invalid>",
        "To": "kod@krefeld.invalid",
        "Subject": Header(" ".join(text.split()[:5]) if chance.random() < 0.3 else "Hinweis", "utf-8").encode(),
        "Date": "Mon, 30 Nov 2026 09:00:00 +0100",
        "Message-ID": f"<{number}@every.invalid>",
        "Content-Type": content,
        "Content-Transfer-Encoding": encoding,
    }
    lines = "".join(f"{name}: {value}\n" for name, value in head.items() if chance.random() < 0.99)
    return f"{lines}\n".encode() + body


def mails(least: int, chance: random.Random) -> list[bytes]:
    """At least so many mails, all corpora among them, in no order."""
    found, said = list(originals()), list(dict.fromkeys(sentences()))
    chance.shuffle(said)
    count = max(len(said), least - len(found) - REPEATED)
    found += [written(said[number % len(said)], number, chance) for number in range(count)]
    found += chance.sample(found, REPEATED)
    chance.shuffle(found)
    return found


def lists(folder: Path) -> int:
    """Every list of the corpora into the drop folder; how many."""
    for number, (_, case) in enumerate(foreign_lists.CASES):
        (folder / f"{number:03} {case['name']}").write_bytes(foreign_lists.content(case))
    return len(foreign_lists.CASES)


def differences(place: Installation, sent: int) -> Iterator[str]:
    """What does not add up."""
    left = len(place.server.messages(place.user))
    kept = {name: len(place.server.messages(place.user, name)) for name in place.server.folders(place.user)}
    arrived = place.count("arrivals", "key LIKE '%;%;%'")
    stored = place.count("messages")
    listed = [json.loads(line) for line in _listing(place).splitlines()]
    numbers = {_OF_CASE.sub("", item["number"]) for item in listed}
    rows = place.rows(
        "SELECT messages.id AS id, number FROM messages JOIN decisions ON decisions.message_id = messages.id "
        "LEFT JOIN cases ON cases.id = case_id ORDER BY decisions.id"
    )
    newest = {row["id"]: row["number"] or f"N-{row['id']}" for row in rows}
    shown = [number for number in newest.values() if number in numbers]
    print(
        f"sent {sent}, on the server {kept} and {left} left, arrived {arrived}, stored {stored}, listed {len(shown)}"
    )
    if left or sum(kept.values()) != sent or arrived != sent:
        yield "server and store"
    if len(newest) != stored or len(shown) != stored:
        yield f"listed: {sorted(set(newest.values()) - numbers)[:10]}"
    books = place.run("books")
    print(books.stdout.strip().splitlines()[-1] if books.stdout.strip() else books.stderr)
    if books.returncode:
        yield f"books: {books.stdout}"


def _listing(place: Installation) -> str:
    wanted = [word for state in STATES for word in ("--state", state)]
    return place.run("list", "--json", "--limit", "1000000", *wanted).stdout


def main() -> int:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="make journey ARGS=…", description=__doc__)
    parser.add_argument("--mails", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        processes.server_folder("dovecot") as folder,
        Dovecot(folder) as server,
        SmtpSink() as sink,
    ):
        place = Installation(Path(name), server, sink)
        place.shipped_rules()
        every = mails(chosen.mails, random.Random(chosen.seed))
        place.deliver(*every)
        files, began = lists(place.drop), time.monotonic()
        for moment in ("2026-11-30 09:00", "2026-11-30 14:00"):
            done = place.once(Clock(moment))
            print(done)
        found = list(differences(place, len(every)))
        print(f"{files} lists, {time.monotonic() - began:.0f} s", *found, sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
