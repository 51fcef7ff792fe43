"""FlowSpec: the canonical form of a flow, as people write it (`format` tembea/1)."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from dsl.channels import CHATWOOT, START_EVENTS, Channel, channel_of, misfit
from dsl.conditions import Condition
from dsl.durations import Duration
from dsl.model import Authored, Json
from dsl.types import Type, fits
from dsl.words import folded

Id = Annotated[
    str, StringConstraints(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:\-]*$")
]
NodeId = Annotated[
    str, StringConstraints(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9][A-Za-z0-9_\-]*$")
]
"""Without a dot, so that `nodes.<id>` is a path."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]

ServiceCode = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9*#+]{1,40}$")]

RESERVED = ("contact", "conversation", "trigger", "nodes", "execution", "now")
"""First words of a path that a variable may not have."""


class Trigger(Authored):
    """Which event starts the flow; the default row made when the flow is published."""

    channel: Channel = CHATWOOT
    """Left out, it is that of the event."""
    event: START_EVENTS = "conversation_created"
    inbox_id: int | None = None
    keyword: str | None = Field(default=None, max_length=64)
    service_code: ServiceCode | None = None
    """The service code dialled, the short code written to, the number called."""

    @model_validator(mode="before")
    @classmethod
    def _channel_of_the_event(cls, written: Any) -> Any:
        if not isinstance(written, dict) or "channel" in written:
            return written
        return {**written, "channel": channel_of(str(written.get("event", "")))}

    @model_validator(mode="after")
    def _comes_by_its_channel(self) -> Self:
        why = misfit(
            self.channel, self.event,
            inbox_id=self.inbox_id, keyword=self.keyword, service_code=self.service_code,
        )  # fmt: skip
        if why is not None:
            raise ValueError(why)
        return self


class Variable(Authored):
    """A declared variable; `pii` values are masked for readers without permission."""

    type: Type = "any"
    default: Json = None
    pii: bool = False


class Param(Variable):
    """A variable that whoever starts the flow may give, and gives where it is `required`."""

    required: bool = False
    description: str | None = Field(default=None, max_length=500)

    @model_validator(mode="after")
    def _default_is_of_use(self) -> "Param":
        if self.required and self.default is not None:
            raise ValueError("a required param is always given: it has no use for a default")
        if self.default is not None and not fits(self.default, self.type):
            raise ValueError(f"the default is not of the type {self.type}")
        return self


class Output(Authored):
    """A value that the flow gives when it ends."""

    type: Type = "any"
    description: str | None = Field(default=None, max_length=500)


def _said(word: str) -> str:
    if not folded(word):
        raise ValueError("a word is something that people can write")
    return word


Word = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_said)]


class Interruption(Authored):
    """Where a word leads that is never an answer."""

    to: str
    """The node that goes on."""
    return_: bool = Field(default=False, alias="return")
    """Whether an `end` that is reached from there leads back to the question, which is asked again."""


LineText = Annotated[str, StringConstraints(min_length=1, max_length=160)]
"""Said as it stands, without templates: it fits every screen."""


class Settings(Authored):
    """What holds for the whole flow."""

    timezone: str = "UTC"
    region: str | None = Field(default=None, pattern="^[A-Z]{2}$")
    """ISO 3166 code of the country whose phone numbers may be written without their country code."""
    session_ttl: Duration | None = None
    """Deadline of every wait without a timeout of its own; then the execution ends `expired`."""
    on_error: str = "fail"
    """`fail`, `handoff`, or the id of the node that goes on."""
    interrupts: dict[Word, Interruption] = Field(default_factory=dict, max_length=20)
    """Words that lead away from nodes that ask, unless they say otherwise: `{"agent": {"to": "desk"}}`."""
    params: dict[Name, Param] = Field(default_factory=dict, max_length=100)
    """What a start may give; once there is one, nothing else may be given."""
    outputs: dict[Name, Output] = Field(default_factory=dict, max_length=100)
    """What the flow's `end` nodes give; where none is declared, all that they give."""
    resume_window: Duration = Field(default=600, ge=1, le=86_400)
    """For so long somebody who dials anew is asked again what they were asked last; later they start anew."""
    busy_text: LineText | None = None
    """Said to somebody who dials while the flow is busy with something else than asking them."""
    safe_text: LineText | None = None
    """Said to somebody on the line where no answer of the flow is there in time."""
    late_screen: Literal["sms", "none"] = "none"
    """What comes too late for the line, or when nobody is on it, is said by SMS, or not at all."""


class Retry(Authored):
    """How often, and how far apart, a failing call is tried."""

    attempts: int = Field(default=3, ge=1, le=20)
    initial: Duration = 1
    backoff: float = Field(default=2.0, ge=1, le=10)
    max: Duration = 60


class DefaultOnError(Authored):
    """On error the node leaves by its default exit with this value."""

    default: Json


class Node(Authored):
    """One node of the drawing: a kind (`type`) and its config."""

    id: NodeId
    type: str = Field(min_length=1, max_length=64)
    label: str | None = Field(default=None, max_length=200)
    config: dict[str, Json] = Field(default_factory=dict)
    on_error: DefaultOnError | None = None
    retry: Retry | None = None


class Edge(Authored):
    """From a node's exit (the default one when absent) to a node; the first true one by priority wins."""

    from_: str = Field(alias="from")
    to: str
    exit: str | None = None
    condition: Condition | None = None
    priority: int = 0


class FlowSpec(Authored):
    """A whole flow."""

    format: Literal["tembea/1"] = "tembea/1"
    id: Id
    name: str = Field(min_length=1, max_length=255)
    description: str | None = None
    trigger: Trigger | None = None
    variables: dict[Name, Variable] = Field(default_factory=dict)
    settings: Settings = Field(default_factory=Settings)
    nodes: list[Node] = Field(max_length=10_000)
    edges: list[Edge] = Field(default_factory=list, max_length=40_000)

    @property
    def declared(self) -> dict[str, Variable]:
        """The variables and the params, which are variables too."""
        return {**self.variables, **self.settings.params}
