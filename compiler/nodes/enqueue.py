"""enqueue: lets a caller wait in a queue."""

from collections.abc import Iterable
from typing import ClassVar

from compiler.calling import Calling, Named, Sound
from dsl.kind import Place
from dsl.plan import Step


class Enqueue(Calling):
    """Lets a caller wait in a queue of the number, until somebody takes them out of it.

    What follows is done at once, and not heard.
    """

    hears_after: ClassVar[bool] = False

    name: Named | None = None
    """Which queue; the number's own where absent."""
    hold_music: Sound | None = None
    """The address of a sound file that is played meanwhile."""

    def told(self) -> set[str]:
        """All of it."""
        return {"name", "hold_music"}

    def lower(self, place: Place) -> Iterable[Step]:
        """One `say`."""
        yield self.telling(place, "!next")
