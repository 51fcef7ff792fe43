"""What the routes of executions take and give."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, field_validator, model_validator

from dsl.messages import Status
from dsl.model import Authored, Json, Message
from dsl.spec import RESERVED, Name

Address = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9+_.:\-]+$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=16_384)]

_RUN: dict[str, Json] = {"conversationId": 123, "testMode": True, "mockData": {"contactName": "Test User"}}


class ExecuteInput(Authored):
    """How a flow is started.

    `mockData` answers for nodes in test mode; its `contactName` and `contactEmail` become the contact's."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RUN]})

    conversation_id: Address | None = None
    channel: str | None = Field(default=None, max_length=64)
    address: Address | None = None
    trigger: dict[str, Json] = Field(default_factory=dict)
    """What the flow reads as `{{trigger.…}}`."""
    variables: dict[Name, Json] = Field(default_factory=dict)
    test_mode: bool = False
    """Nothing is sent, a draft may run."""
    mock_data: dict[str, Json] = Field(default_factory=dict)
    on_conflict: Literal["reject"] = "reject"
    """When the conversation has an execution already: 409 `CONVERSATION_BUSY`."""

    @field_validator("conversation_id", "address", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

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
    """What the execution waits for."""

    kind: str | None = None
    since: datetime | None = None
    deadline: datetime | None = None
    expects: str | None = None


class ExecutionSummary(Message):
    """An execution in a list."""

    id: str
    flow_id: str
    flow_version: int
    status: Status
    mode: Literal["live", "test"]
    conversation_id: str | None
    current_node_id: str | None
    progress: float
    """0 to 1."""
    completion_reason: str | None
    timings: Timings


class ExecutionView(ExecutionSummary):
    """Where an execution stands."""

    variables: dict[str, Json]
    results: dict[str, Json]
    waiting: Waiting | None
    error: dict[str, Any] | None


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


class InputTaken(Message):
    """The input is stored in its place and cannot be lost."""

    execution_id: str
    input_id: str
    seq: int
    duplicate: bool
