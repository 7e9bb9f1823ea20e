"""Logs: one line an event on standard error, key=value, for journald or a terminal. English, never citizens' text.

Values are quoted as Python quotes them, so that no value can end a line or forge another. A line that cannot be
written (the disk is full, the reader is gone) is dropped: a log never stops the work.
"""

import contextlib
import logging
import sys
from types import ModuleType
from typing import TextIO, cast

if "rich" not in sys.modules:
    # structlog takes rich for its tracebacks where it finds it. These logs are plain lines, and it is four megabytes.
    sys.modules["rich"] = cast("ModuleType", None)
    import structlog

    del sys.modules["rich"]
else:
    import structlog


def configure(*, debug: bool, quiet: bool = False) -> None:
    """Send everything to standard error: ours from INFO on, other packages' warnings; when ``quiet``, nothing."""
    lowest = logging.DEBUG if debug else logging.CRITICAL if quiet else logging.INFO
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"], drop_missing=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Forgiving())),
    )
    logging.basicConfig(
        level=max(lowest, logging.WARNING),
        stream=sys.stderr,
        format="timestamp='%(asctime)s' level='%(levelname)s' event=%(message)r logger='%(name)s'",
    )


class _Forgiving:
    """Standard error as far as ``print`` needs it, never raising."""

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()
