"""What aiohttp would do by itself, and may not: each of these is a duty of the road (G15, SEC-01, SEC-02)."""

import asyncio
import contextvars
import socket
from contextlib import suppress
from threading import Thread

import pytest

from providers.errors import Failed, NotSent, ProviderError, Unknown
from providers.http.connector import SocketInfo
from providers.http.pooled import Pooled
from providers.http.progress import Progress, current
from providers.http.road import Network, Road, plain_socket
from providers.http.safe import SafeHttp
from tests.providers.http.standin import StandIn
from torture.raw import Raw, Script, always, answer, serving, then_cut


def client(raw: Raw, seconds: float = 2.0) -> Pooled:
    return Pooled(raw.url(""), provider="test", seconds=seconds)


def first(then: Script) -> Script:
    """One good answer, and then that."""
    asked = [always(answer(200, b"1"))]

    async def script(request: bytes, writer: asyncio.StreamWriter) -> None:
        await (asked.pop() if asked else then)(request, writer)

    return script


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST"])
async def test_an_effect_whose_kept_connection_breaks_is_not_sent_again(method: str) -> None:
    async with serving(first(then_cut())) as raw, client(raw) as http:
        await http.request(method, "/x", json={"n": 1})
        with pytest.raises(Unknown, match="CONNECTION_LOST"):
            await http.request(method, "/x", json={"n": 2})
    assert [seen[-7:] for seen in raw.seen] == [b'{"n":1}', b'{"n":2}']


async def test_a_question_whose_kept_connection_breaks_is_asked_again_by_nobody_but_us() -> None:
    async with serving(first(then_cut())) as raw, client(raw) as http:
        await http.request("GET", "/x")
        with pytest.raises(NotSent):
            await http.request("GET", "/x")
    assert (len(raw.seen), raw.connections) == (2, 1)


async def test_an_answer_that_nobody_asked_for_answers_nothing() -> None:
    async def script(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(200, request[-1:]))
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(answer(408))

    async with serving(script) as raw, client(raw) as http:
        assert (await http.request("POST", "/x", content=b"1")).content == b"1"
        await asyncio.sleep(0.1)
        assert (await http.request("POST", "/x", content=b"2")).content == b"2"
    assert (len(raw.seen), raw.connections) == (2, 2)


async def test_a_connection_that_closed_while_we_were_busy_is_not_used_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def once() -> None:
            talk, _ = listening.accept()
            with talk:
                talk.recv(65536)
                talk.sendall(answer(200))

        async def asked() -> int:
            server = Thread(target=once)
            server.start()
            reply = await http.request("POST", "/x")
            server.join()  # nothing of the loop runs meanwhile: it has not heard of the end
            return reply.status

        async with Pooled(f"http://127.0.0.1:{listening.getsockname()[1]}", provider="test") as http:
            assert [await asked(), await asked()] == [200, 200]


async def test_a_connection_asked_to_close_is_not_kept_though_the_server_keeps_it() -> None:
    async with serving(always(answer(200))) as raw, client(raw) as http:
        for _ in range(2):
            await http.request("POST", "/x", headers={"connection": "close"})
    assert raw.connections == 2


async def test_a_pooled_client_follows_no_redirect_and_keeps_no_cookie() -> None:
    told = always(answer(302, location="/elsewhere", set_cookie="a=1"), answer(200))
    far = StandIn(lambda: told)  # by a name: aiohttp takes no cookies from a literal address
    async with Pooled("http://a.example", provider="test", network=far.network) as http:
        with pytest.raises(Failed, match="REDIRECTED"):
            await http.request("GET", "/x")
        await http.request("GET", "/x")
    assert [seen.split(b" ")[1] for seen in far.seen] == [b"/x", b"/x"]
    assert b"cookie" not in b"".join(far.seen).lower()


async def test_nothing_is_sent_that_we_did_not_write() -> None:
    async with serving(always(answer(200))) as raw, client(raw) as http:
        await http.request("POST", "/x", content=b"body")
    names = {line.partition(b":")[0].lower() for line in raw.seen[0].split(b"\r\n")[1:] if b":" in line}
    assert names == {b"host", b"user-agent", b"accept", b"accept-encoding", b"content-length"}
    assert b"aiohttp" not in raw.seen[0].lower()


async def test_a_large_body_is_sent_whole() -> None:
    async with serving(always(answer(200))) as raw, client(raw, 10) as http:
        await http.request("POST", "/x", content=b"x" * 3_000_000)
    assert raw.seen[0].endswith(b"\r\n\r\n" + b"x" * 3_000_000)


@pytest.mark.parametrize("size", [70_000, 1_000_000])
async def test_a_header_without_end_is_no_answer(size: int) -> None:
    async with serving(always(answer(200, b"", x_long="v" * size))) as raw, client(raw) as http:
        with pytest.raises(NotSent):
            await http.request("GET", "/x")
        with pytest.raises(Unknown):
            await http.request("POST", "/x")


@pytest.mark.parametrize("kept", [True, False])
async def test_who_gives_up_closes_the_connection(kept: bool) -> None:
    asked, left = asyncio.Event(), asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        assert await reader.read() == b""
        left.set()
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        raw = Raw(server.sockets[0].getsockname()[1])
        async with client(raw) as pooled, SafeHttp(allow=[raw.here]) as safe:
            asking = pooled.request("POST", "/") if kept else safe.request("POST", raw.url())
            task = asyncio.create_task(asking)
            await asked.wait()
            task.cancel()
            await asyncio.wait_for(left.wait(), 5)
            with pytest.raises(asyncio.CancelledError):
                await task


async def test_what_was_given_up_does_not_trickle_out_later() -> None:
    given_up, received = asyncio.Event(), asyncio.get_running_loop().create_future()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        size = 0
        with suppress(ConnectionError):
            size += len(await reader.readuntil(b"\r\n\r\n"))
            await given_up.wait()
            while piece := await reader.read(65536):
                size += len(piece)
        received.set_result(size)
        writer.close()

    def narrow(info: SocketInfo) -> socket.socket:
        made = plain_socket(info)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        return made

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with (
            await asyncio.start_server(talk, sock=listening),
            Pooled(url, provider="test", network=Network(socket=narrow)) as http,
        ):
            with pytest.raises(Unknown, match="TIMEOUT"):
                await http.request("POST", "/x", content=b"x" * 1_000_000, seconds=0.3)
            given_up.set()
            assert await asyncio.wait_for(received, 10) < 1_000_000


def test_a_client_can_be_made_before_there_is_a_loop_and_be_closed_twice() -> None:
    async def used(http: Pooled) -> None:
        with pytest.raises(NotSent):
            await http.request("GET", "/")
        await http.aclose()
        await http.aclose()

    asyncio.run(used(Pooled("http://127.0.0.1:1", provider="test")))


async def _one(_: str, __: int) -> list[str]:
    return ["8.8.8.8"]


@pytest.mark.parametrize(
    ("names", "outcome"),
    [(("a.example",), "200"), (("b.example",), "CONNECT_FAILED"), (("8.8.8.8",), "CONNECT_FAILED")],
)
async def test_a_certificate_is_the_hosts_and_not_the_addresses(
    monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...], outcome: str
) -> None:
    monkeypatch.setattr("tests.providers.http.standin.NAMES", names)
    far = StandIn(lambda: always(answer(200)))
    async with SafeHttp(network=far.network, resolve=_one) as http:
        try:
            told = str((await http.request("POST", "https://a.example/")).status)
        except NotSent as error:
            told = error.code
    assert (told, far.connected, len(far.seen)) == (outcome, [("8.8.8.8", 443)], int(told == "200"))


async def test_an_authority_that_the_system_does_not_know_certifies_nothing() -> None:
    far = StandIn(lambda: always(answer(200)))
    network = Network(socket=far.network.socket)
    async with SafeHttp(network=network, resolve=_one) as http:
        with pytest.raises(NotSent, match="CONNECT_FAILED"):
            await http.request("POST", "https://a.example/")
    assert (far.connected, far.seen) == ([("8.8.8.8", 443)], [])


async def test_the_next_address_is_tried_where_one_refuses() -> None:
    refusals = [ConnectionRefusedError()]

    def answering() -> Script:
        if refusals:
            raise refusals.pop()
        return always(answer(200))

    async def two(_: str, __: int) -> list[str]:
        return ["8.8.8.8", "8.8.4.4"]

    far = StandIn(answering)
    async with SafeHttp(network=far.network, resolve=two) as http:
        await http.request("POST", "http://a.example/")
    assert far.connected == [("8.8.8.8", 80), ("8.8.4.4", 80)]
    assert b"host: a.example\r\n" in far.seen[0]


def test_no_socket_is_made_for_an_address_that_was_not_checked() -> None:
    progress = Progress()
    progress.only = ["8.8.8.8"]
    here = contextvars.copy_context()
    here.run(current.set, progress)
    made = Road(1, idle=None)._socket
    with pytest.raises(OSError, match="not an address that was checked"):
        here.run(made, (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80)))
    here.run(made, (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("8.8.8.8", 80))).close()


async def test_an_error_of_the_library_is_in_none_of_ours() -> None:
    async with Pooled("http://secret-host.invalid/secret-path", provider="test") as http:
        with pytest.raises(ProviderError) as caught:
            await http.request("POST", "/x")
    assert "secret" not in f"{caught.value} {caught.value!r}"
    assert caught.value.__suppress_context__
