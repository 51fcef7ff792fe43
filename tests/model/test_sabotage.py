"""A check that cannot fail is a defect: bugs planted in the walker, each found by the model."""

from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Any

import pytest

from dsl import branches, frames, hearing, moves
from dsl import messages as m
from dsl.effects import Queued
from dsl.plan import Fork, Wait
from dsl.state import Heard, State, Waiting
from tests.model.dice import THROWS, Dice
from tests.model.drawing import PLAIN, VIRTUAL, Pace
from tests.model.judging import divergence
from workflows import resting
from workflows.acting import Acting
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
    async def hasty(self: Walk, step: Wait, waiting: Waiting, deadline: datetime) -> bool:
        return await self._listen(step, waiting, deadline)

    patch.setattr(Walk, "_answered", hasty)


def variables_stay_when_the_walk_goes_back(patch: pytest.MonkeyPatch) -> None:
    go_back = Acting._go_back

    async def half_way(self: Acting, queued: Queued, *rest: m.Report) -> None:
        ahead = queued.before.with_frame(vars=self.state.frame.vars)
        await go_back(self, queued._replace(before=ahead), *rest)  # type: ignore[arg-type]

    patch.setattr(Acting, "_go_back", half_way)


def a_wait_counts_from_before_its_prompt(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(m.Awaited, "prompted", lambda self, _moment: self)


def a_fork_joins_one_too_early(patch: pytest.MonkeyPatch) -> None:
    step_of = branches._step_of

    def hasty(*fork: Any) -> Fork:
        step = step_of(*fork)
        return step.but(need=max(1, step.need - 1))

    patch.setattr(branches, "_step_of", hasty)


def a_branch_that_is_given_up_leaves_no_line(patch: pytest.MonkeyPatch) -> None:
    left = moves.left

    def silent(plans: moves.Plans, state: State, exit: str | None) -> State:
        return state if exit == branches.ABANDONED else left(plans, state, exit)

    patch.setattr(branches, "left", silent)


def a_subflow_sees_the_variables_of_its_caller(patch: pytest.MonkeyPatch) -> None:
    entered = frames.entered

    def leaky(plans: moves.Plans, state: State, *into: Any) -> State:
        inside = entered(plans, state, *into)
        return inside.with_frame(vars={**state.frame.vars, **inside.frame.vars})

    patch.setattr(frames, "entered", leaky)


def a_wait_forgets_the_loops_around_it(patch: pytest.MonkeyPatch) -> None:
    rest = moves.rest

    def forgetful(*what: Any) -> State:
        return rest(*what).with_token(loops={})

    patch.setattr(moves, "rest", forgetful)


def a_word_that_should_come_back_does_not(patch: pytest.MonkeyPatch) -> None:
    interrupted = branches.interrupted

    def one_way(*word: Any) -> State:
        return interrupted(*word).with_token(back=None)

    patch.setattr(branches, "interrupted", one_way)


def a_group_takes_one_message_too_many(patch: pytest.MonkeyPatch) -> None:
    group_of = hearing.group_of

    def greedy(state: State, step: Any, unread: Any, waiting: Any) -> hearing.Group | None:
        group = group_of(state, step, unread, waiting)
        if group is None or not group.closed or unread[len(group.inputs)].event is None:
            return group
        return group._replace(inputs=tuple(unread[: len(group.inputs) + 1]))

    patch.setattr(resting, "group_of", greedy)


PLANTS: dict[Plant, Pace] = {
    unread_inputs_are_lost_at_continue_as_new: PLAIN,
    every_answer_is_the_first_try: PLAIN,
    the_lane_is_not_asked_at_the_deadline: PLAIN,
    variables_stay_when_the_walk_goes_back: PLAIN,
    a_wait_counts_from_before_its_prompt: PLAIN,
    a_word_that_should_come_back_does_not: PLAIN,
    a_group_takes_one_message_too_many: PLAIN,
    a_fork_joins_one_too_early: VIRTUAL,
    a_branch_that_is_given_up_leaves_no_line: VIRTUAL,
    a_subflow_sees_the_variables_of_its_caller: VIRTUAL,
    a_wait_forgets_the_loops_around_it: VIRTUAL,
}
"""Where nothing is inside of anything, examples are quicker, and more of them come to what may be wrong."""


def example(seed: int, pace: Pace) -> str | None:
    """How walker and reference differ in one example."""
    return divergence(Dice(Random(seed).randbytes(THROWS)), pace)


@pytest.mark.parametrize("plant", PLANTS)
def test_a_planted_bug_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    pace = PLANTS[plant]
    with monkeypatch.context() as patch:
        plant(patch)
        found = next((seed for seed in range(MOST) if example(seed, pace)), None)
    assert found is not None
    assert example(found, pace) is None, "without the bug they agree"
