"""The store, opened for one command: a look or a short change beside a daemon that goes on working."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from routing.cli.context import CommandContext
from routing.service.runtime import Runtime


@contextmanager
def opened(context: CommandContext, path: Path | None = None) -> Iterator[Runtime]:
    """The runtime for the configuration at ``path`` (the context's when None), closed at the end.

    Raises ConfigurationError, TemporaryError and PermanentError as ``Runtime.open`` does.
    """
    runtime = Runtime.open(path or context.config_path(), context.environ, exclusive=False)
    try:
        yield runtime
    finally:
        runtime.close()


def actor() -> str:
    """Who gives the command, for the timeline."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unbekannt"
