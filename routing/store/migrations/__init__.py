"""The database's schema over time, by Alembic; one environment for intake's and routing's tables.

``upgrade`` brings a database to the newest schema and does nothing (and imports nothing) when it is there; an empty
one gets the newest schema at once, without walking through its history (a test holds both ways equal). Two daemons
that start at once on PostgreSQL are put in line by an advisory lock; on SQLite the migration is one writing
transaction. A database that a newer program has written is refused instead of being harmed.
"""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from intake import storage
from intake.base import errors
from routing.store import tables

HEAD = "0013"
FOLDER = Path(__file__).parent


class NewerDatabaseError(errors.PermanentError):
    """The database was written by a newer version of the program."""


def current(connection: Connection) -> str | None:
    """The schema's revision ("0002"); None for an empty database. Raises SQLAlchemy's errors as they come."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return revision


def upgrade(engine: Engine) -> None:
    """Create or migrate the tables. Raises NewerDatabaseError, TemporaryError, StorageFullError."""
    with storage.reading(engine) as connection:
        if current(connection) == HEAD:
            return
    if engine.dialect.name != "postgresql":
        _upgrade(engine)
        return
    patient = storage.create(engine.url, storage.PATIENT)  # an index over years of concerns takes its time
    try:
        _upgrade(patient)
    finally:
        patient.dispose()


def _upgrade(engine: Engine) -> None:
    with storage.writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('kod-intake migration'))"))
        if current(connection) is None:
            tables.metadata.create_all(connection)
            connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
            connection.execute(sa.text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
        else:
            walk(connection)


def walk(connection: Connection, to: str = "head") -> None:
    """Run the migrations that this database has not seen, in the caller's transaction. Raises NewerDatabaseError."""
    from alembic import command, config, util  # noqa: PLC0415  (a quarter second that only a migration needs)

    settings = config.Config()
    settings.set_main_option("script_location", str(FOLDER))
    settings.attributes["connection"] = connection
    try:
        command.upgrade(settings, to)
    except util.CommandError as error:
        raise NewerDatabaseError(
            f"Die Datenbank hat den Stand „{current(connection)}“, den dieses Programm nicht kennt. "
            "Sie wurde vermutlich von einer neueren Version angelegt. Bitte installieren Sie diese."
        ) from error
