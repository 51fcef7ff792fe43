"""Turns and commands on a real server while something else is under way: a call, another branch."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from dsl.messages import CONTROL, Control
from tests.workflows.phone import Phone, texts
from tests.workflows.stage import Stage
from tests.workflows.test_turns import ASKS, END, GREET, THANKS
from tests.workflows.world import flow

pytestmark = pytest.mark.real


class Slow:
    """A server that is asked and answers when it is let."""

    def __init__(self) -> None:
        self.asked, self.lets = asyncio.Event(), asyncio.Event()

    async def answer(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.set()
        await self.lets.wait()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
        await writer.drain()
        writer.close()


@asynccontextmanager
async def slow(stage: Stage) -> AsyncIterator[tuple[Slow, dict[str, Any]]]:
    """Such a server, and a node that asks it."""
    one = Slow()
    server = await asyncio.start_server(one.answer, "127.0.0.1", 0)
    place = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    stage.http = type(stage.http)(allow=(place,))
    async with server:
        yield one, {"id": "call", "type": "api", "config": {"url": f"http://{place}/", "timeout": "9s"}}


def question(id: str) -> dict[str, Any]:
    return {"id": id, "type": "question", "config": {"text": f"{id}?", "saveTo": id, "timeout": "1h"}}


async def fates(stage: Stage) -> list[tuple[int, str | None]]:
    return [tuple(row) for row in await stage.db.fetch("SELECT seq, how FROM inbound_events ORDER BY seq")]


def beside(call: dict[str, Any]) -> dict[str, Any]:
    """A question, and then another one beside a call."""
    both = {"id": "both", "type": "parallel", "config": {"branches": ["one", "two"]}}
    return flow(
        [question("name"), both, call, question("age"), THANKS, END],
        [("name", "answer", "both"), ("name", "timeout", "end"), ("both", "one", "call"),
         ("both", "two", "age"), ("call", "success", "both"), ("call", "failure", "both"),
         ("call", "error", "both"), ("age", "answer", "thanks"), ("age", "timeout", "both"),
         ("thanks", "both"), ("both", "joined", "end")],
        settings={"busyText": "We are at it."},
    )  # fmt: skip


async def test_an_answer_counts_though_another_branch_calls_somebody(stage: Stage) -> None:
    phone = Phone(stage)
    async with slow(stage) as (server, call), stage.worker():
        assert texts(await phone.dial(beside(call))) == ["name?"]
        assert texts(await phone.type("Amina")) == ["age?"]
        await server.asked.wait()
        answered = asyncio.create_task(phone.type("41"))
        await asyncio.sleep(1)
        server.lets.set()
        assert texts(await answered) == ["Thank you, Amina."]
        await stage.until_status("completed")
    assert await fates(stage) == [(1, "start"), (2, "answer"), (3, "answer")]
    assert (await stage.execution())["context"]["variables"] == {"name": "Amina", "age": "41"}


async def test_what_was_typed_ahead_waits_for_a_call_of_the_flow(stage: Stage) -> None:
    phone = Phone(stage)
    async with slow(stage) as (server, call), stage.worker():
        await phone.dial(flow(
            [question("name"), call, question("age"), THANKS, END],
            [("name", "answer", "call"), ("name", "timeout", "end"), ("call", "success", "age"),
             ("call", "failure", "end"), ("call", "error", "end"), ("age", "answer", "thanks"),
             ("age", "timeout", "end"), ("thanks", "end")],
        ))  # fmt: skip
        ahead = asyncio.create_task(phone.ask([await phone.accept("Amina"), await phone.accept("41")]))
        await server.asked.wait()
        await asyncio.sleep(2.5)  # a local activity does not wait for it any longer
        server.lets.set()
        assert texts(await ahead) == ["Thank you, Amina."]
        await stage.until_status("completed")
    assert await fates(stage) == [(1, "start"), (2, "answer"), (3, "answer")]


async def test_nothing_that_was_dialled_in_vain_is_an_answer_later(stage: Stage) -> None:
    phone = Phone(stage)
    async with slow(stage) as (server, call), stage.worker():
        dialled = asyncio.create_task(phone.dial(flow(
            [GREET, call, question("sure"), END],
            [("greet", "call"), ("call", "success", "sure"), ("call", "failure", "sure"),
             ("call", "error", "sure"), ("sure", "answer", "end"), ("sure", "timeout", "end")],
            settings={"busyText": "We are at it."},
        )))  # fmt: skip
        await server.asked.wait()
        phone.session = "S2"
        ahead = [await phone.accept(), await phone.accept("1"), await phone.accept("2")]
        assert texts(await phone.ask(ahead)) == ["We are at it."]
        server.lets.set()
        assert texts(await dialled) == ["Karibu.", "sure?"]
        await stage.until_status("waiting_input")
    assert await fates(stage) == [(1, "start"), (2, "busy"), (3, "busy"), (4, "busy")]


async def test_a_run_that_is_told_twice_that_its_time_is_up_has_expired(stage: Stage) -> None:
    phone = Phone(stage)
    async with stage.worker():
        await phone.dial(ASKS)
    expire = Control(command="expire")
    told = [asyncio.create_task(phone.handle.execute_update(CONTROL, expire)) for _ in range(2)]
    await asyncio.sleep(0.5)
    async with stage.worker():
        await asyncio.gather(*told)
        await stage.until_status("expired")
