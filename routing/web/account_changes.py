"""Changes of accounts, for the page and the command alike: add, new first password, roles, end. Each is an event.

A first password is shown once to whoever makes it, and must be changed at the first sign-in. Whatever changes, the
account is signed out everywhere. Nobody takes away the last account that may change accounts, or his own.
"""

import re
import secrets
from collections.abc import Collection
from datetime import datetime

from sqlalchemy.engine import Connection, Engine

from intake import storage
from intake.base import errors
from routing.model.web import Role
from routing.store import accounts
from routing.web import signing_in

_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def add(
    engine: Engine, name: str, shown: str, roles: Collection[str], now: datetime, *, actor: str, by_proxy: bool = False
) -> str:
    """A new account; its first password, "" where only a proxy signs in (``by_proxy``). ``now``: aware, UTC.

    Raises UsageError for a name that does not do or is taken, and without a role.
    """
    name = name.strip().casefold()
    if not _NAME.fullmatch(name):
        raise errors.UsageError(f"„{name}“ geht nicht als Name: nur a–z, Ziffern, Punkt, @, _ und -.")
    wanted = _roles(roles)
    password = "" if by_proxy else _password()
    stored = signing_in.hashed(password) if password else ""
    with storage.writing(engine) as connection:
        if accounts.get(connection, name) is not None:
            raise errors.UsageError(f"Ein Konto „{name}“ gibt es schon.")
        accounts.add(connection, name, " ".join(shown.split())[:100] or name, wanted, stored, now)
        _note(connection, now, f"Konto {name} angelegt ({', '.join(wanted)}).", actor)
    return password


def new_password(engine: Engine, name: str, now: datetime, *, actor: str) -> str:
    """A new first password, which it gives. Raises UsageError for no account. ``now``: aware, UTC."""
    password = _password()
    _change(engine, now, name, "neues Passwort", actor, password=signing_in.hashed(password), is_new=True)
    return password


def set_roles(engine: Engine, name: str, roles: Collection[str], now: datetime, *, actor: str) -> str:
    """All the roles that the account has from now on; an ended one holds again. Says in German what.

    Raises UsageError for no account, without a role, and for the last that may change accounts. ``now``: aware, UTC.
    """
    wanted = _roles(roles)
    listed = ", ".join(wanted)
    _change(engine, now, name, f"Aufgaben: {listed}", actor, roles=wanted, ended_at=None)
    return f"Das Konto {name.strip().casefold()} hat jetzt: {listed}."


def end(engine: Engine, name: str, now: datetime, *, actor: str) -> str:
    """The account is closed; its name stays in timelines. Says so in German. Raises UsageError as ``set_roles``."""
    _change(engine, now, name, "geschlossen", actor, ended_at=now)
    return f"Das Konto {name.strip().casefold()} ist geschlossen."


def _roles(roles: Collection[str]) -> list[str]:
    wanted = sorted({str(role) for role in roles} & set(Role))
    if not wanted:
        raise errors.UsageError("Bitte nennen Sie mindestens eine Aufgabe.")
    return wanted


def _change(engine: Engine, now: datetime, name: str, what: str, actor: str, **values: object) -> None:
    name = name.strip().casefold()
    with storage.writing(engine) as connection:
        if accounts.get(connection, name) is None:
            raise errors.UsageError(f"Ein Konto „{name}“ gibt es nicht. Alle zeigt: kod-intake user list")
        had_admin = _has_admin(connection)
        accounts.change(connection, name, **values)
        if had_admin and not _has_admin(connection):
            raise errors.UsageError("Das ist das letzte Konto, das Konten ändern darf. Legen Sie erst ein anderes an.")
        accounts.end_sessions(connection, name)
        _note(connection, now, f"Konto {name}: {what}.", actor)


def _has_admin(connection: Connection) -> bool:
    return any(Role.ADMIN in one.roles and one.ended_at is None for one in accounts.every(connection))


def _note(connection: Connection, now: datetime, detail: str, actor: str) -> None:
    storage.note(connection, now, "account", actor=actor, detail=detail)


def _password() -> str:
    """A first password, easy to read out: four groups of four."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
