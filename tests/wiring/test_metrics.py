"""The worker's page for Prometheus: ours and the SDK's core together, and ours where the core is silent."""

import asyncio
from urllib.request import urlopen

import pytest
from prometheus_client import Counter
from prometheus_client.parser import text_string_to_metric_families
from temporalio.client import Client
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

from wiring.embedded.temporal import Temporal
from wiring.metrics import served
from wiring.supervise.ports import LOOPBACK, free_port

OURS = Counter("tembea_test_of_the_page", "Counted by a test.", ["kind"])


def page(port: int | None) -> dict[str, float]:
    """The figures of a page, by name."""
    with urlopen(f"http://{LOOPBACK}:{port}/metrics", timeout=5) as answer:
        families = list(text_string_to_metric_families(answer.read().decode()))
    return {sample.name: sample.value for family in families for sample in family.samples}


async def test_without_a_port_nothing_is_served() -> None:
    with served(LOOPBACK, None, None) as port:
        assert port is None


async def test_what_we_count_is_shown_though_the_core_does_not_answer() -> None:
    OURS.labels("a").inc(3)
    with served(LOOPBACK, 0, f"{LOOPBACK}:{free_port()}") as port:
        assert (await asyncio.to_thread(page, port))["tembea_test_of_the_page_total"] == 3


@pytest.mark.real
async def test_the_core_is_shown_on_the_same_page(temporal: Temporal) -> None:
    core = f"{LOOPBACK}:{free_port()}"
    telemetry = TelemetryConfig(metrics=PrometheusConfig(bind_address=core, counters_total_suffix=True))
    client = await Client.connect(temporal.address, runtime=Runtime(telemetry=telemetry))
    assert await client.service_client.check_health()
    with served(LOOPBACK, 0, core) as port:
        shown = await asyncio.to_thread(page, port)
    assert shown["temporal_request_total"] > 0
    assert "process_resident_memory_bytes" in shown
