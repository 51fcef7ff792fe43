"""Live events over both kinds of stream: complete, resumable, true, and only for who may listen."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from api.live import reading
from store import access, record
from tests.api.conftest import Api
from tests.api.serving import following, parsed, served
from tests.store.made import flush, line, scene

pytestmark = pytest.mark.real


class Told:
    """An execution of the test's workspace, which is told of flush by flush."""

    def __init__(self, api: Api) -> None:
        self.api, self.at = api, 0
        self.scene = scene("00000000-0000-0000-0000-00000000000a").model_copy(
            update={"workspace": api.workspace}
        )
        self.id = self.scene.execution_id

    async def walk(self, *lines: int, **standing: Any) -> None:
        """Lines of the history by their numbers."""
        self.at += 1
        await record.apply(
            self.api.parts.db, flush(self.scene, *(line(n) for n in lines), at=self.at, **standing)
        )


@pytest.fixture
async def told(api: Api) -> Told:
    """An execution with four events: started, two lines, status."""
    told = Told(api)
    await told.walk(1, 2, status="waiting_input")
    return told


@pytest.fixture
async def address(api: Api) -> AsyncIterator[str]:
    """Where the application listens."""
    async with served(api.app) as address:
        yield address


async def taken(events: AsyncIterator[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """The next few."""
    async with asyncio.timeout(10):
        return [await anext(events) for _ in range(count)]


def seqs(events: list[dict[str, Any]]) -> list[int]:
    """Their numbers."""
    return [event["seq"] for event in events]


async def test_a_reader_is_told_what_was_and_then_what_comes(told: Told, address: str) -> None:
    async with following(address, told.id, told.api.key) as events:
        first = await taken(events, 4)
        await told.walk(3)
        await told.walk(2)
        later = await taken(events, 5)
    assert seqs(first + later) == list(range(1, 10))
    assert set(first[0]) == {"seq", "type", "at", "nodeId", "data"}
    assert [event["type"] for event in first + later] == [
        "started", "node_done", "node_done", "status",
        "node_done", "status", "rewound", "node_done", "status",
    ]  # fmt: skip


async def test_the_end_is_told_once_the_run_is_closed_and_ends_the_stream(told: Told, address: str) -> None:
    told.api.edge.runs_on = True
    async with following(address, told.id, told.api.key) as events:
        await told.walk(3, status="completed", reason="done", progress=1.0)
        assert seqs(await taken(events, 5)) == [1, 2, 3, 4, 5]
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.2):
                await anext(events)
    async with following(address, told.id, told.api.key, after=5) as events:
        told.api.edge.runs_on = False
        [last] = await taken(events, 1)
        assert (last["seq"], last["type"], last["data"]["reason"]) == (6, "completed", "done")
        with pytest.raises(StopAsyncIteration):
            await anext(events)


async def test_a_temporal_that_does_not_answer_delays_the_end_and_nothing_else(
    told: Told, address: str
) -> None:
    told.api.edge.is_gone()
    async with following(address, told.id, told.api.key) as events:
        await told.walk(3, status="failed")
        assert seqs(await taken(events, 5)) == [1, 2, 3, 4, 5]
        told.api.edge.fails = None
        assert (await taken(events, 1))[0]["type"] == "failed"


async def test_who_knows_everything_of_what_is_over_is_told_not_to_come_again(
    told: Told, address: str
) -> None:
    await told.walk(3, status="completed")
    path = f"http://{address}/api/v1/executions/{told.id}/events"
    async with httpx.AsyncClient(headers={"X-API-Key": told.api.key}) as client:
        whole = await client.get(path)
        assert seqs(parsed(whole.text)) == list(range(1, 7))
        assert whole.headers["content-type"].startswith("text/event-stream")
        assert "id: 6\n" in whole.text
        rest = await client.get(path, headers={"Last-Event-ID": "4"})
        assert seqs(parsed(rest.text)) == [5, 6]
        assert (await client.get(path, headers={"Last-Event-ID": "6"})).status_code == 204
        assert (
            await client.get(path, params={"after": 5}, headers={"Last-Event-ID": "6"})
        ).status_code == 204


@pytest.mark.parametrize(
    ("after", "last"), [("5", None), ("-1", None), ("x", None), (None, "x"), (None, "5"), (None, "٣")]
)
async def test_a_place_that_is_none_is_refused(
    told: Told, address: str, after: str | None, last: str | None
) -> None:
    headers = {"X-API-Key": told.api.key, **({"Last-Event-ID": last.encode()} if last else {})}
    path = f"http://{address}/api/v1/executions/{told.id}/events" + (f"?after={after}" if after else "")
    async with httpx.AsyncClient() as client:
        assert (await client.get(path, headers=headers)).status_code == 422  # type: ignore[arg-type]


async def test_nobody_listens_without_a_key_or_in_another_workspace(
    told: Told, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    other = await access.create(told.api.parts.db, "another", "tests")
    path = f"/api/v1/executions/{told.id}/events"
    async with httpx.AsyncClient(base_url=f"http://{address}") as client:
        for route, ask in ((path, client.get), (f"{path}/ticket", client.post)):
            assert (await ask(route)).status_code == 401
            assert (await ask(route, headers={"X-API-Key": other})).status_code == 404
        assert (await client.get(path, params={"ticket": "x"})).status_code == 401
    for headers, status in (({}, 401), ({"X-API-Key": other}, 404), ({"X-API-Key": "x"}, 401)):
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"ws://{address}/ws/execution/{told.id}", additional_headers=headers)
        assert refused.value.response.status_code == status
        assert b'"requestId"' in (refused.value.response.body or b"")
    assert not [
        line for line in caplog.records if line.name == "uvicorn.error" and line.levelname == "ERROR"
    ], "a refusal is no fault"


async def test_a_socket_tells_the_same_and_closes_after_the_last(told: Told, address: str) -> None:
    url, headers = f"ws://{address}/ws/execution/{told.id}", {"X-API-Key": told.api.key}
    async with connect(f"{url}?after=2", additional_headers=headers) as socket:
        await socket.send("nobody listens to this")
        assert '"seq":3' in str(await socket.recv())
        await told.walk(3, status="cancelled")
        rest = [message async for message in socket]
        assert [f'"seq":{n}' in str(message) for n, message in enumerate(rest, 4)] == [True] * 3
        assert socket.close_code == 1000
    async with connect(url, additional_headers=headers) as socket:
        assert len([message async for message in socket]) == 6


async def test_a_ticket_opens_a_stream_of_either_kind_once(told: Told, address: str) -> None:
    path = f"http://{address}/api/v1/executions/{told.id}/events"
    await told.walk(3, status="completed")
    async with httpx.AsyncClient() as client:

        async def ticket() -> str:
            issued = await client.post(f"{path}/ticket", headers={"X-API-Key": told.api.key})
            assert issued.status_code == 201
            return str(issued.json()["ticket"])

        first = await ticket()
        assert len(parsed((await client.get(path, params={"ticket": first})).text)) == 6
        assert (await client.get(path, params={"ticket": first})).status_code == 401
        second = f"ws://{address}/ws/execution/{told.id}?ticket={await ticket()}"
        async with connect(second) as socket:
            assert len([message async for message in socket]) == 6
        with pytest.raises(InvalidStatus):
            await connect(second)


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://evil.example", 403), ("null", 403), ("http://localhost:5173", 101), (None, 101)],
)
async def test_pages_of_other_origins_may_not_open_a_socket(
    told: Told, address: str, origin: str | None, status: int
) -> None:
    headers = {"X-API-Key": told.api.key} | ({"Origin": origin} if origin else {})
    url = f"ws://{address}/ws/execution/{told.id}"
    try:
        async with connect(url, additional_headers=headers):
            got = 101
    except InvalidStatus as refused:
        got = refused.response.status_code
    assert got == status


async def test_a_page_served_from_here_may(told: Told, address: str) -> None:
    headers = {"X-API-Key": told.api.key, "Origin": f"http://{address}"}
    async with connect(f"ws://{address}/ws/execution/{told.id}", additional_headers=headers) as socket:
        assert await socket.recv()


async def test_a_process_takes_so_many_readers_and_no_more(told: Told, address: str) -> None:
    told.api.parts.live.most = 1
    async with following(address, told.id, told.api.key) as events:
        await taken(events, 1)
        path = f"http://{address}/api/v1/executions/{told.id}/events"
        async with httpx.AsyncClient(headers={"X-API-Key": told.api.key}) as client:
            refused = await client.get(path)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert refused.json()["code"] == "TOO_MANY_READERS"
    async with asyncio.timeout(5):
        while told.api.parts.live.readers:  # noqa: ASYNC110 (the server notices a cut by itself)
            await asyncio.sleep(0.01)
    async with following(address, told.id, told.api.key) as events:
        assert await taken(events, 1)


async def test_a_silent_stream_shows_that_it_lives(
    told: Told, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "HEARTBEAT_SECONDS", 0.05)
    url = f"http://{address}/api/v1/executions/{told.id}/events?after=4"
    async with (
        httpx.AsyncClient(headers={"X-API-Key": told.api.key}) as client,
        client.stream("GET", url) as answer,
        asyncio.timeout(5),
    ):
        lines = answer.aiter_lines()
        assert await anext(lines) == "retry: 2000"
        while await anext(lines) != ":":
            pass


async def test_readers_are_let_go_when_the_process_ends(told: Told) -> None:
    async with contextlib.AsyncExitStack() as readers:
        async with served(told.api.app) as address:
            headers = {"X-API-Key": told.api.key}
            url = f"ws://{address}/ws/execution/{told.id}?after=4"
            socket = await readers.enter_async_context(connect(url, additional_headers=headers))
            events = await readers.enter_async_context(following(address, told.id, told.api.key))
            await taken(events, 4)
            rest = asyncio.create_task(_rest(events))
        assert await rest == [], "a stream that is cut in the middle is an error"
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket.close_code in (1012, 1013)


async def _rest(events: AsyncIterator[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event async for event in events]


async def test_what_is_far_behind_is_read_from_rows_and_nothing_is_left_out(told: Told, address: str) -> None:
    async with following(address, told.id, told.api.key) as early:
        await taken(early, 4)
        for at in range(150):
            await told.walk(2 * at + 3, 2 * at + 4)
        async with following(address, told.id, told.api.key) as late:
            assert seqs(await taken(late, 454)) == list(range(1, 455))
        assert seqs(await taken(early, 450)) == list(range(5, 455))
