"""The worker's own door for Prometheus: what we count, with what Temporal's core counts, on one page."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from prometheus_client import REGISTRY, CollectorRegistry, start_http_server
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from providers.http.page import page

SECONDS = 2.0

_LOG = structlog.get_logger(__name__)


class Core(Collector):
    """What the Temporal SDK's core shows at an address of its own, on this machine."""

    def __init__(self, address: str) -> None:
        self._url = f"http://{address}/metrics"

    def collect(self) -> Iterator[Metric]:
        """Nothing while it does not answer: our own figures are shown all the same."""
        yield from text_string_to_metric_families(page(self._url, SECONDS) or "")


class _Both(Collector):
    def __init__(self, *collectors: Collector | CollectorRegistry) -> None:
        self._collectors = collectors

    def collect(self) -> Iterator[Metric]:
        for collector in self._collectors:
            yield from collector.collect()


@contextmanager
def served(host: str, port: int | None, core: str | None) -> Iterator[int | None]:
    """`/metrics` while the block lasts; gives the port (0 takes a free one). Without a port, nothing."""
    if port is None:
        yield None
        return
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Both(REGISTRY, *([Core(core)] if core else [])))
    server, thread = start_http_server(port, host, registry)
    _LOG.info("metrics_served", host=host, port=server.server_port)
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
