"""One worker's effects on a real PostgreSQL, against a Chatwoot in memory."""

from collections.abc import Awaitable, Callable

import pytest

from activities.attempts import Attempts
from activities.base import Action, Tools
from activities.messages import SendMessage
from activities.perform import Performer
from dsl.messages import Effect, Perform, Report, Scene
from providers.chatwoot.memory import MemoryChatwoot
from providers.http.safe import SafeHttp
from store.database import Database
from tests.activities.effects import CONNECTION, Broken, Settable, Slow, flush
from tests.activities.rows import make_rows
from tests.workflows.world import SCENE


@pytest.fixture
def chatwoot() -> MemoryChatwoot:
    memory = MemoryChatwoot()
    memory.open("77")
    return memory


@pytest.fixture
def scene() -> Scene:
    return SCENE.but(connection=CONNECTION, surface="Channel::WebWidget")


@pytest.fixture
def attempts(db: Database, chatwoot: MemoryChatwoot) -> Attempts:
    safe = SafeHttp()
    actions: dict[str, type[Action]] = {
        "send_message": SendMessage,
        "slow": Slow,
        "broken": Broken,
        "settable": Settable,
    }
    return Attempts(db, actions, lambda scene, key: Tools(scene, key, safe, {CONNECTION: chatwoot}))


@pytest.fixture
async def perform(attempts: Attempts, scene: Scene, flow_row: None) -> Callable[..., Awaitable[list[Report]]]:
    async def act(*effects: Effect) -> list[Report]:
        request = Perform(flush=flush(scene), effects=list(effects))
        return (await Performer(attempts).perform(request)).reports

    return act


@pytest.fixture
async def flow_row(db: Database, scene: Scene) -> None:
    """The flow and the lane that the record refers to."""
    await make_rows(db, scene)
