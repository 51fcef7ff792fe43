"""What a person says while nobody can take it in: Chatwoot tells it again, or gives it to people."""

import pytest

from tests.system.office import EMAIL, NAME, THANKS, Office, talk
from tests.waiting import until

pytestmark = pytest.mark.real


async def test_what_is_said_while_postgresql_is_away_is_told_again_and_answered_once(office: Office) -> None:
    visitor = await office.visitor()
    await talk(visitor, ("Hi", NAME), ("John", EMAIL))
    dead = office.dev.kill("postgres")
    await visitor.say("john@example.com")
    await office.dev.again("postgres", dead)
    assert (await office.execution(visitor))["status"] == "completed"
    assert await visitor.heard() == await office.sent_to(visitor) == [NAME, EMAIL, THANKS]


def recoveries(office: Office) -> int:
    """How often the worker found something that no webhook had brought."""
    logs = (office.dev.folder / "logs").glob("worker*")
    return sum(log.read_text().count("events_recovered") for log in logs)


async def test_what_is_said_while_the_api_is_away_is_taken_in_for_people_and_given_back_the_bot_goes_on(
    office: Office,
) -> None:
    """A bot that does not answer loses the conversation to people: Chatwoot opens it."""
    visitor = await office.visitor()
    await talk(visitor, ("Hi", NAME), ("John", EMAIL))
    before, dead = recoveries(office), office.dev.kill("api")
    await visitor.say("is anybody there?")
    await office.settled()
    await office.dev.again("api", dead)
    await office.dev.again("worker", office.dev.kill("worker"))
    await until(lambda: recoveries(office) > before, seconds=60)
    assert await visitor.heard() == [NAME, EMAIL]
    await office.agent(visitor, "pending")
    await talk(visitor, ("john@example.com", THANKS))
    assert (await office.execution(visitor))["status"] == "completed"
    assert await visitor.heard() == await office.sent_to(visitor) == [NAME, EMAIL, THANKS]
