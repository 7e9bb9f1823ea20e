"""The lower bound: a bare imaplib download of a whole mailbox in batches of 100, nothing kept.

``python -m bench.baselines.download PORT USER [CA_FILE]``; prints the number of mails and bytes.
"""

import sys
from pathlib import Path

from bench.support import mailbox

BATCH = 100


def main(port: int, user: str, ca_file: Path | None) -> None:
    box = mailbox.log_in(port, user, ca_file)
    box.select("INBOX", readonly=True)
    _, (found,) = box.uid("SEARCH", "ALL")
    uids = found.split()
    count = size = 0
    for start in range(0, len(uids), BATCH):
        _, answers = box.uid("FETCH", b",".join(uids[start : start + BATCH]).decode(), "(BODY.PEEK[])")
        for answer in answers:
            if isinstance(answer, tuple):
                count += 1
                size += len(answer[1])
    box.logout()
    print(count, size)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]) if sys.argv[3:] else None)
