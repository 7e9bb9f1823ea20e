"""Running a program that config.toml names: ``[operator] command`` and ``urgent_command``.

Never through a shell: its arguments are those of config.toml, what it is to tell comes on its standard input and in
its environment. It has half a minute; then it and all that it started is ended.
"""

import contextlib
import os
import select
import signal
import subprocess
from collections.abc import Mapping, Sequence

from intake.base import errors

COMMAND_SECONDS = 30.0


def run(command: Sequence[str], text: str, environment: Mapping[str, str] | None = None) -> None:
    """Run it with ``text`` on its standard input, in ``environment`` (None: ours), and wait for its end.

    Raises TemporaryError, with a German text, when it cannot be run, takes too long, or ends with another code than 0.
    """
    try:
        code = _call(command, text.encode(), environment)
    except subprocess.TimeoutExpired as error:
        said = f"Das Programm {command[0]} war nach {COMMAND_SECONDS:.0f} Sekunden nicht fertig und wurde beendet."
        raise errors.TemporaryError(f"{command[0]} took too long", german=said) from error
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        said = f"Das Programm {command[0]} lässt sich nicht starten: {error}"
        raise errors.TemporaryError(f"{command[0]} cannot be run: {error}", german=said) from error
    if code:
        said = f"Das Programm {command[0]} meldet einen Fehler: Es endete mit {code}."
        raise errors.TemporaryError(f"{command[0]} ended with {code}", german=said)


def _call(command: Sequence[str], text: bytes, environment: Mapping[str, str] | None) -> int:
    """Run it with ``text`` on its standard input; its exit code. It and what it starts end after COMMAND_SECONDS."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as theirs, os.fdopen(writing, "wb", buffering=0) as ours:
        process = subprocess.Popen(  # noqa: S603  (the operator's own command from config.toml, no shell)
            command,
            stdin=theirs,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=environment,
        )
        theirs.close()
        os.set_blocking(ours.fileno(), False)  # a pipe takes 64 KB; who reads nothing blocks nobody
        with contextlib.suppress(OSError):
            ours.write(text)
    try:
        return _waited(process)
    finally:
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _waited(process: subprocess.Popen[bytes]) -> int:
    """Its exit code. Raises TimeoutExpired. By select, as ``Popen.wait`` sleeps and looks, and sleeps."""
    descriptor = os.pidfd_open(process.pid)
    try:
        ended, _, _ = select.select([descriptor], [], [], COMMAND_SECONDS)
    finally:
        os.close(descriptor)
    if not ended:
        raise subprocess.TimeoutExpired(process.args, COMMAND_SECONDS)
    return process.wait()
