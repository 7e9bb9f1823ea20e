"""``kod-intake`` in processes of its own that find everything loaded.

A command takes half a second, nearly all of it to load modules. Here a program that has loaded them all forks for each
command (Python's forkserver does the like). Arguments, folder, environment, streams, exit code, locks, signals and
what the command itself forks are those of any process; only the loading is not tried. Daemons, whoever is killed, and
what is said about loading are tried with the real program.
"""

import atexit
import contextlib
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

from intake.base import process_memory
from routing.cli import main
from tests import ROOT
from tests.support.waiting import CEILING

_LONGEST = 1 << 17
_BYTES = 4
"""Of the numbers that come back: the process id, then the exit code."""


def run(
    *arguments: str | Path, stdin: str = "", cwd: Path | None = None, environ: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """A command of ``kod-intake`` to its end; ``environ`` is all that it finds in its environment (None: ours).

    Raises:
        subprocess.TimeoutExpired: after :data:`CEILING` seconds; it is killed then.
    """
    words = list(map(str, arguments))
    order = {
        "words": words,
        "cwd": str(cwd or Path.cwd()),
        "environ": dict(os.environ if environ is None else environ),
    }
    with contextlib.ExitStack() as stack:
        given, out, err = (stack.enter_context(tempfile.TemporaryFile()) for _ in range(3))
        given.write(stdin.encode())
        given.seek(0)
        ours, theirs = (os.fdopen(end, mode, buffering=0) for end, mode in zip(os.pipe(), ("rb", "wb"), strict=True))
        stack.enter_context(ours)
        with theirs:
            ends = [given.fileno(), out.fileno(), err.fileno(), theirs.fileno()]
            socket.send_fds(_door(), [json.dumps(order).encode()], ends)
        process_id = _number(ours)
        if not select.select([ours], [], [], CEILING)[0]:
            os.kill(process_id, signal.SIGKILL)
            raise subprocess.TimeoutExpired(words, CEILING)
        code = _number(ours)
        said = []
        for stream in (out, err):
            stream.seek(0)
            said.append(stream.read().decode())
    return subprocess.CompletedProcess(words, code, *said)


def _number(pipe: Any) -> int:
    answer = pipe.read(_BYTES)
    if not answer:
        raise RuntimeError("the program that forks has ended")
    return int.from_bytes(answer, signed=True)


@cache
def _door() -> socket.socket:
    """Where orders go in. Who serves them ends when this process does."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LONGEST)
    with theirs:
        program = subprocess.Popen(
            [sys.executable, "-m", __name__, str(theirs.fileno())],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )

    def close() -> None:
        ours.close()
        program.wait()

    atexit.register(close)
    return ours


def _load() -> None:
    """Every module of ours that is no program of its own, and what they load when first used."""
    for package in ("intake", "routing"):
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if not module.name.endswith("__main__") and ".migrations." not in module.name:
                importlib.import_module(module.name)
    for url in ("sqlite://", "postgresql+psycopg://"):
        create_engine(url).dispose()
    process_memory.freeze()


def _serve(door: socket.socket) -> None:
    """Fork for each order; returns, with the order, in the new process alone."""
    running: dict[int, int] = {}  # process id → where its exit code goes
    ended, wakes = socket.socketpair()
    for end in (ended, wakes):
        end.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakes.fileno())
    while True:
        ready, _, _ = select.select([door, ended], [], [])
        if ended in ready:
            ended.recv(_LONGEST)
            while running and (done := os.waitpid(-1, os.WNOHANG))[0]:
                _answer(running[done[0]], os.waitstatus_to_exitcode(done[1]))
                os.close(running.pop(done[0]))
        if door not in ready:
            continue
        order, streams, _, _ = socket.recv_fds(door, _LONGEST, 4)
        if not order:
            sys.exit()
        process_id = os.fork()
        if not process_id:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for end in (door, ended, wakes):
                end.close()
            for answers in (*running.values(), streams.pop()):
                os.close(answers)
            return _become(json.loads(order), streams)
        _answer(streams[-1], process_id)
        running[process_id] = streams.pop()
        for stream in streams:
            os.close(stream)


def _answer(pipe: int, number: int) -> None:
    with contextlib.suppress(BrokenPipeError):
        os.write(pipe, number.to_bytes(_BYTES, signed=True))


def _become(order: Mapping[str, Any], streams: list[int]) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["environ"])
    time.tzset()
    sys.argv = ["kod-intake", *order["words"]]


if __name__ == "__main__":
    _load()
    _serve(socket.socket(fileno=int(sys.argv[1])))
    main()
