"""Loops of steps in which nothing ever waits."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property

import networkx as nx

from compiler.drawing import Drawing
from compiler.lower import may_fail, targets
from compiler.regions import Regions
from dsl.issues import Issue, issue
from dsl.kind import JOIN, NEXT
from dsl.plan import Assign, Fork, PlanNode, Sleep, Step, Subflow, Wait


def endless_loops(
    drawing: Drawing, regions: Regions, nodes: Mapping[str, PlanNode], steps: Mapping[str, Step]
) -> list[Issue]:
    """Loops of steps in which nothing waits: a walk that came in would run until it is stopped."""
    resting = {found.digest for found in drawing.published.values() if found.rests}
    busy = {id: step for id, step in steps.items() if not _rests(step, resting)}
    walked = _Walked(regions, nodes, busy).graph
    loops = (
        {busy[step].node for step in loop}
        for loop in nx.strongly_connected_components(walked)
        if len(loop) > 1 or walked.has_edge(*(2 * tuple(loop)))
    )
    found = (sorted(loop & drawing.nodes.keys(), key=drawing.places.__getitem__) for loop in loops)
    return [_endless(drawing, loop) for loop in sorted(found, key=lambda loop: drawing.places[loop[0]])]


def _rests(step: Step, resting: Set[str]) -> bool:
    return isinstance(step, Wait | Sleep) or (isinstance(step, Subflow) and step.plan in resting)


@dataclass(frozen=True)
class _Walked:
    """Which step may follow which without a rest; turns of a `loop` are left out, for they are counted."""

    regions: Regions
    nodes: Mapping[str, PlanNode]
    busy: Mapping[str, Step]

    @cached_property
    def graph(self) -> "nx.DiGraph[str]":
        """With the ways out of forks, the inner forks' first: an outer branch may lead over them."""
        graph: nx.DiGraph[str] = nx.DiGraph()
        for step in self.busy.values():
            graph.add_edges_from((step.id, to) for to in self._onward(step, self._leads(step)))
        forks = [step for step in self.busy.values() if isinstance(step, Fork)]
        for fork in sorted(forks, key=lambda fork: -len(self.regions.around(fork.node))):
            if self._meets_at_once(graph, fork):
                graph.add_edges_from((f"{fork.node}/{JOIN}", to) for to in self._onward(fork, [fork.to]))
        return graph

    def _onward(self, step: Step, leads: list[str]) -> Iterator[str]:
        """Steps that it leads to, but for a loop's next turn: that is no beginning of the loop."""
        for to in self._led(step, leads):
            follower = self.busy[to]
            turn = isinstance(follower, Assign) and follower.loop and to == f"{follower.loop}/{NEXT}"
            if not turn or step.id == follower.node:
                yield to

    def _leads(self, step: Step) -> list[str]:
        """A call that maps no exit leaves by any; what acts, by `error` and `unknown` if drawn."""
        if isinstance(step, Fork):
            return [to for to in targets(step) if to != step.to]
        exits = self.nodes[step.node].exits
        free = getattr(step, "op", "") == "call" and not getattr(step, "to", None)
        drawn = ["!error", "!unknown"] if may_fail(step) else []
        return [*targets(step), *drawn, *(f"!{exit}" for exit in exits if free)]

    def _led(self, step: Step, leads: list[str]) -> list[str]:
        exits = self.nodes[step.node].exits
        found = (exits.get(to[1:]) if to.startswith("!") else to for to in leads)
        return [to for to in found if to is not None and to in self.busy]

    def _meets_at_once(self, graph: "nx.DiGraph[str]", fork: Fork) -> bool:
        """Whether so many branches as are needed may come back without a rest."""
        return sum(self._comes_back(graph, fork, exit) for exit in fork.exits) >= fork.need

    def _comes_back(self, graph: "nx.DiGraph[str]", fork: Fork, exit: str) -> bool:
        join, region = f"{fork.node}/{JOIN}", self.regions.inner[fork.node][exit]
        inside, seen = set(self.regions.members[region]), set[str]()
        rest = self._led(fork, [f"!{exit}"])
        while rest:
            step = rest.pop()
            if step == join:
                return True
            if step not in seen and self.busy[step].node in inside:
                seen.add(step)
                rest += graph.successors(step) if step in graph else ()
        return False


def _endless(drawing: Drawing, loop: list[str]) -> Issue:
    shown = ", ".join(f"'{node}'" for node in loop[:8]) + (" and others" if len(loop) > 8 else "")
    text = f"The nodes {shown} form a loop in which nothing ever waits."
    if len(loop) == 1:
        text = f"The node {shown} leads back to itself, and nothing ever waits."
    return issue("ENDLESS_LOOP", text, node=loop[0], pointer=drawing.pointer(loop[0]))
