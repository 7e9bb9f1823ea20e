"""Mailboxes full of generated mail on a private Dovecot: made once, hard-linked into as many mailboxes as needed."""

import contextlib
import imaplib
import itertools
import os
import ssl
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bench.support import mails
from tests.servers import dovecot, processes

Security = Literal["none", "tls"]


@dataclass(frozen=True, slots=True)
class Post:
    """``count`` generated mails in ``folder`` beside a running ``server``; ``size`` is their sum in bytes."""

    server: dovecot.Dovecot
    folder: Path
    count: int
    size: int
    security: Security
    names: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def port(self) -> int:
        """Where the mailboxes are read."""
        return self.server.imaps_port if self.security == "tls" else self.server.imap_port

    def fill(self, count: int | None = None, user: str = "") -> str:
        """A user whose INBOX holds the first ``count`` mails (all by default), already taken in by the server.

        Without ``user`` it is a new one.
        """
        user = user or f"bench{next(self.names)}"
        inbox = self.server.root / "mail" / user / "Maildir"
        for part in ("new", "cur", "tmp"):
            (inbox / part).mkdir(parents=True, exist_ok=True)
        for path in [inbox, inbox.parent, *inbox.iterdir()]:
            processes.give_away(path)
        for path in itertools.islice(sorted(self.folder.iterdir()), count):
            os.link(path, inbox / "new" / path.name)
        with log_in(self.port, user, self.server.ca_file if self.security == "tls" else None) as box:
            box.select("INBOX")
        return user


def log_in(port: int, user: str, ca_file: Path | None) -> imaplib.IMAP4:
    """A plain imaplib connection, by TLS when ``ca_file`` is given."""
    if ca_file:
        context = ssl.create_default_context(cafile=ca_file)
        box: imaplib.IMAP4 = imaplib.IMAP4_SSL(dovecot.Dovecot.host, port, ssl_context=context)
    else:
        box = imaplib.IMAP4(dovecot.Dovecot.host, port)
    box.login(user, dovecot.PASSWORD)
    return box


@contextlib.contextmanager
def post_office(root: Path, count: int, words: Sequence[str], *, security: Security, seed: int) -> Iterator[Post]:
    """A Dovecot in ``root`` and ``count`` generated mails that wait to be put into mailboxes."""
    with post_office_with(root, mails.generate(count, words, seed=seed), security=security) as post:
        yield post


@contextlib.contextmanager
def post_office_with(root: Path, letters: Iterable[bytes], *, security: Security) -> Iterator[Post]:
    """The same with these mails."""
    folder = root / "mails"
    folder.mkdir()
    size = number = 0
    for number, raw in enumerate(letters, 1):
        path = folder / f"{1_700_000_000 + number}.M{number}.bench,S={len(raw)},W={len(raw)}"
        path.write_bytes(raw)
        processes.give_away(path)
        size += len(raw)
    (root / "imap").mkdir()
    for path in (root, root / "imap"):
        processes.give_away(path)
    with dovecot.Dovecot(root / "imap") as server:
        yield Post(server, folder, number, size, security)
