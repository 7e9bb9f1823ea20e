"""What a good programmer writes in an afternoon: one straight line from the mailbox to the database.

``python -m bench.baselines.straight PORT USER DATABASE WORDS [CA_FILE]``. imaplib in batches of 100,
``email.policy.default``, subject, sender, date, text and attachment names, an ``in`` loop over the keywords (WORDS: a
JSON file, rule to words), SQLite with synchronous FULL and one commit per batch, then the batch is moved to
"Erledigt". It does far less than the program: no German inflection, no identity, no HTML to text, no urgency, no
letters.
"""

import email
import email.message
import email.policy
import json
import sqlite3
import sys
from pathlib import Path

from bench.support import mailbox

BATCH = 100
TABLE = "CREATE TABLE mails (uid INTEGER PRIMARY KEY, raw BLOB, subject, sender, sent, text, attachments, rules)"


def main(port: int, user: str, database: Path, words: Path, ca_file: Path | None) -> None:
    rules: dict[str, list[str]] = json.loads(words.read_text())
    store = sqlite3.connect(database)
    store.execute("PRAGMA journal_mode=WAL")
    store.execute("PRAGMA synchronous=FULL")
    store.execute(TABLE)
    box = mailbox.log_in(port, user, ca_file)
    box.create("Erledigt")
    box.select("INBOX")
    _, (found,) = box.uid("SEARCH", "ALL")
    uids = found.split()
    for start in range(0, len(uids), BATCH):
        batch = b",".join(uids[start : start + BATCH]).decode()
        _, answers = box.uid("FETCH", batch, "(UID BODY.PEEK[])")
        for answer in answers:
            if isinstance(answer, tuple):
                uid = int(answer[0].split(b"UID ")[1].split()[0])
                store.execute("INSERT INTO mails VALUES (?,?,?,?,?,?,?,?)", (uid, answer[1], *read(answer[1], rules)))
        store.commit()
        box.uid("MOVE", batch, "Erledigt")
    box.logout()
    print(*store.execute("SELECT count(*), count(nullif(rules, '')) FROM mails").fetchone())


def read(raw: bytes, rules: dict[str, list[str]]) -> tuple[str, str, str, str, str, str]:
    """Subject, sender, date, text, attachment names and the names of the rules that match."""
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    body = mail.get_body(("plain", "html"))
    text = body.get_content() if body else ""
    names = [part.get_filename() or "" for part in mail.iter_attachments()]
    searched = f"{mail['subject']}\n{text}".lower()
    matched = [name for name, words in rules.items() if any(word in searched for word in words)]
    return str(mail["subject"]), str(mail["from"]), str(mail["date"]), text, ", ".join(names), ", ".join(matched)


if __name__ == "__main__":
    main(
        int(sys.argv[1]),
        sys.argv[2],
        Path(sys.argv[3]),
        Path(sys.argv[4]),
        Path(sys.argv[5]) if sys.argv[5:] else None,
    )
