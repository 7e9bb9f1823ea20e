"""A private Dovecot: IMAP, IMAP with STARTTLS and IMAPS on free loopback ports, mailboxes as Maildir.

Any user name may log in with :data:`PASSWORD` and gets a mailbox of its own at the first login or delivery, so every
test takes a fresh name. Mail is delivered by dropping files into the Maildir, as a local mail server would.
It speaks Dovecot 2.3 and 2.4 (Debian 12 and 13) and starts in about 60 ms.
"""

import itertools
import os
import re
import socket
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from imapclient import imap_utf7

from tests.servers import certificates, dovecot_configuration, processes
from tests.support.waiting import CEILING, until

PASSWORD = "geheim"
CAPABILITIES = (
    "IMAP4rev1 LITERAL+ SASL-IR ID ENABLE IDLE NAMESPACE UIDPLUS MOVE CHILDREN SPECIAL-USE UNSELECT ESEARCH "
    "CONDSTORE QRESYNC"
)
_FLAGS = {"D": "\\Draft", "F": "\\Flagged", "P": "$Forwarded", "R": "\\Answered", "S": "\\Seen", "T": "\\Deleted"}
_STARTS = 3  # another process may take a free port before Dovecot does


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A mail as it lies in a Maildir: its bytes, and IMAP flags and keywords by name."""

    raw: bytes
    flags: frozenset[str]


class Dovecot:
    """One IMAP server in ``root`` (see ``processes.server_folder``), not yet started.

    ``without`` takes capabilities away (MOVE, UIDPLUS, IDLE …). ``separator`` and ``prefix`` shape the namespace
    ("." and "INBOX." are common elsewhere). ``quota`` limits each mailbox in bytes. ``rights`` lets
    ``write_acl`` take rights away. ``introspection`` is the address (ending in "=") that tells whom a token belongs
    to. The certificate is for ``names`` (default: localhost and 127.0.0.1). ``settings`` is appended to dovecot.conf.
    """

    host = processes.LOOPBACK

    def __init__(
        self,
        root: Path,
        *,
        without: Collection[str] = (),
        separator: str = "/",
        prefix: str = "",
        quota: int | None = None,
        rights: bool = False,
        password: str = PASSWORD,
        names: Collection[str] = (),
        introspection: str = "",
        settings: str = "",
    ) -> None:
        self.root = root
        self.capabilities = [name for name in CAPABILITIES.split() if name not in without]
        self.separator = separator
        self.prefix = prefix
        self.quota = quota
        self.rights = rights
        self.password = password
        self.introspection = introspection
        self.settings = settings
        self.certificates = certificates.issue(root, *names)
        self.imap_port = processes.free_port()
        self.imaps_port = processes.free_port()
        self._daemon: processes.Daemon | None = None
        self._names = itertools.count(1)

    @property
    def ca_file(self) -> Path:
        """What a client must trust."""
        return self.certificates.ca

    @property
    def log(self) -> str:
        """Everything Dovecot logged so far."""
        path = self.root / "dovecot.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start and wait until the greeting comes; the ports stay the same over a stop and a start where possible."""
        program = processes.find_program("dovecot", "dovecot-imapd")
        for attempt in range(_STARTS):
            self._write_configuration()
            self._daemon = processes.Daemon(
                [program, "-F", "-c", self.root / "dovecot.conf"], folder=self.root, output=self.root / "output"
            )
            try:
                return self._wait_for_greeting()
            except RuntimeError as ended:
                self.stop()
                if attempt == _STARTS - 1 or "already in use" not in self.log + str(ended):
                    raise RuntimeError(f"{ended}\n{self.log}") from None
                self.imap_port, self.imaps_port = processes.free_port(), processes.free_port()
        return None

    def stop(self) -> None:
        """End politely; connections of logged-in users end as well."""
        if self._daemon:
            self._daemon.end()
            self._daemon = None
            processes.wait_until_closed(self.imap_port)  # the login process is the master's child and ends after it

    def kill(self) -> None:
        """Kill the server and every connection, as a power cut would."""
        if self._daemon:
            self._daemon.kill()
            self._daemon = None
            processes.wait_until_closed(self.imap_port)

    def new_user(self, prefix: str = "user") -> str:
        """A user name nobody has used on this server."""
        return f"{prefix}{next(self._names)}"

    def deliver(
        self, user: str, raw: bytes, *, folder: str = "INBOX", received_at: datetime | None = None, flags: str = ""
    ) -> None:
        """Drop a mail into ``folder``'s Maildir; later calls get higher UIDs.

        ``received_at`` (aware) becomes INTERNALDATE; ``flags`` are Maildir letters: "S" for read, "T" for deleted.
        """
        maildir = self._maildir(user, folder)
        count = next(self._names)
        virtual_size = len(raw) + raw.count(b"\n") - raw.count(b"\r\n")  # as Dovecot's own delivery records it
        name = f"{1_600_000_000 + count}.M{count}P{os.getpid()}.test,S={len(raw)},W={virtual_size}"
        path = maildir / "tmp" / name
        path.write_bytes(raw)
        processes.give_away(path)
        if received_at is not None:
            os.utime(path, (received_at.timestamp(), received_at.timestamp()))
        path.rename(maildir / "cur" / f"{name}:2,{flags}" if flags else maildir / "new" / name)

    def messages(self, user: str, folder: str = "INBOX") -> list[StoredMail]:
        """What lies in ``folder``, in the order of the Maildir's file names (that of delivery)."""
        return [mail for _, mail in sorted(self._read(self._maildir(user, folder)), key=lambda pair: pair[0])]

    def folders(self, user: str) -> set[str]:
        """Names of the folders of ``user``, with "/" between levels, without INBOX."""
        home = self._home(user)
        return {
            imap_utf7.decode(path.name[1:].replace(".", "/").encode())
            for path in home.glob("Maildir/.*")
            if (path / "cur").is_dir()
        }

    def subscriptions(self, user: str) -> set[str]:
        """Names of the subscribed folders of ``user``, with "/" between levels."""
        path = self._home(user) / "Maildir" / "subscriptions"
        lines = path.read_text().splitlines() if path.exists() else []
        return {imap_utf7.decode(line.replace("\t", "/").encode()) for line in lines[2:]}  # after "V 2" and a blank

    def write_acl(self, user: str, folder: str, lines: str) -> None:
        """Rights on ``folder`` in Dovecot's form ("owner lr"); needs ``rights``."""
        path = self._maildir(user, folder) / "dovecot-acl"
        path.write_text(lines)
        processes.give_away(path)

    def bump_uid_validity(self, user: str, folder: str = "INBOX") -> None:
        """Forget all UIDs of ``folder``, as after a restored backup: another UIDVALIDITY, UIDs from 1 again.

        Nobody may have the folder open meanwhile.
        """
        maildir = self._maildir(user, folder)
        for path in [maildir / "dovecot-uidlist", *maildir.glob("dovecot.index*")]:
            path.unlink(missing_ok=True)

    def _read(self, maildir: Path) -> Iterator[tuple[str, StoredMail]]:
        known = _FLAGS | _keywords(maildir / "dovecot-keywords")
        for path in [*(maildir / "new").iterdir(), *(maildir / "cur").iterdir()]:
            base, _, letters = path.name.partition(":2,")
            yield base, StoredMail(path.read_bytes(), frozenset(known[letter] for letter in letters))

    def _home(self, user: str) -> Path:
        if not re.fullmatch(r"[a-z0-9_.-]+", user):
            raise ValueError(f"{user!r} is no name for a test mailbox")
        return self.root / "mail" / user

    def _maildir(self, user: str, folder: str) -> Path:
        maildir = self._home(user) / "Maildir"
        if folder.upper() != "INBOX":
            maildir /= "." + imap_utf7.encode(folder).decode().replace("/", ".")
        for part in ("tmp", "new", "cur"):
            self._make_folder(maildir / part)
        return maildir

    def _make_folder(self, path: Path) -> None:
        if not path.is_dir():
            self._make_folder(path.parent)
            path.mkdir(mode=0o700, exist_ok=True)
            processes.give_away(path)

    def _wait_for_greeting(self) -> None:
        assert self._daemon
        daemon = self._daemon

        def greets() -> bool:
            daemon.check_alive()
            try:
                with socket.create_connection((self.host, self.imap_port), CEILING) as connection:
                    return connection.recv(200).startswith(b"* OK")
            except OSError:
                return False

        until(greets, "Dovecot answers", pause=0.005)

    def _write_configuration(self) -> None:
        for name in ("mail", "run"):
            self._make_folder(self.root / name)
        text = dovecot_configuration.text(
            self.root,
            self.certificates,
            imap_port=self.imap_port,
            imaps_port=self.imaps_port,
            capabilities=self.capabilities,
            password=self.password,
            namespace=(self.separator, self.prefix),
            quota=self.quota,
            rights=self.rights,
            introspection=self.introspection,
        )
        path = self.root / "dovecot.conf"
        path.write_text(text + self.settings)
        tokens = self.root / "oauth2.conf"
        tokens.write_text(dovecot_configuration.token_checks(self.introspection))
        for made in (path, tokens, self.certificates.key, self.certificates.chain):
            processes.give_away(made)


def _keywords(path: Path) -> dict[str, str]:
    """Letter of a Maildir file name to the keyword it stands for (Dovecot's file: a number and a name a line)."""
    if not path.exists():
        return {}
    pairs = (line.split(" ", 1) for line in path.read_text().splitlines())
    return {chr(ord("a") + int(number)): name for number, name in pairs}
