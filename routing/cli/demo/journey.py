"""The demo's way through the pipeline: lay the samples in, do all that is due, set the clock on, until nothing is due.

The clock is the demo's own. Everything else is what ``kod-intake once`` does.
"""

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from intake.base.german import BERLIN
from routing.cli.demo import outcome
from routing.cli.demo.folder import Folder
from routing.cli.demo.servers import Mailbox, Sink
from routing.service import once

if TYPE_CHECKING:
    from routing.service.runtime import Runtime

BEGIN = datetime(2026, 11, 23, 10, 12, tzinfo=BERLIN)
PASSES = 40  # a week of slots is about thirty; more means that something goes in circles


class Clock(Struct):
    """A clock that stands still until it is set."""

    moment: datetime

    def __call__(self) -> datetime:
        return self.moment


class Pass(Struct, frozen=True):
    """One run of ``once``: when, what it came to, and how many letters arrived."""

    at: datetime
    done: once.Done
    arrived: int


def lay_in(folder: Folder, mailbox: Mailbox, samples: Mapping[str, bytes]) -> None:
    """Mails into the mailbox (and a copy into the folder, to look at), phone logs into the drop folder.

    ``samples`` are bytes keyed by the file's name. Raises OSError.
    """
    mails = {name: raw for name, raw in samples.items() if name.endswith(".eml")}
    for name, raw in mails.items():
        (folder.mails / name).write_bytes(raw)
    mailbox.put((_with_mail_line_ends(raw), _arrival(raw)) for raw in mails.values())
    for name, raw in samples.items():
        if name not in mails:
            path = folder.phone / name
            path.write_bytes(raw)
            os.utime(path, (BEGIN.timestamp(), BEGIN.timestamp()))


def _with_mail_line_ends(raw: bytes) -> bytes:
    return raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _arrival(raw: bytes) -> datetime:
    """When the server got a sample: soon after it was written; one without a readable date just before we begin."""
    written = str(message_from_bytes(raw, policy=policy.compat32)["Date"] or "")
    try:
        return parsedate_to_datetime(written) + timedelta(seconds=20)
    except ValueError:
        return BEGIN - timedelta(minutes=5)


def run(runtime: "Runtime", clock: Clock, sink: Sink) -> list[Pass]:
    """All passes until nothing is planned any more; ends early when a source or the server fails."""
    passes: list[Pass] = []
    moment: datetime | None = clock.moment
    while moment is not None and len(passes) < PASSES:
        clock.moment = moment
        before = len(sink.arrived)
        passes.append(Pass(moment, once.run(runtime), len(sink.arrived) - before))
        if passes[-1].done.troubles:
            break
        moment = outcome.next_due(runtime.engine, moment)
    return passes
