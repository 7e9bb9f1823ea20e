"""What goes wrong with a mail server, said twice: in English for the log, in German for staff.

Everything here is a :class:`errors.TemporaryError`: it is tried again with growing pauses, because servers come back
and passwords get corrected. ``person_must_act`` tells those that will not mend by themselves. Texts of the server are
hostile data: they are cut to one printable line before they enter a message.
"""

import imaplib
import socket
import ssl

from msgspec import Struct

from intake.base import errors

LONGEST_QUOTE = 200
PASSWORDS_REFUSED = frozenset({"outlook.office365.com", "outlook.office.com", "imap.outlook.com"})

KNOWN = (OSError, imaplib.IMAP4.error, ValueError, LookupError, TypeError)
"""What sockets, TLS, imaplib and imapclient raise; the last three when an answer makes no sense."""


class Place(Struct, frozen=True):
    """Which mailbox on which server."""

    mailbox: str
    host: str
    port: int
    user: str


class MailboxError(errors.TemporaryError):
    """A step with the mail server failed. ``str()`` is for the log, ``german`` for staff."""

    person_must_act = False

    def __init__(self, text: str = "", *, german: str = "") -> None:  # defaults: it travels between processes
        super().__init__(text, german=german)


class LoginRefusedError(MailboxError):
    """The server does not accept user name and password."""

    person_must_act = True


class CertificateError(MailboxError):
    """The server's certificate is not trusted, or our list of trusted authorities cannot be read."""

    person_must_act = True


class EncryptionError(MailboxError):
    """The connection cannot be encrypted as configured; nothing secret was sent."""

    person_must_act = True


class FolderError(MailboxError):
    """A folder is missing, cannot be made, or may not be changed by us."""

    person_must_act = True


class FilingError(MailboxError):
    """The server says that it moved mail, which is still where it was."""

    person_must_act = True


class QuotaError(MailboxError):
    """The mailbox is full: mail cannot be put into another folder."""

    person_must_act = True


def printable(text: object) -> str:
    """One line of harmless characters out of whatever a server said."""
    shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return "".join(character if character.isprintable() else " " for character in shown)[:LONGEST_QUOTE]


def is_refusal(error: Exception) -> bool:
    """Whether the server only said NO: then the connection is still good."""
    return (
        isinstance(error, imaplib.IMAP4.error)
        and not isinstance(error, (imaplib.IMAP4.abort, imaplib.IMAP4.readonly))
        and " failed: " in str(error)
    )


def is_passing(said: str) -> bool:
    """Whether a NO comes from the server's own trouble and not from what was asked (response codes of RFC 5530)."""
    return any(code in said.upper() for code in ("[UNAVAILABLE", "[INUSE", "[LIMIT", "[SERVERBUG"))


def refused_login(said: str, place: Place, *, by_token: bool) -> MailboxError:
    """The :class:`MailboxError` for a login that the server answered with NO and these (printable) words."""
    text = f"{place.host}, login as {place.user}: {said}"
    if is_passing(said):
        german = f"Der Mailserver {place.host} nimmt zurzeit keine Anmeldung an."
        return MailboxError(text, german=f"Postfach „{place.mailbox}“: {german}")
    german = f"Der Mailserver {place.host} lehnt die Anmeldung von {place.user} ab. "
    if by_token:
        german += (
            "Das Token ist echt, gilt aber nicht für dieses Postfach. Bitte prüfen Sie, ob die Anwendung (client_id) "
            "auf das Postfach zugreifen darf, ob IMAP dafür eingeschaltet ist und ob scope stimmt."
        )
    elif "BASICAUTH" in said.upper() or place.host.casefold() in PASSWORDS_REFUSED:
        german += "Exchange Online nimmt keine Passwörter an. Bitte richten Sie die Anmeldung mit Token ein (oauth)."
    else:
        german += "Bitte Benutzername und Passwort prüfen."
    return LoginRefusedError(text, german=f"Postfach „{place.mailbox}“: {german}")


def translate(error: Exception, place: Place, step: str, *, folder: str = "") -> MailboxError:
    """The :class:`MailboxError` that says what ``error`` means.

    ``step`` names in English what was being done, ``folder`` the folder whose opening or making a NO refers to.
    """
    kind, german = _meaning(error, place)
    if kind is MailboxError and folder and is_refusal(error) and not is_passing(str(error)):
        kind = FolderError
        german = (
            f"Den Ordner „{folder}“ gibt es nicht, oder {place.user} darf ihn nicht öffnen oder anlegen. "
            "Bitte den Namen in config.toml und die Rechte im Postfach prüfen."
        )
    text = f"{place.host}:{place.port}, {step}: {printable(error) or type(error).__name__}"
    return kind(text, german=f"Postfach „{place.mailbox}“: {german}")


_FULL = ("OVERQUOTA", "OVER QUOTA", "QUOTA EXCEEDED", "EXCEEDED QUOTA", "MAILBOX IS FULL", "QUOTAEXCEEDED")
_FORBIDDEN = ("NOPERM", "PERMISSION DENIED", "ACCESS DENIED", "ACCESS IS DENIED", "NOT PERMITTED", "NO PERMISSION")


def _meaning(error: Exception, place: Place) -> tuple[type[MailboxError], str]:
    if isinstance(error, ssl.SSLCertVerificationError):
        return CertificateError, (
            f"Das Zertifikat des Mailservers {place.host} ist nicht vertrauenswürdig "
            f"({printable(error.verify_message)}). Es wurde kein Passwort gesendet. "
            "Bitte Servername und ca_file prüfen oder den Mailadministrator fragen."
        )
    if isinstance(error, ssl.SSLError) and not isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return EncryptionError, (
            f"Mit dem Mailserver {place.host} kam auf Port {place.port} keine Verschlüsselung zustande. "
            "Bitte port und security in config.toml prüfen."
        )
    if isinstance(error, TimeoutError):
        return MailboxError, f"Der Mailserver {place.host} antwortet nicht. Es wird weiter versucht."
    if isinstance(error, socket.gaierror):
        return MailboxError, f"Der Name des Mailservers {place.host} ist nicht auflösbar. Es wird weiter versucht."
    if isinstance(error, imaplib.IMAP4.readonly):
        return FolderError, (
            "Der Ordner lässt sich nur lesen, nicht ändern. Bitte dem Benutzer "
            f"{place.user} in diesem Postfach Schreibrechte geben."
        )
    if isinstance(error, OSError | imaplib.IMAP4.abort):
        return MailboxError, f"Die Verbindung zum Mailserver {place.host} besteht nicht mehr. Es wird weiter versucht."
    return _meaning_of_refusal(str(error).upper(), place)


def _meaning_of_refusal(text: str, place: Place) -> tuple[type[MailboxError], str]:
    """Response codes of RFC 5530; servers without them say it in words."""
    if any(words in text for words in _FULL):
        return QuotaError, (
            "Das Postfach ist voll, gelesene Nachrichten lassen sich nicht verschieben. "
            "Bitte Platz schaffen oder das Kontingent erhöhen lassen."
        )
    if any(words in text for words in _FORBIDDEN):
        return FolderError, (
            f"Der Benutzer {place.user} darf einen der Ordner nicht benutzen. Bitte die Rechte im Postfach prüfen."
        )
    return MailboxError, f"Der Mailserver {place.host} lehnt einen Befehl ab oder antwortet unverständlich."
