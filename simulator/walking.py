"""The walk itself, looked at step by step."""

from collections.abc import Callable, Iterable
from itertools import chain, takewhile

from dsl.inputs import Input
from dsl.messages import Consumed
from dsl.moves import Plans
from dsl.plan import Step
from dsl.state import RunInput, State, Token
from simulator.bounds import Bounds
from simulator.trace import Entry, Heard, Stepped
from simulator.watching import reads_of, tests_of
from simulator.world import World
from workflows.walk import Walk

Tell = Callable[[Entry], None]


class Fates:
    """What became of inputs, each told once: with the step that took it, or when that is recorded."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._open: dict[int, Input] = {}

    def given(self, input: Input) -> None:
        """An input whose fate is open."""
        self._open[input.seq] = input

    def __call__(self, fates: Iterable[Consumed]) -> None:
        for fate in fates:
            input = self._open.pop(fate.seq, None)
            if input is not None and input.event is not None:
                said, at = input.event, input.accepted_at
                self._tell(Heard(at=at, seq=input.seq, text=said.text, value=said.value, how=fate.how))


class Watched(Walk):
    """Tells each step when it is done, with what it read before it was begun."""

    def __init__(self, plans: Plans, run: RunInput, world: World, tell: Tell, bounds: Bounds) -> None:
        super().__init__(plans, run, world, "simulation")
        self._world, self._tell, self._bounds = world, tell, bounds
        self._open: dict[int, Stepped] = {}
        """Steps begun and not left, by token: they rest, or their effects are under way."""

    async def _step(self, step: Step) -> None:
        self._bounds.step()
        before, scope = self.state, self.scope()
        entry = self._begun(step, before)
        self._open[before.current] = entry.but(reads=reads_of(step, scope), tests=tests_of(step, scope))
        await super()._step(step)
        self._told(before)

    async def rest(self) -> None:
        """As the walk does it; what it took in and left is told."""
        self._bounds.step()
        before = self.state
        await super().rest()
        self._told(before)

    def _begun(self, step: Step, state: State) -> Stepped:
        token = state.token
        return Stepped(
            at=self._world.now,
            branch=token.id,
            node=state.frame.path + step.node,
            kind=self.plan.nodes[step.node].kind,
            visit=token.visit,
            step=step.id,
            op=step.op,
        )

    def _told(self, before: State) -> None:
        """Inputs and steps that are done with, and what was said meanwhile."""
        self._world.fates(self.state.consumed)
        answered, self._world.answered[:] = list(self._world.answered), []
        current = before.current if before.current in self._open else self.state.current
        if answered and current in self._open:
            entry = self._open[current]
            self._open[current] = entry.but(answered=[*entry.answered, *answered])
        live = {token.id: token for token in self.state.tokens}
        for id, entry in list(self._open.items()):
            if self._is_left(live.get(id), entry):
                self._tell(self._left(self._open.pop(id), before, live.get(id)))

    def _is_left(self, token: Token | None, entry: Stepped) -> bool:
        rests = token is not None and token.step == entry.step and token.waiting is not None
        return self.state.ending is not None or not (rests or entry.branch in self.flying)

    def _left(self, entry: Stepped, before: State, token: Token | None) -> Stepped:
        """Finished: when, by which exit of its node, and where to; a fork leaves by several."""
        rows = chain(reversed(self.state.pending), reversed(self._world.rows))
        fresh = takewhile(lambda row: row.seq > before.record_seq, rows)
        done = (row for row in fresh if row.phase == "done")
        own = (row for row in done if (row.node, row.visit) == (entry.node, entry.visit))
        row = next(own, None) if entry.op != "fork" else None
        to = token.step if token is not None and self.state.ending is None else None
        return entry.but(
            at=self._world.now, exit=row.exit if row else None, error=row.error if row else None, to=to
        )
