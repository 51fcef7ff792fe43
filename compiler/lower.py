"""From drawing to plan: every kind yields its steps, and every exit is led to a step."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from compiler.drawing import Arrow, Drawing
from compiler.regions import Region, Regions
from dsl.issues import Issue, issue
from dsl.kind import ALWAYS, Kind
from dsl.plan import (
    EXPIRED,
    FAIL,
    HANDOFF,
    Assign,
    Call,
    Case,
    Choose,
    End,
    Fallback,
    Fork,
    Join,
    Say,
    Step,
    Wait,
)
from dsl.published import Published
from dsl.spec import DefaultOnError, Interruption, Node, Retry

OUR_ERRORS = ("error", "failure", "failed", "invalid", "limit")
"""Exits that count as an error where nobody connected them."""


@dataclass(slots=True)
class Spot:
    """`dsl.kind.Place`: one node and what the kind may know of its surroundings."""

    node: str
    retry: Retry | None
    session_ttl: int | None
    timezone: str
    exits: frozenset[str]
    region: str | None = None
    variables: tuple[str, ...] = ()
    interrupts: Mapping[str, Interruption] = field(default_factory=dict)
    flow: str = ""
    flows: Mapping[str, Published] = field(default_factory=dict)
    on_error: DefaultOnError | None = None

    def id(self, part: str = "") -> str:
        """`node` for the entry, `node/part` for the others."""
        return f"{self.node}/{part}" if part else self.node

    def connected(self, exit: str) -> bool:
        """Whether an edge leaves by this exit."""
        return exit in self.exits

    def published(self, reference: str) -> Published | None:
        """The flow that a reference names."""
        return self.flows.get(reference)


def spot(drawing: Drawing, node: Node) -> Spot:
    """The place of a node in its drawing."""
    settings = drawing.spec.settings
    return Spot(
        node.id,
        node.retry,
        settings.session_ttl,
        settings.timezone,
        drawing.exits[node.id],
        region=settings.region,
        variables=drawing.variables,
        interrupts=settings.interrupts,
        flow=drawing.spec.id,
        flows=drawing.published,
        on_error=node.on_error,
    )


def lower(drawing: Drawing) -> dict[str, list[Step]]:
    """The steps of every node that has a kind, entry first."""
    return {
        id: [
            _dressed(step, node, drawing.default_exit(id))
            for step in drawing.kinds[id].lower(spot(drawing, node))
        ]
        for id, node in drawing.nodes.items()
        if id in drawing.kinds
    }


def _dressed(step: Step, node: Node, default_exit: str) -> Step:
    """What a node's author said about retries and errors, put on the steps that act."""
    if node.on_error and may_fail(step):
        fallback = Fallback(value=node.on_error.default, exit=default_exit)
        step = step.model_copy(update={"fallback": fallback})
    if isinstance(step, Say) and node.retry:
        retry = node.retry
        tries = {"attempts": retry.attempts, "initial": retry.initial, "backoff": retry.backoff}
        return step.model_copy(
            update={"options": step.options.model_copy(update={**tries, "max_interval": retry.max})}
        )
    return step


def acts(steps: Iterable[Step]) -> bool:
    """Whether a node touches the world, and so may fail."""
    return any(isinstance(step, Say | Call) for step in steps)


def targets(step: Step) -> Iterator[str]:
    """Where a step may lead: ids of steps, and `!exits` of its node."""
    match step:
        case Call():
            yield from step.to.values()
            if step.default_exit not in step.to:
                yield f"!{step.default_exit}"
        case Choose():
            yield from (case.to for case in step.cases)
            yield step.to
        case Say():
            yield step.to
        case End() | Join():
            pass
        case Wait():
            yield from step.to.values()
            yield from (interrupt.to for interrupt in step.interrupts.values())
        case Fork():
            yield from (*(f"!{exit}" for exit in step.exits), step.to, "!error")
        case _:
            yield from (step.to,) if isinstance(step.to, str) else step.to.values()
    if isinstance(step, Say | Call) and may_fail(step):
        yield f"!{step.fallback.exit}" if step.fallback else "!error"


def may_fail(step: Step) -> bool:
    """Whether a step may leave by `error` or `unknown`; reading an answer, deciding a condition never do."""
    return isinstance(step, Say) or (isinstance(step, Call) and not (step.pure and step.to))


def used_exits(kind: Kind, steps: Iterable[Step]) -> list[str]:
    """Exits by which these steps may leave; a call that maps none leaves by any of its kind's."""
    found: dict[str, None] = {}
    for step in steps:
        found.update(dict.fromkeys(to[1:] for to in targets(step) if to.startswith("!")))
        if isinstance(step, Call) and not step.to:
            found.update(dict.fromkeys(kind.own_exits()))
    return list(found)


def stand_in(drawing: Drawing, node: str) -> str | None:
    """An exit to take instead of one that nobody connected: the default one, else the first connected."""
    drawn, kind = drawing.arrows[node], drawing.kinds[node]
    return next((exit for exit in kind.exits if exit in drawn and exit not in OUR_ERRORS), None)


@dataclass
class Routes:
    """Leads exits to steps; collects the steps it makes on the way and the special nodes it needs."""

    drawing: Drawing
    regions: Regions
    made: dict[str, Step] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    special: dict[str, None] = field(default_factory=dict)

    def exits(self, node: str, steps: list[Step]) -> dict[str, str]:
        """Target of every exit the node's steps may leave by, and of `error`, `unknown` where connected."""
        kind, drawn = self.drawing.kinds[node], self.drawing.arrows[node]
        used = used_exits(kind, steps)
        used += [exit for exit in ALWAYS if exit in drawn and exit not in used and acts(steps)]
        found = ((exit, self._target(node, exit)) for exit in used)
        return {exit: target for exit, target in found if target is not None}

    def _target(self, node: str, exit: str) -> str | None:
        if arrows := self.drawing.arrows[node].get(exit):
            return self._connected(node, exit, arrows)
        if exit in self.drawing.exits[node]:
            return None
        if exit in ("timeout", "expired"):
            return self._special(EXPIRED)
        default = self.drawing.default_exit(node)
        if exit in OUR_ERRORS and exit != default:
            return self._error(node, exit)
        if exit != default and (sibling := stand_in(self.drawing, node)):
            return self._target(node, sibling)
        if exit != default and exit in self.drawing.kinds[node].own_exits():
            return None  # told by the kind, which knows what in its config names the exit
        text = f"The exit '{default}' of '{node}' leads nowhere."
        self.issues.append(issue("DANGLING_EXIT", text, node=node, pointer=self.drawing.pointer(node)))
        return None

    def _connected(self, node: str, exit: str, arrows: list[Arrow]) -> str:
        """Straight to the one node, or by a chooser where edges have conditions."""
        cases = tuple(
            Case(condition=arrow.edge.condition, to=self._led(arrow))
            for arrow in arrows
            if arrow.edge.condition is not None
        )
        if not cases:
            return self._led(arrows[0])
        id = f"{node}!{exit}"
        self.made[id] = Choose(id=id, node=node, cases=cases, to=self._led(arrows[-1]))
        return id

    def _led(self, arrow: Arrow) -> str:
        """To the node; from inside it to the step where its branch ends, or its body begins again."""
        edge, region = arrow.edge, self.regions.back(arrow)
        to = f"{edge.to}/{region.back}" if region else edge.to
        return self._closed(edge.from_, arrow.exit, self.regions.left(arrow), to)

    def _closed(self, node: str, exit: str, left: Sequence[Region], to: str) -> str:
        """To a step outside of loops that are given up on the way: each is closed, the innermost first."""
        led = to
        for region in reversed([region for region in left if not region.branch]):
            id = f"{node}>{exit}~{region.node}~{to}"
            self.made[id] = Assign(id=id, node=node, loop=region.node, values={}, to=led)
            led = id
        return led

    def _error(self, node: str, exit: str) -> str | None:
        """An error nobody connected: the node's own value (no exit then), else what the flow says.

        What is no step's outcome has no value: it goes where the default exit leads.
        """
        if self.drawing.nodes[node].on_error is not None:
            valueless = exit == "invalid" or self.drawing.kinds[node].inside()
            return self._target(node, self.drawing.default_exit(node)) if valueless else None
        wanted = self.drawing.spec.settings.on_error
        if self.regions.in_branch(node):
            return self._special(FAIL)  # fails the branch, not the execution
        if wanted in self.drawing.nodes:
            outside = self._closed(node, "error", self.regions.around(node), wanted)
            return outside if wanted != node else self._special(FAIL)
        return self._special(HANDOFF if wanted == "handoff" else FAIL)

    def _special(self, id: str) -> str:
        self.special[id] = None
        return id
