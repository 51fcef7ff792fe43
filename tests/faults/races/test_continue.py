"""A message that comes while its run continues as new: heard once, in the order of acceptance."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

from dsl.limits import Limits
from tests.faults.races.account import Account, account_of, said
from tests.faults.races.tries import Race, Verdict, differs
from tests.faults.road import Road
from tests.faults.test_inbound import AGAIN

pytestmark = [pytest.mark.real, pytest.mark.timeout(0)]

COMMIT = 15
PAIRS = 2
"""Tries in one conversation: a message that makes the run continue, and one that comes meanwhile."""
TOGETHER = 30
"""Conversations at a time: Temporal lets runs continue once a second at most."""


@pytest.fixture(
    params=[Limits(turns=1, burst_turns=1), Limits(every_steps=5)], ids=["each turn", "every five steps"]
)
def limits(request: pytest.FixtureRequest) -> Limits:
    limits: Limits = request.param
    return limits


async def test_a_message_that_comes_while_the_run_continues_as_new_is_heard_once(
    road: Road, race: Race
) -> None:
    """A try is a conversation of two pairs, and `--examples` counts the pairs."""
    await road.publish(AGAIN)
    asked = Race(race.name, race.asked and -(-race.asked // PAIRS))
    counts = await asked.run(lambda seed: _try(road, seed), COMMIT, TOGETHER)
    assert counts["continued"] >= counts["pairs"], f"too few runs continued: {counts}"
    for kind in ("carried", "rejected tasks"):
        assert counts[kind], f"none was {kind}: {counts}"


async def _try(road: Road, seed: int) -> Verdict:
    dice = Random(seed)
    conversation = await road.desk.start()
    await road.say(conversation, "hello")
    for pair in range(PAIRS):
        await said(road, conversation, 1 + 2 * pair)
        await road.say(conversation, f"{pair} first")
        await asyncio.sleep(dice.uniform(0, 0.08))
        await road.say(conversation, f"{pair} meanwhile")
    await said(road, conversation, 1 + 2 * PAIRS)
    await road.say(conversation, "stop")
    account = await account_of(road, conversation)
    return Verdict([*account.flaws(), *_flaws(account)], _counts(account))


def _flaws(account: Account) -> Iterator[str]:
    """What was lost, doubled or out of order."""
    heard = [row.text for row in account.told][1:-1]
    said = [f"After {word}?" for word in ("nothing", *heard)]
    times = Counter(account.texts)
    yield from (f"lost: {text!r}" for text in said if not times[text])
    yield from (f"doubled: {text!r}" for text in said if times[text] > 1)
    yield from differs("said", account.texts, said)
    fates = ["start", *["answer"] * (2 * PAIRS + 1)]
    yield from differs("fates", [row.how for row in account.told], fates)
    yield from differs("seqs", [row.seq for row in account.told], list(range(1, len(fates) + 1)))
    yield from differs("ends", [(run.status, run.story.end) for run in account.runs], [("completed",) * 2])


def _counts(account: Account) -> Counter[str]:
    """Whether they came to a run unread when it continued, to one about to, or to one not yet awake."""
    [run] = account.runs
    return Counter(
        {
            "pairs": PAIRS,
            "continued": run.story.continued,
            "carried": run.story.carried,
            "in between": run.story.between,
            "rejected tasks": account.rejected,
        }
    )
