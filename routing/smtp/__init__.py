"""The way out: letters over one SMTP connection that is kept open, each step by itself, so that doubt is known.

A letter has an outcome per address. What the server refuses for now (4xx) or what ends before the final dot is
temporary, 5xx is permanent, and a connection lost after the final dot without a reply is in doubt: the server may or
may not have taken the letter. One refused address does not stop the others.

Two things are no outcomes but exceptions, because they concern every letter: a server that cannot be reached
(``UnreachableError``) and one that refuses us altogether (``RefusedError``: certificate, log-in, sender). Both are
temporary for the letters; the second needs a person. For one thread. Sources: RFC 5321, 1870, 6152.
"""

import contextlib
import re
import smtplib
from collections.abc import Callable, Sequence
from typing import Self

from intake.base.access_tokens import AccessTokens
from routing.model.settings import SmtpSettings
from routing.model.transport import AddressOutcome, envelope_address, sure
from routing.smtp import session
from routing.smtp.session import RefusedError, UnreachableError

__all__ = ("AddressOutcome", "RefusedError", "Smtp", "UnreachableError")

_QUIT_SECONDS = 2.0
_LINE_END = re.compile(rb"\r\n|\r|\n")
_LOST = (OSError, smtplib.SMTPException)


class Smtp:
    """A connection to the server of [smtp]: opened by the first letter, reopened when the server has closed it."""

    def __init__(self, settings: SmtpSettings, login: str | AccessTokens | None) -> None:
        """``login`` is the password, or where access tokens come from (whose TemporaryError passes through)."""
        self._settings = settings
        self._login = login
        self._connection: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def connect(self) -> None:
        """Open the connection now; UnreachableError or RefusedError when that fails."""
        self._drop()
        self._connection = session.opened(self._settings, self._login)

    def close(self) -> None:
        """Say goodbye, without waiting long for an answer."""
        if self._connection is not None and self._connection.sock is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._connection.sock.settimeout(_QUIT_SECONDS)
                self._connection.docmd("QUIT")
        self._drop()

    def send(
        self, raw: bytes, *, sender: str, to: Sequence[str], confirm: Callable[[], None] = sure
    ) -> dict[str, AddressOutcome]:
        """The outcome for each address of ``to``; ``raw`` is a whole message, of which only line ends are mended.

        ``confirm`` is called when the server waits for the letter, before anything of it goes out.
        ``sender`` and ``to`` may carry names ("KOD <kod@krefeld.invalid>"); the keys are those of ``to``. An automatic
        answer has no sender (RFC 3834).
        """
        origin = envelope_address(sender) if sender else ""
        if origin is None:
            raise RefusedError(f"[smtp]: „{session.cleaned(sender)}“ ist keine gültige Absenderadresse.")
        data = _prepared(raw)
        refusal = self._begin(origin, raw)
        if refusal is not None:
            return dict.fromkeys(to, refusal)
        outcomes: dict[str, AddressOutcome] = {}
        try:
            accepted = self._address(to, outcomes)
            if accepted and self._announce(accepted, outcomes):
                self._ask(confirm)
                outcomes |= dict.fromkeys(accepted, self._content(data))
            elif not accepted:
                self._reset()
        except _LOST as problem:  # before the final dot: nobody has the letter
            self._drop()
            lost = AddressOutcome("temporary", 0, f"Verbindung verloren: {session.cleaned(str(problem))}")
            return {address: outcomes.get(address, lost) for address in to}
        return outcomes

    def _begin(self, origin: str, raw: bytes) -> AddressOutcome | None:
        """MAIL: None when the server takes letters, else the outcome for all; a fault of the session raises."""
        code, text = self._mail(origin, raw)
        if code == 250:
            return None
        of_this_letter = code == 552 or (not origin and code >= 500)
        if of_this_letter:  # too large (RFC 1870), or an empty sender is not liked; the next may pass
            self._reset()
            return _outcome(code, text)
        if 400 <= code < 500 and code != 421 and not session.is_limit(text):
            self._reset()
            return _outcome(code, text)
        self._drop()
        raise session.refused(self._settings, f"der Absender {origin} wird nicht angenommen", code, text)

    def _mail(self, origin: str, raw: bytes) -> tuple[int, bytes]:
        """The reply to MAIL; a connection that the server has closed meanwhile is opened again, once."""
        if self._connection is not None:
            with contextlib.suppress(*_LOST):
                code, text = self._mail_once(origin, raw)
                if code not in (421, -1):
                    return code, text
        self.connect()
        try:
            return self._mail_once(origin, raw)
        except _LOST as problem:
            self._drop()
            raise session.refused(
                self._settings, f"Verbindung verloren: {session.cleaned(str(problem))}", -1
            ) from problem

    def _mail_once(self, origin: str, raw: bytes) -> tuple[int, bytes]:
        connection = self._live
        options = f" SIZE={len(raw)}" if "size" in connection.esmtp_features else ""
        if not raw.isascii() and "8bitmime" in connection.esmtp_features:
            options += " BODY=8BITMIME"
        return connection.docmd(f"MAIL FROM:<{origin}>{options}")

    def _address(self, to: Sequence[str], outcomes: dict[str, AddressOutcome]) -> list[str]:
        """RCPT for each: the addresses taken; those refused get their outcome."""
        accepted = []
        for address in to:
            bare = envelope_address(address)
            if bare is None:
                outcomes[address] = AddressOutcome("permanent", 0, "Die Adresse ist ungültig.")
                continue
            code, text = self._live.docmd(f"RCPT TO:<{bare}>")
            if code in (250, 251):
                accepted.append(address)
            elif code == 421:
                raise smtplib.SMTPServerDisconnected(f"421 {session.cleaned(text)}")
            else:
                outcomes[address] = _outcome(code, text)
        return accepted

    def _announce(self, accepted: list[str], outcomes: dict[str, AddressOutcome]) -> bool:
        """DATA: whether the server wants the letter now; else the outcomes are set."""
        code, text = self._live.docmd("DATA")
        if code == 354:
            return True
        outcomes |= dict.fromkeys(accepted, _outcome(code, text))
        self._reset()
        return False

    def _ask(self, confirm: Callable[[], None]) -> None:
        try:
            confirm()
        except BaseException:
            self._drop()  # the server waits for the letter, and only this says that none comes
            raise

    def _content(self, data: bytes) -> AddressOutcome:
        """The letter up to the final dot, and what the server says to that; without a reply it is in doubt."""
        connection = self._live
        assert connection.sock is not None  # DATA was just answered
        connection.sock.sendall(data)  # when this fails, the dot at its end has not gone out
        try:
            code, text = connection.getreply()
        except _LOST as problem:
            self._drop()
            return AddressOutcome(
                "in doubt", 0, f"Keine Antwort nach dem Ende des Schreibens: {session.cleaned(str(problem))}"
            )
        if not 200 <= code < 300 and code < 400:
            self._drop()
            return AddressOutcome("in doubt", 0, f"Unverständliche Antwort: {session.cleaned(text)}")
        if code == 421:
            self._drop()
        return _outcome(code, text)

    @property
    def _live(self) -> smtplib.SMTP:
        if self._connection is None or self._connection.sock is None:
            raise smtplib.SMTPServerDisconnected("the connection is closed")
        return self._connection

    def _reset(self) -> None:
        """End a transaction that was begun; without success the connection is given up."""
        try:
            code, _ = self._live.docmd("RSET")
        except _LOST:
            code = -1
        if code != 250:
            self._drop()

    def _drop(self) -> None:
        session.drop(self._connection)
        self._connection = None


def _outcome(code: int, text: bytes) -> AddressOutcome:
    """A reply as an outcome; what cannot be understood is temporary."""
    said = session.cleaned(text)
    if 200 <= code < 300:
        return AddressOutcome("sent", code, said)
    return AddressOutcome("permanent" if 500 <= code < 600 else "temporary", max(code, 0), said)


def _prepared(raw: bytes) -> bytes:
    """``raw`` with CRLF line ends only, dots doubled, and the final dot (RFC 5321, 4.5.2)."""
    ends = raw.count(b"\r\n")
    if not ends == raw.count(b"\n") == raw.count(b"\r"):
        raw = _LINE_END.sub(b"\r\n", raw)
    if not raw.endswith(b"\r\n"):
        raw += b"\r\n"
    if raw.startswith(b"."):
        raw = b"." + raw
    return raw.replace(b"\r\n.", b"\r\n..") + b".\r\n"
