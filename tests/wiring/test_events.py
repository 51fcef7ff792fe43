"""Live events, followed through connections that break."""

import asyncio
import json
from contextlib import aclosing

from pydantic import SecretStr

from torture.raw import serving
from wiring.cli.events import followed
from wiring.cli.service import Service

GOES_ON = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


def told(seq: int, type: str) -> bytes:
    """An event as a chunk of a stream."""
    event = {"seq": seq, "type": type, "at": "2026-01-05T09:00:00Z", "nodeId": None, "data": {}}
    line = f"data: {json.dumps(event)}\n\n".encode()
    return f"{len(line):x}\r\n".encode() + line + b"\r\n"


async def test_a_connection_that_was_silent_for_longer_than_our_patience_is_made_anew_when_it_breaks() -> (
    None
):
    """An execution may wait for a person for hours; then the service is restarted."""
    tries = 0

    async def script(_: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal tries
        tries += 1
        writer.write(GOES_ON + told(tries, "started" if tries == 1 else "completed"))
        await writer.drain()
        if tries == 1:
            await asyncio.sleep(0.5)
            writer.transport.abort()

    async with serving(script) as raw:
        service = Service(raw.url(""), SecretStr("key"))
        async with aclosing(service), aclosing(followed(service, "it", patience=0.4)) as events:
            assert [event["type"] async for event in events] == ["started", "completed"]
    assert b"last-event-id: 1" in raw.seen[1].lower()
