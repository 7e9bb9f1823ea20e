"""The drop folder's way in: every finished file is read, its rows are stored, and then it is filed away."""

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Engine

from intake import drop_folder, storage
from intake.base import errors
from intake.base.clock import Clock
from intake.receive import batches
from intake.receive.batches import Received
from intake.storage import file_versions

if TYPE_CHECKING:
    from intake.drop_folder.reading import Reading

ROWS_TOGETHER = 500
TOLD_EVERY = 20_000  # rows
UNFORESEEN = (
    "Beim Lesen dieser Datei ist ein Fehler aufgetreten, den niemand vorhergesehen hat. Die Zeilen vor der Stelle "
    "sind gespeichert. Bitte speichern Sie die Liste als „CSV UTF-8“ und legen Sie sie noch einmal ab; schon "
    "gespeicherte Zeilen werden erkannt. Der Betrieb findet die Einzelheiten im Protokoll des Dienstes."
)

log = structlog.get_logger(__name__)


def receive(source: drop_folder.DropFolder, engine: Engine, clock: Clock) -> Received:
    """Store the rows of every finished file in a drop folder and file the files away.

    A file that cannot be read now (open in Excel, say) stays for the next pass and does not hold up the others. Raises
    TemporaryError when the folder itself, or the database, cannot be reached.
    """
    received = Received()
    for path in source.finished(clock()):
        try:
            done = _file(source, path, engine, clock)
            _tell_of(path, done)
            received.include(done)
        except errors.StorageFullError:
            raise
        except errors.TemporaryError as error:
            log.warning("log file stays for later", file=repr(path.name), error=str(error))
            received.stuck.append(path.name)
    source.tidy(clock())
    return received


def _file(source: drop_folder.DropFolder, path: Path, engine: Engine, clock: Clock) -> Received:
    from intake.receive import edited_rows  # noqa: PLC0415  (loads what reads phone logs, for which there seldom is a file)

    received = Received(files=[path.name])
    try:
        with source.reading(path, clock()) as rows:
            try:
                continues = edited_rows.find(engine, source.source, rows.preview())
                for batch in edited_rows.batches(rows, ROWS_TOGETHER):
                    source.confirm()
                    marked = [edited_rows.marked(item, continues) for item in batch]
                    received.include(batches.store(engine, marked, clock(), None))
                    _tell(path, rows, received)
            except Exception as error:  # no list that can be read; its words may matter all the same
                if _is_of_the_file(error):
                    batches.store(engine, rows.words(), clock(), None)
                raise
    except errors.PermanentError as error:
        log.warning("log file parked", file=repr(path.name))
        source.park(path, str(error), clock())
        return Received(unreadable=1, files=[path.name])
    except Exception as error:  # one file's failure, whatever it is, never stops the others
        if not _is_of_the_file(error):
            raise
        log.exception("log file parked", file=repr(path.name))
        source.park(path, UNFORESEEN, clock())
        return Received(unreadable=1, files=[path.name])
    _note(source.source, rows, received, engine, clock)
    rows.protocol.known = min(received.repeated, rows.protocol.stored)
    source.file_away(path, rows, clock())
    received.rejected = rows.rejects.count
    return received


def _is_of_the_file(error: Exception) -> bool:
    """Whether the file cannot be read, rather than the database or a disk at the moment."""
    return isinstance(error, errors.PermanentError) or not isinstance(
        error, errors.IntakeError | sa.exc.SQLAlchemyError
    )


def _note(source: str, rows: "Reading", received: Received, engine: Engine, clock: Clock) -> None:
    """Keep what became of each row, for the books; before the file is filed away, so that a crash leaves no gap."""
    counted = file_versions.Counted(rows.protocol.rows, rows.rejects.count, rows.protocol.unread)

    def note() -> None:
        with storage.writing(engine) as connection:
            file_versions.note_read(connection, source, rows.digest, counted, received.forgotten, clock())

    try:
        note()
    except sa.exc.IntegrityError:  # another daemon, which read on beside this one, noted it at the same moment
        note()


def _tell_of(path: Path, done: Received) -> None:
    """What became of a file."""
    outcome = "unreadable" if done.unreadable else "filed"
    rows = {"new": done.new, "known": done.repeated, "rejected": done.rejected}
    log.info("log file read", file=repr(path.name), outcome=outcome, **rows)


def _tell(path: Path, rows: "Reading", received: Received) -> None:
    """How far a long file is, now and then."""
    done = received.new + received.repeated
    if done % TOLD_EVERY < ROWS_TOGETHER <= done:
        log.info("reading a log file", file=repr(path.name), rows=done, percent=round(rows.share * 100))
