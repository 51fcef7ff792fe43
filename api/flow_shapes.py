"""What the routes of flows take and give."""

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator

from dsl.issues import Issue
from dsl.model import Authored, Json, Message

FlowStatus = Literal["draft", "published"]

EXAMPLE: dict[str, Json] = {
    "id": "welcome",
    "name": "Welcome",
    "nodes": [
        {"id": "start", "type": "start"},
        {"id": "hello", "type": "message", "config": {"text": "Hello {{contact.name}}!"}},
        {"id": "end", "type": "end"},
    ],
    "edges": [{"from": "start", "to": "hello"}, {"from": "hello", "to": "end"}],
}

_SAVED: dict[str, Json] = {
    "id": "01942f1e-7a10-7000-8000-000000000001",
    "key": "welcome",
    "version": 1,
    "status": "draft",
    "revision": 1,
    "createdAt": "2026-01-17T09:30:00Z",
}


class FlowInput(Authored):
    """A flow in any dialect, and what an editor keeps beside it. A bare flow is taken as `{"flow": …}`."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"flow": EXAMPLE, "ui": {"zoom": 1}}]})

    flow: dict[str, Any]
    ui: Json = None

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, body: Any) -> Any:
        is_bare = isinstance(body, dict) and "nodes" in body and "flow" not in body
        return {"flow": body} if is_bare else body


class OptionalFlow(Authored):
    """The flow to check; without it, the stored draft."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"flow": EXAMPLE}]})

    flow: dict[str, Any] | None = None
    ui: Json = None


class VersionChoice(Authored):
    """The version to publish; without it, the latest."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 1}]})

    version: int | None = Field(default=None, ge=1, le=2**31 - 1)


class FlowSaved(Message):
    """The version that was stored."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SAVED]})

    id: str
    key: str
    """The flow's own `id`; every path takes either."""
    version: int
    status: FlowStatus
    revision: int
    """Grows with every change of the flow; `ETag` is made of it."""
    created_at: datetime


class FlowSummary(Message):
    """A flow in a list; `version` is the latest, `publishedVersion` the one that runs."""

    id: str
    key: str
    name: str
    description: str | None
    status: FlowStatus
    version: int
    published_version: int | None
    revision: int
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None


class FlowPage(Message):
    """A page of flows; `nextCursor` asks for the next."""

    items: list[FlowSummary]
    next_cursor: str | None


class FlowMetadata(Message):
    """How the flow's live executions have gone so far."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"executions": 42, "successRate": 0.95, "avgDuration": 120.0}]}
    )

    executions: int
    success_rate: float | None
    """Completed among those that ended (0 to 1); null while none has."""
    avg_duration: float | None
    """Seconds of the completed ones."""


class FlowView(FlowSummary):
    """A flow's latest version as it was sent."""

    flow: dict[str, Any]
    ui: Json
    metadata: FlowMetadata


class VersionSummary(Message):
    """A version in a list; `published` is the one that runs, `digest` the sha256 of its plan."""

    version: int
    status: FlowStatus
    dialect: str
    """The form in which the flow was written."""
    digest: str | None
    created_at: datetime
    published_at: datetime | None
    """When it was published last."""


class VersionPage(Message):
    """A page of a flow's versions, newest first; `nextCursor` asks for the next."""

    items: list[VersionSummary]
    next_cursor: str | None


class VersionView(Message):
    """One version of a flow as it was sent. Versions never change."""

    version: int
    status: FlowStatus
    digest: str | None
    created_at: datetime
    published_at: datetime | None
    flow: dict[str, Any]
    ui: Json


class Validation(Message):
    """What the compiler found; `valid` when there is no error."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"valid": True, "errors": [], "warnings": []}]})

    valid: bool
    errors: tuple[Issue, ...]
    warnings: tuple[Issue, ...]


class FlowPublished(Message):
    """The version that runs from now on; executions under way keep theirs."""

    id: str
    key: str
    version: int
    status: FlowStatus
    revision: int
    digest: str
    """sha256 of the plan."""
    published_at: datetime
    warnings: tuple[Issue, ...]


class FlowUnpublished(Message):
    """Nothing starts the flow any more; executions under way go on."""

    id: str
    key: str
    version: int
    status: FlowStatus
    revision: int
