"""transfer_agent and sessionTtl: who waits, for what, and until when (protocols 5)."""

from datetime import timedelta
from typing import Any

import pytest

from dsl.messages import SEND_MESSAGE
from tests.workflows.world import START, World, flow, message, status, walked

END: dict[str, Any] = {"id": "e", "type": "end"}
HAND: dict[str, Any] = {"id": "h", "type": "transfer_agent", "config": {"text": "One moment."}}
BACK: dict[str, Any] = {"id": "b", "type": "message", "config": {"text": "I am back."}}
SESSION = {"settings": {"sessionTtl": "1h"}}


def handed(*exits: str, **config: Any) -> dict[str, Any]:
    """A hand-over with some exits connected to a message."""
    hand = {**HAND, "config": {**HAND["config"], **config}}
    return flow([hand, BACK, END], [*(("h", exit, "b") for exit in exits), ("b", "e")], **SESSION)


def spoken(world: World) -> list[str]:
    """The messages, and not what else has a text."""
    return [effect.args["text"] for effect in world.done if effect.activity == SEND_MESSAGE]


@pytest.mark.parametrize(("exit", "told"), [("resolved", "resolved"), ("returned", "pending")])
async def test_a_hand_over_with_a_way_back_waits_for_the_human(exit: str, told: str) -> None:
    script = [message(1, "hello?"), status(2, told, "bot")]
    _, world = await walked(handed("resolved", "returned"), script)
    assert "handed_off" in [flush.standing.status for flush in world.flushes]
    assert ("h", "done", exit) in [line[1:] for line in world.recorded()]
    assert spoken(world) == ["One moment.", "I am back."]


async def test_what_is_said_to_the_human_is_the_humans() -> None:
    _, world = await walked(handed("resolved"), [message(1, "hello?"), status(2, "resolved", "bot")])
    assert [fate.how for flush in world.flushes for fate in flush.consumed] == ["to_human", "interrupt"]


async def test_with_only_next_the_flow_goes_on_and_leaves_the_human_the_word() -> None:
    state, world = await walked(handed("next"))
    assert state.ending is not None
    assert (state.ending.status, state.owner) == ("completed", "human")
    assert spoken(world) == ["One moment."]


async def test_a_human_who_never_gives_back_ends_the_wait_after_return_after() -> None:
    _, world = await walked(handed("resolved", "returned", returnAfter="10m"))
    assert world.now == START + timedelta(minutes=10)
    assert ("h", "done", "returned") in [line[1:] for line in world.recorded()]


async def test_without_a_deadline_of_its_own_every_wait_ends_with_the_session() -> None:
    state, world = await walked(handed("resolved"))
    assert state.ending is not None
    assert (state.ending.status, world.now) == ("expired", START + timedelta(hours=1))
