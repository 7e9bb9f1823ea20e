"""Access tokens for mail servers that take no passwords (Exchange Online, Google): OAuth 2.0, one small POST.

Two grants: ``client_credentials`` (RFC 6749, 4.4: the program itself was given the mailbox) and ``refresh_token``
(section 6: a person once consented). A token is kept in memory and renewed five minutes before it ends. When the
provider replaces the refresh token, the new one is kept in a file that only we can read, since the old one ends some
day; a person who stores another one in its place is obeyed.

Secrets are asked for at each request, so that a corrected one works without a restart. They go to ``token_url`` alone,
encrypted (plain http only to this very machine), never to where a redirect points, never into a log. What fails is a
:class:`TokenError` (a TemporaryError); ``person_must_act`` tells a refusal from an outage. Safe for several threads.
"""

import hashlib
import ipaddress
import json
import os
import re
import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
from msgspec import Struct

from intake.base import errors
from intake.settings import OAuthSettings

log = structlog.get_logger(__name__)

EARLY_SECONDS = 300.0
USUAL_SECONDS = 3600.0  # RFC 6749, 5.1: without expires_in the provider says it elsewhere; an hour is what all use
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,20000}")  # RFC 6750, 2.1; nothing that could end a line or a field
_WORDS = re.compile(r"[^A-Za-z0-9 .,:;()_/'-]+")
_PASSING = frozenset({"temporarily_unavailable", "server_error"})
_ADVICE = {
    "invalid_client": "Das Geheimnis der Anwendung (client_secret) ist falsch oder abgelaufen. Bitte lassen Sie ein "
    "neues ausstellen und hinterlegen Sie es.",
    "unauthorized_client": "Die Anwendung (client_id) darf das nicht. Bitte prüfen Sie client_id und ihre Rechte.",
    "invalid_scope": "Der Bereich (scope) stimmt nicht. Bitte prüfen Sie scope in config.toml.",
}


class TokenError(errors.TemporaryError):
    """No token: ``str()`` is for the log, ``german`` for staff."""

    def __init__(self, text: str = "", *, german: str = "", person_must_act: bool = False) -> None:
        super().__init__(text, german=german)
        self.person_must_act = person_must_act


class Secrets(Struct, frozen=True):
    """What proves to the provider who asks; each None where the grant does not need it."""

    client_secret: str | None
    refresh_token: str | None

    def __repr__(self) -> str:
        return "Secrets(…)"


class TokenSource:
    """Access tokens for one login. ``owner`` names it in German ("Postfach „kod“").

    ``kept`` is where a replaced refresh token is kept. ``secrets`` may raise an IntakeError, which passes through.
    """

    def __init__(
        self,
        settings: OAuthSettings,
        owner: str,
        secrets: Callable[[], Secrets],
        *,
        kept: Path,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._owner = owner
        self._secrets = secrets
        self._kept = kept
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._fresh_until = 0.0
        self._proved = False  # whether this token was given out before
        self._host = urllib.parse.urlsplit(settings.token_url).hostname or settings.token_url

    def access(self) -> str:
        """A token that is good for some minutes. Raises TokenError."""
        with self._lock:
            if self._token and self._clock() < self._fresh_until:
                self._proved = True
                return self._token
            self._token, self._proved = "", False
            began = self._clock()
            answer = self._granted()
            self._token = _word(answer.get("access_token"))
            if not self._token:
                raise self._failed("an answer without a token", "Der Anmeldedienst gab kein Token heraus.")
            lasts = _seconds(answer.get("expires_in"))
            self._fresh_until = began + max(lasts - EARLY_SECONDS, lasts / 2)
            return self._token

    def refused(self) -> bool:
        """The mail server took the token for nothing: forget it. True when a new one may do better. Raises nothing."""
        with self._lock:
            self._token = ""
            return self._proved

    def _granted(self) -> dict[str, Any]:
        """The provider's answer; a kept refresh token that no longer works gives way to the one a person stored."""
        settings, secrets = self._settings, self._secrets()
        form = {"grant_type": settings.grant, "client_id": settings.client_id}
        if settings.scope:
            form["scope"] = settings.scope
        if secrets.client_secret:
            form["client_secret"] = secrets.client_secret
        if settings.grant == "client_credentials":
            return self._ask(form)
        given = secrets.refresh_token or ""
        current = self._newest(given)
        try:
            answer = self._ask(form | {"refresh_token": current})
        except TokenError as error:
            if current == given or not error.person_must_act:
                raise
            current = given
            answer = self._ask(form | {"refresh_token": given})
        replaced = _word(answer.get("refresh_token"))
        if replaced and replaced != current:
            self._keep(given, replaced)
        return answer

    def _ask(self, form: dict[str, str]) -> dict[str, Any]:
        status, answer = self._post(form)
        if status != 200:
            raise self._refusal(status, answer, form)
        return answer

    def _post(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        settings = self._settings
        if not is_safe(settings.token_url):
            raise self._failed("not https", "token_url muss mit https:// beginnen.", person_must_act=True)
        from intake.oauth import http  # noqa: PLC0415  (two megabytes, and most mailboxes have a password)

        try:
            status, body = http.post(
                settings.token_url, form, ca_file=settings.ca_file, seconds=settings.timeout_seconds
            )
            return status, _json(body)
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, ssl.SSLCertVerificationError):
                german = f"Das Zertifikat von {self._host} ist nicht vertrauenswürdig. Kein Geheimnis wurde gesendet."
                raise self._failed(f"certificate: {reason.verify_message}", german, person_must_act=True) from None
            german = f"Der Anmeldedienst {self._host} antwortet nicht. Es wird weiter versucht."
            raise self._failed(f"{type(reason).__name__}", german) from None

    def _refusal(self, status: int, answer: dict[str, Any], form: dict[str, str]) -> TokenError:
        code = _said(answer.get("error"), 60)
        text = f"HTTP {status} {code}: {_said(answer.get('error_description'), 200)}"
        if status >= 500 or status in {408, 429} or code in _PASSING:
            return self._failed(text, f"Der Anmeldedienst {self._host} stellt zurzeit kein Token aus ({status}).")
        advice = _ADVICE.get(code, "Bitte prüfen Sie die Angaben unter oauth in config.toml.")
        if code == "invalid_grant" and "refresh_token" in form:
            advice = (
                "Das Refresh-Token gilt nicht mehr (abgelaufen oder widerrufen). Bitte melden Sie die Anwendung beim "
                "Anbieter neu an und hinterlegen Sie das neue Refresh-Token."
            )
        german = f"Der Anmeldedienst {self._host} lehnt ab ({code or status}). {advice}"
        return self._failed(text, german, person_must_act=True)

    def _failed(self, text: str, german: str, *, person_must_act: bool = False) -> TokenError:
        return TokenError(
            f"{self._host}, asking for a token: {text}",
            german=f"{self._owner}: {german}",
            person_must_act=person_must_act,
        )

    def _newest(self, given: str) -> str:
        """The refresh token that replaced ``given``, if one did; else ``given`` itself."""
        try:
            origin, _, replaced = self._kept.read_text(encoding="ascii").strip().partition("\n")
        except (OSError, UnicodeDecodeError):
            return given
        return replaced if origin == _fingerprint(given) and _word(replaced) else given

    def _keep(self, given: str, replaced: str) -> None:
        """Keep what replaced ``given``. A failure here costs nothing before the given one ends."""
        temporary = self._kept.with_suffix(".new")
        try:
            self._kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            owner = self._kept.parent.parent.stat()  # root's own ``reconcile`` must leave it to the service
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            if os.geteuid() == 0:
                os.chown(self._kept.parent, owner.st_uid, owner.st_gid)
                os.chown(temporary, owner.st_uid, owner.st_gid)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(f"{_fingerprint(given)}\n{replaced}\n")
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._kept)
        except OSError as error:
            log.warning("the new refresh token could not be kept", file=str(self._kept), error=str(error))


def is_safe(url: str) -> bool:
    """Whether a secret may go there: https, or this very machine."""
    try:
        parts = urllib.parse.urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(host)
    try:
        return parts.scheme == "http" and (host == "localhost" or ipaddress.ip_address(host).is_loopback)
    except ValueError:
        return False


def _json(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _word(value: object) -> str:
    return value if isinstance(value, str) and _TOKEN.fullmatch(value) else ""


def _said(value: object, longest: int) -> str:
    return _WORDS.sub(" ", value)[:longest].strip() if isinstance(value, str) else ""


def _seconds(value: object) -> float:
    try:
        return min(max(float(value), 1.0), 86_400.0) if isinstance(value, int | float | str) else USUAL_SECONDS
    except (ValueError, OverflowError):
        return USUAL_SECONDS


def _fingerprint(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
