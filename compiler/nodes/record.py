"""record: records what a caller says."""

from collections.abc import Iterable, Iterator
from typing import ClassVar

from compiler.asking import HANGUP
from compiler.calling import Key, Prompted, Seconds, awaits
from dsl.kind import Place
from dsl.plan import Assign, Step
from dsl.spec import Name


class Record(Prompted):
    """Records what a caller says, and saves the recording's address.

    Its value is `{recording}`. Who hangs up after speaking has left a recording as well: it is saved before
    the node is left by `hangup`.
    """

    exits: ClassVar[tuple[str, ...]] = ("next", HANGUP)

    max_length: Seconds | None = None
    """The longest recording."""
    timeout: Seconds | None = None
    """So much silence ends it."""
    finish_on_key: Key | None = None
    """The key that ends it."""
    trim_silence: bool | None = None
    """Whether silence is cut off at both ends."""
    play_beep: bool | None = None
    """Whether a beep tells when to speak."""
    save_to: Name | None = None
    """The variable that keeps the recording's address."""

    def sets(self) -> Iterator[str]:
        """The variable that keeps the address."""
        yield from () if self.save_to is None else (self.save_to,)

    def lower(self, place: Place) -> Iterable[Step]:
        """say, wait, and keep the address, however the recording ended."""
        if self.save_to is None:
            heard, hung_up = "!next", f"!{HANGUP}"
        else:
            heard, hung_up = place.id("save"), place.id("left")
        yield self.telling(place, place.id("wait"), self.text or "")
        yield awaits(place, "recording", heard, hung_up)
        if self.save_to is None:
            return
        values = {self.save_to: "{{@.value.recording}}"}
        yield Assign(id=heard, node=place.node, values=values, to="!next")
        if place.connected(HANGUP):
            yield Assign(id=hung_up, node=place.node, values=values, to=f"!{HANGUP}")
