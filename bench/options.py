"""What the command line of the benchmarks says; every benchmark gets the whole of it."""

from dataclasses import dataclass
from pathlib import Path

from bench.support.mailbox import Security


@dataclass(frozen=True, slots=True)
class Options:
    """``root`` is an empty temporary folder that servers may enter."""

    root: Path
    mails: int = 10_000
    seed: int = 1
    security: Security = "none"
    samples: int = 60
    concerns: int = 100_000
    idle_seconds: float = 20
    rows: int = 20_000
