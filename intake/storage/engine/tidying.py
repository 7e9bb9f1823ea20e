"""After a deletion: an SQLite file gives room back, and its log keeps no copy of what went.

Deleted content is overwritten at once (``secure_delete``), but pages that the log holds, and what balancing left in
the gaps between cells, are older copies. ``shrink`` empties the log and gives free pages back, in steps beside the
daemon. ``rewrite`` (VACUUM) writes the whole file anew, without a gap: seconds a gigabyte, when nobody else writes.
What the file system or a disk keeps of overwritten blocks is out of reach: that is for an encrypted disk. A PostgreSQL
cleans up by itself (autovacuum), and overwrites when it needs the room.
"""

import contextlib
from typing import Any

from sqlalchemy.engine import Engine

from intake.storage import engine as engines

PAGES = 2_000  # at once: some milliseconds
INCREMENTAL = 2


def shrink(engine: Engine) -> int:
    """Give free pages back and empty the log; how many pages the file lost. Raises TemporaryError."""
    if engine.dialect.name != "sqlite":
        return 0
    lost = 0
    if _asked(engine, "PRAGMA auto_vacuum") == INCREMENTAL:
        while free := _asked(engine, "PRAGMA freelist_count"):
            with engines.exclusive(engine) as raw:
                raw.execute(f"PRAGMA incremental_vacuum({PAGES})").fetchall()  # a page a row: all must be asked for
            left = _asked(engine, "PRAGMA freelist_count")
            lost += free - left
            if left >= free:
                break
    _empty_log(engine)
    return lost


def rewrite(engine: Engine) -> None:
    """Write an SQLite file anew, without what is free. Raises TemporaryError where somebody else works on it."""
    if engine.dialect.name != "sqlite":
        return
    with engines.exclusive(engine) as raw:
        raw.execute(f"PRAGMA auto_vacuum={INCREMENTAL}").close()
        raw.execute("VACUUM").close()
    _empty_log(engine)


def _asked(engine: Engine, pragma: str) -> int:
    with engines.reading(engine) as connection:
        return int(connection.exec_driver_sql(pragma).scalar_one())


def _empty_log(engine: Engine) -> None:
    with contextlib.closing(engine.raw_connection()) as connection:
        raw: Any = connection.driver_connection
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
