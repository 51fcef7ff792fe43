"""The plan: what the compiler makes of a flow and the workflow walks. Nodes are for people; steps are walked.

A target is the id of a step, or `!exit`: leave the node by that exit (resolved by `PlanNode.exits`).
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from dsl.conditions import Condition
from dsl.filters import text_of
from dsl.hours import Hours
from dsl.model import Json, Message
from dsl.templates import Scope, render, render_deep, render_text
from dsl.turns import Line
from dsl.zones import Zone

FORMAT = 1

FAIL, EXPIRED, HANDOFF = "~fail", "~expired", "~handoff"
"""Nodes nobody drew: where an unhandled error, a missed last deadline and `onError: handoff` lead."""


SPEAKING = 4.0
"""Seconds that saying something may take at its provider."""


class Choice(Message):
    """One thing a person may pick."""

    title: Json
    value: Json

    def rendered(self, scope: Scope) -> dict[str, Json]:
        """As a person sees it; the value keeps its type."""
        return {"title": text_of(render(self.title, scope)), "value": render(self.value, scope)}


class Reminder(Message):
    """A text said when nobody has answered `after` seconds after the wait began."""

    after: int
    text: Json


class Options(Message):
    """How an activity is run: seconds, tries and queue; the walk invents none of them."""

    timeout: float = 10.0
    attempts: int = 5
    initial: float = 1.0
    backoff: float = 2.0
    max_interval: float = 60.0
    queue: str | None = None


class Fallback(Message):
    """The value a node leaves with, by its default exit, when what it did failed and no exit is for that."""

    value: Json
    exit: str = "next"


class _Step(Message):
    id: str
    node: str


class Say(_Step):
    """Speaks on the conversation's channel."""

    op: Literal["say"] = "say"
    text: Json
    choices: tuple[Choice, ...] = ()
    attachments: tuple[Json, ...] = ()
    cards: tuple[Json, ...] = ()
    action: dict[str, Json] | None = None
    """Something a call is told to do instead: {"action": "play", "url": …}; said on calls only."""
    to: str
    fallback: Fallback | None = None
    ahead: bool = True
    """The walk may go on before its outcome is known, for nothing reads it."""
    options: Options = Options(timeout=SPEAKING)

    def rendered(self, scope: Scope) -> dict[str, Json]:
        """What is said: text, choices, attachments; cards and a call's action where there are any."""
        more = {"cards": render_deep(list(self.cards), scope)} if self.cards else {}
        more |= {"action": render_deep(self.action, scope)} if self.action else {}
        return {
            "text": render_text(self.text, scope),
            "choices": [choice.rendered(scope) for choice in self.choices],
            "attachments": render_deep(list(self.attachments), scope),
            **more,
        }


class Call(_Step):
    """Runs one executor: the activity of that name, with rendered arguments."""

    op: Literal["call"] = "call"
    activity: str
    args: dict[str, Json]
    to: Mapping[str, str] = Field(default_factory=dict)
    """Where an exit of the executor leads inside the node; any other leaves the node by its own name."""
    default_exit: str = "next"
    save_to: str | None = None
    pure: bool = False
    """Touches nothing outside: no ledger, no record."""
    plain: bool = False
    """An answer that is plain is read in the walk (`dsl.plain`); plans of before have all read outside."""
    fast: bool = False
    ahead: bool = False
    first_only: bool = False
    """Never performed behind another effect in one local activity (SMS, money)."""
    fallback: Fallback | None = None
    hands_over: bool = False
    """Once done, a human owns the lane."""
    tells_contact: bool = False
    """Its value is what is now known of the contact."""
    value: Json = None
    """What its value will be, where that is known before: the walk need not wait for it."""
    moves: bool = False
    """Its value is the place where the conversation goes on (`dsl.state.Spot`)."""
    ends_turn: bool = False
    """Whoever waits on the line is answered before: it takes long, or needs their phone."""
    options: Options = Options()

    def foreseen(self, scope: Scope) -> dict[str, Json]:
        """By which exit and with what value the walk goes on before it knows; nothing where it waits."""
        if not self.ahead:
            return {}
        return {"ahead_by": self.default_exit, "ahead_with": render_deep(self.value, scope)}

    def rendered(self, scope: Scope) -> dict[str, Json]:
        """The arguments, every text in them rendered."""
        rendered: dict[str, Json] = render_deep(self.args, scope)
        return rendered


class Interrupt(Message):
    """A word that is never an answer: where it leads, and whether the question is asked again after that."""

    to: str
    returns: bool = False


class Gather(Message):
    """Which of several messages is the answer: the `latest`, all of them (`merge`), or the first (`reject`).

    Decided when `seconds` have gone by without another one (`reject`: since the first).
    """

    policy: Literal["latest", "merge", "reject"]
    seconds: int
    text: Json = None
    """Of `reject`: said once about the messages that do not count."""


class Wait(_Step):
    """Waits for the next input; leaves by `answer`, `timeout`, `interrupt`, `resolved` or `returned`."""

    op: Literal["wait"] = "wait"
    expects: str = "text"
    """What is awaited, for people; `handback` awaits the human's end of a hand-over."""
    choices: tuple[Choice, ...] = ()
    timeout: int | None = None
    reminders: tuple[Reminder, ...] = ()
    gather: Gather | None = None
    """None: one message after another, each to its own question."""
    interrupts: Mapping[str, Interrupt] = Field(default_factory=dict)
    """By word, folded as `dsl.words.folded` does."""
    asks: str | None = None
    """The step that asks again after an interrupt; the node's first where absent."""
    before: int = 0
    """So many answers its node has taken before this one: no tries of it."""
    to: Mapping[str, str]


class Sleep(_Step):
    """A durable timer: `seconds` from now, or until an ISO 8601 moment; never over in `quiet` hours, always
    in `business` hours.
    """

    op: Literal["sleep"] = "sleep"
    seconds: Json = None
    """A number, or a written duration: months and years in it are those of the calendar."""
    until: Json = None
    quiet: Hours | None = None
    business: Hours | None = None
    to: str


class Case(Message):
    """One arm of a `Choose`."""

    condition: Condition
    to: str


class Choose(_Step):
    """The first true case wins, else the default."""

    op: Literal["choose"] = "choose"
    cases: tuple[Case, ...]
    to: str


class Assign(_Step):
    """Sets variables, by dotted path, from templates and literals, in order."""

    op: Literal["assign"] = "assign"
    values: dict[str, Json]
    loop: str | None = None
    """The node of a loop: the values belong to it and its branch only, `{{@.loops.<node>.…}}`."""
    to: str


class Fork(_Step):
    """Goes on in several branches at once: one by each of these exits of its node, in order."""

    op: Literal["fork"] = "fork"
    exits: tuple[str, ...]
    need: int
    """So many branches must come to the join for the walk to go on at once; the others are given up."""
    enough: int
    """So many are enough when every branch has ended; fewer are an error."""
    tolerant: bool = False
    """Whether a branch may fail without the others being given up."""
    to: str
    """Where the walk goes on when the branches have met."""


class Join(_Step):
    """Where a branch of its node's fork ends."""

    op: Literal["join"] = "join"


class Subflow(_Step):
    """Walks another plan in a frame of its own; leaves by `done` (its value: the outputs) or `failed`."""

    op: Literal["subflow"] = "subflow"
    plan: str
    """Digest."""
    inputs: dict[str, Json] = Field(default_factory=dict)
    to: Mapping[str, str]


class End(_Step):
    """The execution is over."""

    op: Literal["end"] = "end"
    outcome: str = "completed"
    outputs: dict[str, Json] = Field(default_factory=dict)


Step = Annotated[
    Say | Call | Wait | Sleep | Choose | Assign | Fork | Join | Subflow | End, Field(discriminator="op")
]


class PlanNode(Message):
    """What the record and the API tell people about a node, and where its exits lead."""

    kind: str
    label: str
    entry: str
    exits: Mapping[str, str] = Field(default_factory=dict)


class PlanVariable(Message):
    """A declared variable of the flow."""

    default: Json = None
    pii: bool = False


class Plan(Message):
    """A compiled flow: immutable, named by the digest of its canonical JSON."""

    format: int = FORMAT
    flow: str
    name: str
    start: str
    nodes: dict[str, PlanNode]
    steps: dict[str, Step]
    variables: dict[str, PlanVariable] = Field(default_factory=dict)
    line: Line = Line()
    timezone: str = "UTC"
    zone: Zone | None = None
    """What the clocks of `timezone` show, where a step needs to know."""
    plans: tuple[str, ...] = ()
    """Digests of all plans that its subflows walk, theirs included."""

    @property
    def defaults(self) -> dict[str, Json]:
        """The values of variables that are declared with one."""
        told = self.variables.items()
        return {name: variable.default for name, variable in told if variable.default is not None}
