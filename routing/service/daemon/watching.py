"""Noticing that config.toml, or a file that it names, was saved."""

from pathlib import Path

from routing.config import files
from routing.model.settings import Configuration

FileState = tuple[Path, int, int]


def state_of(configuration: Configuration) -> tuple[FileState, ...]:
    """(path, time of change in nanoseconds, size in bytes) of each file behind a configuration, in order.

    What is gone is left out.
    """
    state = []
    for path in files.behind(configuration.path, configuration.settings):
        try:
            status = path.stat()
        except OSError:
            continue
        state.append((path, status.st_mtime_ns, status.st_size))
    return tuple(state)
