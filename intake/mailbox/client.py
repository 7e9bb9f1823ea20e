"""One connection to an IMAP server: imapclient, made fast and strict.

Encryption comes before the login and is never given up: a server that does not offer STARTTLS, that greets us as
already logged in, or whose certificate is not trusted gets no password. "none" is for this very machine only.

imapclient 4.1 is changed in five ways. imaplib's protocol log is off (fetching is 2.7 times faster). Small commands
leave at once (TCP_NODELAY), and the kernel notices a peer that vanished (keep-alive). A step ends in time even when
the server drips (``deadline``). IDLE sees mail that the server announced together with its go-ahead, reports a dead
connection, and reads lines that come in two packets. What the server says unasked does not pile up over the years.
"""

# ruff: noqa: SLF001
# The line above: like imapclient itself we must reach into imaplib.

import contextlib
import imaplib
import ipaddress
import select
import socket
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import imapclient
from imapclient import exceptions

from intake.mailbox import deadline, errors
from intake.settings import MailboxSettings

LONGEST_SET = 7_000  # some servers take no line above 8,000 characters
PARTING_SECONDS = 2.0  # for a polite end; a server that hangs must not keep us from stopping


@dataclass(frozen=True, slots=True)
class Password:
    """A password, which no log may show."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Token:
    """An OAuth access token, which no log may show."""

    text: str = field(repr=False)


class Client(imapclient.IMAPClient):
    """An :class:`imapclient.IMAPClient` for unattended use; see the module's text."""

    def __init__(self, host: str, port: int, *, timeout: float, ssl_context: ssl.SSLContext | None) -> None:
        self._seconds = timeout
        super().__init__(host, port, ssl=ssl_context is not None, ssl_context=ssl_context, timeout=timeout)
        self.exists = 0
        """How many mails the server last said the folder holds; those expunged since are not yet taken off."""
        self._imap.debug = 0
        self.normalise_times = False
        connection = self.socket()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, seconds in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 20), ("TCP_KEEPCNT", 3)):
            if hasattr(socket, option):
                connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), seconds)

    def begin(self) -> None:
        """A new step begins: it gets its whole time."""
        self._imap.deadline.begin()

    def starttls(self, ssl_context: ssl.SSLContext | None = None) -> Any:
        """As imapclient's, which replaces what is read from."""
        done = super().starttls(ssl_context)
        self._imap.watch_deadline()
        return done

    def _create_IMAP4(self) -> Any:  # noqa: N802  (imapclient's hook)
        if self.ssl:
            return deadline.Encrypted(self.host, self.port, self.ssl_context, self._seconds)
        return deadline.Plain(self.host, self.port, self._seconds)

    @property
    def logged_in(self) -> bool:
        """Whether the server takes us for somebody already."""
        return bool(self._imap.state != "NONAUTH")

    def uid_command(self, name: str, *arguments: str | bytes) -> tuple[str, list[Any]]:
        """Send ``UID name``; gives (OK or NO, list of the pieces of its untagged answers), as imaplib does.

        After a NO there may be answers all the same: an expunged message does not spoil the others of a FETCH. Raises
        IMAPClientError after BAD, and what the socket raises.
        """
        outcome, data = self._imap.uid(name, *arguments)
        if outcome == "NO":
            data = self._imap.untagged_responses.pop(name, [])
        return outcome, [piece for piece in data if piece is not None]

    def command(self, name: str, *arguments: str) -> list[Any]:
        """Send a command by sequence numbers; gives the list of pieces of its answers, without what a NO left out.

        Raises IMAPClientError after BAD.
        """
        outcome, data = self._imap._simple_command(name, *arguments)
        pieces = self._imap.untagged_responses.pop(name, [])
        if outcome != "OK" and not pieces:
            raise exceptions.IMAPClientError(f"{name.lower()} failed: {errors.printable(data)}")
        return [piece for piece in pieces if piece is not None]

    def forget_unasked(self) -> bool:
        """Drop what the server reported since the last command; True when new mail was among it."""
        reported = self._imap.untagged_responses
        if "BYE" in reported:
            raise exceptions.IMAPClientAbortError(errors.printable(reported["BYE"][-1]))
        arrived = "EXISTS" in reported
        if arrived:
            self.exists = int(reported["EXISTS"][-1])
        reported.clear()
        return arrived

    def refresh_capabilities(self) -> None:
        """Ask again what the server can do: what it said before the login does not count."""
        self._cached_capabilities = None
        self.capabilities()

    def enable_qresync(self) -> None:
        """Mail that leaves the folder is then told in one line (VANISHED), not in one for each (QRESYNC, RFC 7162)."""
        if not all(map(self.has_capability, ("ENABLE", "QRESYNC", "MOVE"))):  # without MOVE it would make flags loud
            return
        try:
            self.enable("QRESYNC")
        except exceptions.IMAPClientAbortError:
            raise
        except exceptions.IMAPClientError:
            return  # NO or BAD, from a proxy that promises for another: then it is told as ever

    def authenticate(self, mechanism: str, first: bytes) -> None:
        """Log in with one answer; any further challenge carries the server's reasons and gets an empty answer.

        ``first``: the bytes of the answer, before Base64. The mechanism is one of SASL (RFC 4422).
        """
        answers = iter((first,))
        self._imap.authenticate(mechanism, lambda _challenge: next(answers, b""))

    def check_alive(self) -> None:
        """NOOP: the server reports what is new."""
        self.begin()
        self._checkok("noop", *self._imap.noop())

    def start_idle(self) -> bool:
        """Send IDLE and wait for the go-ahead, which reports may precede; False when the server refuses (RFC 2177)."""
        tag = self._imap._command("IDLE")
        while self._imap._get_response() is not None:
            if self._imap.tagged_commands[tag]:
                self._imap._command_complete("IDLE", tag)
                return False
        self._idle_tag = tag
        return True

    def end_idle(self) -> None:
        """Send DONE and read to the end of IDLE."""
        self.begin()
        self._imap.send(b"DONE\r\n")
        self._checkok("idle", *self._imap._command_complete("IDLE", self._idle_tag))

    def read_report(self) -> None:
        """Read one line the server sends by itself, waiting for its end; raises when the connection is dead."""
        self.begin()
        self._imap._get_response()

    def readable(self, seconds: float) -> bool:
        """Whether something can be read (the end of the connection counts), waiting for it so many seconds."""
        if self._buffered():
            return True
        poll = select.poll()
        poll.register(self.socket().fileno(), select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def _buffered(self) -> bool:
        """Whether bytes were taken from the network and not yet read: those never wake ``poll``."""
        connection = self.socket()
        if getattr(self._imap, "_readbuf", None):  # imaplib's own buffer since Python 3.14
            return True
        if isinstance(connection, ssl.SSLSocket) and connection.pending():
            return True
        if hasattr(self._imap, "_readbuf"):
            return False
        usual = connection.gettimeout()
        connection.settimeout(0)
        try:
            return bool(self._imap.file.peek(1))
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        finally:
            connection.settimeout(usual)

    def hurry(self, seconds: float = PARTING_SECONDS) -> None:
        """From now on wait at most ``seconds`` for an answer."""
        self.socket().settimeout(seconds)

    def cut(self) -> None:
        """End the connection at once; safe from another thread, which then sees an error."""
        connection = self.socket()
        socket.socket.shutdown(connection, socket.SHUT_RDWR)  # SSLSocket's own would switch to plain text first


def open_client(settings: MailboxSettings, credential: Password | Token, place: errors.Place) -> Client:
    """Connect, encrypt, log in. Raises :class:`failures.MailboxError` and what :data:`failures.KNOWN` lists."""
    context = None if settings.security == "none" else _trust(settings, place)
    if context is None and not _is_loopback(settings.host):
        raise errors.EncryptionError(
            f'{place.host}: security = "none" is for this machine only',
            german=f"Postfach „{place.mailbox}“: Unverschlüsselt wird nur mit dem eigenen Rechner gesprochen. "
            'Bitte in config.toml security = "tls" oder "starttls" eintragen.',
        )
    implicit = context if settings.security == "tls" else None
    client = Client(settings.host, place.port, timeout=settings.timeout_seconds, ssl_context=implicit)
    try:
        if settings.security == "starttls":
            _start_tls(client, context, place)
        if not client.logged_in:
            _log_in(client, settings.user, credential, place)
        client.refresh_capabilities()
        client.enable_qresync()
    except BaseException:
        shut(client)
        raise
    return client


def shut(client: Client) -> None:
    """Close the socket without a word; never raises."""
    with contextlib.suppress(OSError):  # closed already
        client.shutdown()


def _trust(settings: MailboxSettings, place: errors.Place) -> ssl.SSLContext:
    """Certificates are checked against ``ca_file`` alone where one is given, else against the system's list."""
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except (OSError, ValueError) as error:
        raise errors.CertificateError(
            f"{place.host}, reading {settings.ca_file}: {errors.printable(error)}",
            german=f"Postfach „{place.mailbox}“: Die Datei {settings.ca_file} (ca_file) fehlt oder ist keine "
            "Zertifizierungsstelle im Format PEM.",
        ) from error


def _start_tls(client: Client, context: ssl.SSLContext | None, place: errors.Place) -> None:
    if client.logged_in or not client.has_capability("STARTTLS"):
        raise _no_starttls(place, "not offered")
    try:
        client.starttls(context)
    except exceptions.IMAPClientError as error:
        if isinstance(error, exceptions.IMAPClientAbortError):
            raise
        raise _no_starttls(place, errors.printable(error)) from error


def _no_starttls(place: errors.Place, why: str) -> errors.EncryptionError:
    return errors.EncryptionError(
        f"{place.host}:{place.port}, STARTTLS: {why}",
        german=f"Postfach „{place.mailbox}“: Der Mailserver {place.host} bietet auf Port {place.port} keine "
        "Verschlüsselung (STARTTLS) an. Es wurde kein Passwort gesendet. Bitte port und security prüfen; bot der "
        "Server es bisher an, kann jemand die Leitung abhören wollen.",
    )


def _log_in(client: Client, user: str, credential: Password | Token, place: errors.Place) -> None:
    try:
        if isinstance(credential, Token):
            _show_token(client, user, credential.text, place)
        else:
            _say_password(client, user, credential.text)
    except exceptions.LoginError as error:
        if isinstance(
            error.__context__, exceptions.IMAPClientAbortError
        ):  # the connection broke: not our password's fault
            raise error.__context__ from None
        secret = credential.text
        said = errors.printable(str(error).replace(secret, "***") if secret else error)
        raise errors.refused_login(said, place, by_token=isinstance(credential, Token)) from None


def _say_password(client: Client, user: str, password: str) -> None:
    """LOGIN, or AUTHENTICATE PLAIN where LOGIN is switched off or cannot carry the letters."""
    text = user + password
    if client.has_capability("LOGINDISABLED") or not (text.isascii() and text.isprintable()):
        client.plain_login(user, password)
    else:
        client.login(_quote(user), password)  # imaplib quotes the password only


def _show_token(client: Client, user: str, token: str, place: errors.Place) -> None:
    """AUTHENTICATE XOAUTH2 (Microsoft, Google) or OAUTHBEARER (RFC 7628), whichever is offered."""
    if client.has_capability("AUTH=XOAUTH2"):
        mechanism, first = "XOAUTH2", f"user={user}\1auth=Bearer {token}\1\1"
    elif client.has_capability("AUTH=OAUTHBEARER"):
        escaped = user.replace("=", "=3D").replace(",", "=2C")
        mechanism = "OAUTHBEARER"
        first = f"n,a={escaped},\1host={place.host}\1port={place.port}\1auth=Bearer {token}\1\1"
    else:
        raise errors.LoginRefusedError(
            f"{place.host}, login: neither XOAUTH2 nor OAUTHBEARER is offered",
            german=f"Postfach „{place.mailbox}“: Der Mailserver {place.host} bietet keine Anmeldung mit Token an "
            "(XOAUTH2, OAUTHBEARER). Bitte entfernen Sie oauth in config.toml, oder fragen Sie den Mailadministrator.",
        )
    try:
        client.authenticate(mechanism, first.encode())
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise exceptions.LoginError(errors.printable(error)) from None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def uid_sets(uids: Sequence[int], at_once: int) -> Iterator[str]:
    """The :func:`uid_set` of so many UIDs at a time, each short enough for one command.

    ``at_once``: how many UIDs in order one set covers.
    """
    for start in range(0, len(uids), at_once):
        chosen = uids[start : start + at_once]
        written = uid_set(chosen)
        if len(written) > LONGEST_SET:
            yield from uid_sets(chosen, (len(chosen) + 1) // 2)
        else:
            yield written


def uid_set(uids: Sequence[int]) -> str:
    """Ascending UIDs as an IMAP set with runs joined (1:3,7): only what is named, never an open end."""
    runs: list[list[int]] = []
    for uid in uids:
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(str(first) if first == last else f"{first}:{last}" for first, last in runs)
