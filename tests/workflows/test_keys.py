"""What a caller presses is kept, asked for again, or leads out: walked without a server."""

from datetime import timedelta
from typing import Any

import pytest

from compiler.calling import LONGEST_CALL
from dsl.state import State
from tests.workflows.world import START, flow, message, walked


def asking(exits: tuple[str, ...], **config: Any) -> dict[str, Any]:
    """get_digits, its exits each to an end that is named after it."""
    node = {"id": "ask", "type": "get_digits", "config": {"text": "Your PIN?", "saveTo": "pin", **config}}
    ends = [{"id": exit, "type": "end", "config": {"outcome": exit}} for exit in exits]
    return flow([node, *ends], [("ask", exit, exit) for exit in exits])


def came_to(state: State) -> tuple[str | None, Any]:
    """By which exit it ended, and with which keys."""
    assert state.ending is not None
    return state.ending.reason, state.frames[0].vars.get("pin")


@pytest.mark.parametrize(("pressed", "came"), [("4821", ("answer", "4821")), ("", ("timeout", None))])
async def test_keys_are_kept_and_silence_leads_out(pressed: str, came: tuple[str, str | None]) -> None:
    state, world = await walked(asking(("answer", "timeout")), [message(1, pressed)])
    assert came_to(state) == came
    assert world.done[0].args["action"] == {"action": "get_digits"}


async def test_zeros_in_front_are_kept() -> None:
    state, _ = await walked(asking(("answer", "timeout")), [message(1, "0012")])
    assert came_to(state) == ("answer", "0012")


async def test_too_few_keys_are_asked_for_again_in_the_flow_s_words() -> None:
    again = asking(("answer", "timeout"), numDigits=4, maxTries=3, invalidText="Four keys, please.")
    state, world = await walked(again, [message(1, "48"), message(2, ""), message(3, "4821")])
    assert came_to(state) == ("answer", "4821")
    assert world.said == ["Your PIN?", *["Four keys, please.", "Your PIN?"] * 2]


@pytest.mark.parametrize(("last", "exit"), [("48", "invalid"), ("", "timeout")])
async def test_after_the_last_try_it_depends_on_what_was_pressed_then(last: str, exit: str) -> None:
    pressed = [message(seq, keys) for seq, keys in enumerate(["1", "", last], start=1)]
    state, world = await walked(asking(("answer", "timeout", "invalid"), numDigits=4), pressed)
    assert came_to(state) == (exit, None)
    assert len(world.said) == 3


async def test_silence_is_asked_again_where_tries_are_limited() -> None:
    state, world = await walked(asking(("answer", "timeout"), maxTries=2), [message(1, ""), message(2, "7")])
    assert came_to(state) == ("answer", "7")
    assert world.said == ["Your PIN?"] * 2


async def test_a_call_of_whose_end_nobody_told_is_given_up() -> None:
    state, world = await walked(asking(("answer", "timeout")))
    assert state.ending is not None
    assert state.ending.status == "expired"
    assert world.now - START == timedelta(seconds=LONGEST_CALL)


async def test_the_address_of_a_recording_is_kept() -> None:
    node = {"id": "leave", "type": "record", "config": {"saveTo": "left"}}
    document = flow([node, {"id": "end", "type": "end"}], [("leave", "end")])
    left = message(1, "", value={"recording": "https://recordings.example/1.mp3"})
    state, _ = await walked(document, [left])
    assert state.frames[0].vars["left"] == "https://recordings.example/1.mp3"
