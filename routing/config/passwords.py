"""Passwords: never in config.toml, read only when a connection is made, never in a log or a repr.

Three ways, in this order: ``password_file``, ``password_env``, and a systemd credential (LoadCredential=) named like
the place in the file: ``$CREDENTIALS_DIRECTORY/mailboxes.kod.password``, ``…/smtp.password``.
"""

import re
import stat
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import structlog

from intake.settings import Login
from routing.config.problem import ConfigurationError, Fault, Problem

KEYS = frozenset({"password", "passwort", "pass", "passwd", "pwd", "kennwort", "secret", "geheimnis"})
ADVICE = (
    "Löschen Sie die Zeile, ändern Sie das Passwort, und hinterlegen Sie das neue auf einem dieser Wege: "
    "password_file (eine Datei), password_env (eine Umgebungsvariable) oder systemd "
    "(LoadCredential=NAME:/pfad, NAME z. B. smtp.password oder mailboxes.kod.password)."
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
    if not login.user:
        return None
    name = name.removesuffix(".password")
    if login.password_file is not None:
        return _from_file(login.password_file, name)
    if login.password_env is not None:
        if value := environ.get(login.password_env):
            return value
        what = f"Die Umgebungsvariable {login.password_env} ist nicht gesetzt."
        raise _missing(name, what, "password_env")
    credential = Path(environ.get("CREDENTIALS_DIRECTORY", ""), f"{name}.password")
    if environ.get("CREDENTIALS_DIRECTORY") and credential.is_file():
        return _from_file(credential, name)
    raise _missing(name, "Für diese Anmeldung ist kein Passwort hinterlegt.", "user")


def _from_file(path: Path, name: str) -> str:
    try:
        with path.open(encoding="utf-8-sig") as file:
            mode = stat.S_IMODE(path.stat().st_mode)
            password = file.readline(_LONGEST).rstrip("\r\n")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "kein lesbarer Text"
        raise _missing(name, f"Die Datei {path} ist nicht zu lesen ({reason}).", "password_file") from None
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        what = f"Die Datei {path} darf von anderen geändert werden."
        raise _missing(name, f"{what} Führen Sie aus: chmod 600 {path}.", "password_file")
    if mode & stat.S_IROTH:
        _log.warning("password file is readable by everybody on this machine", file=str(path))
    if not password:
        raise _missing(name, f"Die erste Zeile der Datei {path} ist leer.", "password_file")
    return password


def _missing(name: str, what: str, key: str) -> ConfigurationError:
    advice = (
        "Möglich ist: password_file (eine Datei mit dem Passwort in der ersten Zeile), password_env (der Name einer "
        f"Umgebungsvariablen) oder systemd mit LoadCredential={name}.password:/pfad/zur/datei."
    )
    return ConfigurationError((Problem(None, None, f"[{name}], Schlüssel {key}", what, advice),))
