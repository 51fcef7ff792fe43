"""A plain HTTP server that notes what it was asked, and under which key, before it does anything else."""

import asyncio
from pathlib import Path
from random import Random

from tests.faults.torture.journal import note, now
from tests.providers.http.raw import Script, always, answer, then_cut

KEY = b"idempotency-key:"


def noted(journal: Path, then: Script) -> Script:
    """Do what is asked, have it on disk, and go on as `then` says."""

    async def script(request: bytes, writer: asyncio.StreamWriter) -> None:
        lines = (line for line in request.splitlines() if line.lower().startswith(KEY))
        key = next((line[len(KEY) :].strip().decode() for line in lines), None)
        note(journal, kind="http", at=now(), key=key, done=True)
        await then(request, writer)

    return script


def moody(dice: Random) -> Script:
    """An answer, or none: one in two."""
    well, badly = always(answer(200, b'{"ok":true}', content_type="application/json")), then_cut()

    async def script(request: bytes, writer: asyncio.StreamWriter) -> None:
        await dice.choice([well, badly])(request, writer)

    return script
