"""A plain HTTP server that notes what it was asked, and under which key, before it does anything else."""

import asyncio
from pathlib import Path
from random import Random
from typing import NamedTuple

from torture.journal import note, now
from torture.raw import Script, always, answer, then_cut

KEY = b"idempotency-key:"
GOOD = answer(200, b'{"ok":true}', content_type="application/json")
SLOW = 1.5
DRIP = 0.05


def noted(journal: Path, then: Script, *, done: bool = True, mood: str = "") -> Script:
    """Have it on disk that something was asked (and `done`), and go on as `then` says."""

    async def script(request: bytes, writer: asyncio.StreamWriter) -> None:
        note(journal, kind="http", at=now(), key=_key(request), done=done, mood=mood)
        await then(request, writer)

    return script


def _key(request: bytes) -> str | None:
    lines = (line for line in request.splitlines() if line.lower().startswith(KEY))
    return next((line[len(KEY) :].strip().decode() for line in lines), None)


class Mood(NamedTuple):
    """What becomes of a request: `done` tells whether what was asked is done all the same."""

    name: str
    weight: int
    done: bool
    then: Script


async def slowly(_: bytes, writer: asyncio.StreamWriter) -> None:
    """An answer, after a while."""
    await asyncio.sleep(SLOW)
    writer.write(GOOD)


async def dripping(_: bytes, writer: asyncio.StreamWriter) -> None:
    """An answer, a few bytes at a time."""
    for start in range(0, len(GOOD), 8):
        writer.write(GOOD[start : start + 8])
        await writer.drain()
        await asyncio.sleep(DRIP)


MOODS = (
    Mood("well", 60, True, always(GOOD)),
    Mood("slow", 6, True, slowly),
    Mood("drip", 4, True, dripping),
    Mood("busy", 6, False, always(answer(429, b"", retry_after="1"))),
    Mood("away", 4, False, always(answer(503, b"", retry_after="1"))),
    Mood("wrong", 4, False, always(answer(422, b"{}"))),
    Mood("done, then 500", 5, True, always(answer(500))),
    Mood("not done, then 502", 4, False, always(answer(502))),
    Mood("cut before", 3, False, then_cut()),
    Mood("cut after", 5, True, then_cut()),
    Mood("cut in the midst", 3, True, then_cut(GOOD[:-6])),
)


def moody(journal: Path, dice: Random) -> Script:
    """A server whose every answer is drawn."""
    moods = [noted(journal, mood.then, done=mood.done, mood=mood.name) for mood in MOODS]
    weights = [mood.weight for mood in MOODS]

    async def script(request: bytes, writer: asyncio.StreamWriter) -> None:
        [mood] = dice.choices(moods, weights)
        await mood(request, writer)

    return script
