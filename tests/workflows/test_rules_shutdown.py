"""A worker that stops lets the calls in the air land before its pools close (2.10)."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from dsl.messages import QUEUE
from store.database import Database
from tests.providers.chatwoot.desk import BOT_TOKEN, USER_TOKEN, Desk, open_desk
from tests.servers import running_temporal
from tests.workflows.stage import Stage, staged
from tests.workflows.test_rules_tasks import told
from wiring.embedded.temporal import Temporal
from wiring.house import House, connection_of
from wiring.keys import Keys, load_or_create
from wiring.plans import PlanCache
from wiring.settings import Settings
from worker import serve

pytestmark = pytest.mark.real


@pytest.fixture
async def temporal() -> AsyncIterator[Temporal]:
    """A server of its own: this worker takes the queue that all flows share."""
    async with running_temporal() as server:
        yield server


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return load_or_create(tmp_path, "")


def settings_of(desk: Desk) -> Settings:
    """A house whose Chatwoot is the emulated one."""
    return Settings(
        chatwoot_url=desk.url,
        chatwoot_account_id=3,
        chatwoot_api_key=SecretStr(USER_TOKEN),
        chatwoot_bot_token=SecretStr(BOT_TOKEN),
    )


async def begun(db: Database) -> None:
    """A call is in the air."""
    async with asyncio.timeout(20):
        while not await db.fetchval("SELECT count(*) FROM effects WHERE state = 'attempting'"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_a_call_in_the_air_when_the_worker_is_stopped_lands_and_is_settled(
    db: Database, temporal: Temporal, keys: Keys
) -> None:
    async with open_desk() as desk, staged(db, temporal.address, keys) as made:
        await desk.reset()
        conversation, settings = await desk.start(), settings_of(desk)
        scene = made.scene.but(connection=connection_of(settings), conversation=conversation)
        stage = Stage(db, made.client, QUEUE, made.plans, scene=scene)
        await desk.fault("delay", param=2.5)
        stop = asyncio.Event()
        house = House(settings, keys, db, PlanCache(_no_plan), made.client)
        serving = asyncio.create_task(serve(house, stop))
        await stage.start(told("hello"))
        await begun(db)
        stop.set()
        await serving
        said = [row["content"] for row in await desk.thread(conversation)]
    assert said == ["hello"]
    assert await db.fetchval("SELECT state FROM effects") == "done"


async def _no_plan(_: str) -> None:
    """The client's own cache has the plans."""
