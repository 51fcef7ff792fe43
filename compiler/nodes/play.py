"""play: plays a sound file to a caller."""

from collections.abc import Iterable

from compiler.calling import Calling, Sound
from dsl.kind import Place
from dsl.plan import Step


class Play(Calling):
    """Plays a sound file to a caller."""

    url: Sound
    """Where the file is fetched from."""

    def told(self) -> set[str]:
        """The file."""
        return {"url"}

    def lower(self, place: Place) -> Iterable[Step]:
        """One `say`."""
        yield self.telling(place, "!next")
