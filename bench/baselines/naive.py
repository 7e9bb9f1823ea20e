"""What one writes in an hour: a loop over the mailbox, one mail after the other.

``python -m bench.baselines.naive PORT USER DATABASE WORDS``. Each mail is fetched, read with ``email.policy.default``,
looked through for 200 keywords (WORDS: a JSON file, rule to words) by ``in``, written to SQLite with synchronous FULL
and a commit of its own, and moved to "Erledigt". Prints how many there were, and in how many a keyword stands.
"""

import itertools
import json
import sqlite3
import sys
from pathlib import Path

from bench.baselines import straight
from bench.support import mailbox

KEYWORDS = 200


def main(port: int, user: str, database: Path, words: Path) -> None:
    rules: dict[str, list[str]] = json.loads(words.read_text())
    pairs = ((name, word) for name, several in rules.items() for word in several)
    few: dict[str, list[str]] = {}
    for name, word in itertools.islice(pairs, KEYWORDS):
        few.setdefault(name, []).append(word)
    store = sqlite3.connect(database)
    store.execute("PRAGMA journal_mode=WAL")
    store.execute("PRAGMA synchronous=FULL")
    store.execute(straight.TABLE)
    box = mailbox.log_in(port, user, None)
    box.create("Erledigt")
    box.select("INBOX")
    _, (found,) = box.uid("SEARCH", "ALL")
    for uid in found.decode().split():
        _, answers = box.uid("FETCH", uid, "(UID BODY.PEEK[])")
        raw = next(answer[1] for answer in answers if isinstance(answer, tuple))
        store.execute("INSERT INTO mails VALUES (?,?,?,?,?,?,?,?)", (int(uid), raw, *straight.read(raw, few)))
        store.commit()
        box.uid("MOVE", uid, "Erledigt")
    box.logout()
    print(*store.execute("SELECT count(*), count(nullif(rules, '')) FROM mails").fetchone())


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
