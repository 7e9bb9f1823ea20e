"""A small disk of its own under a folder, which can be filled to the last byte.

A file system in memory (tmpfs), which needs root. Without root, or with ``KOD_NO_MOUNT``, the kernel refuses the
daemon to write files instead (RLIMIT_FSIZE).
"""

import contextlib
import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path


class SmallDisk:
    """The disk under ``folder``, which can be filled to the last byte."""

    def __init__(self, folder: Path, *, mounted: bool) -> None:
        self.folder = folder
        self._mounted = mounted
        self._filling = folder / "filling"

    def fill(self, process_id: int) -> None:
        """Leave no room, not for a byte; without a disk of its own for this process alone."""
        if not self._mounted:
            resource.prlimit(process_id, resource.RLIMIT_FSIZE, (2000, resource.RLIM_INFINITY))
            return
        with contextlib.suppress(OSError), self._filling.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)

    def free(self, process_id: int) -> None:
        """Give the room back."""
        if self._mounted:
            self._filling.unlink(missing_ok=True)
        else:
            resource.prlimit(process_id, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int = 4) -> Iterator[SmallDisk]:
    """A disk under ``folder``, which is made and is empty."""
    folder.mkdir()
    if os.getuid() != 0 or os.environ.get("KOD_NO_MOUNT"):
        yield SmallDisk(folder, mounted=False)
        return
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "kod-test", folder], check=True)
    try:
        yield SmallDisk(folder, mounted=True)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
