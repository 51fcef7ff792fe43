"""Parts are killed in the middle of a conversation, and it goes on: nothing is lost, nothing comes twice."""

import pytest

from tests.system.office import EMAIL, NAME, THANKS, Office, talk
from wiring.visitor import Visitor

pytestmark = pytest.mark.real

INVALID = "That does not look like an e-mail address. Please try again."


async def went_well(office: Office, visitor: Visitor, said: list[str]) -> None:
    execution = await office.execution(visitor)
    assert execution["status"] == "completed"
    assert execution["variables"] == {"user_name": "John", "user_email": "john@example.com"}
    assert await visitor.heard() == said
    assert await office.sent_to(visitor) == said


async def test_each_part_in_turn_is_killed_and_what_is_said_when_it_is_back_is_answered_once(
    office: Office,
) -> None:
    visitor = await office.visitor()
    await talk(visitor, ("Hi", NAME))
    turns = {
        "worker": ("John", EMAIL),
        "api": ("john", INVALID),
        "temporal": ("john@", INVALID),
        "postgres": ("john@example.com", THANKS),
    }
    for part, turn in turns.items():
        await office.dev.again(part, office.dev.kill(part))
        await talk(visitor, turn)
    await went_well(office, visitor, [NAME, EMAIL, INVALID, INVALID, THANKS])


@pytest.mark.parametrize("part", ["worker", "temporal"])
async def test_what_is_said_while_a_part_is_dead_is_answered_once(office: Office, part: str) -> None:
    visitor = await office.visitor()
    await talk(visitor, ("Hi", NAME), ("John", EMAIL))
    dead = office.dev.kill(part)
    await visitor.say("john@example.com")
    await office.dev.again(part, dead)
    await went_well(office, visitor, [NAME, EMAIL, THANKS])
