"""What must hold after kills, once the daemon was left in peace: all is stored, sent and in the books, once."""

from collections import Counter

from tests.faults.chaos import killer as killing
from tests.faults.chaos.killer import Books, Killer
from tests.support.installation import OPERATOR, Installation
from tests.support.waiting import until


def check(killer: Killer) -> None:
    """A last start, left in peace: everything is done, and the books are right."""
    installation, books = killer.installation, killer.books
    installation.start_and_wait()
    until(lambda: at_rest(installation), f"all work is done\n{installation.log}")
    assert 0 == installation.stop()
    closed = installation.run("books")
    assert (0, "") == (closed.returncode, closed.stderr), closed.stdout
    _check_stored(installation, books)
    _check_forwarded(installation, books)
    _check_letters(killer)


def at_rest(installation: Installation) -> bool:
    """Whether everything that came is filed away, decided and sent."""
    count = installation.count
    return not (
        installation.inbox()
        or any(installation.drop.glob("*.csv"))
        or any(installation.drop.rglob(".unterwegs-*"))
        or count("waiting")
        or count("forwards", "state <> 'composed'")
        or count("deliveries", "state <> 'sent'")
    )


def _check_stored(installation: Installation, books: Books) -> None:
    rows = installation.rows("SELECT data FROM raw_messages JOIN messages ON id = message_id WHERE channel = 'E-Mail'")
    mails = Counter(books.mails + books.questions)
    assert mails == Counter(bytes(row.data) for row in rows)
    assert mails == Counter(installation.inbox("kod-intake/Erledigt"))
    calls = installation.rows("SELECT text FROM messages WHERE channel = 'Telefon' AND kind = ''")
    assert Counter(books.calls) == Counter(row.text for row in calls)
    done = [path for path in installation.drop.rglob("*.csv") if path.is_file()]
    assert {path.parent for path in done} <= {installation.drop / "erledigt"}
    rejects = [path for path in done if path.name.endswith(".abgelehnt.csv")]
    assert Counter(books.logs) == Counter(path.read_bytes() for path in done if path not in rejects)
    assert len(rejects) >= len(books.logs)  # one that was written just before a kill is written again beside it


def _check_forwarded(installation: Installation, books: Books) -> None:
    messages = len(books.mails) + len(books.questions) + len(books.calls)
    for table, of in (("cases", "1 = 1"), ("concerns", "1 = 1"), ("decisions", "kind <> 'handed back'")):
        assert messages == installation.count(table, of), table
    urgent = len(books.mails) + sum("Ölspur" in text for text in books.calls)
    assert [urgent, urgent] == [installation.count("forwards"), installation.count("letters")]
    assert urgent == installation.rows("SELECT count(DISTINCT letter_id) FROM forwards")[0][0]


def _check_letters(killer: Killer) -> None:
    installation, books = killer.installation, killer.books
    rows = installation.rows(
        "SELECT mail_id, address, raw, in_doubt FROM deliveries JOIN letters ON letters.id = letter_id"
    )
    planned = {(row.mail_id.strip("<>"), row.address): row for row in rows}
    expected = Counter(dict.fromkeys(planned, 1)) + books.due
    assert expected == killing.received(killer.sink)
    assert books.doubtful == {letter for letter, row in planned.items() if row.in_doubt}
    frozen = {bytes(row.raw) for row in rows}
    assert frozen == {item.content for item in killer.sink.messages if OPERATOR not in item.recipients}
    assert len(books.notes) == installation.count("events", "action = 'delivery in doubt'")
