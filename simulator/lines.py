"""The lines of a conversation test: what people do, what passes, and what is expected of the bot."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from dsl import channels
from dsl.durations import Duration
from dsl.model import Authored, Json
from simulator.mocks import Mocks

MOST_LINES = 500


class Say(Authored):
    """The contact writes."""

    say: str = Field(min_length=1, max_length=16_384)


class Click(Authored):
    """The contact picks a choice by its title or value."""

    click: str = Field(min_length=1, max_length=16_384)


class Press(Authored):
    """The contact presses keys in a call; no keys: nothing in time."""

    press: str = Field(max_length=64, pattern=r"^[0-9*#]*$")


class Channel(Authored):
    """Where the conversation takes place; the flow's trigger says so where no line does."""

    channel: channels.Channel


class Dial(Authored):
    """The contact dials: a code, with what is typed behind it at once, or one of our numbers."""

    dial: str = Field(min_length=2, max_length=182, pattern=r"^[+*#0-9][0-9*#]*$")


class HangUp(Authored):
    """The contact hangs up, or leaves the session."""

    hang_up: Literal[True]


class Reported(Authored):
    """What became of what a node waits for: `status` as its kind names it, `value` what else is told."""

    node: str = Field(min_length=1, max_length=512)
    status: str = Field(min_length=1, max_length=64)
    value: dict[str, Json] = Field(default_factory=dict)


class Report(Authored):
    """The world tells what became of a payment, a delivery, a call or a recording."""

    report: Reported


class Desk(Authored):
    """People at the desk resolve the conversation, or return it to the bot."""

    desk: Literal["resolved", "returned"]


class Expect(Authored):
    """The next message of the bot reads exactly so."""

    expect: str


class Advance(Authored):
    """So much time passes."""

    advance: Duration


class Mock(Authored):
    """From now on these nodes come to this: an outcome (`exit`, `value`, `error`, `takes`), or a value."""

    mock: Mocks


class ExpectVariables(Authored):
    """These variables, by dotted path, have these values now; others are not looked at."""

    expect_variables: dict[str, Json] = Field(min_length=1)


class ExpectExit(Authored):
    """The exits by which these nodes were left last; or, as a text, how the execution has ended."""

    expect_exit: Annotated[str, Field(min_length=1)] | Annotated[dict[str, str], Field(min_length=1)]


Line = (
    Say | Click | Press | Channel | Dial | HangUp | Report
    | Desk | Expect | Advance | Mock | ExpectVariables | ExpectExit
)  # fmt: skip

KINDS: dict[str, type[Line]] = {
    "say": Say,
    "click": Click,
    "desk": Desk,
    "expect": Expect,
    "advance": Advance,
    "mock": Mock,
    "expectVariables": ExpectVariables,
    "expectExit": ExpectExit,
    "channel": Channel,
    "dial": Dial,
    "press": Press,
    "hangUp": HangUp,
    "report": Report,
}


def _kind(value: Any) -> str | None:
    """The first word that names a kind of line; None where there is none."""
    if isinstance(value, Authored):
        return next(name for name, kind in KINDS.items() if isinstance(value, kind))
    return next((name for name in KINDS if name in value), None) if isinstance(value, dict) else None


AnyLine = Annotated[
    Annotated[Say, Tag("say")]
    | Annotated[Click, Tag("click")]
    | Annotated[Press, Tag("press")]
    | Annotated[Channel, Tag("channel")]
    | Annotated[Dial, Tag("dial")]
    | Annotated[HangUp, Tag("hangUp")]
    | Annotated[Report, Tag("report")]
    | Annotated[Desk, Tag("desk")]
    | Annotated[Expect, Tag("expect")]
    | Annotated[Advance, Tag("advance")]
    | Annotated[Mock, Tag("mock")]
    | Annotated[ExpectVariables, Tag("expectVariables")]
    | Annotated[ExpectExit, Tag("expectExit")],
    Discriminator(
        _kind,
        custom_error_type="unknown_line",
        custom_error_message=f"a line is one of {', '.join(KINDS)}",
    ),
]
"""A line as it is read: the word it has says which."""
