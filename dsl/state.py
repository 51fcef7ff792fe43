"""The state of a walk: one serialisable object, carried through continue-as-new. Additive only."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple, Self

from pydantic import Field, PlainSerializer, PlainValidator, ValidationInfo

from dsl.chance import drawn
from dsl.ending import Ending
from dsl.inbox import Inbox
from dsl.inputs import Inbound, Input
from dsl.limits import Limits
from dsl.messages import Awaited, Consumed, ErrorInfo, Owner, Row, Scene, Status
from dsl.model import Json, Message
from dsl.plan import Plan, Reminder
from dsl.templates import Scope
from dsl.turns import OpenTurn, Said, Turn, Turned
from dsl.values import size_of

PLANS = "plans"
"""Key of the validation context under which a decoder hands over its `(digest) -> Plan | None`."""


class Loaded(NamedTuple):
    """A plan travels as its digest; whoever decodes it puts the shared plan beside it, None if absent."""

    digest: str
    plan: Plan | None


def _load(value: Any, info: ValidationInfo) -> Loaded:
    if isinstance(value, Loaded):
        return value
    find: Callable[[str], Plan | None] = (info.context or {}).get(PLANS, lambda _: None)
    return Loaded(str(value), find(str(value)))


PlanByDigest = Annotated[Loaded, PlainValidator(_load), PlainSerializer(lambda loaded: loaded.digest, str)]


class Heard(Message):
    """The input a token consumed last (`@` in our own templates); `tries` counts since its node began."""

    text: str = ""
    value: Json = None
    attachments: list[Json] = Field(default_factory=list)
    tries: int = 0
    merged: list[int] = Field(default_factory=list)
    """Ids of the messages that it was made of, where it was more than one."""

    @classmethod
    def of(cls, event: Inbound) -> Self:
        """What an event says, as the answer it is taken for."""
        return cls(text=event.text or "", value=event.value, attachments=event.attachments)


PERSONS: tuple[Status, ...] = ("waiting_input", "handed_off")
"""Of what waits: what a person ends."""


class Waiting(Awaited):
    """A token at rest: what it awaits, and how many reminders were said."""

    reminded: int = 0

    def in_time(self, input: Input) -> bool:
        """Whether the input was accepted before the wait was over."""
        return self.deadline is None or input.accepted_at <= self.deadline

    def next_due(self, reminders: Sequence[Reminder]) -> datetime | None:
        """The earlier of the next reminder and the deadline."""
        dues = [self.deadline] if self.deadline else []
        if self.reminded < len(reminders):
            dues.append(self.since + timedelta(seconds=reminders[self.reminded].after))
        return min(dues, default=None)


class Token(Message):
    """A live branch: its step, the visit of its node, and what it waits for."""

    id: int = 0
    frame: int = 0
    fork: int | None = None
    """The fork whose branch it is; `branch` the exit by which it began."""
    branch: str = ""
    back: str | None = None
    """The node that an interrupt word led away from; an end leads back to it."""
    kept: dict[str, dict[str, Json]] = Field(default_factory=dict)
    """The loops that were open there."""
    loops: dict[str, dict[str, Json]] = Field(default_factory=dict)
    """Open loops by node, outermost first; `names` in them are seen by templates."""
    step: str
    visit: int = 1
    entered: datetime
    effects: int = 0
    """Effects performed in this visit; numbers the next one."""
    heard: Heard = Heard()
    waiting: Waiting | None = None
    result: Json = None
    error: ErrorInfo | None = None

    def afresh(self, step: str, visit: int, now: datetime) -> dict[str, Any]:
        """What changes when it enters a node; why it came by an error is still known there."""
        left = {"effects": 0, "heard": Heard(), "waiting": None, "result": None}
        return {"step": step, "visit": visit, "entered": now, **left}


class Frame(Message):
    """One flow's scope: variables, visit counts and the values its nodes left (`nodes.<id>`)."""

    id: int = 0
    plan: str
    path: str = ""
    """What goes before the ids of its nodes, where it is not the first: they are told apart by it."""
    caller: Token | None = None
    """The token that came in; it goes on when the frame is left."""
    vars: dict[str, Json] = Field(default_factory=dict)
    visits: dict[str, int] = Field(default_factory=dict)
    nodes: dict[str, Json] = Field(default_factory=dict)


class Forked(Message):
    """A fork whose branches have not met: the token that came, and how branches ended, by exit."""

    id: int
    caller: Token
    ended: dict[str, str] = Field(default_factory=dict)
    error: ErrorInfo | None = None


class Spot(Message):
    """Where a conversation goes on: the fields of its scene that change."""

    channel: str
    connection: str | None = None
    conversation: str | None = None
    surface: str | None = None
    phone: str | None = None
    service: str | None = None


class State(Message):
    """Everything a walk knows. Replaced whole at each step, so that going back is keeping the older one."""

    v: int = 1
    now: datetime
    """Walk time: of the last thing consumed, never decreasing."""
    frames: tuple[Frame, ...]
    """The first is the flow's own."""
    tokens: tuple[Token, ...]
    current: int = 0
    """Id of the token whose turn it is."""
    forks: tuple[Forked, ...] = ()
    next_id: int = 1
    """Of the next token, fork or frame."""
    trigger: dict[str, Any] = Field(default_factory=dict)
    contact: dict[str, Any] = Field(default_factory=dict)
    conversation: dict[str, Any] = Field(default_factory=dict)
    owner: Owner = "bot"
    first_sent: int | None = None
    """Provider's id of our first message: older incoming ones are not answers."""
    turns: int = 0
    steps: int = 0
    """Steps since the last rest, outside of loops."""
    looped: int = 0
    """The same, inside of loops."""
    record_seq: int = 0
    pending: tuple[Row, ...] = ()
    consumed: tuple[Consumed, ...] = ()
    ahead: int = 0
    """Effects queued but not performed yet."""
    commits: bool = False
    """The next effect is an ordinary activity: its schedule event commits how the last rest ended."""
    ending: Ending | None = None
    spot: Spot | None = None
    """Where the conversation has moved to."""
    line: Turn | None = None
    """The last turn that was opened, whatever became of it."""
    turn: OpenTurn | None = None
    turned: tuple[Turned, ...] = ()
    """Turns that are over and not on record yet."""
    screens: tuple[Turned, ...] = ()
    """The last few that were shown."""
    asked: int | None = None
    """The turn with whose screen the question was asked; None where it was not asked on the line."""
    unsaid: tuple[Said, ...] = ()
    """What came too late for its screen."""

    @property
    def token(self) -> Token:
        """The branch whose turn it is."""
        if len(self.tokens) == 1:
            return self.tokens[0]
        return next(token for token in self.tokens if token.id == self.current)

    @property
    def frame(self) -> Frame:
        """Its scope."""
        return self.frame_of(self.token)

    def frame_of(self, token: Token) -> Frame:
        """A token's scope."""
        return next(frame for frame in self.frames if frame.id == token.frame)

    @property
    def awaiting(self) -> Token:
        """The branch that waits for a person, where there is one, else that whose turn it is."""
        asks = (one for one in self.tokens if one.waiting and one.waiting.kind in PERSONS)
        return next(asks, self.token)

    def with_token(self, **changes: Any) -> "State":
        """The state with its token changed."""
        changed = self.token.but(**changes)
        return self.but(tokens=tuple(changed if one.id == changed.id else one for one in self.tokens))

    def replacing(self, id: int, *by: Token) -> "State":
        """The state with other tokens in a token's place."""
        at = next(index for index, one in enumerate(self.tokens) if one.id == id)
        return self.but(tokens=(*self.tokens[:at], *by, *self.tokens[at + 1 :]))

    def with_frame(self, **changes: Any) -> "State":
        """The state with its frame changed."""
        changed = self.frame.but(**changes)
        return self.but(frames=tuple(changed if one.id == changed.id else one for one in self.frames))

    def at(self, moment: datetime | None) -> "State":
        """Walk time moved on to a moment of something consumed; it never goes back."""
        return self.but(now=moment) if moment is not None and moment > self.now else self

    def size(self) -> int:
        """Bytes of all variables, and of what loops go through."""
        values = [frame.vars for frame in self.frames]
        loops = (one.loops | one.kept for one in self.tokens if one.loops or one.kept)
        return sum(map(size_of, values)) + sum(map(size_of, loops))

    def scope(self, scene: Scene) -> Scope:
        """What templates see: flow variables, then the fixed names; `@` is the input heard last, and the
        draw of a node of one step (a split), whose id is the node's.
        """
        frame, heard, token = self.frame, self.token.heard, self.token
        said = {"text": heard.text, "value": heard.value, "attachments": heard.attachments}
        draw = drawn(scene.execution_id, frame.path + token.step, token.visit)
        return {
            "contact": self.contact,
            "conversation": self.conversation,
            "trigger": self.trigger,
            "nodes": frame.nodes,
            "execution": scene.execution(),
            "now": self.now.isoformat(),
            "@": {**said, "tries": heard.tries, "draw": draw, "loops": token.loops},
            **frame.vars,
            **{name: value for loop in token.loops.values() for name, value in loop.get("names", {}).items()},
        }

    def failed(self, code: str, message: str) -> "State":
        """The walk is over: it crossed a bound."""
        return self.but(
            ending=Ending(status="failed", reason=code, error=ErrorInfo(code=code, message=message))
        )


class RunInput(Message):
    """Argument of the workflow, first run and continued ones alike."""

    v: int = 1
    scene: Scene
    plan: PlanByDigest
    plans: list[PlanByDigest] = Field(default_factory=list)
    """Those that its subflows walk, theirs included."""
    limits: Limits = Limits()
    started_at: datetime
    trigger: dict[str, Any] = Field(default_factory=dict)
    contact: dict[str, Any] = Field(default_factory=dict)
    conversation: dict[str, Any] = Field(default_factory=dict)
    variables: dict[str, Json] = Field(default_factory=dict)
    owner: Owner = "bot"
    """Whose lane it is when the run begins."""
    opening_rows: list[Input] = Field(default_factory=list)
    """The inbox rows that started the run; the first is the trigger's own."""
    state: State | None = None
    inbox: Inbox | None = None
    held: bool = False
    """Paused: the walk stands still until it is released."""
    first_run: str | None = None
