"""What a run left behind, read and typed: all that the invariants look at."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from torture.checker.tables import Effect, Execution, Inbound, Line, Tables
from torture.checker.told import (
    AFTERMATH,
    Call,
    Callback,
    Fault,
    Probe,
    Run,
    Sample,
    Start,
    Taken,
    Turn,
    Webhook,
)

Json = Any
T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
AWAY = (
    "CannotConnectNowError",
    "ConnectionError",
    "ConnectionDoesNotExistError",
    "ConnectionRefusedError",
    "ConnectionResetError",
    "DBAPIError",
    "Error",  # what SQLAlchemy's driver calls an error of the server's that has no kind of its own
)
"""What is raised because a server is away: no bug of ours."""


class Facts(BaseModel):
    """Everything; `quiet_since` is when the last fault was over, `at` when it was all read."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    seed: int = 0
    at: datetime
    quiet_since: datetime
    webhooks: list[Webhook] = Field(default_factory=list)
    words: set[int] = Field(default_factory=set)
    """Ids of messages that people wrote."""
    picks: set[int] = Field(default_factory=set)
    """Ids of messages under which people picked something."""
    callbacks: list[Callback] = Field(default_factory=list)
    turns: list[Turn] = Field(default_factory=list)
    starts: list[Start] = Field(default_factory=list)
    calls: list[Call] = Field(default_factory=list)
    taken: list[Taken] = Field(default_factory=list)
    tables: Tables = Field(default_factory=Tables)
    runs: list[Run] = Field(default_factory=list)
    plans: dict[str, Json] = Field(default_factory=dict)
    logs: dict[str, list[str]] = Field(default_factory=dict)
    secrets: list[str] = Field(default_factory=list)
    """Canaries that may be nowhere."""
    private: list[str] = Field(default_factory=list)
    """What people said: not in logs, nor in Temporal's own files."""
    found: list[tuple[str, str]] = Field(default_factory=list)
    """(place, canary) of every canary found where it may not be; see `words.search`."""
    probes: list[Probe] = Field(default_factory=list)
    faults: list[Fault] = Field(default_factory=list)
    samples: list[Sample] = Field(default_factory=list)

    @cached_property
    def lanes(self) -> dict[str, list[Inbound]]:
        """The rows of each lane, in the order of their acceptance."""
        return grouped(sorted(self.tables.inbound_events, key=lambda row: row.seq), lambda row: row.lane_id)

    @cached_property
    def effects(self) -> dict[str, list[Effect]]:
        """The ledger of each execution, without ghosts."""
        rows = (row for row in self.tables.effects if row.state != "orphaned")
        return grouped(rows, lambda row: row.execution_id)

    @cached_property
    def lines(self) -> dict[str, list[Line]]:
        """The record of each execution."""
        lines = sorted(self.tables.execution_history, key=lambda line: line.seq)
        return grouped(lines, lambda line: line.execution_id)

    @cached_property
    def on_lane(self) -> dict[str | None, list[Execution]]:
        """The executions of each lane."""
        return grouped(self.tables.executions, lambda one: one.lane_id)

    def heard_by(self, execution: Execution) -> list[Inbound]:
        """The rows of its lane that an execution saw: those since the one before it."""
        before = [
            other.last_seq
            for other in self.on_lane[execution.lane_id]
            if other.created_at < execution.created_at
        ]
        rows = self.lanes.get(execution.lane_id or "", [])
        return [row for row in rows if max(before, default=0) < row.seq <= execution.last_seq]

    def persons(self) -> Iterator[Webhook]:
        """Deliveries that tell of what people said or picked."""
        for webhook in self.webhooks:
            known = {"message_created": self.words, "message_updated": self.picks}.get(webhook.event, set())
            if webhook.message in known:
                yield webhook

    def shadowed(self, moment: datetime, aftermath: timedelta = AFTERMATH) -> bool:
        """Whether what happens then may be a fault's doing, felt for so long after its end."""
        return any(fault.begun <= moment <= fault.ended + aftermath for fault in self.faults)


def grouped(rows: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """Rows by what they are of, in their order."""
    found: dict[K, list[T]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


Figure = Literal[
    "lost", "double_transitions", "inversions", "silent_duplicates", "unknown", "divergent", "stuck",
    "wft_failures", "nondeterminism", "replay_failures", "late_timers", "gaps", "orphans", "leaks",
    "log_problems",
]  # fmt: skip
"""All but `unknown` have to be 0."""
