"""A message that comes while its run ends: the run still takes it, or it starts the next one."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

from tests.faults.races.account import Account, account_of, said
from tests.faults.races.tries import Race, Verdict, differs
from tests.faults.road import Road
from tests.workflows.world import flow

pytestmark = [pytest.mark.real, pytest.mark.timeout(0)]

COMMIT = 60
ASKED = "What is your name?"
SHORT = flow(
    [
        {"id": "ask", "type": "question", "config": {"text": ASKED, "saveTo": "name"}},
        {"id": "thanks", "type": "message", "config": {"text": "Thank you, {{name}}."}},
        {"id": "end", "type": "end"},
    ],
    [("ask", "thanks"), ("thanks", "end")],
    trigger={"channel": "chatwoot", "event": "message_created"},
)


async def test_a_message_that_comes_while_the_run_ends_is_its_own_or_starts_the_next_one(
    road: Road, race: Race
) -> None:
    await road.publish(SHORT)
    counts = await race.run(lambda seed: _try(road, seed), COMMIT)
    for kind in ("unread_at_end", "start"):
        assert counts[kind], f"none was {kind}: {counts}"


async def _try(road: Road, seed: int) -> Verdict:
    dice, conversation = Random(seed), await road.desk.start()
    await road.say(conversation, "hello")
    await said(road, conversation, 1)
    await road.say(conversation, "Asha")
    if dice.random() < 0.7:  # it races the last step of the run; else whatever comes after the answer
        await said(road, conversation, 2)
    await asyncio.sleep(dice.uniform(0, 0.03))
    await road.say(conversation, "one more thing")
    account = await account_of(road, conversation)
    fate = str(account.told[2].how)
    counts = Counter({fate: 1, "rejected tasks": account.rejected})
    return Verdict([*account.flaws(), *_flaws(account, fate)], counts)


def _flaws(account: Account, fate: str) -> Iterator[str]:
    """Where the message was lost, or was both the old run's and the next one's."""
    said, runs, exits = [ASKED, "Thank you, Asha."], ["completed"], [["answer"]]
    if fate == "start":
        said, runs, exits = [*said, ASKED], [*runs, "waiting_input"], [*exits, []]
        yield from differs("the next run", account.runs[-1].id, account.told[2].id)
    yield from differs("said", account.texts, said)
    yield from differs("runs", [run.status for run in account.runs], runs)
    yield from differs("exits of the question", [run.left("ask") for run in account.runs], exits)
    hows = [row.how for row in account.told]
    yield from differs("fates", hows, ["start", "answer", "start" if fate == "start" else "unread_at_end"])
