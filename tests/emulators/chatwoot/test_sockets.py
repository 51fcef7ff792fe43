"""The emulator as its own process and behind real sockets: dropped connections, time-outs, the journal."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulators.chatwoot.config import Config
from emulators.chatwoot.server import Running, running
from tests.emulators.process import process

pytestmark = pytest.mark.real
SEED: dict[str, Any] = {
    "agent_bots": [{"id": 4, "token": "bot-token"}],
    "inboxes": [{"id": 12, "agent_bot_id": 4}],
}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(Config(state_dir=tmp_path, webhook_timeout=0.2)) as emulator:
        yield emulator


@pytest.fixture
async def client(server: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        await http.post("/_control/seed", json=SEED)
        await http.post("/_control/customer", json={"action": "start"})
        yield http


async def _fault(client: httpx.AsyncClient, action: str, **more: Any) -> None:
    body = {"action": action, "match": {"path": "/messages$"}, **more}
    assert (await client.post("/_control/faults", json=body)).status_code == 200


async def _contents(client: httpx.AsyncClient) -> list[str]:
    state = (await client.get("/_control/state?conversation=1")).json()
    return [message["content"] for message in state["messages"]]


async def _raw_post(server: Running, content: str) -> bytes:
    """Post a message by hand and return every byte until the connection closes."""
    body = json.dumps({"content": content}).encode()
    head = (
        "POST /api/v1/accounts/1/conversations/1/messages HTTP/1.1\r\nHost: x\r\n"
        f"api_access_token: bot-token\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(head.encode() + body)
    try:
        async with asyncio.timeout(5):
            return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize(("action", "stored"), [("drop_before", []), ("drop_after", ["x"])])
async def test_a_dropped_connection_closes_without_a_byte(
    server: Running, client: httpx.AsyncClient, action: str, stored: list[str]
) -> None:
    await _fault(client, action)
    assert await _raw_post(server, "x") == b""
    assert await _contents(client) == stored
    assert (await client.get("/_control/faults")).json()[0]["landed"] == 1


async def test_a_truncated_answer_promises_more_than_it_sends(
    server: Running, client: httpx.AsyncClient
) -> None:
    await _fault(client, "truncate")
    head, _, body = (await _raw_post(server, "x")).partition(b"\r\n\r\n")
    promised = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
    assert len(body) == int(promised.split(b":")[1]) // 2
    assert await _contents(client) == ["x"]


async def test_a_client_sees_the_drop_as_a_protocol_error_and_can_go_on(client: httpx.AsyncClient) -> None:
    await _fault(client, "drop_after")
    path, headers = "/api/v1/accounts/1/conversations/1/messages", {"api_access_token": "bot-token"}
    with pytest.raises(httpx.TransportError):
        await client.post(path, json={"content": "a"}, headers=headers)
    assert (await client.post(path, json={"content": "b"}, headers=headers)).status_code == 200
    assert await _contents(client) == ["a", "b"]


@pytest.mark.parametrize(("action", "stored"), [("hang", []), ("hang_after", ["a"])])
async def test_a_hanging_call_never_answers_a_client_that_gives_up(
    client: httpx.AsyncClient, action: str, stored: list[str]
) -> None:
    await _fault(client, action, param=30)
    path, headers = "/api/v1/accounts/1/conversations/1/messages", {"api_access_token": "bot-token"}
    with pytest.raises(httpx.ReadTimeout):
        await client.post(path, json={"content": "a"}, headers=headers, timeout=0.2)
    assert await _contents(client) == stored


async def test_a_request_that_breaks_off_does_nothing(server: Running, client: httpx.AsyncClient) -> None:
    """A client that dies in the middle of its body has asked for nothing."""
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    head = "POST /api/v1/accounts/1/conversations/1/messages HTTP/1.1\r\nHost: x\r\n"
    writer.write(f"{head}api_access_token: bot-token\r\nContent-Length: 20\r\n\r\n".encode())
    writer.write(b'{"content"')
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert await _contents(client) == []
    lines = (await client.get("/_control/journal")).json()["lines"]
    assert [line["kind"] for line in lines] == ["customer"]


async def test_a_receiver_that_is_too_slow_fails_the_delivery(client: httpx.AsyncClient) -> None:
    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(listen, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}/hook"
    await client.post("/_control/seed", json={"agent_bots": [{"id": 4, "outgoing_url": url}]})
    await client.post("/_control/customer", json={"action": "say", "conversation": 1, "text": "hi"})
    assert (await client.get("/_control/idle")).json()["idle"]
    silent.close()
    lines = (await client.get("/_control/journal")).json()["lines"]
    failed = next(line for line in lines if line["kind"] == "delivery" and line["event"] == "message_created")
    assert (failed["outcome"], failed["attempt"]) == ("failed", 1)
    assert failed["error"].startswith("ReadTimeout")
    state = (await client.get("/_control/state?conversation=1")).json()
    assert state["conversation"]["status"] == "open"


async def test_parallel_writers_leave_one_order(client: httpx.AsyncClient) -> None:
    path, headers = "/api/v1/accounts/1/conversations/1/messages", {"api_access_token": "bot-token"}
    answers = await asyncio.gather(
        *(client.post(path, json={"content": str(n)}, headers=headers) for n in range(40))
    )
    ids = [answer.json()["id"] for answer in answers]
    state = (await client.get("/_control/state?conversation=1")).json()["messages"]
    assert [message["id"] for message in state] == sorted(ids) == list(range(9101, 9141))
    by_id = {message["id"]: message["content"] for message in state}
    assert [by_id[number] for number in ids] == [str(n) for n in range(40)]


def test_the_process_announces_itself_and_keeps_its_journal(tmp_path: Path) -> None:
    with process("chatwoot", tmp_path, "--profile", "v4.3", "--set", "secret_length=30") as url:
        assert httpx.get(f"{url}/api").json()["version"] == "4.3.0"
        assert url.startswith("http://127.0.0.1:")
        assert stat.S_IMODE((tmp_path / "emulator.json").stat().st_mode) == 0o600
        httpx.post(f"{url}/_control/seed", json=SEED)
        first = httpx.post(f"{url}/_control/customer", json={"action": "start", "message": "hi"}).json()
        on_disk = (tmp_path / "journal.jsonl").read_text().splitlines()
        assert json.loads(on_disk[-1])["action"] == "start"
    with process("chatwoot", tmp_path) as url:
        httpx.post(f"{url}/_control/seed", json=SEED)
        second = httpx.post(f"{url}/_control/customer", json={"action": "start", "message": "hi"}).json()
        lines = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
    assert [line["n"] for line in lines] == list(range(1, len(lines) + 1))
    for key in ("conversationId", "messageId", "contactId"):
        assert second[key] > first[key] + 900_000
