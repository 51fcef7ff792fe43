"""What happens to a walk while it rests: humans, cancellations, pauses; under a virtual clock."""

from datetime import timedelta
from typing import Any

from dsl.limits import Limits
from tests.workflows.test_walk import LEAD, TWO
from tests.workflows.world import START, World, flow, message, plan_of, run_input, status, walk_on, walked

NAP = flow(
    [
        {"id": "d", "type": "delay", "config": {"for": "60s"}},
        {"id": "m", "type": "message", "config": {"text": "Good morning"}},
        {"id": "n", "type": "message", "config": {"text": "Coffee?"}},
        {"id": "e", "type": "end"},
    ],
    [("d", "m"), ("m", "n"), ("n", "e")],
)
API: dict[str, Any] = {"id": "a", "type": "api", "config": {"url": "https://a.example", "timeout": "20s"}}


async def test_a_human_who_takes_over_during_a_delay_is_not_spoken_over() -> None:
    state, world = await walked(NAP, [status(5, "open", "human")])
    assert (state.owner, world.said) == ("human", [])
    assert [(fate.seq, fate.how) for fate in world.flushes[1].consumed] == [(5, "owner")]
    assert world.flushes[1].standing.status == "waiting_time"


async def test_who_had_the_word_before_a_delay_began_is_heard_too() -> None:
    world = World(inbox=World().inbox.taking([status(1, "open", "human")], Limits()))
    await walk_on(run_input(plan_of(NAP)), world)
    assert world.said == []


async def test_a_human_who_takes_over_after_a_delay_is_none_of_its_business() -> None:
    _, world = await walked(NAP, [status(61, "open", "human")])
    assert world.said == ["Good morning", "Coffee?"]


async def test_words_said_during_a_delay_wait_for_the_next_question() -> None:
    question = {"id": "q", "type": "question", "config": {"text": "Name?", "saveTo": "x"}}
    nodes: list[dict[str, Any]] = [NAP["nodes"][1], question, {"id": "e", "type": "end"}]
    script = [message(2, "Asha"), status(3, "pending", "bot")]
    state, world = await walked(flow(nodes, [("d", "q"), ("q", "e")]), script)
    assert state.frame.vars == {"x": "Asha"}
    fates = [(fate.seq, fate.how) for flush in world.flushes for fate in flush.consumed]
    assert fates == [(3, "owner"), (2, "answer")]


async def test_the_first_effect_after_a_delay_is_an_ordinary_activity() -> None:
    """Its schedule event commits who had the word when the delay ended."""
    _, world = await walked(NAP)
    assert [effect.node for effect in world.ordinary] == ["m"]
    assert world.said == ["Good morning", "Coffee?"]


async def test_that_it_is_to_be_one_is_not_forgotten_at_continue_as_new() -> None:
    _, world = await walked(NAP, limits=Limits(every_steps=1))
    assert [effect.node for effect in world.ordinary] == ["m"]


async def test_an_answer_that_comes_with_a_cancellation_is_heard_first() -> None:
    """The lost task of a closing run may have acted on it already."""
    question = {"id": "q", "type": "question", "config": {"text": "Name?", "saveTo": "x"}}
    thanks = {"id": "t", "type": "message", "config": {"text": "Thank you"}}
    nodes: list[dict[str, Any]] = [question, thanks, {"id": "e", "type": "end"}]
    answer = message(5, "Asha")
    state, world = await walked(
        flow(nodes, [("q", "t"), ("t", "e")]), [answer], stop_at=answer.accepted_at, limits=Limits(fast=False)
    )
    assert state.frame.vars == {"x": "Asha"}
    assert world.said == ["Name?", "Thank you"]


async def test_a_cancellation_is_honoured_after_an_ordinary_activity() -> None:
    world = World(limits=Limits(fast=False), stop_at=START)
    world.noticed = True
    state = await walk_on(run_input(plan_of(TWO), limits=world.limits), world)
    assert state.ending is not None
    assert (state.ending.status, world.said) == ("cancelled", ["one"])
    assert world.flushes[-1].standing.status == "cancelled"


async def test_a_cancellation_that_finds_the_walk_at_its_end_is_recorded_as_too_late() -> None:
    state, world = await walked(TWO, stop_at=START)
    assert state.ending is not None
    assert (state.ending.status, state.ending.reason) == ("completed", "cancelled_too_late")
    assert world.said == ["one", "two", "three"]


async def test_a_paused_walk_stands_still_and_goes_on_with_what_came_meanwhile() -> None:
    world = World(script=[message(2, "John"), message(3, "j@example.com")], pauses=[(1, 120)])
    state = await walk_on(run_input(plan_of(LEAD)), world)
    standings = [flush.standing.status for flush in world.flushes]
    assert standings[:3] == ["waiting_input", "paused", "waiting_input"]
    assert state.frame.vars["user_name"] == "John"
    assert [effect.args["text"] for effect in world.ordinary] == ["What is your email address?"]


async def test_a_paused_walk_can_be_cancelled() -> None:
    world = World(pauses=[(1, 999_999)], stop_at=START + timedelta(hours=1))
    state = await walk_on(run_input(plan_of(LEAD)), world)
    assert state.ending is not None
    assert state.ending.status == "cancelled"


async def test_a_state_too_large_to_carry_ends_the_execution_with_its_code() -> None:
    document = flow(
        [
            {"id": "s", "type": "set_variables", "config": {"set": {"x": "y" * 3_000}}},
            {"id": "q", "type": "question", "config": {"text": "?", "saveTo": "z"}},
            {"id": "e", "type": "end"},
        ],
        [("s", "q"), ("q", "e")],
    )
    limits = Limits(every_steps=3, state_bytes=2_500)
    state, _ = await walked(document, [message(1, "John")], limits=limits)
    assert state.ending is not None
    assert (state.ending.status, state.ending.reason) == ("failed", "VARIABLES_TOO_LARGE")
