"""The pooled client over real sockets: what is known when a conversation breaks."""

import asyncio
import socket

import pytest
from pydantic import SecretStr

from providers.errors import Failed, NotSent, ProviderError, Refused, Unknown
from providers.http.pooled import Pooled
from torture.raw import Raw, Script, always, answer, serving, silence, then_cut

SECRET = "tok-93c1"


def client(raw: Raw, seconds: float = 2.0) -> Pooled:
    return Pooled(raw.url(""), provider="test", headers={"api-key": SecretStr(SECRET)}, seconds=seconds)


async def outcome(
    script: Script, method: str = "POST", seconds: float = 2.0, repeatable: bool = False
) -> str:
    """`done` and the flaw, or the standing and code of the error; asserts that it was sent once."""
    async with serving(script) as raw, client(raw, seconds) as http:
        try:
            reply = await http.request(method, "/x", json={"a": 1}, repeatable=repeatable)
            told = f"done {reply.flaw}"
        except ProviderError as error:
            told = f"{error.standing} {error.code}"
        assert len(raw.seen) == 1
    return told


async def test_a_request_carries_json_and_the_fixed_headers() -> None:
    async with serving(always(answer(200, b'{"id":7}'))) as raw, client(raw) as http:
        reply = await http.request("POST", "/a/b", params={"q": "x y"}, json={"text": "habari"})
    head, body = raw.seen[0].split(b"\r\n\r\n")
    assert head.startswith(b"POST /a/b?q=x+y HTTP/1.1\r\n")
    assert f"api-key: {SECRET}".encode() in head
    assert b"accept-encoding: identity" in head
    assert (body, reply.status, reply.json()) == (b'{"text":"habari"}', 200, {"id": 7})


async def test_connections_are_shared() -> None:
    async with serving(always(answer(200))) as raw, client(raw) as http:
        for _ in range(3):
            await http.request("POST", "/x")
    assert (len(raw.seen), raw.connections) == (3, 1)


@pytest.mark.parametrize(
    ("method", "repeatable", "standing"),
    [("POST", False, "unknown"), ("POST", True, "not_sent"), ("GET", False, "not_sent")],
)
async def test_no_answer_after_the_request_was_written_is_unknown_for_an_effect_alone(
    method: str, repeatable: bool, standing: str
) -> None:
    lost = await outcome(then_cut(), method, repeatable=repeatable)
    late = await outcome(silence, method, seconds=0.2, repeatable=repeatable)
    half = await outcome(then_cut(b"HTTP/1.1 200 OK\r\ncontent-"), method, repeatable=repeatable)
    assert (lost, late) == (f"{standing} CONNECTION_LOST", f"{standing} TIMEOUT")
    assert half == f"{standing} CONNECTION_LOST"


@pytest.mark.parametrize(
    ("script", "flaw"),
    [
        (then_cut(answer(200, b"{", content_length="99")), "CONNECTION_LOST"),
        (always(answer(200, b"x" * 100, content_length=str(6 * 1024 * 1024))), "TIMEOUT"),
        (always(answer(200, b"x", content_encoding="br")), "RESPONSE_ENCODING"),
    ],
)
async def test_a_good_status_with_a_broken_body_is_done_and_flagged(script: Script, flaw: str) -> None:
    assert await outcome(script, seconds=0.3) == f"done {flaw}"


async def test_nobody_listening_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    async with Pooled(f"http://127.0.0.1:{port}", provider="test") as http:
        with pytest.raises(NotSent) as caught:
            await http.request("POST", "/x")
    assert caught.value.code == "CONNECT_FAILED"


async def test_a_server_that_never_ends_its_tls_handshake_is_not_sent() -> None:
    async with serving(silence) as raw, Pooled(f"https://{raw.here}", provider="test", seconds=0.4) as http:
        with pytest.raises(NotSent) as caught:
            await http.request("POST", "/x")
    assert caught.value.code == "CONNECT_TIMEOUT"


async def test_an_unknown_name_is_not_sent() -> None:
    async with Pooled("http://nowhere.invalid", provider="test", seconds=3) as http:
        with pytest.raises(NotSent):
            await http.request("POST", "/x")


async def test_waiting_for_a_free_connection_too_long_is_not_sent() -> None:
    received = asyncio.Event()

    async def slow(_: bytes, writer: asyncio.StreamWriter) -> None:
        received.set()
        await writer.wait_closed()

    async with serving(slow) as raw, Pooled(raw.url(""), provider="test", connections=1) as http:
        first = asyncio.create_task(http.request("POST", "/x", seconds=1.0))
        await received.wait()
        with pytest.raises(NotSent):
            await http.request("POST", "/y", seconds=0.2)
        with pytest.raises(Unknown):
            await first


async def test_a_refusal_says_when_to_come_back() -> None:
    async with serving(always(answer(429, b"Retry later", retry_after="12"))) as raw, client(raw) as http:
        with pytest.raises(Refused) as caught:
            await http.request("POST", "/x")
    assert caught.value.retry_after == 12.0


@pytest.mark.parametrize("value", ["two\r\nlines", "nul\x00", "é", "\ud800"])
async def test_a_header_that_cannot_be_sent_is_refused_without_being_quoted(value: str) -> None:
    async with serving(always(answer(200))) as raw, client(raw) as http:
        with pytest.raises(Failed) as caught:
            await http.request("POST", "/x", headers={"x-key": SecretStr(SECRET + value)})
    assert caught.value.code == "INVALID_REQUEST"
    assert raw.seen == []
    assert caught.value.__cause__ is None
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("body", ["\ud800", 2**70, {"a": object()}])
async def test_a_body_that_is_not_json_is_refused(body: object) -> None:
    async with serving(always(answer(200))) as raw, client(raw) as http:
        with pytest.raises(Failed):
            await http.request("POST", "/x", json=body)
    assert raw.seen == []


async def test_a_secret_is_in_no_error() -> None:
    async with serving(then_cut()) as raw, client(raw) as http:
        with pytest.raises(Unknown) as caught:
            await http.request("POST", "/x")
    error = caught.value
    assert error.__suppress_context__
    assert SECRET not in f"{error} {error!r} {error.__dict__}"
