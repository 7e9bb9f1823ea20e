"""What keeps a daemon from a database: it was moved away, or is being restored."""

import structlog
from sqlalchemy.engine import Connection, Engine

from intake import storage
from intake.base import errors

log = structlog.get_logger(__name__)


def check(engine: Engine) -> None:
    """Raises PermanentError when no daemon may work on this database."""
    with storage.reading(engine) as connection:
        _moved(connection)
        made_at = storage.fact(connection, storage.RESTORED_FROM)
    if made_at:
        raise errors.PermanentError(
            f"Diese Datenbank kommt aus einer Sicherung vom {made_at[:16].replace('T', ' ')} (UTC), und das "
            "Zurückspielen ist nicht zu Ende: Es fehlen Nachrichten und Nummern seither. Bitte abschließen mit: "
            "kod-intake restore --continue"
        )


def check_restored(engine: Engine) -> None:
    """Raises PermanentError unless a restore is to be brought to its end here."""
    with storage.reading(engine) as connection:
        _moved(connection)
        if not storage.fact(connection, storage.RESTORED_FROM):
            raise errors.PermanentError("Es ist kein Zurückspielen abzuschließen.")


def _moved(connection: Connection) -> None:
    if where := storage.fact(connection, storage.MOVED_TO):
        raise errors.PermanentError(
            f"Diese Datenbank ist umgezogen nach {where}. Tragen Sie das in config.toml unter [service] database ein. "
            "Hier arbeitet kein Dienst mehr; die Datei bleibt nur zur Sicherheit."
        )
