"""Parts are killed in the middle of a conversation, and it goes on: nothing is lost, nothing comes twice."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from logging import getLogger
from pathlib import Path
from typing import Any

import pytest

from tests.system.office import EMAIL, LEAD, NAME, SUPPORT, THANKS, Office, read_flow, talk
from wiring.visitor import Visitor

pytestmark = pytest.mark.real

log = getLogger(__name__)

PARTS = ("worker", "api", "temporal", "postgres")
INVALID = "That does not look like an e-mail address. Please try again."
HELLO, TOPIC = "Hello John, this is support.", "What can we help you with?"
PICK = "Please pick one of the three."
WHICH = "Which invoice? Its number begins with INV-."
LOOK = "That is not an invoice number. A colleague will look."
MOMENT = "One moment, a colleague takes over."

Exchange = tuple[str, ...]
"""What the person says (or picks), and what is answered."""


@dataclass(frozen=True)
class Story:
    """A conversation: how it opens, its turns, what is known in the end and noted for people."""

    flow: Path
    opening: Exchange
    turns: tuple[Exchange, Exchange, Exchange, Exchange]
    variables: dict[str, Any]
    notes: tuple[str, ...] = ()

    @property
    def said(self) -> list[str]:
        """All that the bot says."""
        return [answer for _, *answers in (self.opening, *self.turns) for answer in answers]


STORIES = {
    "lead capture": Story(
        LEAD,
        ("Hi", NAME),
        (("John", EMAIL), ("john", INVALID), ("john@", INVALID), ("john@example.com", THANKS)),
        {"user_name": "John", "user_email": "john@example.com"},
    ),
    "support ticket": Story(
        SUPPORT,
        ("Hi", HELLO, TOPIC),
        (("Weather", PICK), ("Rain", PICK), ("[An invoice]", WHICH), ("2042", LOOK, MOMENT)),
        {"topic": "billing", "invoice": "2042"},
        ("Topic: billing",),
    ),
}


Stages = dict[str, tuple[Office, Story]]


@pytest.fixture(scope="module")
async def stages(office: Office) -> AsyncIterator[Stages]:
    """Each story, and an office where its flow is live; people stay with the bot however long it is away."""
    await office.set_chatwoot(keep_pending_on_bot_failure=True)
    yield {name: (await office.beside(read_flow(story.flow)), story) for name, story in STORIES.items()}
    await office.set_chatwoot(keep_pending_on_bot_failure=False)


async def went_well(office: Office, visitor: Visitor, story: Story) -> None:
    """It came to its end, and by Chatwoot's journal everything was sent once."""
    execution = await office.execution(visitor)
    assert execution["status"] == "completed"
    assert execution["variables"] == story.variables
    assert await visitor.heard() == story.said
    assert await office.sent_to(visitor) == [*story.said, *story.notes]


async def timed(visitor: Visitor, turn: Exchange, dead: str) -> None:
    """A turn after a death; how long it took is told, not judged."""
    began = time.monotonic()
    await talk(visitor, turn)
    log.info("the next turn after the death of %s took %.2f s", dead, time.monotonic() - began)


@pytest.mark.parametrize("name", STORIES)
async def test_each_part_in_turn_is_killed_and_what_is_said_when_it_is_back_is_answered_once(
    stages: Stages, name: str
) -> None:
    office, story = stages[name]
    visitor = await office.visitor()
    await talk(visitor, story.opening)
    for part, turn in zip(PARTS, story.turns, strict=True):
        await office.dev.killed_and_back(part)
        await timed(visitor, turn, part)
    await went_well(office, visitor, story)


async def test_all_parts_are_killed_at_once_and_every_conversation_goes_on(stages: Stages) -> None:
    waiting = [(office, story, await office.visitor()) for office, story in stages.values()]
    for _, story, visitor in waiting:
        await talk(visitor, story.opening, story.turns[0])
    began = time.monotonic()
    await waiting[0][0].dev.killed_and_back(*PARTS)
    log.info("all parts are back after %.2f s", time.monotonic() - began)
    for office, story, visitor in waiting:
        await timed(visitor, story.turns[1], "all")
        await talk(visitor, *story.turns[2:])
        await went_well(office, visitor, story)


@pytest.mark.parametrize("part", ["worker", "temporal"])
async def test_what_is_said_while_a_part_is_dead_is_answered_once(office: Office, part: str) -> None:
    story = STORIES["lead capture"]
    visitor = await office.visitor()
    await talk(visitor, story.opening, story.turns[0])
    dead = office.dev.kill(part)
    await visitor.say("john@example.com")
    await office.dev.again(part, dead)
    assert (await office.execution(visitor))["status"] == "completed"
    assert await visitor.heard() == await office.sent_to(visitor) == [NAME, EMAIL, THANKS]
