"""Cancelling and commanding an execution: exactly that one, whoever has its workflow id by now."""

from typing import Any

import pytest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError
from temporalio.contrib.pydantic import pydantic_data_converter

from dsl.messages import Control, Scene
from intake.gateway import Chain, Gateway, Unreachable
from store.database import Database
from store.ids import new_id
from tests.intake.office import Office
from tests.intake.probe import Probe
from tests.store.made import message

pytestmark = pytest.mark.real

PAUSE = Control(command="pause")


async def started(office: Office) -> Chain:
    """A run begun by a message; nothing of it is on record."""
    await office.publish()
    first = await office.arrive(message("a"))
    return Chain((await office.lane(first.lane)).workflow_id, first.id, None)


async def start_another(office: Office, lane: str, workflow_id: str) -> None:
    """Another execution on the same conversation, and so with the same workflow id."""
    scene = Scene(
        workspace=office.workspace, execution_id=new_id(), flow_id=new_id(), flow_version=1, lane=lane
    )
    nothing: dict[str, Any] = {"trigger": {}, "contact": {}, "conversation": {}, "variables": {}}
    await office.gateway.start_by_api(scene, plan="p", name="F", workflow_id=workflow_id, **nothing)


async def first_run(office: Office) -> str:
    run_id = (await office.run().describe()).run_id
    assert run_id
    return run_id


async def test_a_run_is_cancelled_and_being_asked_again_is_no_error(office: Office) -> None:
    chain = await started(office)
    assert await office.gateway.cancel(chain)
    assert await office.gateway.cancel(chain)
    with pytest.raises(WorkflowFailureError):
        await office.run().result()
    assert (await office.run().describe()).status is WorkflowExecutionStatus.CANCELED


@pytest.mark.parametrize("recorded", [True, False])
async def test_the_next_run_of_the_conversation_is_left_alone(office: Office, recorded: bool) -> None:
    chain = await started(office)
    if recorded:
        chain = chain._replace(first_run=await first_run(office))
    last = await office.arrive(message("b", "stop"))
    await office.run().result()
    await office.recorded(last.lane, chain.execution_id, 2)
    await start_another(office, last.lane, chain.workflow_id)
    assert not await office.gateway.cancel(chain)
    assert not await office.gateway.control(chain, PAUSE, new_id())
    assert (await office.run().describe()).status is WorkflowExecutionStatus.RUNNING
    assert await office.run().query(Probe.commanded) == []


@pytest.mark.parametrize("recorded", [True, False])
async def test_a_command_reaches_the_run_once_for_each_id(office: Office, recorded: bool) -> None:
    chain = await started(office)
    if recorded:
        chain = chain._replace(first_run=await first_run(office))
    once = new_id()
    for id in (once, once, new_id()):
        assert await office.gateway.control(chain, PAUSE, id)
    assert await office.run().query(Probe.commanded) == ["pause", "pause"]


async def test_without_temporal_nobody_knows(db: Database) -> None:
    gateway = Gateway(
        db, await Client.connect("127.0.0.1:1", data_converter=pydantic_data_converter, lazy=True)
    )
    for first in (None, new_id()):
        chain = Chain("w", new_id(), first)
        with pytest.raises(Unreachable):
            await gateway.cancel(chain)
        with pytest.raises(Unreachable):
            await gateway.control(chain, PAUSE, new_id())
