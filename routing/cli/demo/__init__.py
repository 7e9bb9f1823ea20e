"""kod-intake demo: the whole way from mailbox and drop folder to the letters, on one machine and without preparation.

The real pipeline (``routing.service.runtime``, ``routing.service.once``) works on a real IMAP server and a real SMTP
server, both in this process, under the shipped config.toml with all the city's rules. Only the clock is the demo's
own: it stands at a Monday morning and is moved on to each time at which something is due, so that nobody waits for
tomorrow's digest. Everything lies in one folder (./demo); nothing outside it is written, and nothing leaves the
machine.

The exit code is 0 only when every planned letter arrived at the sink.
"""

import logging
import secrets
import time

import structlog

from routing.cli.demo import folder as folders
from routing.cli.demo import journey, report, servers
from routing.config import paths
from routing.service.runtime import Runtime


def show(output: str | None) -> int:
    """Run the demo in the folder ``output`` (./demo), print what happened, give the exit code. Raises IntakeError."""
    began = time.monotonic()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    folder = folders.prepare(output)
    samples = folders.samples()
    password = secrets.token_urlsafe(16)
    clock = journey.Clock(journey.BEGIN)
    shipped = paths.shipped_config()
    with servers.mailbox(folders.login(shipped), password) as mailbox, servers.sink() as sink:
        folders.write_config(folder, shipped, imap_port=mailbox.port, smtp_port=sink.port)
        journey.lay_in(folder, mailbox, samples)
        runtime = Runtime.open(folder.config, {folders.PASSWORD: password}, clock)
        try:
            passes = journey.run(runtime, clock, sink)
            return report.tell(folder, samples, passes, mailbox, sink, runtime, began)
        finally:
            runtime.close()
