"""A backup: the database of one moment, the configuration and the state, in one file; the service goes on meanwhile.

SQLite copies itself (online backup API), whoever writes; PostgreSQL is read in one snapshot into a new SQLite file, so
that every backup can be put into either. The copy is looked through before it is packed, and the file read back after.
"""

import contextlib
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

import intake
from intake import storage
from intake.base import errors
from routing.model.settings import Configuration
from routing.service.safekeeping import archive, copying
from routing.store import migrations, tables
from routing.store.books import snapshot

_NO_STATE = ("kod-intake.sqlite", "kod-intake.lock", ".")
"""Files of the data folder that are no state: the database itself and its helpers, locks, what is being written."""


def make(
    engine: Engine, configuration: Configuration, path: Path, now: datetime, *, keep: int = 0
) -> archive.Manifest:
    """Write a backup to ``path``; with ``keep`` so many stay, without it none may be there. ``now``: aware, UTC.

    Raises PermanentError (the file is there, the folder cannot be written, the copy is damaged) and TemporaryError.
    """
    if not keep and path.exists():
        raise errors.PermanentError(
            f"{path} gibt es schon. Nennen Sie einen neuen Namen, oder behalten Sie frühere mit --keep ANZAHL."
        )
    with tempfile.TemporaryDirectory(prefix=".kod-intake-", dir=path.parent) as folder:
        copied = Path(folder) / archive.DATABASE
        copy_of(engine, copied)
        files = {archive.DATABASE: copied} | dict(_configuration(configuration)) | dict(_state(configuration))
        manifest = archive.Manifest(
            format=archive.FORMAT,
            made_at=now.isoformat(),
            program=intake.__version__,
            database=engine.dialect.name,
            rows=rows_of(copied),
            members={name: archive.member(file) for name, file in files.items()},
        )
        written = Path(folder) / path.name
        archive.write(written, manifest, files)
        if keep:
            archive.rotate(path, keep)
        written.replace(path)
    return manifest


def copy_of(engine: Engine, path: Path) -> None:
    """The database of this moment as a new SQLite file. Raises PermanentError when the copy is damaged."""
    path.touch(0o600)
    if engine.dialect.name == "sqlite":
        with contextlib.closing(sqlite3.connect(path)) as target, contextlib.closing(_raw(engine)) as source:
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")
            found = [row[0] for row in target.execute("PRAGMA integrity_check(3)")]
        if found != ["ok"]:
            raise errors.PermanentError(f"Die Datenbank ist beschädigt; nichts wurde gesichert ({'; '.join(found)}).")
        return
    target_engine = storage.create(storage.url_of_file(path))
    try:
        migrations.upgrade(target_engine)
        with snapshot.reading(engine) as source_rows, storage.writing(target_engine) as target_rows:
            copying.copy(source_rows, target_rows)
    finally:
        settle(target_engine)


def settle(engine: Engine) -> None:
    """Bring an SQLite file that nobody else uses into one piece, and let go of it."""
    engine.dispose()
    place = engine.url.database or ""
    with contextlib.closing(sqlite3.connect(place)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    for left in ("-turn", "-turn-first"):
        Path(f"{place}{left}").unlink(missing_ok=True)


def _raw(engine: Engine) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{engine.url.database}?mode=ro", uri=True, timeout=30)


def rows_of(path: Path) -> Mapping[str, int]:
    """How many rows an SQLite file has of each table."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        counted = sa.select(sa.func.count())
        return {
            table.name: connection.execute(str(counted.select_from(table))).fetchone()[0]
            for table in tables.metadata.sorted_tables
            if table.name in there
        }


def _configuration(configuration: Configuration) -> Iterator[tuple[str, Path]]:
    """config.toml and every file and folder of the city's own that it names."""
    files, city = configuration.settings.files, configuration.settings.city
    yield f"{archive.CONFIGURATION}/{configuration.path.name}", configuration.path
    for named in (files.library, files.vocabulary, files.templates, city.gazetteer):
        if named is None:
            continue
        for file in sorted(named.rglob("*")) if named.is_dir() else [named]:
            if file.is_file():
                yield f"{archive.CONFIGURATION}/{file.relative_to(named.parent).as_posix()}", file


def _state(configuration: Configuration) -> Iterator[tuple[str, Path]]:
    """What lies in the data folder beside the database."""
    data = configuration.settings.service.data
    drops = [folder.folder for folder in configuration.settings.drop_folders.values()]
    for file in sorted(data.rglob("*")) if data.is_dir() else []:
        name = file.relative_to(data).as_posix()
        is_drop = any(file.is_relative_to(folder) for folder in drops)
        if file.is_file() and not file.is_symlink() and not is_drop and not name.startswith(_NO_STATE):
            yield f"{archive.STATE}/{name}", file
