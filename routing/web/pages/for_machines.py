"""/healthz and /metrics, for those who watch from outside: figures only, no word of a citizen, nobody signed in.

Both tell no more than whether work is done: what is wrong in words is on „Heute“, for whoever is signed in.
"""

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from routing.service import channels, health
from routing.service.health import Health
from routing.web.visit import Answer, File, Route, Visit

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


def healthz(visit: Visit) -> Answer:
    """200 when work is done, 503 when something is to be done. A database that is out is 503 by the door."""
    healthy = _state(visit).healthy
    return File(b"ok\n" if healthy else b"trouble\n", "text/plain; charset=utf-8", status=200 if healthy else 503)


def metrics(visit: Visit) -> Answer:
    """The figures of ``status`` in the Prometheus text format; 404 unless ``[web] metrics``."""
    if not visit.settings.web.metrics:
        return File(b"", "text/plain; charset=utf-8", status=404)
    return File(exposition(_state(visit)), CONTENT_TYPE_LATEST)


def exposition(state: Health) -> bytes:
    """The figures of ``state`` as Prometheus reads them; ages in seconds, 0 where nothing waits."""
    registry = CollectorRegistry()
    for name, what in COUNTED.items():
        Gauge(f"kod_intake_{name}", what, registry=registry).set(getattr(state, name))
    for name, what in SINCE.items():
        since = getattr(state, name)
        age = (state.at - since).total_seconds() if since else 0
        Gauge(f"kod_intake_{name.removesuffix('_since')}_age_seconds", what, registry=registry).set(age)
    Gauge("kod_intake_healthy", "1 when nothing is to be done", registry=registry).set(state.healthy)
    troubles = Gauge("kod_intake_trouble", "1 for each kind of trouble", ["kind"], registry=registry)
    for trouble in state.troubles:
        troubles.labels(trouble.name).set(1)
    read = Gauge("kod_intake_channel_read_timestamp_seconds", "Last successful look", ["channel"], registry=registry)
    for source in state.sources:
        if source.last_read:
            read.labels(source.name).set(source.last_read.timestamp())
    return generate_latest(registry)


def _state(visit: Visit) -> Health:
    work = visit.work
    known = channels.configured(work.settings)
    return visit.memory.recent.of(
        lambda: health.read(work.engine, work.settings, known, visit.now, broken=work.broken is not None)
    )


ROUTES = (Route("/healthz", healthz, is_open=True), Route("/metrics", metrics, is_open=True))
