"""What the worker counts of its effects, for Prometheus."""

from prometheus_client import Counter

EFFECTS = Counter(
    "tembea_effects",
    "Attempts of effects by how they ended; `open` ones are tried again.",
    ["kind", "outcome"],
)
FALLBACKS = Counter(
    "tembea_local_fallbacks", "Effects that a turn could not end, which went on by themselves.", ["kind"]
)
RECONCILED = Counter(
    "tembea_ledger_reconciliations",
    "Attempts that died, by what was found out about them.",
    ["kind", "outcome"],
)
