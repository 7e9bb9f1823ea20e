"""Noticing that config.toml, or a file that it names, was saved."""

from pathlib import Path

from routing.model.settings import Configuration

FileState = tuple[Path, int, int]


def state_of(configuration: Configuration) -> tuple[FileState, ...]:
    """Path, time of change in nanoseconds and size of each file behind a configuration; what is gone is left out."""
    settings = configuration.settings
    state = []
    for path in (configuration.path, settings.files.vocabulary, settings.city.gazetteer):
        try:
            status = path.stat() if path else None
        except OSError:
            status = None
        if path and status:
            state.append((path, status.st_mtime_ns, status.st_size))
    return tuple(state)
