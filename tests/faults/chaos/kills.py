"""Many kills in one installation, in an order that a seed repeats, and what they came to."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults.chaos import closing
from tests.faults.chaos.killer import CHILD, MOMENTS, RANDOM, Killer
from tests.servers import processes
from tests.servers.dovecot import Dovecot
from tests.servers.fault_proxy import FaultProxy
from tests.servers.postgresql import PostgreSQL
from tests.servers.smtp import SmtpSink
from tests.support.installation import installed

CHILDREN = 25
"""Of so many rounds one kills the process beside, too: it takes a backlog."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What kills came to; every mail, row and letter was in its place, or ``run`` had raised AssertionError."""

    kills: int
    of_children: int
    at_random: int
    mails: int
    calls: int
    letters: int
    in_doubt: int
    repeated: int
    seconds: float
    phases: Counter[str]

    def __str__(self) -> str:
        lines = [
            f"{self.kills} kills ({self.of_children} of a child, {self.at_random} at random) in {self.seconds:.0f} s;",
            f"{self.mails} mails, {self.calls} calls, {self.letters} letters: 0 lost, 0 stored twice;",
            f"{self.in_doubt} deliveries in doubt, {self.repeated} arrived again, each marked.",
            "What lay unfinished after the kills:",
            *(f"  {count:4}  {phase}" for phase, count in self.phases.most_common()),
        ]
        return "\n".join(lines)


def moments(kills: int, seed: int) -> list[str]:
    """So many kills or one less, as moments: half of them at random, some of the process beside (two kills each)."""
    chosen: list[str] = [CHILD] * (kills // CHILDREN)
    left = kills - 2 * len(chosen)
    chosen += [*MOMENTS, RANDOM, RANDOM][:left]
    while left > (named := len(chosen) - kills // CHILDREN):
        chosen.append(RANDOM if chosen.count(RANDOM) < named // 2 else MOMENTS[named % len(MOMENTS)])
    random.Random(seed).shuffle(chosen)
    return chosen


def play(killer: Killer, chosen: Sequence[str], minutes: float = 0.0) -> list[str]:
    """Kill at each moment, or until ``minutes`` are over, then check that all is in its place; the moments that came.

    Raises:
        AssertionError: something was lost, doubled or not marked.
    """
    end = time.monotonic() + 60 * minutes
    killer.installation.start_and_wait()
    killer.installation.kill()
    came: list[str] = []
    for moment in chosen:
        if minutes and time.monotonic() > end:
            break
        killer.round(moment)
        came.append(moment)
        if len(came) % 50 == 0:
            print(f"{len(came)} rounds", flush=True)
    closing.check(killer)
    return came


def run(folder: Path, *, kills: int, engine: str, seed: int, minutes: float = 0.0) -> Figures:
    """So many kills over ``engine`` ("sqlite" or "postgresql"), with servers of their own, or those of ``minutes``.

    Raises:
        AssertionError: something was lost, doubled or not marked.
    """
    began = time.monotonic()
    with (
        processes.server_folder("dovecot") as mail_folder,
        Dovecot(mail_folder) as dovecot,
        processes.server_folder("postgresql") as data_folder,
        PostgreSQL(data_folder) as postgresql,
        SmtpSink() as sink,
        FaultProxy(dovecot.imap_port) as imap,
        FaultProxy(sink.port) as smtp,
    ):
        database = postgresql.create_database() if engine == "postgresql" else ""
        with installed(folder, dovecot, smtp_port=smtp.port, imap_port=imap.port, database=database) as installation:
            killer = Killer(installation, sink, imap, smtp, seed=seed)
            came = play(killer, moments(kills, seed), minutes)
            books = killer.books
            return Figures(
                kills=len(came) + came.count(CHILD),
                of_children=came.count(CHILD),
                at_random=came.count(RANDOM),
                mails=len(books.mails) + len(books.questions),
                calls=len(books.calls),
                letters=installation.count("letters"),
                in_doubt=len(books.doubtful),
                repeated=(+books.due).total(),
                seconds=time.monotonic() - began,
                phases=books.phases,
            )
