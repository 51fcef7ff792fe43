"""What is counted of deliveries, for Prometheus."""

from prometheus_client import Counter

DELIVERIES = Counter(
    "tembea_deliveries",
    "Deliveries of a lane's rows to its run; what is `left` the relay takes up.",
    ["result"],
)
REPORTS = Counter(
    "tembea_reports",
    "Reports that came later on effects, by what became of them.",
    ["kind", "result"],
)
TURNS = Counter(
    "tembea_turns",
    "Turns of people on the line: `shown` what their flow said, or `safe` text as none came in time.",
    ["surface", "result"],
)
