"""A worker dies at each moment of an effect, and nobody is told twice, or told nothing."""

import asyncio
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from store.database import Database
from tests.servers import scratch_state_dir
from tests.system.local import running_dev
from tests.system.office import Office, opened_office, talk
from torture import raw
from torture.checker.desk import calls as chatwoot_calls
from torture.checker.folder import PLAIN, lines, plain_calls
from torture.checker.told import Call
from torture.flows import READY, SAY, SENT, UNKNOWN, order
from torture.sink import noted
from wiring.visitor import Visitor

pytestmark = pytest.mark.real

STATE = "SELECT state FROM effects WHERE execution_id = $1 AND node = 'act'"
EXECUTION = "SELECT id FROM executions WHERE conversation_id = $1"


@dataclass
class Scene:
    """Four conversations at the moment of their effect, and what came of them after the worker's death."""

    office: Office
    db: Database
    journal: Path
    people: dict[str, Visitor] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    """States in the ledger when the worker was dead."""

    async def opened(self, name: str, office: Office, fault: str | None = None, **param: float) -> None:
        """A conversation that was asked whether it is ready; the provider's next answer to it is spoilt."""
        self.people[name] = person = await office.visitor()
        await talk(person, ("Hi", READY))
        if fault:
            path = f"^/api/v1/.*/conversations/{person.conversation}/messages$"
            spoil = {"match": {"method": "POST", "path": path}, "action": fault, **param}
            await office.chatwoot.request("POST", "/_control/faults", json=spoil)

    async def id(self, name: str) -> str:
        """The conversation's execution."""
        return str(await self.db.fetchval(EXECUTION, str(self.people[name].conversation)))

    async def state(self, name: str) -> str | None:
        """How its effect stands."""
        state: str | None = await self.db.fetchval(STATE, await self.id(name))
        return state

    async def until(self, name: str, state: str) -> None:
        async with asyncio.timeout(20):
            while await self.state(name) != state:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def ended(self, name: str) -> dict[str, Any]:
        """The execution, once it is over."""
        return await self.office.execution(self.people[name])

    async def calls(self, name: str) -> list[Call]:
        """What the providers were asked for its effect, by their journals."""
        id = await self.id(name)
        folder = self.office.dev.folder / "chatwoot" / "journal.jsonl"
        every = [*chatwoot_calls(lines(folder)), *plain_calls(lines(self.journal))]
        return [call for call in every if call.key.startswith(f"{id}:act:")]


@pytest.fixture(scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """The worker is dead and back: killed while one request was on its way, one answer, one report."""
    journal = tmp_path_factory.mktemp("sink") / PLAIN
    with scratch_state_dir() as home:
        async with (
            raw.serving(noted(journal, raw.silence)) as sink,
            running_dev(home, TEMBEA_SAFE_HTTP_ALLOW=sink.here) as dev,
            opened_office(dev) as office,
            dev.database() as db,
        ):
            made = Scene(office, db, journal)
            await _set(made, sink.url("/orders"))
            await _killed(made)
            yield made


async def _set(scene: Scene, url: str) -> None:
    saying, ordering = await scene.office.beside(SAY), await scene.office.beside(order(url))
    await scene.opened("asked", saying, "hang", param=30)
    await scene.opened("performed", saying, "hang_after", param=30)
    await scene.opened("written", saying, "delay", param=1)
    await scene.opened("not to be listed", ordering)


async def _killed(scene: Scene) -> None:
    """Temporal stands still while the last effect is written down: its end is never reported."""
    dev = scene.office.dev
    await asyncio.gather(*(person.say("yes") for person in scene.people.values()))
    await asyncio.gather(*(scene.until(name, "attempting") for name in scene.people))
    dev.signal("temporal", signal.SIGSTOP)
    await scene.until("written", "done")
    dead = dev.kill("worker")
    dev.signal("temporal", signal.SIGCONT)
    scene.before = {name: str(await scene.state(name)) for name in scene.people}
    await dev.again("worker", dead)


async def test_the_worker_died_when_it_was_to(scene: Scene) -> None:
    attempting = dict.fromkeys(("asked", "performed", "not to be listed"), "attempting")
    assert scene.before == {**attempting, "written": "done"}
    for name, done in (("asked", [False]), ("performed", [True]), ("written", [True])):
        assert [call.done for call in await scene.calls(name)][:1] == done


async def test_what_was_asked_for_and_not_done_is_done_once(scene: Scene) -> None:
    assert (await scene.ended("asked"))["status"] == "completed"
    assert [call.done for call in await scene.calls("asked")] == [False, True]
    assert await scene.people["asked"].heard() == [READY, SENT]


async def test_what_was_done_is_found_and_not_done_again(scene: Scene) -> None:
    assert (await scene.ended("performed"))["status"] == "completed"
    assert [call.done for call in await scene.calls("performed")] == [True]
    assert await scene.state("performed") == "done"
    assert await scene.people["performed"].heard() == [READY, SENT]


async def test_what_is_written_down_is_not_done_again_though_temporal_never_heard_of_it(scene: Scene) -> None:
    assert (await scene.ended("written"))["status"] == "completed"
    assert [call.done for call in await scene.calls("written")] == [True]
    assert await scene.people["written"].heard() == [READY, SENT]


async def test_what_nobody_can_look_for_is_unknown_for_all_to_see(scene: Scene) -> None:
    execution = await scene.ended("not to be listed")
    assert [call.done for call in await scene.calls("not to be listed")] == [True]
    assert await scene.state("not to be listed") == "unknown"
    assert await scene.people["not to be listed"].heard() == [READY, UNKNOWN]
    answer = await scene.office.api.get(f"/api/v1/executions/{execution['id']}/history")
    told = [(line["nodeId"], line["exit"], line["effectState"]) for line in answer.json()["items"]]
    assert ("act", "unknown", "unknown") in told
