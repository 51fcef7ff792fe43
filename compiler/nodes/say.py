"""say: reads a text to a caller."""

from collections.abc import Iterable

from compiler.calling import Calling, Named, Spoken
from dsl.kind import Place
from dsl.plan import Step


class Say(Calling):
    """Reads a text to a caller, in a voice of its own where wanted; where nobody calls it is written.

    A `message` says its text on calls too: this is for the voice and the beep.
    """

    text: Spoken
    """What is said."""
    voice: Named | None = None
    """Who says it: `woman`, `man`, or a voice by name (en-US-Standard-C)."""
    play_beep: bool | None = None
    """Whether a beep follows."""

    def told(self) -> set[str]:
        """All but the words."""
        return {"voice", "play_beep"}

    def lower(self, place: Place) -> Iterable[Step]:
        """One `say`."""
        yield self.telling(place, "!next", self.text)
