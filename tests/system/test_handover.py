"""The bot never talks over a human."""

import pytest

from tests.system.office import EMAIL, NAME, Office, talk

pytestmark = pytest.mark.real


async def test_what_is_said_to_an_agent_is_no_answer_and_given_back_the_bot_goes_on(office: Office) -> None:
    visitor = await office.visitor()
    await talk(visitor, ("Hi", NAME))
    await office.agent(visitor, "take_over")
    for words in ("I want a person", "Are you one?"):
        await visitor.say(words)
        await office.settled()
    await office.agent(visitor, "pending")
    await talk(
        visitor, ("Mary", EMAIL), ("m@example.com", "Thank you, Mary! We will contact you at m@example.com.")
    )
    assert (await office.execution(visitor))["variables"]["user_name"] == "Mary"
    assert len(await office.sent_to(visitor)) == 3
