"""What a bench measures, and what it tells."""

from collections.abc import Sequence
from typing import Literal

from pydantic import TypeAdapter

from dsl.model import Message

Backend = Literal["memory", "file", "postgres"]
OURS, LEAST = "ours", "least"
PEERS = ("dbos", "restate")


class Figures(Message):
    """One contestant in one repetition. Milliseconds, per conversation where not said otherwise."""

    contestant: str
    backend: Backend
    repetition: int
    conversations_per_second: float
    """Closed loop."""
    turn_p50: float
    """Open loop, milliseconds from a contact's message to the next effect; p95 and p99 likewise."""
    turn_p95: float
    turn_p99: float
    closed_turn_p50: float
    """The same in the closed loop, where turns wait for each other."""
    closed_turn_p95: float
    closed_turn_p99: float
    server_cpu: float
    """Milliseconds of Temporal's processor time (a peer: of its own server); others likewise."""
    worker_cpu: float
    front_cpu: float
    postgres_cpu: float
    load_cpu: float
    """Of the bench itself: contacts and sink."""
    transactions: float
    """PostgreSQL's committed transactions, reads included; it tells of them up to a second late."""
    commits: float
    """Those that wrote."""
    events: int
    workflow_tasks: int
    actions: int
    """By the usual billing rules: start, signals, timers, activities, tasks that carry local ones."""
    history_bytes: int
    """Of the last conversation's history in Temporal; 0: no Temporal."""
    postgres_bytes: int
    """By how much the contestant's database grew."""

    @property
    def cpu(self) -> float:
        """Of all processes of the contestant and of the servers under it."""
        return self.server_cpu + self.worker_cpu + self.front_cpu + self.postgres_cpu


class Floor(Message):
    """The least that a server can be asked for, in one repetition; the load itself is the client.

    `each_p50` and its like: milliseconds of one call; `workflow_tasks` and `events` of one workflow.
    """

    name: str
    repetition: int
    per_second: float
    each_p50: float
    each_p95: float
    each_p99: float
    server_cpu: float
    worker_cpu: float
    load_cpu: float
    events: int
    workflow_tasks: int


class Waits(Message):
    """How long callers of USSD waited in one repetition: milliseconds of an HTTP answer.

    `beyond_cap`: longer than the answer may take; `safe`: told to come back later.
    """

    contestant: str
    repetition: int
    answers: int
    p50: float
    p95: float
    p99: float
    longest: float
    beyond_cap: int
    safe: int


class Crash(Message):
    """One process of one contestant killed; `repeated`: effects seen more often than once."""

    contestant: str
    process: str
    conversations: int
    ended: int
    repeated: int
    seconds: float
    """From the kill until the last conversation ended, or was given up."""


CRASHES = TypeAdapter(list[Crash])


class Ratio(Message):
    """Within each repetition, then over all of them."""

    median: float
    spread: tuple[float, float]


class Ratios(Message):
    """Ours divided by another contestant's."""

    conversations_per_second: Ratio
    turn_p95: Ratio
    server_cpu: Ratio
    events: Ratio


class PeerRatios(Message):
    """Ours divided by a peer's, which has no Temporal; `cpu`: of all processes."""

    conversations_per_second: Ratio
    turn_p95: Ratio
    cpu: Ratio


class Report(Message):
    """A whole bench.

    `ratios` are of the server in memory and hold `ussd_p99_vs_floor` too; `file_ratios` and `postgres_ratios`
    are of the servers that keep what they have; `peer_ratios` are ours by each peer's.
    """

    ratios: dict[str, Ratios | Ratio]
    file_ratios: dict[str, Ratios]
    postgres_ratios: dict[str, Ratios]
    peer_ratios: dict[str, PeerRatios]
    runs: list[Figures]
    floors: list[Floor]
    ussd: list[Waits]


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which that part of the values lies, in milliseconds; they are in seconds."""
    ordered = sorted(values)
    return round(1000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))], 2)
