"""Accounts of the pages in the house and their sessions, as rows. No password is checked and no role judged here.

A session is stored by the hash of what the browser holds, so that a copy of the database signs nobody in. Times are
aware, UTC. Every function is called within the caller's transaction.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from routing.store.tables import accounts, web_sessions


class Account(Struct, frozen=True):
    """Who may sign in; ``password`` is an Argon2id hash, empty where only a proxy signs in."""

    name: str
    shown: str
    password: str
    is_new: bool
    roles: frozenset[str]
    created_at: datetime
    ended_at: datetime | None


class Session(Struct, frozen=True):
    """Somebody is signed in."""

    id: str
    account: Account
    form_token: str
    said: str
    created_at: datetime
    seen_at: datetime


def _account(row: Any) -> Account:
    return Account(
        row.name, row.shown, row.password, bool(row.is_new), frozenset(row.roles), row.created_at, row.ended_at
    )


def every(connection: Connection) -> list[Account]:
    """All accounts by name, ended ones too."""
    return [_account(row) for row in connection.execute(sa.select(accounts).order_by(accounts.c.name))]


def get(connection: Connection, name: str) -> Account | None:
    """The account of this name, ended or not."""
    row = connection.execute(sa.select(accounts).where(accounts.c.name == name)).one_or_none()
    return _account(row) if row else None


def add(connection: Connection, name: str, shown: str, roles: Sequence[str], password: str, now: datetime) -> None:
    """A new account; ``password``: its hash. The name must be free."""
    connection.execute(
        sa.insert(accounts).values(
            name=name, shown=shown, password=password, is_new=True, roles=sorted(roles), created_at=now
        )
    )


def change(connection: Connection, name: str, **values: Any) -> None:
    """Set columns of an account. Its sessions stay; ``end_sessions`` ends them."""
    connection.execute(sa.update(accounts).where(accounts.c.name == name).values(**values))


def fingerprint(secret: str) -> str:
    """How a session is stored (hex): ``secret`` is what the browser holds, 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def begin_session(connection: Connection, secret: str, account: str, form_token: str, now: datetime) -> None:
    """Sign in. ``now``: aware, UTC."""
    connection.execute(
        sa.insert(web_sessions).values(
            id=fingerprint(secret), account=account, form_token=form_token, created_at=now, seen_at=now
        )
    )


def session(connection: Connection, secret: str) -> Session | None:
    """The session that a browser's secret names, with its account as it is now.

    Whether it still holds is judged in ``routing.web.signing_in``.
    """
    columns = [column.label(f"session_{column.name}") for column in web_sessions.c]
    query = (
        sa.select(accounts, *columns)
        .join(web_sessions, web_sessions.c.account == accounts.c.name)
        .where(web_sessions.c.id == fingerprint(secret))
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return Session(
        row.session_id,
        _account(row),
        row.session_form_token,
        row.session_said,
        row.session_created_at,
        row.session_seen_at,
    )


def change_session(connection: Connection, session_id: str, **values: Any) -> None:
    """Set columns of a session."""
    connection.execute(sa.update(web_sessions).where(web_sessions.c.id == session_id).values(**values))


def end_session(connection: Connection, session_id: str) -> None:
    """Sign out."""
    connection.execute(sa.delete(web_sessions).where(web_sessions.c.id == session_id))


def end_sessions(connection: Connection, account: str, *, but: str = "") -> None:
    """Sign an account out everywhere, except for the session with the id ``but``."""
    connection.execute(sa.delete(web_sessions).where(web_sessions.c.account == account, web_sessions.c.id != but))


def forget_sessions(connection: Connection, before: datetime) -> None:
    """Delete the sessions that began before (aware, UTC)."""
    connection.execute(sa.delete(web_sessions).where(web_sessions.c.created_at < before))
