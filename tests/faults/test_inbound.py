"""Nothing lost, nothing doubled on the way in: copies, bursts, and Temporal away."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.road import LEAD, Road, opened_road
from tests.intake.link import link_to
from tests.providers.chatwoot.desk import API, Desk
from tests.workflows.world import flow
from wiring.embedded.temporal import Temporal
from wiring.keys import load_or_create
from wiring.supervise.ports import free_port

pytestmark = pytest.mark.real

NAME, EMAIL = "What is your name?", "What is your email address?"


@pytest.fixture
async def road(dsn: str, temporal: Temporal, desk: Desk, tmp_path: Path) -> AsyncIterator[Road]:
    """A road on which nothing is broken."""
    async with opened_road(dsn, temporal.address, desk, load_or_create(tmp_path, "")) as road:
        yield road


async def test_one_webhook_fifty_times_into_two_processes_moves_the_flow_once(road: Road) -> None:
    await road.publish(LEAD)
    conversation = await road.desk.start(API)
    for text, count in [("hello", 1), ("John", 2), ("john@example.com", 3)]:
        webhook = await road.write(conversation, text)
        told = await asyncio.gather(*(road.tell(webhook, n % 2) for n in range(50)))
        assert (told.count("accepted"), told.count("duplicate")) == (1, 49)
        await road.until_said(conversation, count)
    await road.until_quiet()
    thanks = "Thank you, John! We will contact you at john@example.com."
    assert await road.said(conversation) == [NAME, EMAIL, thanks]
    assert [fate[:2] for fate in await road.fates()] == [(n, "consumed") for n in (1, 2, 3)]


async def test_two_messages_of_one_moment_are_both_consumed_in_the_order_of_their_acceptance(
    road: Road,
) -> None:
    await road.publish(LEAD)
    conversation = await road.desk.start(API)
    await road.say(conversation, "hello")
    await road.until_said(conversation, 1)
    both = [await road.write(conversation, text) for text in ("a@example.com", "b@example.com")]
    told = await asyncio.gather(*(road.tell(webhook, n) for n, webhook in enumerate(both)))
    assert told == ["accepted"] * 2
    await road.until_said(conversation, 3)
    await road.until_quiet()
    rows = await road.db.fetch("SELECT event->>'text' FROM inbound_events WHERE seq > 1 ORDER BY seq")
    variables = (await road.execution())["context"]["variables"]
    assert [variables["user_name"], variables["user_email"]] == [row[0] for row in rows]
    assert (await road.fates())[1:] == [(2, "consumed", "answer"), (3, "consumed", "answer")]


async def test_while_temporal_is_away_webhooks_are_taken_and_then_the_flow_goes_on(
    dsn: str, temporal: Temporal, desk: Desk, tmp_path: Path
) -> None:
    keys = load_or_create(tmp_path, "")
    async with link_to(temporal.address, free_port()) as link:
        await link.up()
        async with opened_road(dsn, link.address, desk, keys) as road:
            await road.publish(LEAD)
            conversation, other = await desk.start(API), await desk.start(API, phone="+254700000998")
            await road.say(conversation, "hello")
            await road.until_said(conversation, 1)
            await link.cut()
            for text in ("John", "john@example.com"):
                await road.say(conversation, text)
            await road.say(other, "hello")
            await asyncio.sleep(1)
            assert {state for seq, state, _ in await road.fates() if seq > 1} == {"received"}
            await link.up()
            await road.until_said(conversation, 3)
            await road.until_said(other, 1)
            await road.until_quiet()
            assert [state for _, state, _ in await road.fates()] == ["consumed"] * 4


STRANGE = """
CREATE FUNCTION strange() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.event = '{"from": "a newer release"}'; RETURN NEW; END $$;
CREATE TRIGGER strange BEFORE INSERT ON inbound_events FOR EACH ROW
WHEN (NEW.event->>'text' = 'John') EXECUTE FUNCTION strange();
UPDATE lanes SET claimed_by = gen_random_uuid(), claimed_until = clock_timestamp() + interval '0.5 s';
"""
"""It is delivered by somebody else than the one who accepted it: who did knows what it was."""
MENDED = """
DROP TRIGGER strange ON inbound_events;
UPDATE inbound_events SET event = (
    SELECT event || '{"text": "John", "messageId": null}' FROM inbound_events WHERE seq = 1) WHERE seq = 2;
"""


async def test_what_cannot_be_read_is_a_dead_letter_and_redriven_it_is_heard(road: Road) -> None:
    """A row that a newer release wrote: the run goes on without it, and gets it once it can be read."""
    await road.publish(LEAD)
    conversation = await road.desk.start(API)
    await road.say(conversation, "hello")
    await road.until_said(conversation, 1)
    await road.db.execute(STRANGE)
    await road.say(conversation, "John")
    await road.until_quiet()
    assert (await road.fates())[1] == (2, "dead", "unreadable")
    await road.db.execute(MENDED)
    await road.redrive_all()
    assert await road.until_said(conversation, 2) == [NAME, EMAIL]
    await road.until_quiet()
    assert (await road.fates())[1:] == [(2, "dead", "unreadable"), (3, "consumed", "answer")]


AGAIN = flow(
    [
        {"id": "ask", "type": "question", "config": {"text": "After {{said}}?", "saveTo": "said"}},
        {
            "id": "enough",
            "type": "condition",
            "config": {"condition": {"left": "{{said}}", "operator": "eq", "right": "stop"}},
        },
        {"id": "end", "type": "end"},
    ],
    [("ask", "enough"), ("enough", "true", "end"), ("enough", "false", "ask")],
    trigger={"channel": "chatwoot", "event": "conversation_created"},
    variables={"said": {"type": "string", "default": "nothing"}},
)
BURST = 500


async def test_five_hundred_messages_at_once_to_one_conversation_are_all_heard_in_order(road: Road) -> None:
    await road.publish(AGAIN)
    conversation = await road.desk.start(API)
    await road.say(conversation, "hello")
    await road.until_said(conversation, 1)
    webhooks = [await road.write(conversation, str(n)) for n in range(BURST)]
    told = await asyncio.gather(*(road.tell(webhook, n % 2) for n, webhook in enumerate(webhooks)))
    assert told == ["accepted"] * BURST
    await road.until_quiet(55)
    await road.say(conversation, "stop")
    await road.until_quiet(10)
    rows = await road.db.fetch("SELECT event->>'text', state FROM inbound_events ORDER BY seq")
    heard = [row[0] for row in rows][1:-1]
    assert await road.said(conversation) == [f"After {said}?" for said in ("nothing", *heard)]
    assert sorted(heard) == sorted(map(str, range(BURST)))
    assert {row[1] for row in rows} == {"consumed"}
    assert set(await road.task_failures()) <= {"WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND"}
