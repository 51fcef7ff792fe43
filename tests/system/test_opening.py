"""Who speaks first: the person, and the bot only where an account webhook tells of new conversations."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from simulator.lines import Expect, Line, Say
from tests.system.office import EMAIL, NAME, PATIENCE, Office
from tests.waiting import until
from wiring.scenario import play

pytestmark = pytest.mark.real


@asynccontextmanager
async def told_of_new_conversations(office: Office) -> AsyncIterator[None]:
    """An account webhook, as an administrator adds and removes it."""
    told = office.dev.environment("api")
    webhook = {
        "url": f"{office.dev.url('api')}/webhooks/chatwoot/main",
        "secret": told["CHATWOOT_WEBHOOK_SECRET"],
        "subscriptions": ["conversation_created"],
    }
    seeded = await office.chatwoot.request("POST", "/_control/seed", json={"webhooks": [webhook]})
    webhooks = f"/api/v1/accounts/{told['CHATWOOT_ACCOUNT_ID']}/webhooks"
    administrator = {"api_access_token": told["CHATWOOT_API_KEY"]}
    made = seeded.json()["webhooks"][-1]["id"]
    try:
        yield
    finally:
        await office.chatwoot.request("DELETE", f"{webhooks}/{made}", headers=administrator)


async def test_a_conversation_without_a_word_is_begun_by_the_bot_and_the_first_words_are_an_answer(
    office: Office,
) -> None:
    visitor = await office.visitor()
    async with told_of_new_conversations(office):
        await visitor.open()
        lines: list[Line] = [Expect(expect=NAME), Say(say="John"), Expect(expect=EMAIL)]
        await play(lines, visitor, lambda who, text: None, patience=PATIENCE)
    assert await office.sent_to(visitor) == [NAME, EMAIL]


async def test_without_that_webhook_the_bot_waits_for_the_first_words(office: Office) -> None:
    visitor = await office.visitor()
    await visitor.open()
    await office.settled()
    assert await office.executions(visitor) == []
    await visitor.say("Hi")
    await until(visitor.heard, "the first question")
    assert await visitor.heard() == [NAME]
