"""What travels between webhook, workflow and activities. Additive only: a field may come, none may go."""

from datetime import datetime, timedelta
from typing import Any, Literal, Self

from pydantic import Field

from dsl.inputs import Input
from dsl.model import Json, Message
from dsl.plan import Options
from dsl.turns import Turned

QUEUE, WORKFLOW = "flows", "FlowWorkflow"
DELIVER, CONTROL, TURN = "deliver", "control", "turn"
PERFORM, FLUSH, CLOSE_WAIT, SEND_MESSAGE, PARSE_ANSWER, EVALUATE, CONTINUE_ON = (
    "perform", "flush", "close_wait", "send_message", "parse_answer", "evaluate", "continue_on",
)  # fmt: skip
"""Names written into histories: contracts that never change."""

Owner = Literal["bot", "human"]
Status = Literal[
    "starting", "running", "waiting_input", "waiting_time", "handed_off", "paused",
    "completed", "failed", "cancelled", "expired", "terminated",
]  # fmt: skip
ENDED: tuple[Status, ...] = ("completed", "failed", "cancelled", "expired", "terminated")


class Control(Message):
    """A command to a run, applied at its next step, before inputs.

    `checkpoint`: continue as new at once; `set`: variables of the flow, by dotted path; `expire`: its time is
    up, it ends where it rests.
    """

    command: Literal["pause", "resume", "checkpoint", "set", "expire"]
    values: dict[str, Json] = Field(default_factory=dict)


class Scene(Message):
    """Who and where: what never changes while an execution runs. Rides in every effect."""

    workspace: str
    execution_id: str
    flow_id: str
    flow_version: int
    lane: str
    connection: str | None = None
    conversation: str | None = None
    contact_id: int | None = None
    inbox_id: int | None = None
    channel: str | None = None
    surface: str | None = None
    """The provider's own name of where people see the conversation (Chatwoot: `Channel::Api`, …)."""
    phone: str | None = None
    """E.164 of the person, on channels that reach people by phone."""
    service: str | None = None
    """Our number, short code or service code there."""
    mode: Literal["live", "test"] = "live"
    mock_data: dict[str, Json] = Field(default_factory=dict)

    def execution(self) -> dict[str, Json]:
        """The execution as `{{execution.…}}` shows it."""
        return {"id": self.execution_id, "flowId": self.flow_id, "flowVersion": self.flow_version}


class ErrorInfo(Message):
    """Why something failed, in stable words."""

    code: str
    message: str
    provider: str | None = None
    retryable: bool = False

    @classmethod
    def unhandled(cls, cause: "ErrorInfo | None") -> Self:
        """The error of an execution that failed, after its cause."""
        text = f"{cause.code}: {cause.message}" if cause else "The flow took a path that leads to failure."
        return cls(code="UNHANDLED_ERROR", message=text, provider=cause.provider if cause else None)


class Outcome(Message):
    """What an executor came to: the exit it leaves by, its value, and the provider's time it is true of."""

    exit: str = "next"
    value: Json = None
    at: datetime | None = None
    error: ErrorInfo | None = None


class Effect(Message):
    """One call of one executor; (execution, node, visit, number) is its ledger key on every attempt."""

    node: str
    visit: int
    number: int
    activity: str
    args: dict[str, Any]
    label: str = ""
    options: Options = Options()
    ahead_by: str | None = None
    """The exit by which the walk went on before the outcome was known; another one calls it back."""
    ahead_with: Json = None
    """The value with which it went on, where that is not nothing; likewise."""

    def went_as_expected(self, report: "Report") -> bool:
        """Done, by the exit and with the value that the walk took for granted, if it took any."""
        outcome = report.outcome or Outcome(exit=self.ahead_by or "", value=self.ahead_with)
        exit = self.ahead_by in (None, outcome.exit)
        return report.state == "done" and exit and self.ahead_with in (None, outcome.value)


class Report(Message):
    """How an effect stands: `later` and `skipped` (never begun) go on as an ordinary activity, same key."""

    state: Literal["done", "failed", "unknown", "later", "skipped"]
    outcome: Outcome | None = None
    attempt: int = 0

    def told(self) -> Outcome:
        """What the walk goes on with."""
        outcome = self.outcome or Outcome()
        if self.state != "unknown":
            return outcome
        error = ErrorInfo(code="OUTCOME_UNKNOWN", message="It may have happened; nobody saw its end.")
        return Outcome(exit="unknown", at=outcome.at, error=error)


class Row(Message):
    """One line of an execution's history; `after` = index of the effect in `Perform` it follows, -1: none."""

    seq: int
    node: str
    kind: str
    label: str
    visit: int
    phase: Literal["waiting", "done"]
    exit: str | None = None
    result: Json = None
    error: ErrorInfo | None = None
    started_at: datetime
    ended_at: datetime | None = None
    effect: tuple[int, int] | None = None
    """(visit, number) of the node's last effect."""
    snapshot: dict[str, Json] | None = None
    merged: list[int] = Field(default_factory=list)
    """Of an answer that several messages made: the provider's ids of all of them."""
    after: int = -1


class Consumed(Message):
    """What became of an inbox row: `how` as in the inbox's states."""

    seq: int
    how: str
    state: Literal["consumed", "ignored", "dead"] = "consumed"
    after: int = -1
    """As in `Row`: what is noted at the end is not so when an effect before it takes another way."""


class Awaited(Message):
    """What an execution waits for: `timeout` in seconds, `deadline` absolute."""

    kind: Status
    expects: str | None = None
    since: datetime
    deadline: datetime | None = None
    timeout: int | None = None

    def prompted(self, moment: datetime) -> Self:
        """A wait counts from when its prompt was sent, so that no outage of ours times a person out."""
        if moment <= self.since:
            return self
        deadline = moment + timedelta(seconds=self.timeout) if self.timeout is not None else self.deadline
        return self.model_copy(update={"since": moment, "deadline": deadline})


class Standing(Message):
    """Where the execution stands: becomes its row in `executions`."""

    status: Status
    node: str | None = None
    progress: float = 0.0
    variables: dict[str, Json] = Field(default_factory=dict)
    results: dict[str, Json] | None = None
    waiting: Awaited | None = None
    error: ErrorInfo | None = None
    reason: str | None = None
    last_seq: int = 0
    owner: Owner = "bot"
    contact: dict[str, Json] = Field(default_factory=dict)


class Flush(Message):
    """The record of what was walked: applied unless an equal or later epoch (`at`, `number`) is there."""

    scene: Scene
    run: str
    """First run id of the chain: an execution recorded under another ends at once."""
    at: datetime
    number: int
    rows: list[Row] = Field(default_factory=list)
    consumed: list[Consumed] = Field(default_factory=list)
    turned: list[Turned] = Field(default_factory=list)
    """Turns that are over with this."""
    leaves: int | None = None
    """The input from which on all are left to the next run, though this one may have been handed them."""
    standing: Standing


class Perform(Message):
    """Effects in order, and the record that goes with them, in one activity."""

    flush: Flush
    effects: list[Effect] = Field(default_factory=list)
    ends_task: bool = False
    """As an ordinary activity: the task ends with it at once, where the shortest timer may take a second."""


class Performed(Message):
    """`reports` up to the first that is not done; `recorded` = highest row seq written; seconds and bytes."""

    reports: list[Report] = Field(default_factory=list)
    recorded: int = 0
    superseded: bool = False
    late: list[int] = Field(default_factory=list)
    """Turns whose callers were told something else meanwhile."""
    elapsed: float = 0.0
    size: int = 0


class Attempt(Message):
    """One effect as an ordinary activity."""

    scene: Scene
    effect: Effect


class CloseWait(Message):
    """Ask the lane, once PostgreSQL's clock has passed the deadline, for the inputs accepted until then."""

    workspace: str
    lane: str
    deadline: datetime
    last_seq: int


class ClosedWait(Message):
    """A page of inputs; `more` when another page follows."""

    inputs: list[Input] = Field(default_factory=list)
    more: bool = False
