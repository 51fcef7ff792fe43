"""A provider slower than a turn waits for (1.5 s), but in time (4 s): each message is sent once."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faults.races.account import Account, account_of
from tests.faults.races.test_completion import ASKED, SHORT
from tests.faults.races.tries import differs
from tests.faults.road import Road, opened_road, working
from tests.intake.link import link_to
from tests.providers.chatwoot.desk import API, Desk
from wiring.embedded.temporal import Temporal
from wiring.keys import load_or_create
from wiring.supervise.ports import free_port

pytestmark = pytest.mark.real

TRIES = 6
LATE = 2.1
"""Seconds until a message lands."""
LONG = 12.0
"""Seconds of a cut after which Temporal has given up a workflow task (10 s)."""
SAID = [ASKED, "Thank you, Asha."]
IN_THE_AIR = "SELECT count(*) FROM effects WHERE state = 'attempting'"


async def begun(road: Road, desk: Desk, number: int) -> str:
    """A conversation in which the flow was started."""
    conversation = await desk.start(API, phone=f"+2547000{number:05}")
    await road.say(conversation, "hello")
    return conversation


async def ended(road: Road, conversation: str) -> Account:
    """What came of it, once the person has answered."""
    await road.until_said(conversation, 1)
    await road.say(conversation, "Asha")
    return await account_of(road, conversation)


def flaws(accounts: Sequence[Account]) -> list[str]:
    """Whatever was said twice, or not at all, or is not on record as it was."""
    said = (flaw for account in accounts for flaw in differs("said", account.texts, SAID))
    return [*said, *(flaw for account in accounts for flaw in account.flaws())]


async def test_messages_that_land_after_the_turn_is_over_are_sent_once_and_the_flow_goes_on(
    dsn: str, temporal: Temporal, desk: Desk, tmp_path: Path
) -> None:
    await desk.fault("delay", times=2 * TRIES, param=LATE)
    async with opened_road(dsn, temporal.address, desk, load_or_create(tmp_path, "")) as road:
        await road.publish(SHORT)
        started = [await begun(road, desk, number) for number in range(TRIES)]
        accounts = await asyncio.gather(*(ended(road, conversation) for conversation in started))
    assert not flaws(accounts)
    assert await desk.landed() == 2 * TRIES


async def test_a_message_that_lands_after_its_turn_was_lost_is_sent_once_and_the_flow_goes_on(
    dsn: str, temporal: Temporal, desk: Desk, tmp_path: Path
) -> None:
    """The worker cannot tell Temporal what it did: the turn is walked again, on another task."""
    keys = load_or_create(tmp_path, "")
    await desk.fault("delay", times=TRIES, param=LATE)
    async with (
        link_to(temporal.address, free_port()) as link,
        opened_road(dsn, temporal.address, desk, keys, worker=False) as road,
    ):
        await link.up()
        async with working(dsn, link.address, desk, keys):
            await road.publish(SHORT)
            started = [await begun(road, desk, number) for number in range(TRIES)]
            while await road.db.fetchval(IN_THE_AIR) < TRIES:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            await link.cut()
            await asyncio.sleep(LONG)
            await link.up()
            accounts = await asyncio.gather(*(ended(road, conversation) for conversation in started))
    assert not flaws(accounts)
    assert [run.story.lost > 0 for account in accounts for run in account.runs] == [True] * TRIES
    assert await desk.landed() == TRIES
