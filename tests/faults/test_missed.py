"""What no webhook brought while we were away is found when we are back, and told to the right one."""

from pathlib import Path

import pytest

from tests.faults.road import LEAD, Road, opened_road, working
from tests.faults.test_inbound import EMAIL, NAME
from tests.providers.chatwoot.desk import Desk
from wiring.embedded.temporal import Temporal
from wiring.keys import load_or_create

pytestmark = pytest.mark.real


async def missed(road: Road, conversation: str, *texts: str) -> None:
    """What the person wrote, of which Chatwoot told nobody who heard it."""
    for text in texts:
        await road.write(conversation, text)


async def test_messages_missed_while_we_were_down_move_the_flow_once(
    dsn: str, temporal: Temporal, desk: Desk, tmp_path: Path
) -> None:
    keys = load_or_create(tmp_path, "")
    async with opened_road(dsn, temporal.address, desk, keys, worker=False) as road:
        await road.publish(LEAD)
        async with working(dsn, temporal.address, desk, keys):
            conversation = await road.greeted()
        webhook = await road.write(conversation, "John")
        await missed(road, conversation, "john@example.com")
        async with working(dsn, temporal.address, desk, keys):
            said = await road.until_said(conversation, 3)
            await road.until_quiet()
            assert await road.tell(webhook) == "duplicate"
        assert said[:2] == [NAME, EMAIL]
        assert [fate[:2] for fate in await road.fates()] == [(n, "consumed") for n in (1, 2, 3)]


async def test_where_people_have_the_conversation_by_now_it_is_taken_in_and_nothing_is_said(
    dsn: str, temporal: Temporal, desk: Desk, tmp_path: Path
) -> None:
    keys = load_or_create(tmp_path, "")
    async with opened_road(dsn, temporal.address, desk, keys, worker=False) as road:
        await road.publish(LEAD)
        async with working(dsn, temporal.address, desk, keys):
            conversation = await road.greeted()
        await missed(road, conversation, "is anybody there?")
        await desk.act("take_over", conversation=int(conversation))
        async with working(dsn, temporal.address, desk, keys):
            await road.until_rows(3)
            await road.until_quiet()
        assert await road.said(conversation) == [NAME]
        assert (await road.fates())[1:] == [(2, "consumed", "owner"), (3, "consumed", "to_human")]
        assert await road.db.fetchval("SELECT owner FROM lanes") == "human"
