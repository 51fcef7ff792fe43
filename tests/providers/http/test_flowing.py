"""Answers that go on, over real sockets: line by line, and what is known when they break."""

import asyncio

import pytest

from providers.errors import Failed, NotSent, ProviderError, Refused
from providers.http.pooled import Pooled
from torture.raw import Raw, Script, always, answer, serving, silence, then_cut

GOES_ON = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


def chunk(text: bytes) -> bytes:
    return f"{len(text):x}\r\n".encode() + text + b"\r\n"


async def read(raw: Raw, quiet: float = 2.0) -> list[str]:
    """The lines until the answer ends."""
    async with (
        Pooled(raw.url(""), provider="test") as http,
        http.follow("/events", headers={"last-event-id": "7"}, quiet=quiet) as flow,
    ):
        return [line async for line in flow.lines]


async def test_lines_come_whole_however_they_were_cut() -> None:
    parts = [b"id: 1\nda", b"ta: {}\r\n\n: be", b"at\nrest", b""]
    async with serving(then_cut(GOES_ON + b"".join(map(chunk, parts)))) as raw:
        assert await read(raw) == ["id: 1", "data: {}", "", ": beat"]
    assert b"last-event-id: 7" in raw.seen[0]


async def test_a_line_is_there_before_the_answer_has_ended() -> None:
    held = asyncio.Event()

    async def script(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(GOES_ON + chunk(b"first\n"))
        await held.wait()
        writer.write(chunk(b"second\n") + chunk(b""))

    async with (
        serving(script) as raw,
        Pooled(raw.url(""), provider="test") as http,
        http.follow("/", quiet=5) as flow,
    ):
        assert await anext(flow.lines) == "first"
        held.set()
        assert await anext(flow.lines) == "second"


@pytest.mark.parametrize(
    ("script", "quiet"),
    [
        (then_cut(), 2.0),
        (then_cut(GOES_ON + chunk(b"half")), 2.0),
        (silence, 0.2),
        (then_cut(GOES_ON + chunk(b"x" * 2_000_000) + chunk(b"\n") + chunk(b"")), 2.0),
    ],
    ids=["no answer", "cut", "silence", "a line without end"],
)
async def test_a_lost_connection_may_be_had_again(script: Script, quiet: float) -> None:
    async with serving(script) as raw:
        with pytest.raises(NotSent) as lost:
            await read(raw, quiet)
    assert lost.value.retryable


@pytest.mark.parametrize(
    ("status", "kind"), [(401, Failed), (404, Failed), (503, NotSent), (429, Refused), (301, Failed)]
)
async def test_a_refusal_is_told_with_what_was_said(status: int, kind: type[ProviderError]) -> None:
    async with serving(always(answer(status, b'{"code":"X"}'))) as raw:
        with pytest.raises(kind) as refused:
            await read(raw)
    assert refused.value.reply
    assert refused.value.reply.json() == {"code": "X"}


async def test_nothing_to_come_is_an_answer_without_lines() -> None:
    async with (
        serving(always(answer(204))) as raw,
        Pooled(raw.url(""), provider="test") as http,
        http.follow("/", quiet=2) as flow,
    ):
        assert (flow.status, [line async for line in flow.lines]) == (204, [])


async def test_a_reader_who_has_enough_leaves_nothing_for_the_next() -> None:
    async def script(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(GOES_ON + chunk(b"first\nsecond\n"))

    async with serving(script) as raw, Pooled(raw.url(""), provider="test", connections=1) as http:
        for _ in range(2):
            async with http.follow("/", quiet=5) as flow:
                assert await anext(flow.lines) == "first"
    assert raw.connections == 2
