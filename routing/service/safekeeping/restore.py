"""A backup in place of what is there; what was there is kept. ``aftermath`` then brings it up to date.

Nothing is touched before the whole backup was read and compared, and its database opened and migrated by this program.
From the moment its rows are in place until ``aftermath`` is through, a mark keeps every daemon away; a restore that
was interrupted goes on from there.
"""

import contextlib
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Engine

from intake import storage
from intake.base import errors
from routing.model.settings import Configuration
from routing.service.safekeeping import archive, backup, copying
from routing.store import migrations

_BESIDE = ("", "-wal", "-shm", ".identity")


class Unpacked(Struct, frozen=True):
    """A backup that was read and found good: its manifest, and the folder with its files."""

    manifest: archive.Manifest
    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / archive.DATABASE


@contextlib.contextmanager
def unpacked(path: Path, configuration: Configuration) -> Iterator[Unpacked]:
    """Read a whole backup beside the database, its schema brought up to this program's; gone in the end.

    Raises PermanentError when it is damaged, or newer than this program.
    """
    data = configuration.settings.service.data
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix=".kod-intake-", dir=data) as folder:
        manifest = archive.check(path, Path(folder))
        found = Unpacked(manifest, Path(folder))
        if found.database.stat().st_size == 0:
            raise errors.PermanentError(f"In der Sicherung {path} ist keine Datenbank.")
        engine = storage.create(storage.url_of_file(found.database))
        try:
            migrations.upgrade(engine)
            with storage.writing(engine) as connection:
                storage.note_fact(connection, storage.RESTORED_FROM, manifest.made_at)
                storage.note_fact(connection, storage.MOVED_TO, "")
        except sa.exc.DatabaseError as error:
            raise errors.PermanentError(f"Die Datenbank in {path} ist beschädigt ({error.orig}).") from error
        finally:
            backup.settle(engine)
        yield found


def put(found: Unpacked, url: str, configuration: Configuration, now: datetime) -> Path | None:
    """Put the backup's database in the place of the one at ``url``, on which nobody works; where that one is kept.

    Raises PermanentError and TemporaryError; then what was there is untouched. ``now``: aware, UTC.
    """
    stamp = f"vor-restore-{now:%Y%m%d-%H%M%S}"
    if sa.make_url(url).get_backend_name() == "sqlite":
        return _put_file(found, Path(sa.make_url(url).database or ""), stamp)
    kept = configuration.settings.service.data / f"{stamp}.tar.gz"
    target, source = storage.create(url), storage.create(storage.url_of_file(found.database))
    try:
        migrations.upgrade(target)
        backup.make(target, configuration, kept, now)
        with storage.writing(target) as written, storage.reading(source) as read:
            copying.clear(written)
            copying.copy(read, written)
            if copying.digests(read) != copying.digests(written):
                raise errors.PermanentError("Die Datenbank gleicht der Sicherung nicht; es bleibt, was war.")
    finally:
        target.dispose()
        source.dispose()
    return kept


def _put_file(found: Unpacked, place: Path, stamp: str) -> Path | None:
    kept = place.with_name(f"{place.name}.{stamp}")
    was_there = place.exists()
    for end in reversed(_BESIDE):  # the file itself last: without it the others say nothing
        with contextlib.suppress(FileNotFoundError):
            Path(f"{place}{end}").rename(f"{kept}{end}")
    found.database.rename(place)
    return kept if was_there else None


def put_beside(found: Unpacked, configuration: Configuration, now: datetime) -> Path | None:
    """Configuration and state of the backup in a folder of their own, for a person to compare; None without any."""
    target = configuration.settings.service.data / f"aus-sicherung-{now:%Y%m%d-%H%M%S}"
    parts = [found.folder / name for name in (archive.CONFIGURATION, archive.STATE) if (found.folder / name).exists()]
    if not parts:
        return None
    target.mkdir(mode=0o700)
    for part in parts:
        part.rename(target / part.name)
    return target


def look(engine: Engine) -> tuple[int, datetime | None]:
    """What is there now: how many messages, and when the newest was stored (aware, UTC)."""
    messages = storage.metadata.tables["messages"].c
    with storage.reading(engine) as connection:
        row = connection.execute(sa.select(sa.func.count(), sa.func.max(messages.stored_at))).one()
    return row[0], row[1]
