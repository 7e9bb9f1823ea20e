"""The data folder belongs to the service alone: the folder 0700, what lies in it 0600, whatever was there before.

New files are made so by the umask; this mends what an earlier version, a restored backup or a hand left behind. Links
are not followed, and what belongs to another account cannot be mended: both are left, and the latter is named in the
log.
"""

import contextlib
import stat
from collections.abc import Collection
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)


def close_to_others(folder: Path, shared: Collection[Path] = ()) -> None:
    """Take from all but the owner what they may do in ``folder``, its files, and the files of folders in it.

    A folder in which one of the ``shared`` paths lies, which others must reach, keeps its rights; its files are closed
    all the same, but for those. Raises nothing.
    """
    with contextlib.suppress(FileNotFoundError):
        for path in (folder, *sorted(folder.iterdir())):
            if path.is_symlink() or path in shared:
                continue
            if not any(one.is_relative_to(path) for one in shared):
                _close(path)
            if path.is_dir() and path != folder:
                close_to_others(path, shared)


def _close(path: Path) -> None:
    state = path.lstat()
    wanted = stat.S_IMODE(state.st_mode) & ~0o077
    if not (stat.S_ISDIR(state.st_mode) or stat.S_ISREG(state.st_mode)) or wanted == stat.S_IMODE(state.st_mode):
        return
    try:
        path.chmod(wanted)
        log.warning("others could look into the data folder: closed", path=str(path))
    except OSError as error:
        log.warning("others can look into the data folder", path=str(path), error=str(error))
