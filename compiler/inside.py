"""What is checked of branches and bodies: how they end, who waits in them, and the names they use."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from compiler.checks import named
from compiler.drawing import Drawing
from compiler.nodes.parallel import Parallel
from compiler.regions import DEEPEST, Region, Regions
from dsl.issues import Issue, issue
from dsl.plan import Step, Subflow, Wait
from dsl.screens import DEAF


def waits_for_people(step: Step) -> bool:
    """Whether it waits for somebody's words; what becomes of a payment or a call is told by the world."""
    return isinstance(step, Wait) and step.expects not in DEAF


def region_issues(
    drawing: Drawing, regions: Regions, lowered: Mapping[str, Sequence[Step]]
) -> Iterator[Issue]:
    """All that is wrong with the insides of nodes."""
    inside = _Insides(drawing, regions, lowered)
    yield from inside.depths()
    yield from inside.ways_out()
    yield from inside.loops()
    for node in regions.inner:
        kind = drawing.kinds[node]
        if isinstance(kind, Parallel):
            yield from inside.branches(node, kind)


@dataclass(frozen=True)
class _Insides:
    drawing: Drawing
    regions: Regions
    lowered: Mapping[str, Sequence[Step]]

    def depths(self) -> Iterator[Issue]:
        """Not too many inside one another."""
        for region in self.regions.nested_too_deep():
            text = f"More than {DEEPEST} branches and loops are inside one another."
            yield issue("LIMIT_EXCEEDED", text, node=region.node, pointer=self._at(region))

    def ways_out(self) -> Iterator[Issue]:
        """A branch is left by coming to its end, or by an `end`."""
        for arrow in self.regions.arrows if self.regions.inner else ():
            left = [region for region in self.regions.left(arrow) if region.branch]
            if left and not self._ends(arrow.edge.to):
                text = (
                    f"'{arrow.edge.to}' is not inside the branch '{left[0].exit}' of '{left[0].node}', "
                    f"for other ways lead to it too."
                )
                yield issue("BRANCH_LEADS_OUT", text, node=arrow.edge.from_, pointer=arrow.pointer)

    @cached_property
    def _led_out(self) -> frozenset[Region]:
        """The branches of which that is told: they are not told to come back as well."""
        arrows = (arrow for arrow in self.regions.arrows if not self._ends(arrow.edge.to))
        return frozenset(region for arrow in arrows for region in self.regions.left(arrow))

    def loops(self) -> Iterator[Issue]:
        """Bodies lead back, and names inside are nobody else's."""
        for node, inner in self.regions.inner.items():
            for region in inner.values():
                if not region.branch and self.drawing.arrows[node].get(region.exit):
                    yield from self._body(region)
            yield from self._names(node)

    def _body(self, region: Region) -> Iterator[Issue]:
        if not self.regions.ends[region]:
            text = f"Nothing in the body of '{region.node}' leads back to it: it is gone by once."
            yield issue("BODY_NEVER_RETURNS", text, node=region.node, pointer=self._at(region))

    def _names(self, node: str) -> Iterator[Issue]:
        outer = {
            name for region in self.regions.around(node) for name in self.drawing.kinds[region.node].names()
        }
        seen = {*self.drawing.variables, *outer}
        for name in self.drawing.kinds[node].names():
            if name in seen:
                pointer = f"{self.drawing.pointer(node)}/config{named(self.drawing.nodes[node].config, name)}"
                text = f"'{name}' is already the name of a variable, or of another loop's item or number."
                yield issue("SHADOWED_NAME", text, node=node, pointer=pointer)
            seen.add(name)

    def branches(self, node: str, kind: Parallel) -> Iterator[Issue]:
        """They come back, at most one waits for people, and no two of them set one variable."""
        inner = [
            self.regions.inner[node][exit] for exit in kind.branches if self.drawing.arrows[node].get(exit)
        ]
        returning = sum(bool(self.regions.ends[region]) for region in inner)
        waiting = [region for region in inner if self._waits(region)]
        for region in inner:
            if not self.regions.ends[region] and region not in self._led_out:
                yield from self._lost(region, returning >= kind.needed)
        for region in waiting[1:]:
            text = f"The branches '{waiting[0].exit}' and '{region.exit}' both wait for people."
            yield issue("TWO_BRANCHES_WAIT", text, node=node, pointer=self._at(region))
        yield from self._shared(node, inner)

    def _lost(self, region: Region, joined: bool) -> Iterator[Issue]:
        """A branch that only ends the execution may be meant so; one that never stops must not be needed."""
        if self._may_end(region):
            text = f"The branch '{region.exit}' never leads back to '{region.node}'."
            yield issue("BRANCH_NEVER_RETURNS", text, node=region.node, pointer=self._at(region))
        elif not joined:
            text = f"The branch '{region.exit}' is waited for, and neither leads back nor comes to an end."
            yield issue("BRANCH_NEVER_ENDS", text, node=region.node, pointer=self._at(region))

    def _shared(self, node: str, inner: Sequence[Region]) -> Iterator[Issue]:
        setters: dict[str, list[str]] = defaultdict(list)
        for region in inner:
            for name in sorted(
                {name for id in self._kinds(region) for name in self.drawing.kinds[id].sets()}
            ):
                setters[name].append(region.exit)
        for name, exits in setters.items():
            if len(exits) > 1:
                text = f"'{name}' is set in the branches {', '.join(exits)}: whichever is last wins."
                pointer = f"{self.drawing.pointer(node)}/config/branches"
                yield issue("BRANCHES_SET_ONE_VARIABLE", text, node=node, pointer=pointer)

    def _waits(self, region: Region) -> bool:
        steps = (step for id in self._kinds(region) for step in self.lowered[id])
        return any(waits_for_people(step) or self._walks_one_that_waits(step) for step in steps)

    def _walks_one_that_waits(self, step: Step) -> bool:
        return isinstance(step, Subflow) and step.plan in self._waiting_plans

    @cached_property
    def _waiting_plans(self) -> frozenset[str]:
        return frozenset(found.digest for found in self.drawing.published.values() if found.waits)

    def _may_end(self, region: Region) -> bool:
        """By an `end`, or by a deadline that nobody connected."""
        followers = (to for id in self.regions.members[region] for to in self.drawing.followers(id))
        first = (arrow.edge.to for arrow in self.drawing.arrows[region.node].get(region.exit, ()))
        deadlines = (
            step for id in self._kinds(region) for step in self.lowered[id] if isinstance(step, Wait)
        )
        return any(self._ends(to) for to in (*first, *followers)) or any(
            step.timeout is not None for step in deadlines
        )

    def _kinds(self, region: Region) -> Iterator[str]:
        return (id for id in self.regions.members[region] if id in self.drawing.kinds)

    def _ends(self, node: str) -> bool:
        kind = self.drawing.kinds.get(node)
        return kind is not None and not kind.own_exits()

    def _at(self, region: Region) -> str:
        kind, pointer = self.drawing.kinds[region.node], self.drawing.pointer(region.node)
        if isinstance(kind, Parallel):
            return f"{pointer}/config/branches/{kind.branches.index(region.exit)}"
        return pointer
