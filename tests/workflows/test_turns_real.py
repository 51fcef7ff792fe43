"""Turns on a real server: the update with the start, asked twice, busy, begun anew, over a worker's end."""

import asyncio
from typing import Any

import pytest

from dsl.limits import Limits
from dsl.messages import CONTROL, TURN, Control
from dsl.turns import Screen
from store.jsons import dumps
from tests.workflows.phone import Phone, texts
from tests.workflows.stage import Stage
from tests.workflows.test_turns import ASKS, ASKS_ON_CALLS, END, GREET, THANKS
from tests.workflows.world import flow

pytestmark = pytest.mark.real


@pytest.mark.parametrize("fast", [True, False])
async def test_a_flow_is_dialled_asked_and_answered_and_the_row_has_the_screen_by_then(
    stage: Stage, fast: bool
) -> None:
    phone = Phone(stage)
    async with stage.worker():
        asked = await phone.dial(ASKS, Limits(fast=fast))
        assert await phone.stored(1) == asked.screen
        assert texts(asked) == ["Karibu.", "Your name?"]
        thanked = await phone.type("Amina")
        assert await phone.stored(2) == thanked.screen
        assert texts(thanked) == ["Thank you, Amina."]
        await stage.until_status("completed")


async def test_a_step_that_is_asked_twice_is_one_turn(stage: Stage) -> None:
    phone = Phone(stage)
    async with stage.worker():
        await phone.dial(ASKS)
        step = await phone.accept("Amina")
        first, second = await asyncio.gather(phone.ask([step]), phone.ask([step]))
    assert texts(first) == texts(second) == ["Thank you, Amina."]


async def test_a_step_that_was_answered_is_answered_the_same(stage: Stage) -> None:
    asks_twice = flow(
        [*(question(one) for one in ("first", "second")), END],
        [("first", "answer", "second"), ("second", "answer", "end"),
         ("first", "timeout", "end"), ("second", "timeout", "end")],
    )  # fmt: skip
    phone = Phone(stage)
    async with stage.worker():
        dialled = await phone.dial(asks_twice)
        typed = await phone.type("a")
        assert phone.opening is not None
        again = await phone.handle.execute_update(
            TURN, [phone.opening], id="another", result_type=type(typed)
        )
        await phone.type("b")
    assert again == dialled


def question(id: str) -> dict[str, Any]:
    return {"id": id, "type": "question", "config": {"text": f"{id}?", "saveTo": id, "timeout": "1h"}}


async def test_all_that_was_typed_ahead_goes_in_one_update(stage: Stage) -> None:
    phone = Phone(stage)
    async with stage.worker():
        await phone.dial(ASKS)
        rows = [await phone.accept("Amina"), await phone.accept("late")]
        assert texts(await phone.ask(rows)) == ["Thank you, Amina."], "the last that was said"
    assert await phone.stored(2) is not None


async def test_a_step_waits_for_the_worker_and_is_answered_when_it_comes(stage: Stage) -> None:
    phone = Phone(stage)
    async with stage.worker():
        await phone.dial(ASKS)
    waiting = asyncio.create_task(phone.type("Amina"))
    await asyncio.sleep(0.5)
    assert not waiting.done()
    async with stage.worker():
        assert texts(await waiting) == ["Thank you, Amina."]


async def test_who_was_told_something_else_meanwhile_is_told_no_more_on_the_line(stage: Stage) -> None:
    phone = Phone(stage)
    async with stage.worker():
        await phone.dial(ASKS)
    step = await phone.accept("Amina")
    asked = asyncio.create_task(phone.ask([step]))
    safe = dumps(Screen.of("Later.").model_dump(mode="json", by_alias=True))
    await stage.db.execute("UPDATE inbound_events SET screen = $1::jsonb WHERE id = $2", safe, step.id)
    async with stage.worker():
        assert texts(await asked) == ["Thank you, Amina."]
        await stage.until_status("completed")
    assert await phone.stored(2) == Screen.of("Later.")
    effects = "SELECT count(*) FROM effects"
    assert await stage.db.fetchval(effects) == 0


async def test_a_redial_sees_the_question_again_and_may_begin_anew(stage: Stage) -> None:
    phone = Phone(stage)
    async with stage.worker():
        await phone.dial(ASKS)
        again = await phone.redial()
        assert texts(again) == ["Karibu.", "Your name?"]
        assert again.screen is not None
        assert again.screen.resumed
        over = await phone.type("00")
        assert over.screen is None
        await stage.until_status("expired")
    assert (await stage.execution())["last_seq"] == 2
    assert await phone.stored(3) is None


async def test_a_redial_in_the_middle_of_a_long_call_is_told_so_at_once(stage: Stage) -> None:
    answered = asyncio.Event()

    async def slow(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answered.wait()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(slow, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    stage.http = type(stage.http)(allow=(f"127.0.0.1:{port}",))
    call = {"id": "call", "type": "api", "config": {"url": f"http://127.0.0.1:{port}/", "timeout": "9s"}}
    bye = {"id": "bye", "type": "message", "config": {"text": "Done."}}
    document = flow(
        [GREET, call, bye, END],
        [("greet", "call"), ("call", "success", "bye"), ("call", "failure", "bye"),
         ("call", "error", "bye"), ("bye", "end")],
        settings={"busyText": "We are at it."},
    )  # fmt: skip
    phone = Phone(stage)
    async with server, stage.worker():
        dialled = asyncio.create_task(phone.dial(document))
        await asyncio.sleep(3)
        assert texts(await phone.redial()) == ["We are at it."]
        answered.set()
        assert texts(await dialled) == ["Karibu.", "Done."]
        await stage.until_status("completed")
    fates = await stage.db.fetch("SELECT seq, how FROM inbound_events ORDER BY seq")
    assert [tuple(row) for row in fates] == [(1, "start"), (2, "busy")]


async def test_a_run_that_continues_as_new_between_the_steps_goes_on(stage: Stage) -> None:
    phone = Phone(stage)
    async with stage.worker():
        await phone.dial(ASKS)
        await phone.continued()
        assert texts(await phone.type("Amina")) == ["Thank you, Amina."]


async def test_a_call_that_is_hung_up_ends_by_its_exit(stage: Stage) -> None:
    phone = Phone(stage, surface="voice")
    async with stage.worker():
        await phone.dial(ASKS_ON_CALLS, Limits(fast=False))
        assert texts(await phone.type("Amina")) == ["Thank you, Amina."]
    assert THANKS["id"] in [line[1] for line in await stage.history()]


async def test_variables_are_set_and_a_run_expires_by_command(stage: Stage) -> None:
    phone = Phone(stage)
    async with stage.worker():
        await phone.dial(ASKS)
        await phone.handle.execute_update(CONTROL, Control(command="set", values={"name": "Otieno"}))
        await phone.handle.execute_update(CONTROL, Control(command="expire"))
        await stage.until_status("expired")
    assert (await stage.execution())["context"]["variables"] == {"name": "Otieno"}
