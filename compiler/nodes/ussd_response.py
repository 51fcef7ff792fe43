"""ussd_response: what somebody who dialled is shown."""

from collections.abc import Iterable
from typing import ClassVar

from pydantic import Field

from dsl.kind import Kind, Place
from dsl.plan import Say, Sleep, Step
from dsl.templates import Text


class UssdResponse(Kind):
    """Shows a text to whoever dialled; elsewhere it is said as a message is.

    It stands on the same screen as what comes before and after it. With `final` the session ends with it,
    and the flow goes on without the person.
    """

    aliases: ClassVar[tuple[str, ...]] = ("SEND_USSD_RESPONSE",)

    text: Text = Field(min_length=1)
    """What is shown."""
    final: bool = False
    """Whether the session ends with it."""

    def lower(self, place: Place) -> Iterable[Step]:
        """Say it; a rest of no length closes the screen."""
        if not self.final:
            yield Say(id=place.id(), node=place.node, text=self.text, to="!next")
            return
        rest = place.id("close")
        yield Say(id=place.id(), node=place.node, text=self.text, to=rest)
        yield Sleep(id=rest, node=place.node, seconds=0, to="!next")
