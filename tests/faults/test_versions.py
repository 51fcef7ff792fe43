"""What is published, while people are in the middle of what was."""

import json
from pathlib import Path

import pytest

from tests.faults.road import LEAD, opened_road
from tests.faults.test_inbound import EMAIL, NAME
from tests.providers.chatwoot.desk import API, Desk
from wiring.embedded.temporal import Temporal
from wiring.keys import load_or_create

pytestmark = pytest.mark.real

MAIL = "Which address may we write to?"


async def test_an_execution_ends_as_the_version_it_began_with(
    dsn: str, temporal: Temporal, desk: Desk, tmp_path: Path
) -> None:
    changed = json.loads(json.dumps(LEAD).replace(EMAIL, MAIL))
    async with opened_road(dsn, temporal.address, desk, load_or_create(tmp_path, "")) as road:
        await road.publish(LEAD)
        before, after = await desk.start(API), await desk.start(API, phone="+254700000998")
        await road.say(before, "hello")
        await road.until_said(before, 1)
        await road.publish(changed)
        await road.say(after, "hello")
        await road.until_said(after, 1)
        for conversation in (before, after):
            await road.say(conversation, "John")
        assert await road.until_said(before, 2) == [NAME, EMAIL]
        assert await road.until_said(after, 2) == [NAME, MAIL]
        ran = "SELECT conversation_id, flow_version FROM executions ORDER BY flow_version"
        assert [tuple(row) for row in await road.db.fetch(ran)] == [(before, 1), (after, 2)]
