"""Logs: a line an event on standard error, key=value or JSON, for journald or a terminal. English, no citizens' text.

Values are quoted as Python (or JSON) quotes them, so that no value can end a line or forge another. Where standard
error is the journal's, each line begins with its priority (sd-daemon(3)), which ``journalctl -p`` goes by. A line that
cannot be written (the disk is full, the reader is gone) is dropped: a log never stops the work.
"""

import contextlib
import json
import logging
import os
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, Literal, TextIO, cast

if "rich" not in sys.modules:
    # structlog takes rich for its tracebacks where it finds it. These logs are plain lines, and it is four megabytes.
    sys.modules["rich"] = cast("ModuleType", None)
    import structlog

    del sys.modules["rich"]
else:
    import structlog

Format = Literal["text", "json"]
LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
FORMATS: tuple[Format, ...] = ("text", "json")
PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "exception": 3, "critical": 2}
"""Of syslog(3), by the level's name."""

Render = Callable[[Any, str, dict[str, Any]], str]


def configure(*, level: str | None, form: Format = "text", quiet: bool = False) -> None:
    """Send everything to standard error: ours from ``level`` (of LEVELS; INFO) on, other packages' warnings.

    ``quiet``: nothing, where no level was asked for.
    """
    lowest = LEVELS[level] if level else logging.CRITICAL if quiet else logging.INFO
    render = _renderer(form)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            cast("structlog.typing.Processor", render),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Forgiving())),
    )
    others = logging.StreamHandler(cast("TextIO", _Forgiving()))
    others.setFormatter(_OfOthers(render))
    logging.basicConfig(level=max(lowest, logging.WARNING), handlers=[others])


def _renderer(form: Format) -> Render:
    key_value = structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"], drop_missing=True)
    with_priority = _is_journal(os.environ)

    def render(logger: Any, name: str, fields: dict[str, Any]) -> str:
        priority = f"<{PRIORITIES.get(str(fields.get('level')), 6)}>" if with_priority else ""
        if form == "json":
            return priority + json.dumps(fields, default=str)
        return priority + str(key_value(logger, name, fields))

    return render


def _is_journal(environ: Mapping[str, str]) -> bool:
    """Whether standard error goes to the journal: systemd.exec(5), $JOURNAL_STREAM is its device and inode."""
    with contextlib.suppress(OSError, ValueError):
        found = os.fstat(sys.stderr.fileno())
        return environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"
    return False


class _OfOthers(logging.Formatter):
    """What other packages log, as lines of ours."""

    def __init__(self, render: Render) -> None:
        super().__init__()
        self._render = render

    def format(self, record: logging.LogRecord) -> str:
        """One line, a traceback within it."""
        fields: dict[str, Any] = {
            "timestamp": self.formatTime(record),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "logger": record.name,
        }
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return self._render(None, "", fields)


class _Forgiving:
    """Standard error as far as ``print`` needs it, never raising."""

    def write(self, text: str) -> None:
        """Write it, or drop it."""
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        """Flush what is flushable."""
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()
