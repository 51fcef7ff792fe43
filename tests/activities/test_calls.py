"""Calls in the air: nothing cuts them, whoever comes meanwhile joins or waits, and nobody asks too early."""

import asyncio
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from activities.attempts import Attempts
from activities.perform import Performer
from dsl.messages import Effect, Perform, Scene
from providers.chatwoot.memory import MemoryChatwoot
from store.database import Database
from tests.activities.effects import Slow, begun, flush, inbound, insisted, say, slow, state_of

pytestmark = pytest.mark.real

Performing = asyncio.Task[Any]


async def performing(attempts: Attempts, scene: Scene, *effects: Effect) -> Performing:
    """A `perform` whose first call is in the air."""
    request = Perform(flush=flush(scene), effects=list(effects))
    task = asyncio.create_task(Performer(attempts).perform(request))
    key = f"{scene.execution_id}:{effects[0].node}:1:1"
    async with asyncio.timeout(10):
        while attempts.flights.get(key) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return task


async def test_a_call_outlives_the_activity_that_began_it_and_writes_what_it_came_to(
    attempts: Attempts, db: Database, scene: Scene, flow_row: None
) -> None:
    effect = slow("cut")
    task = await performing(attempts, scene, effect)
    task.cancel()
    await asyncio.wait([task])
    Slow.gates["cut"].set()
    await attempts.flights.drain()
    assert len(Slow.done) == 1
    assert await state_of(db, scene, effect) == "done"


async def test_a_second_local_try_joins_the_call_of_the_first(
    attempts: Attempts, scene: Scene, flow_row: None
) -> None:
    first = await performing(attempts, scene, slow("joined"))
    second = asyncio.create_task(Performer(attempts).perform(await _request_of(scene)))
    await asyncio.sleep(0.2)
    Slow.gates["joined"].set()
    reports = [(await task).reports for task in (first, second)]
    assert [[report.state for report in each] for each in reports] == [["done"], ["done"]]
    assert len(Slow.done) == 1


async def _request_of(scene: Scene) -> Perform:
    effect = Effect(node="s", visit=1, number=1, activity="slow", args={"name": "joined"})
    return Perform(flush=flush(scene), effects=[effect])


async def test_a_call_of_another_process_is_left_to_it_and_not_waited_for(
    attempts: Attempts, db: Database, scene: Scene, chatwoot: MemoryChatwoot, flow_row: None
) -> None:
    effect = say("one")
    await begun(db, scene, effect, 60)
    performed = await Performer(attempts).perform(Perform(flush=flush(scene), effects=[effect]))
    assert [report.state for report in performed.reports] == ["later"]
    assert chatwoot.said("77") == []


async def asked_again_in(attempts: Attempts, scene: Scene, effect: Effect) -> float:
    """Seconds after which the ordinary activity wants to be called again."""
    with pytest.raises(ApplicationError, match="not yet") as later:
        await attempts.ordinary(scene, effect, 1)
    delay = later.value.next_retry_delay
    assert delay is not None
    return delay.total_seconds()


async def test_an_attempt_of_another_process_has_until_its_time_is_over(
    attempts: Attempts, db: Database, scene: Scene, chatwoot: MemoryChatwoot
) -> None:
    await begun(db, scene, say("one"), 60)
    assert await asked_again_in(attempts, scene, say("one")) > 50
    assert chatwoot.said("77") == []
    assert await state_of(db, scene, say("one")) == "attempting"


async def test_the_provider_is_asked_four_seconds_after_that(
    attempts: Attempts, db: Database, scene: Scene, chatwoot: MemoryChatwoot
) -> None:
    """A message may take so long to be listed: sent again at once it would be there twice."""
    await begun(db, scene, say("one"), -1)
    assert 2 < await asked_again_in(attempts, scene, say("one")) <= 3
    assert chatwoot.said("77") == []


async def test_an_attempt_has_its_time_out_and_a_second(
    attempts: Attempts, db: Database, scene: Scene, flow_row: None
) -> None:
    task = await performing(attempts, scene, slow("lease", timeout=7))
    seconds = await db.fetchval("SELECT extract(epoch FROM until - created_at)::float8 FROM effects")
    Slow.gates["lease"].set()
    await task
    assert seconds == pytest.approx(8, abs=0.5)


async def test_what_may_be_repeated_is_asked_for_once_more_under_its_key(
    attempts: Attempts, db: Database, scene: Scene
) -> None:
    effect = Effect(node="set", visit=1, number=1, activity="settable", args={"name": "again"})
    await begun(db, scene, effect, -1)
    Slow.done.clear()
    report = await insisted(attempts, scene, effect)
    assert (report.state, report.attempt) == ("done", 2)
    assert Slow.done == [f"{scene.execution_id}:set:1:1"]


async def test_words_that_somebody_else_wrote_before_are_not_ours(
    attempts: Attempts, db: Database, scene: Scene, chatwoot: MemoryChatwoot, flow_row: None
) -> None:
    """Where the channel keeps no key of ours a message is known by its text, above what was there before."""
    sms = scene.but(surface="Channel::Sms")
    chatwoot.open("77", "Channel::Sms")
    await chatwoot.send_message("77", "same words", channel="Channel::Sms")
    await inbound(db, sms, chatwoot.hear("77", "hello"))
    await begun(db, sms, say("same words"), -10)
    report = await insisted(attempts, sms, say("same words"))
    assert report.state == "done"
    assert chatwoot.said("77") == ["same words", "same words"]


async def test_no_connection_to_the_database_is_held_while_a_call_is_in_the_air(
    attempts: Attempts, db: Database, scene: Scene, flow_row: None
) -> None:
    task = await performing(attempts, scene, slow("holding"))
    held = db.engine.pool.status()
    Slow.gates["holding"].set()
    await task
    assert "Current Checked out connections: 0" in held
