"""HEIC, as iPhones take it, read in a process of its own: a decoder in C++ meets a stranger's file there, not here.

Its pixels need about 9 bytes each while they are decoded (100 MB for 12 megapixels), which the daemon must not keep;
the process has a limit of memory and time and ends with its one picture. What comes back is a JPEG of at most EDGE
pixels that stands upright, with the camera's EXIF, which ``letters.photos`` reads the place from and throws away.
"""

import contextlib
import io
import subprocess
import sys

from intake.base import child_process
from routing.letters.photos import EDGE

MOST_BYTES = 30_000_000
MOST_PIXELS = 25_000_000  # an iPhone's 24 megapixels
MEMORY = 900_000_000  # of address space, which is more than is used
SECONDS = 30
TYPES = frozenset({"image/heic", "image/heif"})


def as_jpeg(data: bytes) -> bytes | None:
    """The picture (bytes) as JPEG; None when it is none, too large, or takes over SECONDS seconds. Raises nothing."""
    if len(data) > MOST_BYTES:
        return None
    command = child_process.command("routing.pipeline.heic")
    try:
        done = subprocess.run(  # noqa: S603  (our own interpreter and module, no shell)
            command, input=data, capture_output=True, timeout=SECONDS, check=False, cwd=child_process.HERE
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 and done.stdout else None


def convert() -> None:
    """In the process of its own: from standard input to standard output. Raises whatever a broken file raises."""
    import resource  # noqa: PLC0415  (here and below: only that process pays for it)

    import pillow_heif  # noqa: PLC0415

    with contextlib.suppress(OSError, ValueError):  # ValueError: a system call filter forbids it; the unit limits then
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    pillow_heif.options.DECODE_THREADS = 1
    opened = pillow_heif.open_heif(sys.stdin.buffer.read(MOST_BYTES + 1))
    if opened.size[0] * opened.size[1] > MOST_PIXELS:
        raise ValueError("too many pixels")
    image = opened.to_pillow().convert("RGB")  # upright, and its EXIF says so
    image.thumbnail((EDGE, EDGE), reducing_gap=2.0)
    target = io.BytesIO()
    image.save(target, "JPEG", quality=92, exif=image.info.get("exif") or b"")
    sys.stdout.buffer.write(target.getvalue())


if __name__ == "__main__":
    convert()
