"""The drill: people talk, a backup is taken, they talk on, and the databases are put back to the backup."""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from bench.contestants import Ground, publish
from bench.restore.backup import back_up, put_back
from bench.restore.house import House, built
from dsl.model import Message
from providers.http.pooled import Pooled
from store.database import Database
from wiring.embedded import postgres
from wiring.talk import Talk
from wiring.visitor import Visitor

QUIET_SECONDS, PATIENCE = 8.0, 240.0
UNDER_WAY = {"attempting", "open"}
EFFECTS = "SELECT state, count(*) FROM effects GROUP BY state"
PHONE = "+254711222333"


class Drill(Message):
    """What a restore came to; `review`: the workers were told of it."""

    review: bool
    people: int
    effects_before: int
    """At the providers, when the backup was put back."""
    effects_lost: int
    """Of these, made after the backup: no record of ours knows them."""
    doubled: int
    """Made once more after the restore, by the providers' journals."""
    unknown: int
    """That the record calls unknown, done or not."""
    withheld: int
    """Asked for by what people wrote in the lost time or since, and never made."""
    backup_seconds: float
    restore_seconds: float
    """From the servers' end to a worker that works."""


def flow() -> dict[str, Any]:
    """Each answer is noted in the chat, where it can be looked up, and texted, where it cannot."""
    ask = {"text": "And?", "saveTo": "said", "timeout": "1d"}
    nodes = [
        {"id": "start", "type": "start"},
        {"id": "ask", "type": "question", "config": ask},
        {"id": "note", "type": "message", "config": {"text": "note {{said}}"}},
        {"id": "text", "type": "send_sms", "config": {"to": PHONE, "message": "text {{said}}"}},
        {"id": "end", "type": "end"},
    ]
    edges: list[dict[str, str]] = [
        {"from": "start", "to": "ask"},
        {"from": "ask", "to": "note"},
        {"from": "ask", "exit": "timeout", "to": "end"},
        {"from": "note", "to": "text"},
        *({"from": "text", "exit": exit, "to": "ask"} for exit in ("sent", "failed", "unknown", "error")),
    ]
    trigger = {"channel": "chatwoot", "event": "message_created"}
    return {"id": "drill", "name": "Drill", "trigger": trigger, "nodes": nodes, "edges": edges}


class Street:
    """People who write, and what the providers were asked for."""

    def __init__(self, chatwoot: Pooled, phones: Pooled, inbox: str, people: int) -> None:
        self._providers = (chatwoot, phones)
        self.people = [Visitor(chatwoot, inbox) for _ in range(people)]

    async def say(self, word: str, some: slice = slice(None)) -> None:
        """Each says it, with a number of its own."""
        said = [person.say(f"{word}-{place}") for place, person in list(enumerate(self.people))[some]]
        await asyncio.gather(*said)

    async def effects(self) -> Counter[str]:
        """How often each text was taken, chat and phones together; the questions are all alike."""
        return Counter([text for provider in self._providers async for text in _texts(provider)])

    async def quiet(self, house: House) -> Counter[str]:
        """The effects when none is under way any more and nothing new has come for a while."""
        deadline, since, seen = time.monotonic() + PATIENCE, time.monotonic(), (await self.effects(), {"": 0})
        while time.monotonic() < min(deadline, since + QUIET_SECONDS):
            await asyncio.sleep(0.5)
            now = await self.effects(), await _states(house)
            if now != seen or UNDER_WAY & set(now[1]):
                seen, since = now, time.monotonic()
        return seen[0]


async def _texts(provider: Pooled) -> AsyncIterator[str]:
    after = 0
    while True:
        told = (await provider.request("GET", "/_control/journal", params={"after": str(after)})).json()
        for line in told["lines"]:
            after, body = line["n"], line.get("body")
            text = (body.get("content") or body.get("message")) if isinstance(body, dict) else None
            taken = line["kind"] == "api" and line["method"] == "POST" and 200 <= line["status"] < 300
            if taken and isinstance(text, str) and text.startswith(("note ", "text ")):
                yield text
        if not told["lines"]:
            return


async def drilled(folder: Path, people: int, talk: Talk, *, review: bool) -> Drill:
    """One restore; `folder` is empty, and others pass through it."""
    cluster = await asyncio.to_thread(postgres.prepare, folder, explicit=True)
    house = await built(folder, cluster, f"tmb_{secrets.token_hex(6)}_{secrets.token_urlsafe(32)}", talk)
    async with house.providers(), _street(house, people) as street:
        async with house.life():
            await publish(house.url, _ground(house), flow())
            backed = await _until_backup(house, street)
            await _lost_time(house, street)
            before = await street.quiet(house)
        began = time.monotonic()
        await put_back(cluster, backed.backup)
        async with house.life(datetime.now(UTC) if review else None):
            restored = time.monotonic() - began
            await street.quiet(house)
            await street.say("d")
            after = await street.quiet(house)
            states = await _states(house)
    wanted = {f"{kind} {word}-{n}" for kind in ("note", "text") for word in "abcd" for n in range(people)}
    return Drill(
        review=review, people=people, effects_before=before.total(),
        effects_lost=(before - backed.effects).total(), doubled=sum(n - 1 for n in after.values()),
        unknown=states.get("unknown", 0), withheld=len(wanted - set(after)),
        backup_seconds=round(backed.seconds, 1), restore_seconds=round(restored, 1),
    )  # fmt: skip


class _Backed(Message):
    """A backup, and what the providers had been asked for when it was begun."""

    backup: Path
    effects: Counter[str]
    seconds: float

    @classmethod
    async def of(cls, house: House, street: Street) -> Self:
        effects, began = await street.effects(), time.monotonic()
        backup = await back_up(house.postgres)
        return cls(backup=backup, effects=effects, seconds=time.monotonic() - began)


async def _until_backup(house: House, street: Street) -> _Backed:
    """Everybody has answered once, and half of them do so again while the backup is taken."""
    for word in ("hello", "a"):
        await street.say(word)
        await street.quiet(house)
    backing = asyncio.create_task(_Backed.of(house, street))
    await street.say("b", slice(0, None, 2))
    return await backing


async def _lost_time(house: House, street: Street) -> None:
    """All go on; what is begun here, no record will know."""
    await street.say("b", slice(1, None, 2))
    await street.quiet(house)
    await street.say("c")


async def _states(house: House) -> dict[str, int]:
    db = await Database.open(house.postgres.dsn, size=2)
    try:
        return {str(state): int(count) for state, count in await db.fetch(EFFECTS)}
    finally:
        await db.close()


@asynccontextmanager
async def _street(house: House, people: int) -> AsyncIterator[Street]:
    chatwoot, phones = (Pooled(one.url, provider=one.name) for one in (house.chatwoot, house.phones))
    async with chatwoot, phones:
        yield Street(chatwoot, phones, house.chatwoot.identifier, people)


def _ground(house: House) -> Ground:
    """What `publish` wants to know."""
    return Ground(house.folder, "", house.chatwoot.url, house.chatwoot.account, "", house.key)


def silent(drills: Sequence[Drill]) -> int:
    """Doubled effects of the drills whose workers were told: there must be none."""
    return sum(one.doubled for one in drills if one.review)
