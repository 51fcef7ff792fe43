"""start: where the walk begins."""

from collections.abc import Iterable

from dsl.kind import Kind, Place
from dsl.plan import Choose, Step


class Start(Kind):
    """Where the walk begins: every flow has exactly one."""

    def lower(self, place: Place) -> Iterable[Step]:
        """One step that only goes on."""
        yield Choose(id=place.id(), node=place.node, cases=(), to="!next")
