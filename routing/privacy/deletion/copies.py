"""What a restore laid aside in the data folder goes after some days: old databases, backups, unpacked states."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

from routing.privacy import places

PATTERNS = tuple(one.pattern for one in places.DATA_FOLDER if one.key == "copies" and not one.pattern.startswith("."))


def due(data: Path, cutoff: datetime) -> list[tuple[Path, datetime]]:
    """What lies in the folder ``data`` longer than since ``cutoff`` (aware), with its time (aware, UTC), by name."""
    return sorted(_old(data, cutoff)) if data.is_dir() else []


def _old(data: Path, cutoff: datetime) -> Iterator[tuple[Path, datetime]]:
    for path in data.iterdir():
        changed = datetime.fromtimestamp(path.lstat().st_mtime, UTC)
        if changed <= cutoff and any(fnmatchcase(path.name, pattern) for pattern in PATTERNS):
            yield path, changed


def take(found: list[tuple[Path, datetime]]) -> int:
    """Delete these; how many. Raises OSError."""
    for path, _ in found:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    return len(found)
