"""Logs: one line an event on standard error, key=value, for journald or a terminal. English, never citizens' text.

Values are quoted as Python quotes them, so that no value can end a line or forge another.
"""

import logging
import sys

import structlog


def configure(*, debug: bool) -> None:
    """Send everything to standard error: ours from INFO on, other packages' warnings."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"], drop_missing=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if debug else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        level=logging.WARNING,
        stream=sys.stderr,
        format="timestamp='%(asctime)s' level='%(levelname)s' event=%(message)r logger='%(name)s'",
    )
