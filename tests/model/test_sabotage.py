"""A check that cannot fail is a defect: bugs planted in the walker, each found by the model."""

from collections.abc import Callable
from random import Random

import pytest

from dsl import messages as m
from dsl import moves
from dsl.state import Heard, State
from tests.model.dice import THROWS, Dice
from tests.model.judging import divergence
from workflows.acting import Acting, Queued
from workflows.walk import Walk

MOST = 2_000
"""Examples in which a bug must show."""
Plant = Callable[[pytest.MonkeyPatch], None]


def unread_inputs_are_lost_at_continue_as_new(patch: pytest.MonkeyPatch) -> None:
    run = Walk.run

    async def forgetful(self: Walk) -> State:
        state = await run(self)
        if state.ending is None:
            self.effects.inbox = self.effects.inbox.but(unread=())
        return state

    patch.setattr(Walk, "run", forgetful)


def every_answer_is_the_first_try(patch: pytest.MonkeyPatch) -> None:
    heard = moves.heard

    def careless(state: State, said: Heard) -> State:
        after = heard(state, said)
        return after.with_token(heard=after.token.heard.but(tries=1))

    patch.setattr(moves, "heard", careless)


def the_lane_is_not_asked_at_the_deadline(patch: pytest.MonkeyPatch) -> None:
    async def hasty(*_: object) -> bool:
        return False

    patch.setattr(Walk, "_answered", hasty)


def variables_stay_when_the_walk_goes_back(patch: pytest.MonkeyPatch) -> None:
    go_back = Acting._go_back

    async def half_way(self: Acting, queued: Queued, *rest: m.Report) -> None:
        ahead = queued.before.with_frame(vars=self.state.frame.vars)
        await go_back(self, queued._replace(before=ahead), *rest)  # type: ignore[arg-type]

    patch.setattr(Acting, "_go_back", half_way)


def a_wait_counts_from_before_its_prompt(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(m.Awaited, "prompted", lambda self, _moment: self)


PLANTS: list[Plant] = [
    unread_inputs_are_lost_at_continue_as_new,
    every_answer_is_the_first_try,
    the_lane_is_not_asked_at_the_deadline,
    variables_stay_when_the_walk_goes_back,
    a_wait_counts_from_before_its_prompt,
]


def example(seed: int) -> str | None:
    """How walker and reference differ in one example."""
    return divergence(Dice(Random(seed).randbytes(THROWS)))


@pytest.mark.parametrize("plant", PLANTS)
def test_a_planted_bug_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        plant(patch)
        found = next((seed for seed in range(MOST) if example(seed)), None)
    assert found is not None
    assert example(found) is None, "without the bug they agree"
