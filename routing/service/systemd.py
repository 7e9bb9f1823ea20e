"""What systemd is told: ready, reloading, stopping, alive (sd_notify(3)). Without systemd nothing happens."""

import os
import socket
import time
from collections.abc import Mapping


def notify(state: str) -> None:
    """Send ``state`` to the service manager that started us, if there is one (sd_notify(3)). Raises nothing."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    target = "\0" + address[1:] if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as connection:
            connection.sendto(state.encode(), target)
    except OSError:
        return


def notify_reloading() -> None:
    """A reload begins (sd_notify(3): with the monotonic time of that moment); READY=1 ends it."""
    notify(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")


def watchdog_seconds(environ: Mapping[str, str]) -> float:
    """How often the watchdog wants a sign of life, in seconds (sd_watchdog_enabled(3)); 0 without one."""
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0.0
    return int(environ.get("WATCHDOG_USEC", "0") or 0) / 1_000_000
