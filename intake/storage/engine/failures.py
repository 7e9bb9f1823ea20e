"""What a database's failure means: out of reach, full, or no longer the one that we work with.

Everything that the connection is to blame for becomes a TemporaryError, so that whoever works backs off and tries
again over a new connection. What the statement or its values are to blame for passes through as it is.
"""

import errno
import re
import sqlite3
from pathlib import Path

import sqlalchemy as sa

from intake.base.errors import DatabaseLostError, DatabaseOutError, StorageFullError, TemporaryError

OF_THE_CONNECTION = (
    sa.exc.OperationalError,
    sa.exc.InterfaceError,
    sa.exc.InternalError,
    sa.exc.PendingRollbackError,
    sa.exc.ResourceClosedError,
    sa.exc.TimeoutError,
    sa.exc.DisconnectionError,
    sqlite3.OperationalError,
    sqlite3.DatabaseError,
)
_OF_THE_DATABASE = {"42P01", "3F000", "42501"}
"""SQLSTATEs of statements that are right: the table, the schema or our right to it is gone."""
_REFUSED = re.compile(
    "authentication failed|not permitted to log in|no pg_hba.conf|no password supplied|certificate|"
    "does not exist|permission denied|read-only|readonly|unable to open database file"
)
"""What waiting will not mend; of a refused login the driver tells nothing but this text."""
_FULL = {"53100", "53400"}
_FULL_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_READING = {sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ, sqlite3.SQLITE_IOERR_CORRUPTFS}


def is_of_the_connection(error: Exception) -> bool:
    """Whether the connection, or the database behind it, is to blame, not the statement."""
    if isinstance(error, OF_THE_CONNECTION):
        return True
    original = getattr(error, "orig", None)
    return type(error) is sa.exc.DatabaseError or getattr(original, "sqlstate", "") in _OF_THE_DATABASE


def translated(error: Exception, path: Path | None = None) -> TemporaryError:
    """The error for whoever works, of one that ``is_of_the_connection``; ``path`` is the SQLite file."""
    original = getattr(error, "orig", None) or error
    text = str(original).strip() or type(original).__name__
    code = getattr(original, "sqlite_errorcode", 0)
    if getattr(original, "sqlstate", "") in _FULL or code == sqlite3.SQLITE_FULL:
        return full(text)
    if code & 0xFF == sqlite3.SQLITE_IOERR and code not in _READING:
        return full(text)
    if code & 0xFF in _DAMAGED:
        return damaged(text, path)
    if code & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return locked(text)
    said = re.sub(r"\s*\n\s*", " ", text)
    out = DatabaseOutError(f"the database does not answer: {said}", german=f"Die Datenbank antwortet nicht: {said}")
    refused = _REFUSED.search(said)
    out.person_must_act = refused is not None
    out.cause = refused[0] if refused else ""
    return out


def of_file(error: OSError) -> TemporaryError:
    """The error for whoever works, of the operating system's about a file beside the database."""
    if error.errno in _FULL_DISK:
        return full(str(error))
    return DatabaseOutError(f"the database cannot be used: {error}", german=f"Die Datenbank antwortet nicht: {error}")


def full(text: str) -> StorageFullError:
    """There is no room."""
    german = f"Die Datenbank kann nicht geschrieben werden ({text}). Vermutlich ist der Datenträger voll."
    return StorageFullError(f"the database cannot be written ({text}): is the disk full?", german=german)


def locked(text: str) -> DatabaseOutError:
    """Somebody else holds it."""
    german = f"Die Datenbank ist von einem anderen Programm gesperrt ({text})."
    return DatabaseOutError(f"the database is locked by somebody else ({text})", german=german)


def damaged(text: str, path: Path | None) -> DatabaseLostError:
    """Its file is no longer what SQLite wrote."""
    german = (
        f"Die Datei der Datenbank ({path}) ist beschädigt: {text}. Es wird nichts mehr gespeichert und abgelegt; "
        "Nachrichten bleiben in Postfach und Ordnern liegen. Bitte legen Sie die Datei beiseite, spielen Sie die "
        "letzte Sicherung ein und starten Sie den Dienst neu."
    )
    return DatabaseLostError(f"the database file is damaged: {text}", german=german)
