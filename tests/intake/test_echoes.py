"""What Chatwoot tells us of our own changes is told apart, also where it overtakes our own call."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from temporalio.client import Client, Interceptor, OutboundInterceptor, SignalWorkflowInput

from dsl.limits import Limits
from intake.gateway import Gateway
from store import ledger
from store.ledger import Entry
from tests.intake.office import Office
from tests.store.made import message, status

pytestmark = pytest.mark.real

OPENED = {"exit": "next", "value": {"status": "open"}}
KEY = ("hand", 1, 1)


async def begun(office: Office, *, recorded: bool = True) -> str:
    """A run that is about to open its conversation; its execution."""
    await office.publish(event="message_created")
    first = await office.arrive(message("a"))
    if recorded:
        await office.recorded(first.lane, first.id, 1, "running")
    await ledger.begin(office.db, office.workspace, first.id, [Entry(*KEY, "transfer_agent", "d")], 5)
    return first.id


async def opened(office: Office, execution: str) -> None:
    """The call has returned."""
    await ledger.settle(
        office.db, office.workspace, execution, *KEY, 1, state="done", outcome=OPENED
    )  # fmt: skip


async def come_again(office: Office, lane: str) -> bool:
    """The relay takes the lane once it has rested."""
    await office.db.execute("UPDATE lanes SET claimed_until = NULL")
    return await office.gateway.deliver(office.workspace, lane)


async def test_an_echo_that_overtakes_our_call_waits_for_it(office: Office) -> None:
    execution = await begun(office)
    row = await office.accept(status("s", "open"))
    assert not await office.gateway.deliver(office.workspace, row.lane)
    assert (await office.fates())[1] == (2, "received", None)
    await opened(office, execution)
    assert await come_again(office, row.lane)
    assert (await office.fates())[1] == (2, "ignored", "echo")


async def test_where_our_call_did_something_else_the_news_is_told(office: Office) -> None:
    execution = await begun(office)
    row = await office.accept(status("s", "resolved"))
    assert not await office.gateway.deliver(office.workspace, row.lane)
    await opened(office, execution)
    assert await come_again(office, row.lane)
    assert await office.told() == [1, 2]


async def test_a_call_that_died_is_waited_for_until_its_time_is_up(office: Office) -> None:
    await begun(office)
    row = await office.accept(status("s", "open"))
    assert not await office.gateway.deliver(office.workspace, row.lane)
    await office.db.execute("UPDATE effects SET until = now()")
    assert await come_again(office, row.lane)
    assert await office.told() == [1, 2]


async def test_the_first_effect_of_a_run_is_known_before_its_execution_has_a_row(office: Office) -> None:
    execution = await begun(office, recorded=False)
    await opened(office, execution)
    await office.arrive(status("s", "open"))
    assert (await office.fates())[1] == (2, "ignored", "echo")


async def test_a_conversation_that_we_resolved_ourselves_is_closed_to_us(office: Office) -> None:
    flow = await office.publish()
    first = await office.arrive(message("a", "stop"))
    await office.run().result()
    await office.recorded(first.lane, first.id, 1)
    await ledger.begin(office.db, office.workspace, first.id, [Entry(*KEY, "resolve", "d")], 5)
    await ledger.settle(
        office.db, office.workspace, first.id, *KEY, 1,
        state="done", outcome={"exit": "next", "value": {"status": "resolved"}},
    )  # fmt: skip
    last = await office.arrive(status("s", "resolved"), message("b"))
    assert (await office.fates())[1] == (2, "ignored", "echo")
    assert (await office.argument()).scene.execution_id == last.id
    assert (await office.argument()).scene.flow_id == flow


class Watched(Interceptor):
    """Temporal's edge: looks at something before every signal."""

    def __init__(self, look: Callable[[], Awaitable[Any]]) -> None:
        self.look, self.seen = look, list[Any]()

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        watched = self

        class Looking(OutboundInterceptor):
            async def signal_workflow(self, input: SignalWorkflowInput) -> None:
                watched.seen.append(await watched.look())
                await super().signal_workflow(input)

        return Looking(next)


async def test_what_is_no_news_is_on_record_before_the_run_hears_of_what_is(office: Office) -> None:
    """The run may end by it, and its end takes in all rows up to the last that it heard."""
    await opened(office, await begun(office))
    await office.accept(status("s", "open"))
    row = await office.accept(message("b", "stop"))
    watched = Watched(office.fates)
    config = office.client.config()
    config["interceptors"] = [watched]
    assert await Gateway(office.db, Client(**config), Limits(fast=False)).deliver(office.workspace, row.lane)
    assert watched.seen == [[(1, "handed", None), (2, "ignored", "echo"), (3, "received", None)]]
