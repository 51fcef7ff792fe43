"""What the routes of executions take and give."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema, model_validator

from dsl.messages import Status
from dsl.model import Authored, Json, Message
from dsl.spec import RESERVED, Name

Address = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9+_.:\-]+$")]

HIGHEST = 2**53 - 1
"""Up to here every number of JSON is told from its neighbour."""


def _as_text(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    # 7.0 is an integer to JSON Schema.
    return str(int(value)) if 0 <= value <= HIGHEST and value == int(value) else value


Conversation = Annotated[
    Address,
    BeforeValidator(_as_text),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1, "maxLength": 128, "pattern": r"^[A-Za-z0-9+_.:\-]+$"},
                {"type": "integer", "minimum": 0, "maximum": HIGHEST},
            ]
        },
        mode="validation",
    ),
]
"""A conversation by its number, or by its number as text."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=16_384)]

_ID, _FLOW = "01942f20-11b3-7000-8000-0000000000e1", "01942f1e-7a10-7000-8000-000000000001"
WAITING: dict[str, Json] = {
    "id": _ID,
    "flowId": _FLOW,
    "flowVersion": 1,
    "status": "waiting_input",
    "mode": "live",
    "channel": "chatwoot",
    "conversationId": "123",
    "currentNodeId": "question-email",
    "progress": 0.5,
    "completionReason": None,
    "waiting": {
        "kind": "waiting_input",
        "since": "2026-01-17T09:30:05Z",
        "deadline": "2026-01-17T10:00:05Z",
        "expects": "email",
    },
    "timings": {
        "createdAt": "2026-01-17T09:30:00Z",
        "startedAt": "2026-01-17T09:30:00Z",
        "updatedAt": "2026-01-17T09:30:05Z",
        "completedAt": None,
        "duration": None,
    },
    "variables": {"user_name": "John"},
    "results": {},
    "error": None,
    "workflow": {"workflowId": "default/main/123", "runId": None, "url": None},
}
_RUN: dict[str, Json] = {"conversationId": 123, "testMode": True, "mockData": {"contactName": "Test User"}}


class ExecuteInput(Authored):
    """How a flow is started.

    `mockData` answers for nodes in test mode; its `contactName` and `contactEmail` become the contact's."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RUN]})

    conversation_id: Conversation | None = None
    channel: str | None = Field(default=None, max_length=64)
    address: Conversation | None = None
    trigger: dict[str, Json] = Field(default_factory=dict)
    """What the flow reads as `{{trigger.…}}`."""
    variables: dict[Name, Json] = Field(
        default_factory=dict,
        json_schema_extra={"propertyNames": {"maxLength": 128, "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}},
    )
    """What the flow begins with. Where it declares `settings.params`, these are the ones it takes, and no
    others: 422 with one issue for each that is missing, unknown or of another type."""
    test_mode: bool = False
    """Nothing is sent, a draft may run."""
    mock_data: dict[str, Json] = Field(default_factory=dict)
    on_conflict: Literal["reject"] = "reject"
    """When the conversation has an execution already: 409 `CONVERSATION_BUSY`."""

    @model_validator(mode="after")
    def _consistent(self) -> "ExecuteInput":
        if self.address and self.conversation_id and self.address != self.conversation_id:
            raise ValueError("address and conversationId name different conversations")
        if not self.test_mode and set(self.mock_data) - {"contactName", "contactEmail"}:
            raise ValueError("mockData of nodes needs testMode")
        if taken := set(self.variables) & set(RESERVED):
            raise ValueError(f"no variable can be named {min(taken)}")
        return self

    @property
    def conversation(self) -> str | None:
        """The conversation by either of its names."""
        return self.conversation_id or self.address

    def contact(self) -> dict[str, Json]:
        """The contact that the mock data describe."""
        named = {"name": self.mock_data.get("contactName"), "email": self.mock_data.get("contactEmail")}
        return {field: value for field, value in named.items() if value is not None}

    def mocks(self) -> dict[str, Json]:
        """Outcomes by node id."""
        return {
            node: value
            for node, value in self.mock_data.items()
            if node not in ("contactName", "contactEmail")
        }


class ExecutionStarted(Message):
    """The execution that was started."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"executionId": _ID, "status": "starting", "flowId": _FLOW, "flowVersion": 1}]
        }
    )

    execution_id: str
    status: Status
    flow_id: str
    flow_version: int


class Timings(Message):
    """Seconds are given once the execution has ended."""

    created_at: datetime
    started_at: datetime | None
    updated_at: datetime
    completed_at: datetime | None
    duration: float | None


class Waiting(Message):
    """What the execution waits for, and until when."""

    kind: str | None = None
    since: datetime | None = None
    deadline: datetime | None = None
    expects: str | None = None


class WorkflowLink(Message):
    """Its runs at Temporal; `url` is their page in the Web UI where the address of that is configured."""

    workflow_id: str
    run_id: str | None
    """The first run; None before the execution has rested once."""
    url: str | None


class ExecutionSummary(Message):
    """An execution in a list."""

    id: str
    flow_id: str
    flow_version: int
    status: Status
    mode: Literal["live", "test"]
    channel: str | None
    """Where it began: `chatwoot`, `sms`, `ussd`, `voice`; null without a conversation."""
    conversation_id: str | None
    current_node_id: str | None
    progress: float
    """0 to 1."""
    completion_reason: str | None
    waiting: Waiting | None
    timings: Timings


class ExecutionView(ExecutionSummary):
    """Where an execution stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [WAITING]})

    variables: dict[str, Json]
    results: dict[str, Json]
    error: dict[str, Any] | None
    workflow: WorkflowLink


class ExecutionPage(Message):
    """A page of executions, newest first; `nextCursor` asks for the next."""

    items: list[ExecutionSummary]
    next_cursor: str | None


class HistoryItem(Message):
    """One line of an execution's record; `variables` are a snapshot, taken at each wait."""

    seq: int
    node_id: str
    node_type: str
    label: str
    visit: int
    phase: Literal["waiting", "done"]
    exit: str | None
    result: Json
    error: dict[str, Any] | None
    started_at: datetime
    ended_at: datetime | None
    attempt: int | None
    effect_state: str | None
    variables: dict[str, Json] | None
    merged: list[int]
    """Of an answer that several messages made: the ids of all of them, in order."""
    report: dict[str, Json] | None = None
    """What the provider told of the node's effect, sooner or later: `status`, its own `raw` one, `at`."""


class HistoryPage(Message):
    """A page of the record, in order; `nextCursor` asks for the next."""

    items: list[HistoryItem]
    next_cursor: str | None


class InputGiven(Authored):
    """What the person says (`text`), or picks and fills in (`value`)."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "Amina"}]})

    text: Text | None = None
    value: Json = None

    @model_validator(mode="after")
    def _something(self) -> "InputGiven":
        if self.text is None and self.value is None:
            raise ValueError("give a text or a value")
        return self


class Commanded(Message):
    """The execution was told; it obeys at its next step. `status` is what it was at until then."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"executionId": _ID, "command": "pause", "status": "waiting_input"}]}
    )

    execution_id: str
    command: Literal["cancel", "pause", "resume", "checkpoint"]
    status: Status


class InputTaken(Message):
    """The input is stored in its place and cannot be lost."""

    execution_id: str
    input_id: str
    seq: int
    duplicate: bool
