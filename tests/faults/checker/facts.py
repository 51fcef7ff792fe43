"""What a run left behind, read and typed: all that the invariants look at."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

Json = Any
AWAY = (
    "CannotConnectNowError",
    "ConnectionDoesNotExistError",
    "ConnectionRefusedError",
    "ConnectionResetError",
    "DBAPIError",
)
"""What is raised because a server is away: no bug of ours."""
AFTERMATH = timedelta(seconds=1)
"""How long after its end a fault may still be felt."""


class Row(BaseModel):
    """A row of PostgreSQL; columns nobody asks for are left out."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Lane(Row):
    """A conversation's lane."""

    id: str
    address: str
    execution_id: str | None = None


class Inbound(Row):
    """A row of the inbox."""

    id: str
    lane_id: str
    seq: int
    dedupe_key: str
    event: dict[str, Json] = Field(default_factory=dict)
    state: str
    how: str | None = None
    accepted_at: datetime
    consumed_at: datetime | None = None


class Effect(Row):
    """A row of the ledger."""

    execution_id: str
    node: str
    visit: int
    number: int
    kind: str
    state: str
    n: int = 1
    outcome: dict[str, Json] | None = None
    created_at: datetime

    @property
    def key(self) -> str:
        """As providers are told it."""
        return f"{self.execution_id}:{self.node}:{self.visit}:{self.number}"


class Execution(Row):
    """An execution; `started_at` is when its first run began."""

    id: str
    flow_id: str
    flow_version: int
    lane_id: str | None = None
    workflow_id: str
    status: str
    completion_reason: str | None = None
    context: dict[str, Json] = Field(default_factory=dict)
    error: dict[str, Json] | None = None
    waiting: dict[str, Json] | None = None
    last_seq: int = 0
    events: int = 0
    created_at: datetime
    started_at: datetime | None = None
    updated_at: datetime
    completed_at: datetime | None = None


class LiveEvent(Row):
    """What readers of an execution are told."""

    execution_id: str
    seq: int
    type: str


class Line(Row):
    """A line of an execution's record."""

    execution_id: str
    seq: int
    node_id: str
    node_type: str
    phase: str
    exit: str | None = None
    effect_state: str | None = None


class Version(Row):
    """A version of a flow, as it was written."""

    flow_id: str
    version: int
    document: dict[str, Json]


class Tables(BaseModel):
    """PostgreSQL, as far as it matters here."""

    lanes: list[Lane] = Field(default_factory=list)
    inbound_events: list[Inbound] = Field(default_factory=list)
    effects: list[Effect] = Field(default_factory=list)
    executions: list[Execution] = Field(default_factory=list)
    execution_history: list[Line] = Field(default_factory=list)
    execution_events: list[LiveEvent] = Field(default_factory=list)
    flow_versions: list[Version] = Field(default_factory=list)


class Webhook(NamedTuple):
    """A delivery by the source: the last try of it. `acknowledged`: it was answered with 2xx."""

    at: datetime
    event: str
    conversation: int
    message: int | None
    acknowledged: bool
    faulty: bool = False
    """The source itself was told to spoil it."""


class Call(NamedTuple):
    """A request that the sink got under an effect's key; `done`: it did what was asked."""

    at: datetime
    key: str
    done: bool
    text: str = ""


class Fault(NamedTuple):
    """Something done to the run: when, until when it was felt, and the proof that it landed, if any."""

    what: str
    begun: datetime
    ended: datetime
    proof: str | None

    def felt_at(self, moment: datetime) -> bool:
        """Whether what happens then may be its doing."""
        return self.begun <= moment <= self.ended + AFTERMATH


class Sample(NamedTuple):
    """What a process held at a moment; `memory` in bytes."""

    part: str
    pid: int
    at: datetime
    memory: int
    descriptors: int
    connections: int


class Run(NamedTuple):
    """One run of an execution: its history, decoded, as JSON and as events."""

    execution: str
    number: int
    json: str
    events: list[dict[str, Json]]

    def of(self, kind: str) -> Iterator[dict[str, Json]]:
        """The events of a kind (`WORKFLOW_TASK_FAILED`)."""
        return (event for event in self.events if event["eventType"] == f"EVENT_TYPE_{kind}")


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
    calls: list[Call] = Field(default_factory=list)
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
    faults: list[Fault] = Field(default_factory=list)
    samples: list[Sample] = Field(default_factory=list)

    def persons(self) -> Iterator[Webhook]:
        """Deliveries that tell of what people said or picked."""
        for webhook in self.webhooks:
            known = {"message_created": self.words, "message_updated": self.picks}.get(webhook.event, set())
            if webhook.message in known:
                yield webhook


Figure = Literal[
    "lost", "double_transitions", "inversions", "silent_duplicates", "divergent", "stuck", "wft_failures",
    "nondeterminism", "replay_failures", "late_timers", "gaps", "orphans", "leaks",
    "log_problems",
]  # fmt: skip
"""Those that have to be 0."""
