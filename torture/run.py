"""A run: people, nemesis and collector on a house of its own, in a folder that the checker reads."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from temporalio.client import Client

from dsl.messages import ENDED
from torture import collect
from torture.checker import folder as names
from torture.house import House, standing
from torture.journal import now
from torture.nemesis.nemesis import Nemesis, Suffered
from torture.nemesis.providers import CHATWOOT, PHONES, Moods
from torture.nemesis.schedule import faults, left_out
from torture.phone_flows import QUICK
from torture.probes.everything import probe
from torture.raw import serving
from torture.recovery import Probe
from torture.sink import moody
from torture.source.crowd import Crowd
from torture.source.ears import Ears
from torture.source.people import Diary
from torture.source.town import Town
from wiring.talk import Talk

MOST, PAUSE = 10, 1.2
"""People at a time, and seconds between one and the next."""
WARM = 4.0
"""Seconds of people alone, before anything breaks."""
MOODY = 2.5
LEAVING = 150.0
"""Seconds in which all who are there have to come to their end once nothing is broken any more."""
SETTLED = 60.0
SAMPLES = 10.0
LONG = 5.0
"""Minutes from which on a run has time for the longest conversations."""
ACTIVE = f"SELECT count(*) FROM executions WHERE status <> ALL (ARRAY{list(ENDED)!r})"  # noqa: S608  ours
MOVING = "SELECT count(*) FROM inbound_events WHERE state IN ('received', 'handed')"
SECRETS = (
    "CHATWOOT_API_KEY", "CHATWOOT_BOT_TOKEN", "CHATWOOT_WEBHOOK_SECRET", "AT_API_KEY", "AT_CALLBACK_SECRET"
)  # fmt: skip


@dataclass
class Lived:
    """What the harness itself saw of a run."""

    came: Counter[str] = field(default_factory=Counter)
    stayed: Counter[str] = field(default_factory=Counter)
    """Who had not come to an end in time."""
    suffered: list[Suffered] = field(default_factory=list)
    moods: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    left_out: Sequence[str] = ()


async def torture(seed: int, minutes: float, home: Path, folder: Path, talk: Talk) -> Lived:
    """Fill the folder with what comes of so many minutes of faults, on a house whose state is at `home`."""
    dice = Random(seed)  # noqa: S311  repeatable, not secret
    sink_dice = Random(dice.random())  # noqa: S311
    async with (
        serving(moody(folder / names.PLAIN, sink_dice)) as sink,
        standing(home, talk, reachable=sink.here) as house,
    ):
        run = _Run(seed, minutes, folder, house, sink.url("/orders"), talk, dice)
        await run.play()
        await run.collect()
        return run.lived


@asynccontextmanager
async def _meanwhile(*works: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """What goes on for as long as the block; what goes wrong in it goes wrong here."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in works]
        yield
        for task in tasks:
            task.cancel()


@dataclass
class _Run:
    seed: int
    minutes: float
    folder: Path
    house: House
    sink: str
    talk: Talk
    dice: Random
    lived: Lived = field(default_factory=Lived)
    diary: Diary = field(default_factory=Diary)
    secrets: list[str] = field(default_factory=list)
    quiet_since: str = ""

    async def play(self) -> None:
        """Everybody comes and talks; things break; everybody comes to an end."""
        house, home = self.house, self.house.home
        ears = Ears(home / "chatwoot" / collect.JOURNAL, home / "africastalking" / collect.JOURNAL, house.db)
        town = Town(house, self.folder, self.sink, ears, self.diary, self.minutes >= LONG)
        crowd = Crowd(await town.kinds(), MOST, PAUSE, self._dice())
        recovery = Probe(house.api, house.db, await town.publish(QUICK))
        nemesis = Nemesis(house, recovery, self.folder, self.talk, self._dice())
        self.lived.left_out = left_out(house)
        async with _meanwhile(ears.listen(), ears.watch(), collect.sampling(house, self.folder, SAMPLES)):
            async with _meanwhile(crowd.keep_coming()):
                await self._suffer(nemesis)
            self.talk.say(f"Nothing is broken any more; {crowd.here} people come to their end")
            self.lived.stayed = await crowd.leave(LEAVING)
            await self._settle()
            self.secrets += await probe(house, self.folder)
        self.lived.came, self.lived.suffered = crowd.came, nemesis.suffered
        self.lived.waits = self.diary.waits

    def _dice(self) -> Random:
        return Random(self.dice.random())  # noqa: S311  repeatable, not secret

    async def _suffer(self, nemesis: Nemesis) -> None:
        until = asyncio.get_running_loop().time() + 60 * self.minutes
        moods = [
            Moods(self.house.chatwoot, CHATWOOT, MOODY, self._dice()),
            Moods(self.house.phones, PHONES, MOODY, self._dice()),
        ]
        async with _meanwhile(*(mood.swing() for mood in moods)):
            await asyncio.sleep(WARM)
            await nemesis.rage(faults(self.house, self._dice()), until)
            await asyncio.sleep(max(0.0, until - asyncio.get_running_loop().time()))
        for mood in moods:
            self.lived.moods += await mood.relent(self.folder)
        self.quiet_since = now()

    async def _settle(self) -> None:
        """Bounded, and what does not come to rest is for the checker to tell."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + SETTLED
        for query in (MOVING,) if self.lived.stayed else (ACTIVE, MOVING):
            while await self.house.db.fetchval(query) and loop.time() < deadline:  # noqa: ASYNC110
                await asyncio.sleep(0.5)

    async def collect(self) -> None:
        """Out of the servers, into the folder."""
        house, environment = self.house, self.house.environment("worker")
        server = house.record().parts["temporal"]
        client = await Client.connect(f"127.0.0.1:{server.port}")
        await collect.sample(house, self.folder)
        async with self.talk.waiting("Collecting tables and histories"):
            collect.journals(house, self.folder)
            await collect.tables(house.db, self.folder)
            await collect.histories(house.db, client, house.keys, self.folder)
        collect.files(house, self.folder)
        password = urlsplit(environment["DATABASE_URL"]).password
        about = {
            "seed": self.seed,
            "at": now(),
            "quietSince": self.quiet_since,
            "secrets": [*self.secrets, house.key, *(environment[name] for name in SECRETS), password],
            "private": self.diary.words,
        }
        (self.folder / names.ABOUT).write_text(json.dumps(about))
