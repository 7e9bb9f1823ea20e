"""The books: what is stored adds up, line by line, from the bytes of a mail to the server's word for a letter (P11).

``read`` asks the database a few questions over whole tables, all within one snapshot, so that a daemon that works
meanwhile changes nothing in the account. It only looks. What is on its way (a letter that is being sent, a message
judged once more) is a part like any other. A line is off by what is missing, twice, or points at nothing; ten missing
and ten too many are twenty.

Of a phone log's rows the reader and the store count for themselves, and both numbers are kept when it was read (table
``files``): what was deleted since changes nothing in them.
"""

from sqlalchemy.engine import Connection, Engine

from routing.store.books import messages, outbox, plans, snapshot
from routing.store.books.values import Books, Line, Wrong

__all__ = ["Books", "Line", "Wrong", "of", "read"]


def read(engine: Engine) -> Books:
    """The account of this moment. Raises TemporaryError."""
    with snapshot.reading(engine) as connection:
        return of(connection)


def of(connection: Connection) -> Books:
    """The account as this transaction sees it."""
    return Books((*messages.lines(connection), plans.line(connection), *outbox.lines(connection)))
