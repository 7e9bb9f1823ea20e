"""/healthz and /metrics, for those who watch from outside: figures only, no word of a citizen, nobody signed in.

Both tell no more than whether work is done: what is wrong in words is on „Heute“, for whoever is signed in.
"""

from prometheus_client.exposition import CONTENT_TYPE_LATEST

from routing.service import channels, health
from routing.service.health import Health, monitoring
from routing.web.visit import Answer, File, Route, Visit


def healthz(visit: Visit) -> Answer:
    """200 when work is done, 503 when something is to be done. A database that is out is 503 by the door."""
    healthy = _state(visit).healthy
    return File(b"ok\n" if healthy else b"trouble\n", "text/plain; charset=utf-8", status=200 if healthy else 503)


def metrics(visit: Visit) -> Answer:
    """The figures of ``status`` in the Prometheus text format; 404 unless ``[web] metrics``."""
    if not visit.settings.web.metrics:
        return File(b"", "text/plain; charset=utf-8", status=404)
    return File(monitoring.exposition(_state(visit)), CONTENT_TYPE_LATEST)


def _state(visit: Visit) -> Health:
    work = visit.work
    known = channels.configured(work.settings)
    return visit.memory.recent.of(
        lambda: health.read(work.engine, work.settings, known, visit.now, broken=work.broken is not None)
    )


ROUTES = (Route("/healthz", healthz, is_open=True), Route("/metrics", metrics, is_open=True))
