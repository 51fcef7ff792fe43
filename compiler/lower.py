"""From drawing to plan: every kind yields its steps, and every exit is led to a step."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from compiler.drawing import Arrow, Drawing
from dsl.issues import Issue, issue
from dsl.kind import ALWAYS, Kind
from dsl.plan import (
    EXPIRED,
    FAIL,
    HANDOFF,
    Call,
    Case,
    Choose,
    End,
    Fallback,
    Fork,
    Say,
    Step,
)
from dsl.spec import Node, Retry

OUR_ERRORS = ("error", "failure", "invalid")
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

    def id(self, part: str = "") -> str:
        """`node` for the entry, `node/part` for the others."""
        return f"{self.node}/{part}" if part else self.node

    def connected(self, exit: str) -> bool:
        """Whether an edge leaves by this exit."""
        return exit in self.exits


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
        case End():
            pass
        case Fork():
            yield from (f"!{exit}" for exit in step.exits)
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


@dataclass
class Routes:
    """Leads exits to steps; collects the choosers it makes and the special nodes it needs."""

    drawing: Drawing
    choosers: dict[str, Choose] = field(default_factory=dict)
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
            return self._error(node)
        if exit != default and (sibling := self._sibling(node)):
            return self._target(node, sibling)
        if exit != default and exit in self.drawing.kinds[node].own_exits():
            return None  # told by the kind, which knows what in its config names the exit
        text = f"The exit '{default}' of '{node}' leads nowhere."
        self.issues.append(issue("DANGLING_EXIT", text, node=node, pointer=self.drawing.pointer(node)))
        return None

    def _connected(self, node: str, exit: str, arrows: list[Arrow]) -> str:
        """Straight to the one node, or by a chooser where edges have conditions."""
        conditional = [arrow.edge for arrow in arrows if arrow.edge.condition is not None]
        if not conditional:
            return arrows[0].edge.to
        id = f"{node}!{exit}"
        cases = tuple(Case(condition=edge.condition, to=edge.to) for edge in conditional if edge.condition)
        self.choosers[id] = Choose(id=id, node=node, cases=cases, to=arrows[-1].edge.to)
        return id

    def _sibling(self, node: str) -> str | None:
        """An exit to take instead of one that nobody connected: the default one, else the first connected."""
        drawn, kind = self.drawing.arrows[node], self.drawing.kinds[node]
        return next((exit for exit in kind.exits if exit in drawn and exit not in OUR_ERRORS), None)

    def _error(self, node: str) -> str | None:
        """An error nobody connected: the node's own value (no exit then), else what the flow says."""
        if self.drawing.nodes[node].on_error is not None:
            return None
        wanted = self.drawing.spec.settings.on_error
        if wanted in self.drawing.nodes:
            return wanted if wanted != node else self._special(FAIL)
        return self._special(HANDOFF if wanted == "handoff" else FAIL)

    def _special(self, id: str) -> str:
        self.special[id] = None
        return id
