"""dial: connects a caller with somebody else."""

from collections.abc import Iterable
from typing import ClassVar

from pydantic import Field

from compiler.asking import HANGUP
from compiler.calling import Callee, Calling, Seconds, Sound, awaits
from dsl.kind import Place
from dsl.plan import Step


class Dial(Calling):
    """Connects a caller with somebody else; the call is over when they have spoken.

    Its value is `{dialled, seconds}`: whom it reached, and for how long. What follows is done, but not heard.
    """

    exits: ClassVar[tuple[str, ...]] = ("next", HANGUP)
    hears_after: ClassVar[bool] = False

    phone_numbers: list[Callee] = Field(min_length=1, max_length=20)
    """Phone numbers with their country code, or SIP addresses."""
    record: bool | None = None
    """Whether their conversation is recorded."""
    sequential: bool | None = None
    """Whether they are tried one after another; else all ring at once."""
    caller_id: Callee | None = None
    """The number they see."""
    ring_back_tone: Sound | None = None
    """A sound file that the caller hears meanwhile."""
    max_duration: Seconds | None = None
    """How long they may speak."""

    def told(self) -> set[str]:
        """All of it."""
        return set(type(self).model_fields)

    def lower(self, place: Place) -> Iterable[Step]:
        """say, and wait until they have spoken."""
        yield self.telling(place, place.id("wait"))
        yield awaits(place, "dialled", "!next")
