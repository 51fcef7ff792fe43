"""An answer and its deadline: whoever was accepted in time is thanked, and nobody hears two endings."""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from random import Random
from statistics import median
from typing import NamedTuple

import pytest

from store import delivery
from store.database import Database
from tests.faults.races.account import SECONDS, Account, account_of, said
from tests.faults.races.tries import Race, Verdict, differs
from tests.faults.road import Road
from tests.workflows.world import flow

pytestmark = [pytest.mark.real, pytest.mark.timeout(0)]

COMMIT = 60
TOGETHER = 40
"""Conversations at a time: they wait most of it."""
NEAR = 0.02
"""Seconds; a call this close to the deadline is a close one."""
ASKED, SORRY, LAST = "What is your name?", "You ran out of time.", "Any last word?"
PATIENT = "patient"
"""Who begins with this word is asked for a last one, in time or not."""
TIMED = flow(
    [
        {"id": "ask", "type": "question", "config": {"text": ASKED, "saveTo": "name", "timeout": "2s"}},
        {"id": "thanks", "type": "message", "config": {"text": "Thank you, {{name}}."}},
        {"id": "sorry", "type": "message", "config": {"text": SORRY}},
        {
            "id": "patient",
            "type": "condition",
            "config": {
                "condition": {"left": "{{trigger.message.text}}", "operator": "eq", "right": PATIENT}
            },
        },
        {"id": "last", "type": "question", "config": {"text": LAST, "saveTo": "word"}},
        {"id": "noted", "type": "message", "config": {"text": "Noted: {{word}}."}},
        {"id": "end", "type": "end"},
    ],
    [
        ("ask", "answer", "thanks"), ("ask", "timeout", "sorry"), ("thanks", "patient"), ("sorry", "patient"),
        ("patient", "true", "last"), ("patient", "false", "end"), ("last", "answer", "noted"),
        ("noted", "end"),
    ],
    trigger={"channel": "chatwoot", "event": "conversation_created"},
)  # fmt: skip
BYE = "bye"
ACCEPTED = """
SELECT e.accepted_at FROM inbound_events AS e JOIN lanes AS l ON l.id = e.lane_id
WHERE l.address = $1 AND e.seq = 2
"""
DEADLINE = "SELECT waiting->>'deadline' FROM executions WHERE conversation_id = $1"


async def test_whoever_answers_in_time_is_thanked_and_nobody_hears_two_endings(
    road: Road, race: Race
) -> None:
    await road.publish(TIMED)
    aim = Aim()
    counts = await race.run(lambda seed: _try(road, seed, aim), COMMIT, TOGETHER)
    for kind in ("in time", "too late", "near", "in time, but the timer was first"):
        assert counts[kind], f"none was {kind}: {counts}"


class Aim:
    """How long answers lately took from the person to their acceptance: the next is sent so much earlier."""

    def __init__(self) -> None:
        self._lately = deque([0.01], maxlen=21)

    @property
    def seconds(self) -> float:
        """So much earlier."""
        return median(self._lately)

    def shot(self, aimed: float, hit: float) -> None:
        """Learn from where an answer hit."""
        self._lately.append(hit - aimed)


async def _try(road: Road, seed: int, aim: Aim) -> Verdict:
    dice = Random(seed)
    patient, held, offset = dice.random() < 0.5, dice.random() < 0.4, dice.uniform(-0.04, 0.03)
    conversation, name = await road.desk.start(), f"Asha {seed}"
    await road.say(conversation, PATIENT if patient else "hello")
    deadline = await _deadline(road, conversation)
    free = await _hold(road, conversation) if held else None
    aimed = offset - aim.seconds
    ahead = (deadline - datetime.now(UTC)).total_seconds() + aimed
    await asyncio.sleep(ahead)
    await road.say(conversation, name)
    late = (await road.db.fetchval(ACCEPTED, conversation) - deadline).total_seconds()
    if ahead > 0:
        aim.shot(aimed, late)
    if patient and late <= 0:
        await said(road, conversation, 3)
    if free and (patient or late > 0):
        await free()
    if patient and late <= 0:  # the name was used, so the last word is another one
        await road.say(conversation, BYE)
    account = await account_of(road, conversation)
    expected = _expected(name, late, patient)
    flaws = [*account.flaws(), *_flaws(account, expected)]
    return Verdict(
        [f"accepted {late:+.6f} s after the deadline: {flaw}" for flaw in flaws], _counts(account, late)
    )


async def _deadline(road: Road, conversation: str) -> datetime:
    """Of the question, once it is asked."""
    await said(road, conversation, 1)
    async with asyncio.timeout(SECONDS):
        while (at := await road.db.fetchval(DEADLINE, conversation)) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return datetime.fromisoformat(at)


async def _hold(road: Road, conversation: str) -> Callable[[], Awaitable[None]]:
    """A process claims the lane and dies: the run gets what comes only if it asks. How to end that."""
    dead = Database(road.db.dsn, road.db.engine)
    lane = await road.db.fetchval("SELECT id FROM lanes WHERE address = $1", conversation)
    await delivery.claim(dead, "default", lane)
    return partial(delivery.back_off, dead, "default", lane, first=0)


class Expected(NamedTuple):
    """What the person sees, the effects by their nodes, the question's exit, and the fate of the name."""

    said: list[str]
    nodes: list[str]
    exit: str
    fates: set[str]


def _expected(name: str, late: float, patient: bool) -> Expected:
    """What becomes of a name that was accepted so many seconds after the deadline."""
    ending, node, exit = (
        (SORRY, "sorry", "timeout") if late > 0 else (f"Thank you, {name}.", "thanks", "answer")
    )
    if not patient:
        fates = {"unread_at_end", "no_trigger"} if late > 0 else {"answer"}
        return Expected([ASKED, ending], ["ask", node], exit, fates)
    noted = f"Noted: {name if late > 0 else BYE}."
    return Expected([ASKED, ending, LAST, noted], ["ask", node, "last", "noted"], exit, {"answer"})


def _flaws(account: Account, expected: Expected) -> Iterator[str]:
    """Where record, ledger or history tell of another ending."""
    [run], fate = account.runs, str(account.told[1].how)
    yield from differs("said", account.texts, expected.said)
    yield from differs("effects", [node for node, _, _ in run.effects], expected.nodes)
    yield from differs("exits of the question", run.left("ask"), [expected.exit])
    yield from differs("end", (run.status, run.story.end), ("completed", "completed"))
    yield from differs("fate of the name", fate, fate if fate in expected.fates else expected.fates)


def _counts(account: Account, late: float) -> Counter[str]:
    """Which ending it was, whether it was near, and whether the lane had to be asked."""
    [run] = account.runs
    kinds = {
        "in time": late <= 0,
        "too late": late > 0,
        "near": abs(late) <= NEAR,
        "in time, but the timer was first": late <= 0 and run.story.fetched > 0,
        "rejected tasks": account.rejected > 0,
    }
    return Counter(kind for kind, so in kinds.items() if so)
