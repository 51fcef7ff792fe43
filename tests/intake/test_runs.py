"""What Temporal says of runs, in our words."""

import pytest
from temporalio.client import Client
from temporalio.envconfig import ClientConnectConfig

from dsl.state import Loaded, RunInput
from intake.runs import Chain, Runs, Start, Unreachable
from tests.store.made import NOON, scene
from wiring.embedded.temporal import Temporal
from wiring.keys import new_keys
from wiring.plans import PlanCache
from wiring.temporal import connect

pytestmark = pytest.mark.real


async def client_of(temporal: Temporal, namespace: str = "default") -> Client:
    """A client as our processes have it."""
    target: ClientConnectConfig = {"target_host": temporal.address, "namespace": namespace}
    return await connect(target, new_keys(), PlanCache(no_plan))


async def no_plan(_: str) -> None:
    """There is none."""


async def test_a_run_that_nobody_started_is_not_there(temporal: Temporal) -> None:
    runs = Runs(await client_of(temporal))
    assert not await runs.signal("nobody", [])
    assert await runs.holder("nobody") is None
    assert not await runs.cancel(Chain("nobody", "e", None))


async def test_in_a_namespace_that_is_not_there_nobody_knows_of_a_run(temporal: Temporal) -> None:
    """A server whose tables are away answers so too: a lane that believed it would start a second run."""
    runs = Runs(await client_of(temporal, namespace="elsewhere"))
    start = Start(RunInput(scene=scene("lane"), plan=Loaded("digest", None), started_at=NOON), "id", "name")
    asked = {
        "signal": runs.signal("nobody", []),
        "holder": runs.holder("nobody"),
        "cancel": runs.cancel(Chain("nobody", "e", None)),
        "start": runs.start(start),
        "turn": runs.turn("nobody", [], "update"),
        "turn with start": runs.turn_with_start(start, [], "update"),
    }
    for asking in asked.values():
        with pytest.raises(Unreachable):
            await asking
