"""What nobody delivered, the relay does; while Temporal is away everything waits."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from intake import gateway, relay, runs
from intake.gateway import Busy, Gateway, Unreachable
from intake.relay import Relay
from providers.chatwoot.port import ChatwootPort
from store import inbox
from store.database import Database
from store.ids import new_id
from tests.intake.link import link_to
from tests.intake.office import Office
from tests.intake.test_gateway import scene, start
from tests.store.made import message
from tests.waiting import until
from wiring.embedded.temporal import Temporal
from wiring.supervise.ports import free_port

pytestmark = pytest.mark.real

KILL = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@asynccontextmanager
async def relaying(
    office: Office, client: Client | None = None, chatwoots: Mapping[str, ChatwootPort] | None = None
) -> AsyncIterator[None]:
    """A relay in another process: it has a database pool of its own."""
    db = await Database.open(office.db.dsn, size=10)
    stop = asyncio.Event()
    running = asyncio.create_task(Relay(db, Gateway(db, client or office.client), chatwoots).run(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(running, 20)
        await db.close()


async def handed(office: Office, count: int) -> bool:
    """Whether so many rows, and no others, were handed over."""
    return [state for _, state, _ in await office.fates()] == ["handed"] * count


async def test_an_unclaimed_row_is_delivered_upon_its_notice(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "POLL_SECONDS", 60)
    await office.publish()
    async with relaying(office):
        await office.accept(message("a"), claim_seconds=0)
        await until(lambda: handed(office, 1))
        await asyncio.sleep(0.5)  # it rests by then
        await office.accept(message("b"), claim_seconds=0)
        await until(lambda: handed(office, 2))
    assert await office.told() == [1, 2]


async def test_lanes_of_a_dead_acceptor_are_delivered_when_its_claims_run_out(office: Office) -> None:
    await office.publish()
    for n in range(20):
        await office.accept(message(str(n), address=str(n)), claim_seconds=0.05)
    async with relaying(office):
        await until(lambda: handed(office, 20))
    for n in range(20):
        assert await office.told(str(n)) == [1]


def test_whoever_dies_over_a_delivery_is_followed_within_fifteen_seconds() -> None:
    """A claim outlasts its delivery, which outlasts a call with its retries."""
    assert runs.PATIENCE < gateway.DELIVERY_SECONDS < inbox.LEASE_SECONDS
    assert inbox.LEASE_SECONDS + relay.POLL_SECONDS < 15


async def test_the_relay_leaves_a_held_lane_alone(office: Office) -> None:
    await office.publish()
    await office.accept(message("a"), claim_seconds=60)
    await office.accept(message("b", address="8"), claim_seconds=0)
    async with relaying(office):
        await until(
            lambda: office.db.fetchval("SELECT count(*) = 1 FROM inbound_events WHERE state = 'handed'")
        )
    assert (
        await office.db.fetchval("SELECT state FROM inbound_events WHERE dedupe_key = 'msg:a'") == "received"
    )


async def test_two_relays_hand_each_row_over_once(office: Office) -> None:
    await office.publish()
    for n in range(12):
        await office.accept(message(str(n), address=str(n % 3)), claim_seconds=0)
    async with relaying(office), relaying(office):
        await until(
            lambda: office.db.fetchval("SELECT count(*) = 12 FROM inbound_events WHERE state = 'handed'")
        )
    for address in "012":
        assert await office.told(address) == [1, 2, 3, 4]
    assert await office.db.fetchval("SELECT max(sends) FROM inbound_events") == 1


async def test_the_relay_comes_back_when_its_connections_are_lost(office: Office) -> None:
    await office.publish()
    async with relaying(office):
        await office.accept(message("a"), claim_seconds=0)
        await until(lambda: handed(office, 1))
        await office.db.execute(KILL)
        await office.accept(message("b"), claim_seconds=0)
        await until(lambda: handed(office, 2))


async def test_while_temporal_is_away_rows_wait_and_then_come_in_order(
    office: Office, temporal: Temporal
) -> None:
    await office.publish()
    async with link_to(temporal.address, free_port()) as link:
        client = await Client.connect(link.address, data_converter=pydantic_data_converter, lazy=True)
        lanes = {(await office.accept(message(str(n)))).lane for n in range(3)}
        assert not await Gateway(office.db, client).deliver(office.workspace, lanes.pop())
        assert {state for _, state, _ in await office.fates()} == {"received"}
        async with relaying(office, client):
            await link.up()
            await until(lambda: handed(office, 3))
            assert await office.told() == [1, 2, 3]
            await link.cut()
            await office.accept(message("x"), claim_seconds=0)
            await until(lambda: office.db.fetchval("SELECT failures > 0 FROM lanes"))
            await link.up()
            await until(lambda: handed(office, 4))
    assert await office.told() == [1, 2, 3, 4]


async def test_an_api_start_without_temporal_says_so_and_may_be_asked_again(
    office: Office, temporal: Temporal
) -> None:
    async with link_to(temporal.address, free_port()) as link:
        client = await Client.connect(link.address, data_converter=pydantic_data_converter, lazy=True)
        away = Office(office.db, client, Gateway(office.db, client), office.workspace)
        where, workflow_id = await scene(away)
        with pytest.raises(Unreachable):
            await start(away, where, workflow_id)
        with pytest.raises(Unreachable):
            await away.gateway.check(1)
        await link.up()
        await away.gateway.check(10)
        assert await start(away, where, workflow_id) == where.execution_id
        with pytest.raises(Busy):
            await start(away, where.model_copy(update={"execution_id": new_id()}), workflow_id)
