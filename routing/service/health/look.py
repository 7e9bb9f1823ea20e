"""How things stand, asked by somebody who does not want to wait: an answer within seconds, whatever is out.

The database is asked in a thread that is given up when it takes too long. What it cannot tell is not made up: the
files of the data folder then say whether a daemon lives, whether there is room, and what the operator was told last.
"""

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Mapping
from concurrent import futures
from datetime import datetime
from pathlib import Path

from msgspec import structs

from intake import storage
from intake.base import background, errors, german
from routing.model.settings import Configuration
from routing.service import channels, health, outage_texts, runtime
from routing.service.alerts import OWN, StateFile
from routing.service.health import Health, Trouble

ANSWER_SECONDS = 4.0  # from the start of the process
LEAST_SECONDS = 2.0  # for the database, however long the start took
PATIENCE = structs.replace(storage.LOOK, lock=0.8)
LITTLE = 1_000_000  # bytes; less is a full disk


def look(
    path: Path, environ: Mapping[str, str], clock: Callable[[], datetime] = runtime.utc_now
) -> tuple[Health, str]:
    """The health of the installation whose config.toml is ``path``, and what the brake has learned (German, or "").

    Raises ConfigurationError when there is no good configuration.
    """
    loaded = runtime.load_or_last_good(path, environ)
    configuration, broken, _ = loaded
    asking = background.start(lambda: _asked(loaded, environ, clock), name="status")
    learned = ""
    try:
        found, learned = asking.result(max(LEAST_SECONDS, ANSWER_SECONDS - _age()))
    except futures.TimeoutError:
        error = errors.DatabaseOutError(german="Die Datenbank antwortet nicht rechtzeitig.")
        found = _unknown(error, clock(), broken=broken is not None)
    except OSError as error:
        refused = errors.DatabaseOutError(german=f"{error.filename}: {german.refusal(error)}")
        found = _unknown(refused, clock(), broken=broken is not None)
    except Exception as error:  # whatever it is: what was not asked is not well
        found = _unknown(error, clock(), broken=broken is not None)
    return _with_files(found, configuration), learned


def _age() -> float:
    """Seconds since this process was started."""
    try:
        began = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return ANSWER_SECONDS
    return time.clock_gettime(time.CLOCK_BOOTTIME) - began


def _asked(loaded: runtime.Loaded, environ: Mapping[str, str], clock: Callable[[], datetime]) -> tuple[Health, str]:
    work = runtime.Runtime.of_loaded(loaded, environ, clock, exclusive=False, patience=PATIENCE)
    try:
        storage.writable(work.engine)
        known = channels.configured(work.settings)
        found = health.read(work.engine, work.settings, known, clock(), broken=work.broken is not None)
        return found, health.learned(work.engine, work.settings, clock())
    finally:
        work.close()


def _unknown(error: Exception, now: datetime, *, broken: bool) -> Health:
    """All that can be said when the database says nothing."""
    out = Trouble("database", outage_texts.DATABASE.because(error), outage_texts.DATABASE.todo)
    troubles = (out, health.configuration_trouble()) if broken else (out,)
    return Health(
        at=now,
        daemon_seen=None,
        sources=(),
        messages=0,
        waiting=0,
        waiting_since=None,
        review=0,
        planned=0,
        unsent=0,
        unsent_since=None,
        parked=0,
        in_doubt=0,
        conditions=(),
        troubles=troubles,
        asked=False,
    )


def _with_files(found: Health, configuration: Configuration) -> Health:
    """With what the data folder tells by itself."""
    data = configuration.settings.service.data
    troubles = {trouble.name: trouble for trouble in found.troubles}
    lock = data / runtime.LOCK
    held = storage.is_held(lock)
    if held is False or (held is None and not found.asked and _is_missing(lock)):
        troubles.setdefault("daemon", Trouble("daemon", outage_texts.DAEMON.what, outage_texts.DAEMON.todo))
    with contextlib.suppress(OSError):
        if shutil.disk_usage(data).free < LITTLE:
            text = outage_texts.disk_full(data, errors.StorageFullError())
            troubles.setdefault("storage", Trouble("storage", text.what, text.todo.strip()))
    for name, condition in StateFile(data).read().conditions.items():
        if name in OWN or not found.asked:
            troubles.setdefault(name, Trouble(name, condition.what))
    return structs.replace(found, troubles=tuple(troubles.values()))


def _is_missing(path: Path) -> bool:
    try:
        return not path.exists()
    except OSError:
        return False
