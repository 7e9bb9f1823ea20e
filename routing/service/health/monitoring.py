"""Health for the monitoring of the house: one line for Nagios, figures for Prometheus. Pure; no word of a citizen.

Nagios: "Monitoring Plugins Development Guidelines" (monitoring-plugins.org): a line "INTAKE OK - text | figures", exit
code 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. Prometheus: its text format, for ``/metrics`` and for the textfile
collector of its node exporter.
"""

import re

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from routing.service.health import Health

OK, WARNING, CRITICAL, UNKNOWN = range(4)
WORDS = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
NOT_AT_ONCE = frozenset({"parked", "brake", "bounced", "configuration", "template"})
"""Troubles with which all else goes on; whatever else there is, now or in later versions, is critical."""
COUNTED = {
    "messages": "Messages ever stored",
    "waiting": "Messages without a decision",
    "review": "Concerns that wait for a person",
    "planned": "Forwards planned",
    "unsent": "Letters not yet accepted",
    "parked": "Letters refused",
    "held": "Letters held",
    "bounced": "Letters that came back",
    "in_doubt": "Letters that may arrive twice",
    "unanswered": "Urgent letters repeated without an answer",
}
SINCE = {"waiting_since": "Oldest message without a decision", "unsent_since": "Oldest letter not yet accepted"}


def nagios(state: Health) -> tuple[int, str]:
    """(exit code, the line). What could not be asked is critical, and then there are no figures."""
    kinds = {trouble.name for trouble in state.troubles}
    code = OK if not kinds else WARNING if kinds <= NOT_AT_ONCE else CRITICAL
    said = [trouble.what.partition("\n")[0] for trouble in state.troubles] or ["Alles in Ordnung."]
    return code, line(code, " ".join(said), _performance(state) if state.asked else "")


def line(code: int, said: str, figures: str = "") -> str:
    """The line itself, whatever is in ``said`` (German)."""
    plain = re.sub(r"[^\S ]+", " ", said.replace("|", "/"))
    return f"INTAKE {WORDS[code]} - {plain}" + (f" | {figures}" if figures else "")


def _performance(state: Health) -> str:
    counts = [f"{name}={getattr(state, name)}" for name in COUNTED]
    ages = [f"{name.removesuffix('_since')}_age={_age(state, name):.0f}s" for name in SINCE]
    return " ".join([*counts, *ages])


def exposition(state: Health) -> bytes:
    """The figures of ``state`` as Prometheus reads them; ages in seconds, 0 where nothing waits.

    What could not be asked is not there.
    """
    registry = CollectorRegistry()
    for name, what in COUNTED.items() if state.asked else ():
        Gauge(f"kod_intake_{name}", what, registry=registry).set(getattr(state, name))
    for name, what in SINCE.items() if state.asked else ():
        gauge = Gauge(f"kod_intake_{name.removesuffix('_since')}_age_seconds", what, registry=registry)
        gauge.set(_age(state, name))
    Gauge("kod_intake_healthy", "1 when nothing is to be done", registry=registry).set(state.healthy)
    troubles = Gauge("kod_intake_trouble", "1 for each kind of trouble", ["kind"], registry=registry)
    for trouble in state.troubles:
        troubles.labels(trouble.name).set(1)
    read = Gauge("kod_intake_channel_read_timestamp_seconds", "Last successful look", ["channel"], registry=registry)
    for source in state.sources:
        if source.last_read:
            read.labels(source.name).set(source.last_read.timestamp())
    return generate_latest(registry)


def _age(state: Health, since: str) -> float:
    moment = getattr(state, since)
    return (state.at - moment).total_seconds() if moment else 0.0
