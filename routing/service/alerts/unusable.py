"""What is wrong with the data folder or the database, for whoever opens them."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from intake.base import errors, german


@contextlib.contextmanager
def told(data: Path, url: str) -> Iterator[None]:
    """Say in German what is wrong with the data folder or the database; raises PermanentError."""
    try:
        yield
    except OSError as error:
        why = german.refusal(error)
        raise errors.PermanentError(
            f"Der Datenordner {data} lässt sich nicht benutzen ({why}). Bitte prüfen Sie, ob es ein Ordner "
            "ist und ob das Programm darin schreiben darf; er steht in config.toml unter [service] data."
        ) from error
    except sa.exc.DatabaseError as error:
        place = sa.make_url(url).render_as_string(hide_password=True).removeprefix("sqlite:///")
        raise errors.PermanentError(
            f"Die Datenbank {place} ist nicht zu lesen; sie ist beschädigt oder gar keine ({error.orig}). Bitte legen "
            "Sie sie beiseite und spielen Sie die letzte Sicherung ein. Nachrichten, die noch nicht gespeichert sind, "
            "liegen unverändert in Postfach und Ordnern."
        ) from error
