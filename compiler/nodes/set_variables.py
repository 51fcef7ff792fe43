"""set_variables: gives variables new values."""

from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import Field, StringConstraints

from dsl.kind import Kind, Place
from dsl.model import Json
from dsl.plan import Assign, Step

Path = Annotated[
    str, StringConstraints(max_length=256, pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z0-9_\-]+){0,15}$")
]


class SetVariables(Kind):
    """Gives variables new values, all at once: each is rendered with the values from before."""

    set: dict[Path, Json] = Field(min_length=1, max_length=100)
    """By dotted path (`name`, `order.total`): a template or a literal."""

    def sets(self) -> Iterator[str]:
        """The first word of each path."""
        yield from (path.partition(".")[0] for path in self.set)

    def lower(self, place: Place) -> Iterable[Step]:
        """One `assign`, in the order of the paths, whatever order a database gave them back in."""
        values = {path: self.set[path] for path in sorted(self.set)}
        yield Assign(id=place.id(), node=place.node, values=values, to="!next")
