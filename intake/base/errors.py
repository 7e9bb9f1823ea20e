"""What can go wrong, as exceptions whose text a person can act on.

Every message says what happened, where, and what to do. Texts that staff see are German; texts for the log are
English. ``exit_code`` is what the command line ends with (design, "Commands").
"""


class IntakeError(Exception):
    """Something failed that the program cannot mend by itself; ``german`` says it to staff if the text is English."""

    exit_code = 1

    def __init__(self, text: str = "", *, german: str = "") -> None:
        super().__init__(text)
        self.german = german or text


class UsageError(IntakeError):
    """The command was called in a way that makes no sense."""

    exit_code = 2


class TemporaryError(IntakeError):
    """It may work later without anybody doing anything: try again with growing pauses."""


class PermanentError(IntakeError):
    """It will not work until a person changes something: park it and tell them."""


class StorageFullError(TemporaryError):
    """The disk (or the database's quota) is full; nothing was stored and nothing may be acknowledged."""


class DatabaseOutError(TemporaryError):
    """The database cannot be reached, is locked, or gives no answer; nothing may be acknowledged.

    ``person_must_act``: it answers, and refuses us; ``cause`` tells such causes apart.
    """

    person_must_act = False
    cause = ""


class DatabaseLostError(DatabaseOutError):
    """The database is not the one that was opened: deleted, replaced, damaged. Nothing may be stored in it."""

    person_must_act = True


class LeaseLostError(TemporaryError):
    """Another daemon has taken over what this one was working on, and nothing of it may be acknowledged here."""


class AlreadyRunningError(IntakeError):
    """Another daemon holds this database."""
