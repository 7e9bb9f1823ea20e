"""Two people at one case do not overwrite each other: a change says what its page showed; an old one is refused."""

from sqlalchemy.engine import Connection

from intake.base import errors
from routing.desk import case_views


class ChangedError(errors.UsageError):
    """Somebody else has done something with the case since the page was opened; the German text says who and what."""


def unchanged(connection: Connection, case_id: int, seen: str | None) -> None:
    """Raises ChangedError when the case is not as somebody has ``seen`` it; None: nobody looked."""
    if seen is None:
        return
    case = case_views.read(connection, case_id)
    if case.revision != seen:
        last = case.timeline[-1]
        who = f" ({last.actor})" if last.actor not in {"", "daemon"} and last.actor not in last.what else ""
        raise ChangedError(f"Inzwischen ist etwas geschehen: {last.what}{who}. Bitte sehen Sie den Vorgang neu an.")
