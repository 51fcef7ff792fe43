"""What the API process counts, for Prometheus. Label values are ours: never a path, a name or a text."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from api.errors import Problem
from api.parts import Parts
from store.gauges import gauges

REQUESTS = Histogram(
    "tembea_request_seconds",
    "Requests by route; of a stream of live events, the time it was open.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
DROPPED = Counter("tembea_live_readers_dropped", "Readers of live events that were too slow.")
WEBHOOKS = Counter("tembea_webhooks", "Webhooks by what became of them.", ["provider", "result"])
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "WEBSOCKET"})


def observed(method: str, route: str | None, status: int, seconds: float) -> None:
    """A request was answered; `route` is the template."""
    named = method if method in _METHODS else "other"
    REQUESTS.labels(named, route or "none", str(status)).observe(seconds)


@contextmanager
def refusals(provider: str) -> Iterator[None]:
    """Count a webhook that is refused, by the code of its problem."""
    try:
        yield
    except Problem as problem:
        WEBHOOKS.labels(provider, problem.code.lower()).inc()
        raise


async def exposition(parts: Parts) -> bytes:
    """All of it as Prometheus reads it: what was counted here, and how things stand now."""
    now = CollectorRegistry()
    _process(now, parts)
    await _database(now, parts)
    return generate_latest(REGISTRY) + generate_latest(now)


def _process(registry: CollectorRegistry, parts: Parts) -> None:
    readers = Gauge("tembea_live_readers", "Readers of live events.", registry=registry)
    readers.set(parts.live.readers)
    pool = Gauge("tembea_database_pool", "Connections of the pool.", ["state"], registry=registry)
    in_use, size = parts.db.pool()
    pool.labels("in_use").set(in_use)
    pool.labels("size").set(size)


async def _database(registry: CollectorRegistry, parts: Parts) -> None:
    """The same from every API process: take the largest, not the sum."""
    found = await gauges(parts.db)
    inbox = Gauge("tembea_inbox_rows", "Rows of the inbox without an end.", ["state"], registry=registry)
    for state, count in (("received", found.received), ("handed", found.handed), ("dead", found.dead)):
        inbox.labels(state).set(count)
    oldest = Gauge(
        "tembea_inbox_oldest_seconds", "Age of the oldest row nobody delivered.", registry=registry
    )
    oldest.set(found.oldest)
    active = Gauge("tembea_executions_active", "Executions without an end.", ["status"], registry=registry)
    for status, count in found.active.items():
        active.labels(status).set(count)
