"""A run: people, nemesis and collector on a `dev` of its own, in a folder that the checker reads."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from random import Random

from temporalio.client import Client

from dsl.messages import ENDED
from store.database import Database
from tests.faults.checker import folder as names
from tests.faults.torture import collect
from tests.faults.torture.flows import CAPTURE, MENU, Flow, order
from tests.faults.torture.journal import now
from tests.faults.torture.nemesis import PARTS, Nemesis
from tests.faults.torture.people import Person
from tests.faults.torture.sink import moody, noted
from tests.providers.http.raw import serving
from tests.servers import scratch_state_dir
from tests.system.local import running_dev
from tests.system.office import Office, opened_office
from wiring.keys import load_or_create

PEOPLE = 12
WITHIN = 90.0
"""Seconds in which every conversation has to end once nothing is broken any more."""
SETTLED = 20.0
LOUD = {"keep_pending_on_bot_failure": True, "messages_per_minute": 100_000}
"""A webhook that nobody took hands no conversation to people, and people may write as much as they like."""
ACTIVE = "SELECT count(*) FROM executions WHERE status <> ALL ($1::text[])"
KNOWN = "SELECT count(*) FROM executions"
MOVING = "SELECT count(*) FROM inbound_events WHERE state IN ('received', 'handed')"
SECRETS = ("CHATWOOT_API_KEY", "CHATWOOT_BOT_TOKEN", "CHATWOOT_WEBHOOK_SECRET")


async def torture(seed: int, folder: Path, *, people: int = PEOPLE) -> None:
    """Fill the folder: a dozen conversations, each part killed once and the worker once more at the end."""
    dice = Random(seed)
    with scratch_state_dir() as home:
        async with (
            serving(noted(folder / names.PLAIN, moody(Random(seed)))) as sink,
            running_dev(home, TEMBEA_SAFE_HTTP_ALLOW=sink.here) as dev,
            opened_office(dev) as office,
            dev.database() as db,
        ):
            run = _Run(seed, folder, dice, office, db)
            await collect.sample(dev, folder)
            await run.play(people, [CAPTURE, MENU, order(sink.url("/orders"))])
            await collect.sample(dev, folder)
            await run.collect()


@dataclass
class _Run:
    seed: int
    folder: Path
    dice: Random
    office: Office
    db: Database
    people: Sequence[Person] = ()
    quiet_since: str = ""

    async def play(self, count: int, flows: list[Flow]) -> None:
        """Everybody talks; things break; everybody comes to an end."""
        await self.office.chatwoot.request("POST", "/_control/seed", json={"settings": LOUD})
        offices = cycle([await self.office.beside(flow) for flow in flows])
        self.people = [
            Person(await next(offices).visitor(), Random(self.dice.random())) for _ in range(count)
        ]
        talks = [asyncio.create_task(person.talk()) for person in self.people]
        try:
            await self._suffer()
            await self._come_to_an_end(count)
        finally:
            for talk in talks:
                talk.cancel()
            ends = await asyncio.gather(*talks, return_exceptions=True)
        assert all(isinstance(end, asyncio.CancelledError) for end in ends), ends

    async def _suffer(self) -> None:
        nemesis = Nemesis(self.office.dev, self.office.chatwoot, self.folder, self.dice)
        await nemesis.spoil()
        await nemesis.kills(*self.dice.sample(PARTS, len(PARTS)), "worker")
        await nemesis.relent()
        self.quiet_since = now()

    async def _come_to_an_end(self, count: int) -> None:
        """Bounded, and what does not come to it is for the checker to tell."""
        for query, arguments, wanted, seconds in (
            (KNOWN, (), count, WITHIN),
            (ACTIVE, (list(ENDED),), 0, WITHIN),
            (MOVING, (), 0, SETTLED),
        ):
            await _until(self.db, query, arguments, wanted, seconds)

    async def collect(self) -> None:
        """Out of the servers, into the folder."""
        dev, environment = self.office.dev, self.office.dev.environment()
        keys = load_or_create(dev.folder, "")
        client = await Client.connect(environment["TEMPORAL_ADDRESS"])
        await collect.tables(self.db, self.folder)
        await collect.histories(self.db, client, keys, self.folder)
        collect.files(dev, self.folder)
        about = {
            "seed": self.seed,
            "at": now(),
            "quietSince": self.quiet_since,
            "secrets": [dev.first_key, *(environment[name] for name in SECRETS)],
            "private": [word for person in self.people for word in person.words],
        }
        (self.folder / names.ABOUT).write_text(json.dumps(about))


async def _until(
    db: Database, query: str, arguments: tuple[object, ...], wanted: int, seconds: float
) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while await db.fetchval(query, *arguments) != wanted and loop.time() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.2)
