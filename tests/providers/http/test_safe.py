"""SafeHttp over real sockets: redirects, bombs, and what an effect came to (SEC-02, SEC-03, SEC-05)."""

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr

from providers.errors import Failed, NotSent, ProviderError, Unknown
from providers.http.body import FlawedBody, read_body
from providers.http.request import Headers
from providers.http.safe import SafeHttp
from tests.providers.http.standin import StandIn
from torture.raw import Raw, always, answer, serving, silence, then_cut

MIB = 1024 * 1024


def http(*open_to: Raw) -> SafeHttp:
    return SafeHttp(allow=[raw.here for raw in open_to])


def redirect(to: str, status: int = 302) -> bytes:
    return answer(status, location=to)


@asynccontextmanager
async def two_servers(status: int) -> AsyncIterator[tuple[Raw, Raw]]:
    """A server that redirects to another, and the other."""
    async with serving(always(answer(200))) as far, serving(always(redirect(far.url(), status))) as near:
        yield near, far


async def test_every_request_has_a_connection_of_its_own() -> None:
    async with serving(always(answer(200))) as raw, http(raw) as safe:
        for method in ("POST", "GET", "POST"):
            await safe.request(method, raw.url())
    assert raw.connections == 3


async def test_an_expected_status_is_a_reply() -> None:
    async with serving(always(answer(404, b'{"a":1}', x_kind="none"))) as raw, http(raw) as safe:
        reply = await safe.request("GET", raw.url(), expect={404})
        with pytest.raises(Failed) as caught:
            await safe.request("GET", raw.url())
    assert (reply.status, reply.json(), reply.headers["x-kind"]) == (404, {"a": 1}, "none")
    assert caught.value.reply is not None
    assert caught.value.reply.json() == {"a": 1}


async def test_redirects_are_off_by_default() -> None:
    async with serving(always(redirect("/next"))) as raw, http(raw) as safe:
        with pytest.raises(Failed) as caught:
            await safe.request("GET", raw.url())
    assert (caught.value.code, len(raw.seen)) == ("REDIRECTED", 1)


async def test_at_most_three_redirects_are_followed() -> None:
    async with serving(always(redirect("/again"))) as raw, http(raw) as safe:
        with pytest.raises(Failed):
            await safe.request("GET", raw.url(), redirects=99)
    assert len(raw.seen) == 4


@pytest.mark.parametrize(
    "to",
    [
        "http://169.254.169.254/latest",
        "http://localhost/",
        "file:///etc/passwd",
        "http://[::1",
        "http://u@8.8.8.8/",
    ],
)
async def test_a_redirect_meets_the_same_checks(to: str) -> None:
    async with serving(always(redirect(to))) as raw, http(raw) as safe:
        with pytest.raises(Failed) as caught:
            await safe.request("GET", raw.url(), redirects=3)
    assert caught.value.code in ("ADDRESS_BLOCKED", "INVALID_REQUEST", "REDIRECT_REFUSED")


@pytest.mark.parametrize("to", ["http://8.8.8.8/next", "http://8.8.4.4/"])
async def test_a_redirect_never_leads_from_https_to_http(to: str) -> None:
    everywhere = StandIn(lambda: always(redirect(to)))
    async with SafeHttp(network=everywhere.network) as safe:
        with pytest.raises(Failed) as caught:
            await safe.request("GET", "https://8.8.8.8/", redirects=3)
    assert (caught.value.code, everywhere.connected) == ("REDIRECT_REFUSED", [("8.8.8.8", 443)])


async def test_secrets_stay_with_their_origin() -> None:
    sent: Headers = {
        "Authorization": "Bearer a-1",
        "Cookie": "b-2",
        "X-Key": SecretStr("c-3"),
        "X-Open": "d-4",
    }
    async with two_servers(302) as (near, far), http(near, far) as safe:
        await safe.request("GET", near.url(), headers=sent, redirects=1)
    assert all(secret in near.seen[0] for secret in (b"a-1", b"b-2", b"c-3", b"d-4"))
    assert not any(secret in far.seen[0] for secret in (b"a-1", b"b-2", b"c-3"))
    assert b"d-4" in far.seen[0]
    assert f"host: {far.here}".encode() in far.seen[0]


async def test_secrets_go_on_within_their_origin() -> None:
    script = always(redirect("/next"), answer(200))
    async with serving(script) as raw, http(raw) as safe:
        await safe.request("GET", raw.url(), headers={"X-Key": SecretStr("c-3")}, redirects=1)
    assert b"c-3" in raw.seen[1]


async def test_a_post_that_is_redirected_becomes_a_question() -> None:
    script = always(redirect("/done", 303), answer(200, b"ok"))
    async with serving(script) as raw, http(raw) as safe:
        reply = await safe.request("POST", raw.url(), json={"a": 1}, redirects=1)
    assert reply.content == b"ok"
    assert raw.seen[1].startswith(b"GET /done ")
    assert b"content-length" not in raw.seen[1]


async def test_a_body_is_carried_on_within_its_origin_alone() -> None:
    async with serving(always(redirect("/next", 307), answer(200))) as raw, http(raw) as safe:
        await safe.request("POST", raw.url(), content=b"body", redirects=1)
        assert raw.seen[1].endswith(b"\r\n\r\nbody")
    async with two_servers(308) as (near, far), http(near, far) as safe:
        with pytest.raises(Failed) as caught:
            await safe.request("POST", near.url(), content=b"body", redirects=1)
    assert (caught.value.code, far.seen) == ("REDIRECT_REFUSED", [])


@pytest.mark.parametrize("then", [answer(404), answer(429), answer(500), redirect("http://10.0.0.1/")])
async def test_trouble_behind_a_redirected_effect_is_unknown_for_the_effect_was_done(then: bytes) -> None:
    async with serving(always(redirect("/done", 303), then)) as raw, http(raw) as safe:
        with pytest.raises(Unknown):
            await safe.request("POST", raw.url(), redirects=2)


def layers(body: bytes, depth: int) -> bytes:
    for _ in range(depth):
        body = gzip.compress(body)
    return body


def bomb(mebibytes: int) -> bytes:
    """So many MiB of nothing in gzip, made in no time: one packed block over and over, and no end."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    first, block = (packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + block * (mebibytes - 1)


BOMB = bomb(200)


@pytest.mark.parametrize(
    ("body", "encoding", "code"),
    [
        (BOMB, "gzip", "RESPONSE_TOO_LARGE"),
        (zlib.compress(bytes(50 * MIB)), "deflate", "RESPONSE_TOO_LARGE"),
        (gzip.compress(BOMB), "gzip, gzip", "RESPONSE_ENCODING"),
        (layers(bytes(MIB), 2), "gzip,gzip", "RESPONSE_ENCODING"),
        (b"x", "br", "RESPONSE_ENCODING"),
        (b"no gzip at all", "gzip", "RESPONSE_ENCODING"),
        (gzip.compress(b"cut")[:-4], "gzip", "RESPONSE_ENCODING"),
        (gzip.compress(b"a") + gzip.compress(b"b"), "gzip", "RESPONSE_ENCODING"),
        (bytes(5 * MIB + 1), "identity", "RESPONSE_TOO_LARGE"),
    ],
    ids=[
        *("gzip", "deflate", "gzip of gzip", "two layers", "unknown", "none at all", "cut", "two members"),
        "too large as it is",
    ],
)
async def test_a_bomb_is_refused(body: bytes, encoding: str, code: str) -> None:
    async with serving(always(answer(200, body, content_encoding=encoding))) as raw, http(raw) as safe:
        with pytest.raises(Failed) as caught:
            await safe.request("GET", raw.url())
        done = await safe.request("POST", raw.url())
    assert caught.value.code == code
    assert (done.status, done.content, done.flaw) == (200, b"", code)


def test_the_bomb_is_small_and_holds_200_mebibytes() -> None:
    unpacker = zlib.decompressobj(31)
    left, size = BOMB, 0
    while left:
        size += len(unpacker.decompress(left, MIB))
        left = unpacker.unconsumed_tail
    assert (size, len(BOMB) < 300_000, len(gzip.compress(BOMB)) < 5_000) == (200 * MIB, True, True)


async def test_a_bomb_takes_no_more_memory_than_the_limit() -> None:
    async def in_one_chunk() -> AsyncIterator[bytes]:
        yield BOMB

    tracemalloc.start()
    with pytest.raises(FlawedBody):
        await read_body(in_one_chunk(), {"content-encoding": "gzip"}, MIB)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * MIB


async def test_one_layer_of_gzip_is_read_and_doubly_packed_content_stays_packed() -> None:
    inner = layers(b"habari", 1)
    script = always(answer(200, gzip.compress(inner), content_encoding="gzip"))
    async with serving(script) as raw, http(raw) as safe:
        assert (await safe.request("GET", raw.url())).content == inner


async def test_a_body_of_exactly_the_limit_is_read() -> None:
    async with serving(always(answer(200, bytes(5 * MIB)))) as raw, http(raw) as safe:
        assert len((await safe.request("GET", raw.url())).content) == 5 * MIB


async def test_an_endless_body_is_cut() -> None:
    async def endless(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"10000\r\n" + bytes(65536) + b"\r\n")
            await writer.drain()

    async with serving(endless) as raw, http(raw) as safe:
        with pytest.raises(Failed) as caught:
            await safe.request("GET", raw.url())
    assert caught.value.code == "RESPONSE_TOO_LARGE"


async def test_a_dripping_body_ends_with_the_time_allowed() -> None:
    async def drip(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.02)

    async with serving(drip) as raw, http(raw) as safe:
        with pytest.raises(NotSent) as caught:
            await safe.request("GET", raw.url(), timeout=0.3)
    assert caught.value.code == "TIMEOUT"


@pytest.mark.parametrize("count", [101, 10_000])
async def test_too_many_headers_are_refused(count: int) -> None:
    headers = {f"h{number}": "v" for number in range(count)}
    async with serving(always(answer(200, b"", **headers))) as raw, http(raw) as safe:
        with pytest.raises((Failed, NotSent)):
            await safe.request("GET", raw.url())


@pytest.mark.parametrize(("repeatable", "kind"), [(False, Unknown), (True, NotSent)])
async def test_no_answer_to_a_post_is_unknown_unless_it_may_be_repeated(
    repeatable: bool, kind: type[ProviderError]
) -> None:
    for script in (then_cut(), silence):
        async with serving(script) as raw, http(raw) as safe:
            with pytest.raises(kind):
                await safe.request("POST", raw.url(), timeout=0.2, repeatable=repeatable)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "internal"},
        {"content-length": "0"},
        {"Transfer-Encoding": "chunked"},
        {"Accept-Encoding": "gzip"},
        {"connection": "upgrade"},
        {"Host ": "internal"},
        {"x y": "z"},
        {"x": "a\r\nHost: internal"},
        {f"x{number}": "v" for number in range(65)},
        {"x": "v" * 40_000},
    ],
)
async def test_headers_that_bend_the_exchange_are_refused(headers: dict[str, str]) -> None:
    async with serving(always(answer(200))) as raw, http(raw) as safe:
        with pytest.raises(Failed) as caught:
            await safe.request("GET", raw.url(), headers=headers)
    assert (caught.value.code, raw.seen) == ("INVALID_REQUEST", [])


@pytest.mark.parametrize("method", ["CONNECT", "TRACE", "get", "GET /x HTTP/1.1\r\n", ""])
async def test_only_known_methods_are_sent(method: str) -> None:
    async with serving(always(answer(200))) as raw, http(raw) as safe:
        with pytest.raises(Failed):
            await safe.request(method, raw.url())
    assert raw.seen == []
