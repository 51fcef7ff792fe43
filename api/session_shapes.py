"""What the routes of sessions take and give."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from api.execution_shapes import Conversation, ExecuteInput, Waiting
from dsl.durations import parse_duration
from dsl.messages import Status
from dsl.model import Authored, Json, Message
from dsl.spec import RESERVED

SHORTEST, LONGEST = 60, 366 * 86_400
"""Seconds: whether the time is up is looked at once a minute."""


def _in_bounds(written: object) -> int:
    seconds = parse_duration(written)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds != int(seconds):
        raise ValueError('a ttl is a number of seconds, or written like "30m", "24h", "7d"')
    if not SHORTEST <= seconds <= LONGEST:
        raise ValueError("a ttl is from a minute to a year")
    return int(seconds)


Ttl = Annotated[int, BeforeValidator(_in_bounds, json_schema_input_type=str | int)]
"""Seconds, or as in flow files."""
Path = Annotated[
    str, StringConstraints(max_length=256, pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)*$")
]

_ID, _FLOW = "01942f20-11b3-7000-8000-0000000000e1", "01942f1e-7a10-7000-8000-000000000001"
SESSION: dict[str, Json] = {
    "id": _ID,
    "flowId": _FLOW,
    "flowVersion": 1,
    "status": "waiting_input",
    "mode": "live",
    "channel": "sms",
    "service": "28901",
    "address": "+254******111",
    "currentNodeId": "question-email",
    "waiting": {
        "kind": "waiting_input",
        "since": "2026-01-17T09:30:05Z",
        "deadline": "2026-01-17T10:00:05Z",
        "expects": "email",
    },
    "completionReason": None,
    "variables": {"user_name": "John"},
    "createdAt": "2026-01-17T09:30:00Z",
    "updatedAt": "2026-01-17T09:30:05Z",
    "endedAt": None,
    "expiresAt": "2026-01-18T09:30:00Z",
}


class SessionGiven(ExecuteInput):
    """How a session is begun: an execution of a flow, as `execute` starts one, with an end in time.

    `channel: "sms"` with a phone number begins it with a text to that person."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"flowId": "welcome", "channel": "sms", "phone": "+254711000111", "ttl": "24h"}]
        }
    )

    flow_id: str = Field(min_length=1, max_length=128)
    """UUID, or the flow's own `id`."""
    phone: Conversation | None = None
    """The same as `address`, for channels that reach people by phone."""
    ttl: Ttl | None = None
    """Seconds, or `"30m"`, `"24h"`, `"7d"`: after so long the session ends `expired`, within a minute,
    whatever it waits for; else as the flow says."""

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if self.phone and (self.address or self.conversation_id):
            raise ValueError("phone and address name the same thing")
        return self

    @property
    def conversation(self) -> str | None:
        """The conversation, or the person, by any of its names."""
        return self.phone or super().conversation


class SessionChange(Authored):
    """What is to be otherwise: some variables, by dotted path, or the time that is left from now."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"variables": {"plan": "gold"}}]})

    variables: dict[Path, Json] = Field(default_factory=dict, max_length=100)
    ttl: Ttl | None = None
    """Counted from now."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.variables and self.ttl is None:
            raise ValueError("give variables or a ttl")
        taken = {path.partition(".")[0] for path in self.variables} & set(RESERVED)
        if taken:
            raise ValueError(f"no variable can be named {min(taken)}")
        return self


class SessionView(Message):
    """An execution as a session of a person: where it began, where it stands, and when it ends."""

    model_config = ConfigDict(json_schema_extra={"examples": [SESSION]})

    id: str
    """Of the execution, whose history is at `/api/v1/executions/{id}/history`."""
    flow_id: str
    flow_version: int
    status: Status
    """That of the execution."""
    mode: Literal["live", "test"]
    channel: str | None
    """Where it began: `chatwoot`, `sms`, `ussd`, `voice`; null without a conversation."""
    service: str | None
    """Our number, short code or service code there."""
    address: str | None
    """The conversation's number in Chatwoot, or the person's phone number, masked."""
    current_node_id: str | None
    waiting: Waiting | None
    completion_reason: str | None
    variables: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    expires_at: datetime | None


class SessionPage(Message):
    """A page of sessions, newest first; `nextCursor` asks for the next."""

    items: list[SessionView]
    next_cursor: str | None
