"""What is counted of deliveries, for Prometheus."""

from prometheus_client import Counter

DELIVERIES = Counter(
    "tembea_deliveries",
    "Deliveries of a lane's rows to its run; what is `left` the relay takes up.",
    ["result"],
)
