"""Runs a program and measures it: time, processor time, and the peak memory of all its processes together.

Memory is the sum of PSS over the process tree (a page that several processes share counts once), sampled from
``/proc/PID/smaps_rollup``; Linux only. A look takes the kernel milliseconds, the more the larger the process, so looks
are so far apart that watching takes a fiftieth of a core at most: it would slow down what it measures.
"""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

SAMPLE_SECONDS = 0.05  # at least between two looks
WATCHING = 1 / 50  # of the time at most


class FailedError(RuntimeError):
    """The measured program ended with an error; the text is what it printed."""


@dataclass(frozen=True, slots=True)
class Run:
    """One finished run: wall and processor seconds, megabytes (10**6) at the peak, and what was printed."""

    seconds: float
    processor_seconds: float
    peak_mb: float
    main_mb: float
    output: str


def run(
    command: Sequence[str | Path], *, environment: Mapping[str, str] | None = None, exit_codes: Sequence[int] = (0,)
) -> Run:
    """Run to the end; :class:`FailedError` when the exit code is none of ``exit_codes``."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command],
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with Memory(process.pid) as memory:
        assert process.stdout
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in exit_codes:
        raise FailedError(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{output[-4000:]}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, memory.peak / 1e6, usage.ru_maxrss * 1024 / 1e6, output)


def python(*arguments: str | Path) -> list[str | Path]:
    """The command line of this Python with ``arguments``."""
    return [sys.executable, *arguments]


class Memory:
    """Watches the process tree below ``process_id`` from a thread; ``peak`` is in bytes."""

    def __init__(self, process_id: int) -> None:
        self.peak = 0
        self._process_id = process_id
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        pause = SAMPLE_SECONDS
        while not self._end.wait(pause):
            began = time.thread_time()
            self.peak = max(self.peak, proportional_bytes(self._process_id))
            pause = max(SAMPLE_SECONDS, (time.thread_time() - began) / WATCHING)


def proportional_bytes(process_id: int) -> int:
    """Sum of PSS over a process and its descendants; 0 when it has ended."""
    return sum(_figure(number, "smaps_rollup", "Pss:") for number in tree(process_id))


def resident_bytes(process_id: int) -> int:
    """Sum of RSS over a process and its descendants."""
    return sum(_figure(number, "status", "VmRSS:") for number in tree(process_id))


def processor_seconds(process_id: int) -> float:
    """Processor time so far of a process and its living descendants."""
    total = 0
    for number in tree(process_id):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def tree(process_id: int) -> list[int]:
    """A process and all its descendants."""
    found = [process_id]
    for number in found:
        for path in Path(f"/proc/{number}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found.extend(map(int, path.read_text().split()))
    return found


def _figure(process_id: int, file: str, name: str) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process_id}/{file}").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    return 0
