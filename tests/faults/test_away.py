"""PostgreSQL away: webhooks are refused so that they come again; nothing is lost, nothing is said twice."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from activities import attempts, perform
from tests.faults.road import LEAD, Road, opened_road, working
from tests.faults.test_inbound import EMAIL, NAME
from tests.outage import outage_of
from tests.providers.chatwoot.desk import API, Desk
from wiring.embedded.temporal import Temporal
from wiring.keys import load_or_create

pytestmark = pytest.mark.real


async def refused(road: Road, webhook: bytes) -> None:
    """An answer upon which Chatwoot tries again."""
    with pytest.raises(AssertionError, match="EVENT_NOT_STORED"):
        await road.tell(webhook)


async def test_what_is_said_while_postgresql_is_away_moves_the_flow_once_when_it_is_told_again(
    dsn: str, temporal: Temporal, desk: Desk, tmp_path: Path
) -> None:
    keys = load_or_create(tmp_path, "")
    async with (
        opened_road(dsn, temporal.address, desk, keys) as road,
        outage_of(dsn) as outage,
    ):
        await road.publish(LEAD)
        conversation = await road.greeted()
        webhook = await road.write(conversation, "John")
        await outage.begin()
        for _ in range(3):
            await refused(road, webhook)
        await outage.end()
        told = await asyncio.gather(*(road.tell(webhook, n % 2) for n in range(4)))
        assert sorted(told) == ["accepted", "duplicate", "duplicate", "duplicate"]
        assert await road.until_said(conversation, 2) == [NAME, EMAIL]
        await road.until_quiet()
        assert [fate[:2] for fate in await road.fates()] == [(1, "consumed"), (2, "consumed")]


async def test_what_chatwoot_gave_up_telling_is_found_when_postgresql_is_back(
    dsn: str, temporal: Temporal, desk: Desk, tmp_path: Path
) -> None:
    keys = load_or_create(tmp_path, "")
    async with (
        opened_road(dsn, temporal.address, desk, keys, worker=False) as road,
        outage_of(dsn) as outage,
    ):
        await road.publish(LEAD)
        async with working(dsn, temporal.address, desk, keys):
            conversation = await road.greeted()
            webhook = await road.write(conversation, "John")
            await outage.begin()
            await refused(road, webhook)
        await outage.end()
        async with working(dsn, temporal.address, desk, keys):
            assert await road.until_said(conversation, 2) == [NAME, EMAIL]
            await road.until_quiet()
        assert [fate[:2] for fate in await road.fates()] == [(1, "consumed"), (2, "consumed")]


async def test_a_turn_that_postgresql_leaves_in_the_middle_is_ended_once_it_is_back(
    dsn: str, temporal: Temporal, desk: Desk, tmp_path: Path
) -> None:
    """The answer was accepted and the run told of it; what it led to is on no record yet."""
    keys = load_or_create(tmp_path, "")
    async with (
        opened_road(dsn, temporal.address, desk, keys) as road,
        outage_of(dsn) as outage,
    ):
        await road.publish(LEAD)
        conversation = await road.greeted()
        await desk.fault("delay", param=0.7)
        await road.say(conversation, "John")
        await asyncio.sleep(0.4)
        await outage.begin()
        await asyncio.sleep(2)
        await outage.end()
        assert await road.until_said(conversation, 2) == [NAME, EMAIL]
        await road.until_quiet()
        assert await road.said(conversation) == [NAME, EMAIL]
        assert [fate[:2] for fate in await road.fates()] == [(1, "consumed"), (2, "consumed")]


BROKEN = """
CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'not now'; END $$;
CREATE TRIGGER broken BEFORE INSERT OR UPDATE ON executions FOR EACH ROW EXECUTE FUNCTION broken();
"""


async def test_no_further_effect_happens_until_the_record_of_the_last_one_lands(
    dsn: str, temporal: Temporal, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was said stays said; what comes next would be on no record."""
    for module in (attempts, perform):
        monkeypatch.setattr(module, "lease", lambda _: 0.5)
    monkeypatch.setattr(attempts, "LISTED_AFTER", timedelta(0))
    async with opened_road(dsn, temporal.address, desk, load_or_create(tmp_path, "")) as road:
        await road.publish(LEAD)
        await road.db.execute(BROKEN)
        conversation = await desk.start(API)
        await road.say(conversation, "hello")
        await road.until_said(conversation, 1)
        await road.say(conversation, "John")
        await asyncio.sleep(2)
        assert await road.said(conversation) == [NAME]
        assert {state for _, state, _ in await road.fates()} <= {"received", "handed"}
        await road.db.execute("DROP TRIGGER broken ON executions")
        assert await road.until_said(conversation, 2) == [NAME, EMAIL]
        await road.until_quiet()
        assert [fate[:2] for fate in await road.fates()] == [(1, "consumed"), (2, "consumed")]
