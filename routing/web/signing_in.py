"""Who is at the door: passwords, sessions, single sign-on by a proxy, and the limit of guesses.

Passwords are kept as Argon2id (RFC 9106; the library's defaults are its low-memory recommendation) and hashed anew
when those change. A session ends after ``[web] session_hours``, after two hours without a click, with the account, and
with a new password; signing in always begins a new one, so that none can be planted. Guesses are
limited (``guesses``). An unknown account takes as long as a wrong password.
"""

import secrets
from datetime import datetime, timedelta

import argon2
import structlog
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy.engine import Connection, Engine

from intake import storage
from intake.base import errors
from routing.store import accounts
from routing.store.accounts import Account, Session
from routing.web.guesses import Guesses, RefusedError
from routing.web.visit import Visitor

log = structlog.get_logger(__name__)

IDLE = timedelta(hours=2)
SEEN = timedelta(minutes=1)  # how exactly we know when a session was used last
SHORTEST, LONGEST = 12, 200  # characters of a password
LONGEST_NAME = 64
WRONG = "Name oder Passwort stimmt nicht."

_hasher = argon2.PasswordHasher()
_NOBODYS = _hasher.hash(secrets.token_hex(16))


def hashed(password: str) -> str:
    """A password as it is stored. Raises UsageError, with a German text, for one that is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise errors.UsageError(f"Ein Passwort hat mindestens {SHORTEST} und höchstens {LONGEST} Zeichen.")
    return _hasher.hash(password)


def is_right(account: Account | None, password: str) -> bool:
    """Whether ``password`` is the account's; takes its time for nobody's, too."""
    stored = account.password if account and account.password else _NOBODYS
    try:
        _hasher.verify(stored, password[: LONGEST + 1])
    except (Argon2Error, InvalidHashError):
        return False
    return account is not None and bool(account.password) and account.ended_at is None


def sign_in(engine: Engine, guesses: Guesses, name: str, password: str, client: str, now: datetime) -> str:
    """Begin a session; its secret, for the browser alone. Raises RefusedError. ``now``: aware, UTC."""
    name = name.strip().casefold()
    if len(name) > LONGEST_NAME:
        raise RefusedError(german=WRONG)
    guesses.check(name, client)
    with storage.reading(engine) as connection:
        account = accounts.get(connection, name)
    if not is_right(account, password):
        guesses.refused(name, client)
        raise RefusedError(german=WRONG)
    assert account is not None
    with storage.writing(engine) as connection:
        if _hasher.check_needs_rehash(account.password):
            accounts.change(connection, name, password=_hasher.hash(password))
        storage.note(connection, now, "signed in", actor=account.name)
        return _begun(connection, name, now)


def by_proxy(engine: Engine, name: str, now: datetime) -> str:
    """Begin a session for whom a trusted proxy has signed in; its secret. Raises RefusedError for an unknown name."""
    name = name.strip().casefold()
    with storage.writing(engine) as connection:
        account = accounts.get(connection, name)
        if account is None or account.ended_at is not None:
            raise RefusedError(german="Für Sie ist hier kein Konto angelegt. Bitte fragen Sie Ihre Administration.")
        return _begun(connection, name, now)


def _begun(connection: Connection, name: str, now: datetime) -> str:
    """A new session of the account; its secret."""
    accounts.forget_sessions(connection, now - timedelta(hours=24))
    secret = secrets.token_urlsafe(32)
    accounts.begin_session(connection, secret, name, secrets.token_urlsafe(32), now)
    return secret


def session_of(engine: Engine, secret: str, hours: int, now: datetime) -> Session | None:
    """The session that a browser shows, if it still holds; that it was used is noted once a minute at most."""
    if not secret or len(secret) > 100:
        return None
    with storage.reading(engine) as connection:
        found = accounts.session(connection, secret)
    if found is None or found.account.ended_at is not None:
        return None
    if not timedelta() <= now - found.created_at < timedelta(hours=hours) or now - found.seen_at >= IDLE:
        return None
    if now - found.seen_at >= SEEN:
        _seen(engine, found.id, now)
    return found


def _seen(engine: Engine, session: str, now: datetime) -> None:
    """Note that a session was used. Where nothing can be written, emergencies are still to be seen."""
    try:
        with storage.writing(engine) as connection:
            accounts.change_session(connection, session, seen_at=now)
    except errors.TemporaryError as error:
        log.warning("session not noted as used", error=str(error))


def change_password(engine: Engine, guesses: Guesses, visitor: Visitor, old: str, new: str, client: str) -> None:
    """A person chooses another password and is signed out everywhere else.

    Raises RefusedError for a wrong old one, UsageError for a new one that will not do.
    """
    guesses.check(visitor.account, client)
    with storage.reading(engine) as connection:
        account = accounts.get(connection, visitor.account)
    if not is_right(account, old):
        guesses.refused(visitor.account, client)
        raise RefusedError(german="Das bisherige Passwort stimmt nicht.")
    if new == old:
        raise errors.UsageError("Das neue Passwort ist das bisherige.")
    stored = hashed(new)
    with storage.writing(engine) as connection:
        accounts.change(connection, visitor.account, password=stored, is_new=False)
        accounts.end_sessions(connection, visitor.account, but=visitor.session)
