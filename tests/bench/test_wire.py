"""HTTP of the load: what goes out arrives, and what goes wrong is told."""

import asyncio

import pytest

from bench.wire import Client, Reply, WireError, serving
from wiring.supervise.ports import free_port

TYPE = {"content-type": "text/plain"}


def echo(method: str, path: str, body: bytes) -> bytes:
    if path == "/nowhere":
        raise LookupError(path)
    return f"{method} {path} ".encode() + body


async def test_what_is_sent_is_answered_also_in_pieces_larger_than_a_packet() -> None:
    port, client, long = free_port(), Client(), b"x" * 1_000_000
    async with serving(echo, port, after=0):
        for body in (b"a", long, b""):
            reply = await client.post(f"http://127.0.0.1:{port}/some/where", body, TYPE)
            assert reply == Reply(200, b"POST /some/where " + body)
        assert (await client.post(f"http://127.0.0.1:{port}/nowhere", b"", TYPE)).status == 404
    client.close()
    await asyncio.sleep(0)


async def test_calls_at_the_same_time_do_not_mix_and_connections_are_used_again() -> None:
    port, client, paths = free_port(), Client(), list[str]()

    def remembered(method: str, path: str, body: bytes) -> bytes:
        paths.append(path)
        return body

    async with serving(remembered, port, after=0.01):
        url = f"http://127.0.0.1:{port}/"
        for _ in range(2):
            asked = [client.post(f"{url}{at}", str(at).encode(), TYPE) for at in range(5)]
            assert [reply.body for reply in await asyncio.gather(*asked)] == [b"0", b"1", b"2", b"3", b"4"]
    assert len(client._idle["127.0.0.1", port]) == 5
    client.close()
    await asyncio.sleep(0)


async def test_a_server_that_hangs_up_is_told() -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", port := free_port())
    async with server:
        with pytest.raises(WireError, match="hung up"):
            await Client().post(f"http://127.0.0.1:{port}/", b"", TYPE)


async def test_a_server_that_says_nothing_is_waited_for_no_longer_than_that() -> None:
    port, client = free_port(), Client(within=0.05)
    async with serving(echo, port, after=30):
        with pytest.raises(TimeoutError):
            await client.post(f"http://127.0.0.1:{port}/", b"", TYPE)
        assert not client._idle["127.0.0.1", port]
