"""The demo's person, against the local Chatwoot as it is furnished for the demo."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from providers.chatwoot.client import Chatwoot
from providers.chatwoot.config import ChatwootConfig
from providers.http.pooled import Pooled
from tests.servers import scratch_state_dir
from wiring.stand_in import StandIn
from wiring.supervise.ports import free_port
from wiring.supervise.supervisor import supervised
from wiring.talk import QUIET
from wiring.visitor import Visitor

pytestmark = pytest.mark.real

API = "Channel::Api"


@pytest.fixture(scope="module")
async def stand_in() -> AsyncIterator[StandIn]:
    """It runs, and nobody listens where its webhooks go."""
    made = StandIn(free_port())
    with scratch_state_dir() as folder:
        async with supervised([[made.part(folder / "chatwoot", "http://127.0.0.1:9")]], folder, QUIET):
            yield made


@pytest.fixture
async def visitor(stand_in: StandIn) -> AsyncIterator[Visitor]:
    """A new person."""
    async with Pooled(stand_in.url, provider="chatwoot") as client:
        yield Visitor(client, stand_in.identifier)


@pytest.fixture
async def bot(stand_in: StandIn) -> AsyncIterator[Chatwoot]:
    """The other side, with the tokens that API and worker are told."""
    config = ChatwootConfig(
        url=stand_in.url,
        account_id=stand_in.account,
        api_key=SecretStr(stand_in.user_token),
        bot_token=SecretStr(stand_in.bot_token),
    )
    client = Chatwoot(config)
    yield client
    await client.aclose()


async def test_nothing_is_heard_before_anything_is_said(visitor: Visitor) -> None:
    assert await visitor.heard() == []
    assert visitor.conversation is None


async def test_more_is_heard_than_chatwoot_lists_at_once(visitor: Visitor, bot: Chatwoot) -> None:
    await visitor.say("Hi")
    said = [f"line {number}" for number in range(25)]
    for text in said:
        await bot.send_message(str(visitor.conversation), text, channel=API)
        await visitor.heard()
    assert await visitor.heard() == said


async def test_the_newest_offer_of_a_choice_is_picked_by_title_or_value(
    visitor: Visitor, bot: Chatwoot
) -> None:
    await visitor.say("Hi")
    with pytest.raises(LookupError):
        await visitor.click("Yes")
    for titled in ("Yes", "Yes", "No"):
        choices = [(titled, titled.lower())]
        await bot.send_message(str(visitor.conversation), "Well?", choices=choices, channel=API)
    await visitor.click("Yes")
    await visitor.click("no")
    asked = await bot.messages_after(str(visitor.conversation), 0)
    picked = [message["content_attributes"].get("submitted_values") for message in asked[-3:]]
    assert picked == [None, [{"title": "Yes", "value": "yes"}], [{"title": "No", "value": "no"}]]
