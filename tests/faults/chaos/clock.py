"""A wall clock that can be set while a process runs, made by the C compiler of the machine from ``clock.c``.

libfaketime will not do: it moves absolute sleeps on the monotonic clock too, and threads hang that otherwise do not.
"""

import shutil
import struct
import subprocess
from pathlib import Path


def library(folder: Path) -> Path | None:
    """The library to preload; None on a machine without a compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    made = folder / "clock.so"
    source = Path(__file__).with_name("clock.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", made, source, "-ldl"], check=True, capture_output=True)
    return made


class SettableClock:
    """The clock in ``file``, which starts right; ``environ`` gives it to a process."""

    def __init__(self, file: Path, library: Path) -> None:
        self._file = file
        self.environ = {"LD_PRELOAD": str(library), "CHAOS_CLOCK": str(file)}
        self.set(0)

    def set(self, seconds: int) -> None:
        """So many seconds ahead from now on, or behind."""
        with self._file.open("r+b" if self._file.exists() else "wb") as written:
            written.write(struct.pack("=q", seconds))
