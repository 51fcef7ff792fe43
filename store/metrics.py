"""What the store counts of this process, for Prometheus."""

from prometheus_client import Counter, Histogram

STARTED = Counter("tembea_executions_started", "Executions whose first record was written.")
ENDED = Counter("tembea_executions_ended", "Executions whose end was recorded.", ["status"])
TURN = Histogram(
    "tembea_turn_seconds",
    "From the acceptance of an input that moved a flow to the record of what was done about it.",
    buckets=(0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 30, 60),
)
