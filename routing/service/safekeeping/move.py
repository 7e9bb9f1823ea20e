"""A move: everything into another database, compared row by row, before the old one is closed for good.

The service stands still meanwhile (its locks are taken). The new database must be empty. Only when both have the same
rows is the old one marked, so that no daemon starts on it; a move that fails leaves it as it was.
"""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from intake import storage
from intake.base import errors
from routing.service.safekeeping import copying
from routing.store import migrations
from routing.store.books import snapshot


def move(source: Engine, url: str) -> Mapping[str, copying.Digest]:
    """Copy ``source``, on which nobody works, to ``url``; gives what both have now.

    Raises PermanentError when the target is not empty or differs, TemporaryError.
    """
    shown = sa.make_url(url).render_as_string(hide_password=True)
    target = storage.create(url)
    try:
        migrations.upgrade(target)
        with storage.writing(target) as written, snapshot.reading(source) as read:
            if any(one.rows for one in copying.digests(written).values()):
                raise errors.PermanentError(f"In {shown} liegt schon etwas; das Ziel muss leer sein.")
            before = copying.digests(read)
            copying.copy(read, written)
            after = copying.digests(written)
            if different := [name for name in before if before[name] != after[name]]:
                raise errors.PermanentError(
                    f"Der Umzug ist abgebrochen, es gilt die alte Datenbank: {', '.join(different)} sind nicht gleich."
                )
    except sa.exc.SQLAlchemyError as error:
        raise errors.PermanentError(f"Der Umzug nach {shown} ist abgebrochen, es gilt die alte: {error}") from error
    finally:
        target.dispose()
    with storage.writing(source) as connection:
        storage.note_fact(connection, storage.MOVED_TO, shown)
    return after
