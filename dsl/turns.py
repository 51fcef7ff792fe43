"""Turns of people who wait for their answer on the line: what is said in one is a screen.

A screen is said in no channel's own form; whoever answers the line makes a USSD text or voice XML of it.
"""

from typing import Literal, Self

from dsl.model import Json, Message

Surface = Literal["ussd", "voice"]


class Line(Message):
    """How a flow behaves towards people on the line."""

    resume_window: int = 600
    """Seconds in which somebody who dials anew is asked again what they were asked last."""
    busy_text: str | None = None
    """Said to somebody who dials while the flow is busy with something else than asking them."""
    safe_text: str | None = None
    """Said where no screen is there in time."""
    spills: bool = False
    """What comes too late for a screen, or where there is none, is said by SMS."""


class Turn(Message):
    """Marks an event whose sender waits for a screen: on which surface, in which session of the provider."""

    surface: Surface
    session: str


class Said(Message):
    """One thing on a screen: a text with what may be picked, or something a call is told to do."""

    text: str = ""
    choices: tuple[dict[str, Json], ...] = ()
    """Each {title, value}."""
    action: dict[str, Json] | None = None
    """A voice action: {"action": "play", "url": …}, in the words of flow files."""


class Screen(Message):
    """What was said in a turn until the walk rested; `open` where an answer is awaited."""

    said: tuple[Said, ...] = ()
    open: bool = False
    expects: str | None = None
    """What is awaited, as in `Wait.expects`."""
    choices: tuple[dict[str, Json], ...] = ()
    """Of which one is awaited, each {title, value}."""
    resumed: bool = False
    """Shown once more to somebody who dialled anew, who may also start over."""

    @classmethod
    def of(cls, text: str | None) -> Self:
        """A last text; None: whatever the line is told where there is nothing to say."""
        return cls(said=(Said(text=text),) if text else ())


class Turned(Message):
    """A turn that is over: the screen for the inbox row numbered `seq`."""

    seq: int
    screen: Screen


class OpenTurn(Message):
    """A turn whose sender still waits."""

    seq: int
    turn: Turn
    said: tuple[Said, ...] = ()
    resumed: bool = False


class Shown(Message):
    """What a turn came to: its screen; None where the run ended without one and the turn starts a new run."""

    screen: Screen | None = None
