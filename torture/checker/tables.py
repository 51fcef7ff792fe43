"""PostgreSQL as a run left it: the rows, and of each the columns that the invariants look at."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

Json = Any


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
    connection_id: str = ""
    lane_id: str
    seq: int
    dedupe_key: str
    event: dict[str, Json] = Field(default_factory=dict)
    state: str
    how: str | None = None
    accepted_at: datetime
    consumed_at: datetime | None = None
    screen: dict[str, Json] | None = None
    """What a caller was shown for it."""


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
    provider_ref: str | None = None
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
    channel: str | None = None
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


class Idempotency(Row):
    """A key under which something was asked for, and what was made for it."""

    key: str
    execution_id: str | None = None
    status: int | None = None


class Report(Row):
    """What a provider told of an effect afterwards; `ref` is its id of what it is about."""

    dedupe_key: str
    kind: str
    ref: str
    state: str
    how: str | None = None
    accepted_at: datetime


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
    idempotency_keys: list[Idempotency] = Field(default_factory=list)
    reports: list[Report] = Field(default_factory=list)
