"""Opening a connection to the server of [smtp]: greeting, TLS, log-in.

TLS is verified and never falls back to plain text; "none" is only for a server on the same machine, which is proved by
the address of the peer before anything is said. Sources: RFC 5321, 3207, 4616, 4954.
"""

import base64
import ipaddress
import re
import smtplib
import socket
import ssl

from intake.base import errors
from intake.base.access_tokens import AccessTokens
from routing.model.settings import SmtpSettings

PORTS = {"tls": 465, "starttls": 587, "none": 25}
LONGEST_TEXT = 500
_LIMIT = re.compile(rb"(?i)\b4\.3\.2\b|too many|too much|concurren|thread limit|connections|throttl|rate limit")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


class UnreachableError(errors.TemporaryError):
    """The server does not answer, or not as a mail server."""


class RefusedError(errors.TemporaryError):
    """The server, or our own care, refuses the whole session: a person must look at [smtp] in config.toml."""

    person_must_act = True


def opened(settings: SmtpSettings, login: str | AccessTokens | None) -> smtplib.SMTP:
    """A connection that is secured and logged in; UnreachableError or RefusedError, in German, when that fails."""
    connection: smtplib.SMTP | None = None
    try:
        connection = _connected(settings)
        _prepare(connection, settings, login)
    except errors.IntakeError:
        drop(connection)
        raise
    except (ssl.SSLError, ssl.CertificateError) as problem:
        drop(connection)
        reason = getattr(problem, "verify_message", "") or problem.reason or str(problem)
        raise RefusedError(
            f"Die gesicherte Verbindung zum Mailserver {_where(settings)} kam nicht zustande: {cleaned(reason)}. "
            "Bitte prüfen Sie host, port, security und ca_file in [smtp]."
        ) from problem
    except (OSError, smtplib.SMTPException) as problem:
        drop(connection)
        reason = cleaned(str(problem)) or type(problem).__name__
        raise UnreachableError(f"Der Mailserver {_where(settings)} ist nicht erreichbar: {reason}.") from problem
    return connection


def drop(connection: smtplib.SMTP | None) -> None:
    """Close without a word."""
    if connection is not None:
        connection.close()


def refused(settings: SmtpSettings, what: str, code: int = 0, text: bytes = b"") -> errors.TemporaryError:
    """The exception for a session that cannot go on; a 4xx reply is the server's own trouble."""
    said = f" ({code} {cleaned(text)})" if code > 0 else ""
    if 400 <= code < 500 or code < 0:
        return UnreachableError(f"Der Mailserver {_where(settings)} kann zurzeit nicht: {what}{said}.")
    return RefusedError(f"Der Mailserver {_where(settings)}: {what}{said}. Bitte prüfen Sie [smtp] in config.toml.")


def is_limit(text: bytes) -> bool:
    """Whether a reply minds how many connections there are, or letters: that concerns every one."""
    return _LIMIT.search(text) is not None


def cleaned(text: bytes | str) -> str:
    """A server's words as one line without control characters, at most 500 characters."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(_CONTROLS.sub(" ", words).split())[:LONGEST_TEXT]


def _connected(settings: SmtpSettings) -> smtplib.SMTP:
    port = settings.port or PORTS[settings.security]
    name = socket.gethostname()  # not getfqdn: that asks the network
    name = name if re.fullmatch(r"[A-Za-z0-9.-]{1,255}", name) else "localhost"
    if settings.security == "tls":
        timeout = settings.timeout_seconds
        return smtplib.SMTP_SSL(settings.host, port, name, timeout=timeout, context=_context(settings))
    connection = smtplib.SMTP(settings.host, port, name, timeout=settings.timeout_seconds)
    if settings.security == "none" and not _is_loopback(connection):
        connection.close()
        raise RefusedError(
            f'[smtp]: security = "none" ist nur für einen Mailserver auf dem eigenen Rechner erlaubt, '
            f'{settings.host} ist ein anderer. Bitte nehmen Sie "tls" oder "starttls".'
        )
    return connection


def _prepare(connection: smtplib.SMTP, settings: SmtpSettings, login: str | AccessTokens | None) -> None:
    """EHLO, STARTTLS where it is asked for, log-in."""
    _socket(connection).setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    _hello(connection, settings)
    if settings.security == "starttls":
        if not connection.has_extn("starttls"):
            raise refused(settings, "Verschlüsselung (STARTTLS) wird nicht angeboten")
        code, text = connection.docmd("STARTTLS")
        if code != 220:
            raise refused(settings, "STARTTLS wurde abgelehnt", code, text)
        _secure(connection, settings)
        _hello(connection, settings)
    if not settings.user:
        return
    if login is None or isinstance(login, str):
        _log_in(connection, settings, login)
    else:
        _show_token(connection, settings, login)


def _secure(connection: smtplib.SMTP, settings: SmtpSettings) -> None:
    """TLS over the open connection; whatever was said or sent ahead in plain text is forgotten (RFC 3207, 4.2)."""
    connection.sock = _context(settings).wrap_socket(_socket(connection), server_hostname=settings.host)
    connection.file = None
    connection.ehlo_resp = connection.helo_resp = None
    connection.esmtp_features = {}


def _hello(connection: smtplib.SMTP, settings: SmtpSettings) -> None:
    code, text = connection.ehlo()
    if code != 250:
        code, text = connection.helo()
    if code != 250:
        raise refused(settings, "die Begrüßung wurde abgelehnt", code, text)


def _log_in(connection: smtplib.SMTP, settings: SmtpSettings, password: str | None) -> None:
    """AUTH PLAIN or LOGIN with user and password in UTF-8, which smtplib's own log-in cannot do."""
    offered = connection.esmtp_features.get("auth", "").upper().split()
    if password is None:
        raise refused(settings, "für die Anmeldung fehlt das Passwort")
    if "PLAIN" in offered:
        code, text = connection.docmd("AUTH PLAIN", _base64(f"\0{settings.user}\0{password}"))
    elif "LOGIN" in offered:
        code, text = connection.docmd("AUTH LOGIN", _base64(settings.user))
        code, text = connection.docmd(_base64(password)) if code == 334 else (code, text)
    else:
        raise refused(settings, "keine der Anmeldearten PLAIN und LOGIN wird angeboten")
    if code != 235:
        raise refused(settings, "die Anmeldung wurde abgelehnt", code, text)


def _show_token(connection: smtplib.SMTP, settings: SmtpSettings, tokens: AccessTokens) -> None:
    """AUTH XOAUTH2 (Microsoft, Google); a token that is refused is replaced once."""
    if "XOAUTH2" not in connection.esmtp_features.get("auth", "").upper().split():
        raise refused(settings, "die Anmeldung mit Token (XOAUTH2) wird nicht angeboten")
    code, text = 0, b""
    for _ in range(2):
        answer = f"user={settings.user}\1auth=Bearer {tokens.access()}\1\1"
        code, text = connection.docmd("AUTH XOAUTH2", _base64(answer))
        if code == 334:  # the server says why not, and wants an empty answer before its verdict
            code, text = connection.docmd("")
        if code == 235:
            return
        if not tokens.refused():
            break
    raise refused(settings, "die Anmeldung mit Token wurde abgelehnt", code, text)


def _context(settings: SmtpSettings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)


def _is_loopback(connection: smtplib.SMTP) -> bool:
    peer = str(_socket(connection).getpeername()[0]).partition("%")[0]
    return ipaddress.ip_address(peer).is_loopback


def _socket(connection: smtplib.SMTP) -> socket.socket:
    if connection.sock is None:
        raise smtplib.SMTPServerDisconnected("the server closed the connection")
    return connection.sock


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def _where(settings: SmtpSettings) -> str:
    return f"{settings.host}:{settings.port or PORTS[settings.security]}"
