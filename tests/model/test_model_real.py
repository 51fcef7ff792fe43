"""The model test on the real server: what PostgreSQL has on record is what the reference says."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from logging import getLogger
from pathlib import Path
from random import Random

import pytest

from store.database import Database
from tests.model.dice import THROWS, Dice
from tests.model.drawing import Pace
from tests.model.events import Course, case_of
from tests.model.judging import story
from tests.model.real import Theatre, answer_of, theatre
from torture.reference.case import Account, Case, Fate
from torture.reference.interpreter import Reference
from wiring.embedded.temporal import Temporal
from wiring.keys import load_or_create

pytestmark = [pytest.mark.real, pytest.mark.timeout(0)]

log = getLogger(__name__)

COMMIT = 6
TOGETHER = 12
"""Conversations at a time."""
NESTS = ("loop",) * 3 + ("subflow",) * 6
"""Without branches: which of two effects under way at once ends first is for the servers to say."""
PACE = Pace(timeouts=(1, 2), reminders=(1,), delays=(1,), ttls=(2,), quiet=(1,), ends=True, nests=NESTS)
COURSE = Course(
    gaps=(0, 0.05, 0.2, 0.5),
    late=(0,),
    slow=(0, 0, 0, 0, 1.7),
    bursts=(0,),
    stops=(float("inf"),),
    kinds=(*("message",) * 9, "submitted", "status", "opened"),
)


@pytest.fixture(params=[True, False], ids=["fast, cache 2", "inspect, cache 0"])
async def stage(
    request: pytest.FixtureRequest, db: Database, temporal: Temporal, tmp_path: Path
) -> AsyncIterator[Theatre]:
    keys = load_or_create(tmp_path, "")
    async with theatre(db, temporal.address, keys, fast=request.param) as made:
        yield made


async def test_what_is_on_record_is_what_the_reference_says(stage: Theatre, examples: int | None) -> None:
    gate, count = asyncio.Semaphore(TOGETHER), examples or COMMIT

    async def judge(seed: int) -> str | None:
        async with gate:
            return await _judged(stage, seed)

    verdicts = await asyncio.gather(*(judge(seed) for seed in range(count)))
    differ = [verdict for verdict in verdicts if verdict]
    log.info("%d conversations, %d of them judged", count, count - verdicts.count(""))
    assert not differ, f"{len(differ)} of {count} differ\n" + "\n\n".join(differ)
    assert verdicts.count("") <= count / 3, "too few conversations could be judged"


async def _judged(stage: Theatre, seed: int) -> str | None:
    """How a conversation differs; None where it does not, nothing where chance decided it."""
    case = real_case(seed)
    try:
        played, found = await stage.play(case)
    except TimeoutError:
        return f"seed {seed} did not end\n{story(case)}"
    reference = Reference(played)
    expected = reference.tell()
    if reference.close:
        return ""
    heard = {seq for seq, how in expected.inputs if how != "unread_at_end"}
    late = {name for event in played.events if event.seq not in heard for name in event.contact}
    differs = comparable(expected, late).differs(comparable(found, late))
    return "\n".join([f"seed {seed}", story(played), *differs]) if differs else None


def real_case(seed: int) -> Case:
    """A case whose fates the real providers can bring about, and that comes as fast as it can be told."""
    case = case_of(Dice(Random(seed).randbytes(THROWS)), PACE, COURSE)
    kinds = {node["id"]: node["type"] for flow in (case.flow, *case.below) for node in flow["nodes"]}
    fates = {
        id: tuple(_possible(kinds.get(id, ""), fate) for fate in drawn) for id, drawn in case.fates.items()
    }
    apis = {id: (Fate(value=answer_of("success", None)),) for id, kind in kinds.items() if kind == "api"}
    return replace(case, fates=apis | fates, triggered=False)


def _possible(kind: str, fate: Fate) -> Fate:
    """Only of an api call nobody ever finds out; what one may not ask is an answer of the api."""
    if kind == "api":
        value = answer_of(fate.exit, fate.value)
        return replace(fate, state="done" if fate.state == "failed" else fate.state, value=value, seconds=0)
    return replace(fate, state="done" if fate.state == "unknown" else fate.state, value=None)


def comparable(account: Account, late: set[str]) -> Account:
    """Without arguments of calls, inputs nobody waited for, and what these (`late`) tell of the contact."""
    effects = [one if one.state == "done" and one.activity == "send_message" else one._replace(content=None)
               for one in account.effects]  # fmt: skip
    inputs = sorted(fate for fate in account.inputs if fate[1] != "unread_at_end")
    told = {name: value for name, value in account.contact.items() if name not in late}
    return replace(account, effects=sorted(effects, key=lambda one: one[:3]), inputs=inputs, contact=told)
