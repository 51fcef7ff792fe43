"""A call that the flow makes: whose answer it waits for, and what is none. Walked without a server."""

from datetime import timedelta
from typing import Any, Literal

import pytest

from dsl.inputs import Inbound, Input
from dsl.messages import Effect, Outcome, Report
from dsl.turns import Turn
from tests.workflows.world import SCENE, START, World, flow, plan_of, run_input, walk_on

OURS, THEIRS = "ATVId_ours", "ATVId_theirs"
EXITS = ("answered", "no_answer", "failed")
CALLS = flow(
    [
        {"id": "ring", "type": "initiate_call", "config": {"to": "+254700000111", "timeout": "1m"}},
        {"id": "hello", "type": "message", "config": {"text": "It is us."}},
        {"id": "ask", "type": "get_digits", "config": {"text": "One or two?", "saveTo": "key"}},
        *({"id": f"was-{exit}", "type": "end", "config": {"outcome": exit}} for exit in EXITS),
    ],
    [
        ("ring", "hello"),
        ("hello", "ask"),
        ("ask", "was-answered"),
        ("ask", "timeout", "was-no_answer"),
        *(("ring", exit, f"was-{exit}") for exit in EXITS[1:]),
    ],
)


def called(
    seq: int,
    event: str,
    kind: Literal["opened", "message", "hung_up"],
    *,
    session: str = OURS,
    after: float = 0,
    **more: Any,
) -> Input:
    """A callback of a call."""
    turn = None if kind == "hung_up" else Turn(surface="voice", session=session)
    inbound = Inbound(
        key=f"voice:{seq}", address="n/hash", event=event, channel="voice", kind=kind, turn=turn,
        conversation={"session": session}, **more,
    )  # fmt: skip
    return Input(id=f"row-{seq}", seq=seq, accepted_at=START + timedelta(seconds=after or seq), event=inbound)


def picked_up(seq: int, **more: Any) -> Input:
    return called(seq, "call_answered", "opened", **more)


def over(seq: int, **more: Any) -> Input:
    return called(seq, "call_ended", "hung_up", **more)


def rings(id: str | None = OURS, exit: str = "ringing") -> Any:
    """The provider's answer to the call: its session, where that could be read."""

    def verdict(effect: Effect) -> Report | None:
        if effect.activity != "initiate_call":
            return None
        return Report(state="done", outcome=Outcome(exit=exit, value={"id": id}, at=START))

    return verdict


async def came_to(*script: Input, verdict: Any = None) -> tuple[str | None, list[str]]:
    """How the flow ended, and all that was said in the call."""
    world = World(script=list(script), verdict=verdict or rings())
    state = await walk_on(run_input(plan_of(CALLS)).but(scene=SCENE), world)
    assert state.ending is not None
    said = (one.text for flush in world.flushes for turned in flush.turned for one in turned.screen.said)
    return state.ending.reason, [text for text in said if text]


async def test_what_the_flow_says_next_is_said_in_the_call_that_is_answered() -> None:
    pressed = called(2, "call_input", "message", text="1")
    assert await came_to(picked_up(1), pressed) == ("answered", ["It is us.", "One or two?"])


@pytest.mark.parametrize(("told", "exit"), [({}, "no_answer"), ({"exit": "failed"}, "failed")])
async def test_a_call_that_ends_unanswered_leaves_as_the_provider_says(
    told: dict[str, str], exit: str
) -> None:
    assert await came_to(over(1, value=told)) == (exit, [])


async def test_a_phone_that_rings_too_long_was_not_answered() -> None:
    assert await came_to(picked_up(1, after=61)) == ("no_answer", [])


async def test_what_the_provider_refuses_fails() -> None:
    assert await came_to(verdict=rings(exit="failed")) == ("failed", [])


async def test_the_end_of_another_call_is_not_that_of_ours() -> None:
    pressed = called(3, "call_input", "message", text="1")
    exit, _ = await came_to(over(1, session=THEIRS), picked_up(2), pressed)
    assert exit == "answered"


@pytest.mark.parametrize("known", [OURS, None])
async def test_a_call_of_the_person_s_own_does_not_answer_ours(known: str | None) -> None:
    theirs = called(1, "call_received", "opened", session=THEIRS)
    pressed = called(3, "call_input", "message", text="1")
    exit, said = await came_to(theirs, picked_up(2), pressed, verdict=rings(known))
    assert (exit, said) == ("answered", ["It is us.", "One or two?"])


async def test_a_call_whose_session_nobody_told_is_known_by_being_answered() -> None:
    pressed = called(2, "call_input", "message", text="1")
    assert (await came_to(picked_up(1), pressed, verdict=rings(id=None)))[0] == "answered"


async def test_a_call_that_is_answered_before_the_provider_has_told_of_it_is_answered() -> None:
    world = World(verdict=rings())
    world.inbox = world.inbox.taking(
        [picked_up(1), called(2, "call_input", "message", text="2")], world.limits
    )
    state = await walk_on(run_input(plan_of(CALLS)), world)
    assert state.ending is not None
    assert (state.ending.reason, state.frames[0].vars["key"]) == ("answered", "2")
