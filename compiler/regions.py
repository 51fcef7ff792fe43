"""Which nodes stand inside a branch of a `parallel` or the body of a `loop`.

A node does when every way to it leads over that exit: the exit, taken as a place of its own, dominates it.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from compiler.dominance import dominators
from compiler.drawing import Arrow, Drawing
from dsl.kind import JOIN

DEEPEST = 16
"""So many branches and bodies may be inside one another."""


class Region(NamedTuple):
    """The inside of a node, begun by one of its exits; `back` is the step that an edge back leads to."""

    node: str
    exit: str
    back: str

    @property
    def branch(self) -> bool:
        """Whether it is walked beside others."""
        return self.back == JOIN


Place = str | Region | None
"""A node, an exit that leads inside one, or where the walk comes from."""


class Regions:
    """The regions of a drawing; nodes that nothing leads to are in none."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self.inner = {
            id: {exit: Region(id, exit, back) for exit, back in kind.inside().items()}
            for id, kind in drawing.kinds.items()
            if id in drawing.reachable and kind.inside()
        }
        self.chains = self._chains() if self.inner else {}

    def _chains(self) -> dict[Place, tuple[Region, ...]]:
        """By place the regions around it, the innermost first; of a region itself, beginning with itself."""
        found: dict[Place, tuple[Region, ...]] = {None: ()}
        for place, over in dominators(None, self._followers).items():
            around = found[over]
            found[place] = (place, *around)[: DEEPEST + 1] if isinstance(place, Region) else around
        return found

    def _followers(self, place: Place) -> Iterator[Place]:
        if place is None:
            yield from self.drawing.roots
        elif isinstance(place, Region):
            yield from (arrow.edge.to for arrow in self.drawing.arrows[place.node].get(place.exit, ()))
        else:
            inner = self.inner.get(place, {})
            yield from inner.values()
            for exit, arrows in self.drawing.arrows[place].items():
                yield from (arrow.edge.to for arrow in arrows if exit not in inner)

    def around(self, node: str, exit: str | None = None) -> tuple[Region, ...]:
        """The regions that a node stands in, the innermost first; of an exit inside, that one as well."""
        own = self.inner.get(node, {}).get(exit or "")
        return self.chains.get(own or node, ())

    def left(self, arrow: Arrow) -> list[Region]:
        """The regions that an edge leads out of, the innermost first."""
        staying = {*self.around(arrow.edge.to), *((came,) if (came := self.back(arrow)) else ())}
        return [region for region in self._from(arrow) if region not in staying]

    def back(self, arrow: Arrow) -> Region | None:
        """The region that an edge brings to its end: it leads from inside back to the node."""
        found = (region for region in self._from(arrow) if region.node == arrow.edge.to)
        return next(found, None)

    def _from(self, arrow: Arrow) -> tuple[Region, ...]:
        return self.around(arrow.edge.from_, arrow.exit)

    def in_branch(self, node: str) -> bool:
        """Whether a node is walked beside others."""
        return any(region.branch for region in self.around(node))

    @cached_property
    def members(self) -> dict[Region, list[str]]:
        """The nodes of each region, those of regions inside it included, in the order of the document."""
        found: dict[Region, list[str]] = {
            region: [] for regions in self.inner.values() for region in regions.values()
        }
        for node in self.drawing.nodes:
            for region in self.around(node):
                found[region].append(node)
        return found

    @cached_property
    def arrows(self) -> list[Arrow]:
        """Every edge that the walk may take, in the order of nodes and exits."""
        drawn = self.drawing.arrows
        exits = (exits for node, exits in drawn.items() if node in self.drawing.reachable)
        return [arrow for each in exits for arrows in each.values() for arrow in arrows]

    @cached_property
    def ends(self) -> dict[Region, list[Arrow]]:
        """By region the edges that bring it to its end."""
        found: dict[Region, list[Arrow]] = {region: [] for region in self.members}
        for arrow in self.arrows if self.inner else ():
            if region := self.back(arrow):
                found[region].append(arrow)
        return found

    def nested_too_deep(self) -> Iterator[Region]:
        """Regions with too many around them."""
        for regions in self.inner.values():
            yield from (one for one in regions.values() if len(self.chains.get(one, ())) > DEEPEST)
