"""Noticing that config.toml, or a file that it names, was saved; files of passwords too."""

from pathlib import Path

from intake.settings import Login
from routing.config import files
from routing.model.settings import Configuration, Settings

FileState = tuple[Path, int, int]


def state_of(configuration: Configuration) -> tuple[FileState, ...]:
    """(path, time of change in nanoseconds, size in bytes) of each file behind a configuration and of passwords.

    What is gone is left out.
    """
    state = []
    passwords = [login.password_file for login in _logins(configuration.settings) if login.password_file]
    for path in [*files.behind(configuration.path, configuration.settings), *passwords]:
        try:
            status = path.stat()
        except OSError:
            continue
        state.append((path, status.st_mtime_ns, status.st_size))
    return tuple(state)


def _logins(settings: Settings) -> list[Login]:
    return [settings.smtp, *settings.mailboxes.values()]
