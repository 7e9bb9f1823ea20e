"""Passwords: never in config.toml, read only when a connection is made, never in a log or a repr.

Three ways, in this order: ``password_file``, ``password_env``, and a systemd credential (LoadCredential=) named like
the place in the file: ``$CREDENTIALS_DIRECTORY/mailboxes.NAME.password``, ``…/smtp.password``. The secrets of a login
by token come the same three ways: ``client_secret_file``, ``…/mailboxes.kod.client_secret`` and so on.
"""

import re
import stat
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import structlog
from msgspec import Struct

from intake.base import german as wording
from intake.settings import Login, OAuthSettings
from routing.config.problems import ConfigurationError, Fault, Problem

KEYS = frozenset(
    {"password", "passwort", "pass", "passwd", "pwd", "kennwort", "secret", "geheimnis"}
    | {"clientsecret", "refreshtoken", "accesstoken", "token"}
)
ADVICE = (
    "Löschen Sie die Zeile, ändern Sie das Passwort, und hinterlegen Sie das neue auf einem dieser Wege: "
    "password_file (eine Datei), password_env (eine Umgebungsvariable) oder systemd "
    "(LoadCredential=NAME:/pfad, NAME z. B. smtp.password oder mailboxes.NAME.password)."
)

_log = structlog.get_logger()
_LONGEST = 4096


def written_down(key: str) -> bool:
    """Whether a key of this name would hold a password."""
    return re.sub(r"[^a-zäöü]", "", key.casefold()) in KEYS


def fault_in_url(url: str) -> Fault | None:
    """A password inside service.database, found without repeating it."""
    try:
        parts = urlsplit(url)
        has_password = bool(parts.password) or any(written_down(key) for key, _ in parse_qsl(parts.query))
    except ValueError:
        return Fault(("service", "database"), "Das ist keine gültige Datenbank-Adresse.")
    if not has_password:
        return None
    return Fault(
        ("service", "database"),
        "In der Adresse der Datenbank steht ein Passwort. Passwörter gehören nicht in diese Datei.",
        "Nehmen Sie es heraus und hinterlegen Sie es in ~/.pgpass oder in der Umgebungsvariablen PGPASSWORD.",
    )


def read(login: Login, name: str, *, environ: Mapping[str, str]) -> str | None:
    """The password of ``login``; ``name`` is its place in the file ("smtp", "mailboxes.kod"; ".password" may follow).

    None when the login has no user, so needs none. Raises ConfigurationError naming all three ways when there is no
    password, or when its file cannot be read or may be written by others.
    """
    if not login.user or login.oauth is not None:
        return None
    secret = _Secret(name.removesuffix(".password"), "password", "Passwort")
    found = secret.find(login.password_file, login.password_env, environ)
    if found is None:
        raise secret.missing("Für diese Anmeldung ist kein Passwort hinterlegt.", "user")
    return found


def client_secret(oauth: OAuthSettings, name: str, *, environ: Mapping[str, str]) -> str | None:
    """The secret of the application at ``name``; None where a refresh token may do without one.

    Raises ConfigurationError as ``read`` does.
    """
    secret = _Secret(name, "client_secret", "Geheimnis der Anwendung")
    found = secret.find(oauth.client_secret_file, oauth.client_secret_env, environ)
    if found is None and oauth.grant == "client_credentials":
        raise secret.missing("Für die Anwendung ist kein Geheimnis hinterlegt.", "oauth")
    return found


def refresh_token(oauth: OAuthSettings, name: str, *, environ: Mapping[str, str]) -> str | None:
    """The refresh token at ``name``; None when the grant needs none. Raises ConfigurationError as ``read`` does."""
    if oauth.grant != "refresh_token":
        return None
    secret = _Secret(name, "refresh_token", "Refresh-Token")
    found = secret.find(oauth.refresh_token_file, oauth.refresh_token_env, environ)
    if found is None:
        raise secret.missing("Es ist kein Refresh-Token hinterlegt.", "oauth")
    return found


class _Secret(Struct, frozen=True):
    """One kind of secret: where the table stands in the file, the stem of its keys, its German name."""

    place: str
    kind: str
    german: str

    def find(self, path: Path | None, variable: str | None, environ: Mapping[str, str]) -> str | None:
        """The secret, or None when none of the three ways is taken."""
        if path is not None:
            return self._from_file(path)
        if variable is not None:
            if value := environ.get(variable):
                return value
            raise self.missing(f"Die Umgebungsvariable {variable} ist nicht gesetzt.", f"{self.kind}_env")
        credential = Path(environ.get("CREDENTIALS_DIRECTORY", ""), f"{self.place}.{self.kind}")
        if environ.get("CREDENTIALS_DIRECTORY") and credential.is_file():
            return self._from_file(credential)
        return None

    def _from_file(self, path: Path) -> str:
        """The first line of ``path``."""
        key = f"{self.kind}_file"
        try:
            with path.open(encoding="utf-8-sig") as file:
                mode = stat.S_IMODE(path.stat().st_mode)
                secret = file.readline(_LONGEST).rstrip("\r\n")
        except (OSError, UnicodeDecodeError, ValueError) as error:
            reason = wording.refusal(error) if isinstance(error, OSError) else "kein lesbarer Text"
            raise self.missing(f"Die Datei {path} ist nicht zu lesen ({reason}).", key) from None
        if mode & (stat.S_IWGRP | stat.S_IWOTH):
            what = f"Die Datei {path} darf von anderen geändert werden."
            raise self.missing(f"{what} Führen Sie aus: chmod 600 {path}.", key)
        if mode & stat.S_IROTH:
            _log.warning("password file is readable by everybody on this machine", file=str(path))
        if not secret:
            raise self.missing(f"Die erste Zeile der Datei {path} ist leer.", key)
        return secret

    def missing(self, what: str, key: str) -> ConfigurationError:
        """What to raise, with all three ways."""
        kind = self.kind
        advice = (
            f"Möglich ist: {kind}_file (eine Datei, {self.german} in der ersten Zeile), {kind}_env (der Name einer "
            f"Umgebungsvariablen) oder systemd mit LoadCredential={self.place}.{kind}:/pfad/zur/datei."
        )
        return ConfigurationError((Problem(None, None, f"[{self.place}], Schlüssel {key}", what, advice),))
