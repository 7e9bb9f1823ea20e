"""The store, opened for one command: a look or a short change beside a daemon that goes on working."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from routing.cli import account
from routing.cli.context import CommandContext
from routing.service.runtime import Runtime


@contextmanager
def opened(context: CommandContext, path: Path | None = None) -> Iterator[Runtime]:
    """The runtime for the configuration at ``path`` (the context's when None), closed at the end.

    Raises ConfigurationError, TemporaryError and PermanentError as ``Runtime.open`` does.
    """
    config = path or context.config_path()
    before = os.umask(account.OWN_FILES)
    try:
        account.work_as_the_service(config)
        runtime = Runtime.open(config, context.environ, exclusive=False)
        try:
            yield runtime
        finally:
            runtime.close()
    finally:
        os.umask(before)


def actor() -> str:
    """Who gives the command, for the timeline."""
    return account.person()
