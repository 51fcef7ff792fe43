"""What a process knows of the providers it calls, for Prometheus."""

from prometheus_client import Gauge

CIRCUITS = Gauge(
    "tembea_provider_circuit_open",
    "1 while a part of a provider that did not answer is left alone.",
    ["provider", "part"],
)
