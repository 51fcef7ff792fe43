"""One effect, once: the ledger's rules, on a real PostgreSQL, against a Chatwoot that can be told to fail."""

import asyncio
from datetime import datetime, timedelta, tzinfo
from typing import Any

import pytest
from pydantic import ValidationError
from temporalio.exceptions import ApplicationError

from activities import attempts as attempts_module
from activities.attempts import Attempts, entry_of
from activities.perform import Performer
from dsl.messages import Awaited, Consumed, Effect, Perform, Scene
from dsl.plan import Options
from providers.chatwoot.memory import MemoryChatwoot
from providers.errors import Failed, NotSent, Refused, Unknown
from store import ledger
from store.database import Database
from tests.activities.effects import Slow, flush, inbound, insisted, row, say, slow, state_of
from tests.workflows.world import START

pytestmark = pytest.mark.real


@pytest.fixture
def listed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was sent can be looked for as soon as its time is up."""
    monkeypatch.setattr(attempts_module, "MARGIN", 0.0)
    monkeypatch.setattr(attempts_module, "LISTED_AFTER", timedelta(0))


async def test_a_message_is_said_and_its_row_is_done(
    perform: Any, db: Database, scene: Scene, chatwoot: MemoryChatwoot
) -> None:
    reports = await perform(say("one"))
    assert [report.state for report in reports] == ["done"]
    assert chatwoot.said("77") == ["one"]
    assert await state_of(db, scene, say("one")) == "done"


async def test_the_same_perform_again_says_nothing_again_and_gives_the_same_outcome(
    perform: Any, chatwoot: MemoryChatwoot
) -> None:
    first, second = await perform(say("one")), await perform(say("one"))
    assert chatwoot.said("77") == ["one"]
    assert first[0].outcome == second[0].outcome


async def test_a_refused_message_is_open_and_goes_on_later(
    perform: Any, db: Database, scene: Scene, chatwoot: MemoryChatwoot
) -> None:
    chatwoot.fail("send_message", Refused("FLOOD", "too many", provider="chatwoot", retry_after=60))
    reports = await perform(say("one"))
    assert [report.state for report in reports] == ["later"]
    assert await state_of(db, scene, say("one")) == "open"


async def test_what_comes_behind_an_effect_that_is_not_done_never_began(
    perform: Any, db: Database, scene: Scene, chatwoot: MemoryChatwoot
) -> None:
    chatwoot.fail("send_message", Failed("HTTP_422", "no", provider="chatwoot"))
    reports = await perform(say("one"), say("two", node="second"))
    assert [report.state for report in reports] == ["failed"]
    assert await state_of(db, scene, say("two", node="second")) == "absent"


async def test_a_message_not_sent_is_tried_again_until_its_tries_are_used_up(
    attempts: Attempts, scene: Scene, chatwoot: MemoryChatwoot
) -> None:
    effect = say("one", options=Options(attempts=2, initial=0.01))
    for _ in range(2):
        chatwoot.fail("send_message", NotSent("CONNECT", "no route", provider="chatwoot"))
    with pytest.raises(ApplicationError, match="not yet"):
        await attempts.ordinary(scene, effect, 1)
    await asyncio.sleep(0.05)
    report = await attempts.ordinary(scene, effect, 2)
    assert report.state == "failed"
    assert report.outcome is not None
    assert report.outcome.error is not None
    assert (report.outcome.error.code, report.attempt) == ("CONNECT", 2)


async def test_a_message_whose_answer_was_lost_is_found_and_not_sent_again(
    attempts: Attempts, db: Database, scene: Scene, chatwoot: MemoryChatwoot, listed_at_once: None
) -> None:
    effect = say("one", options=Options(timeout=0.05))
    chatwoot.fail("send_message", Unknown("RESET", "cut", provider="chatwoot"), done=True)
    report = await insisted(attempts, scene, effect)
    assert report.state == "done"
    assert chatwoot.said("77") == ["one"]
    assert await state_of(db, scene, effect) == "done"


async def test_a_message_found_is_never_another_effect_s(
    attempts: Attempts, perform: Any, scene: Scene, chatwoot: MemoryChatwoot, listed_at_once: None
) -> None:
    sms = scene.but(surface="Channel::Sms")  # keeps no key of ours: found by its text alone
    chatwoot.open("77", "Channel::Sms")
    await Performer(attempts).perform(Perform(flush=flush(sms), effects=[say("same words")]))
    second = say("same words", node="again", options=Options(timeout=0.05))
    chatwoot.fail("send_message", Unknown("RESET", "cut", provider="chatwoot"), done=False)
    report = await insisted(attempts, sms, second)
    assert report.state == "done"
    assert chatwoot.said("77") == ["same words", "same words"]


async def test_a_message_that_never_arrived_is_sent_once_after_its_time(
    attempts: Attempts, scene: Scene, chatwoot: MemoryChatwoot, listed_at_once: None
) -> None:
    chatwoot.fail("send_message", Unknown("RESET", "cut", provider="chatwoot"), done=False)
    report = await insisted(attempts, scene, say("one", options=Options(timeout=0.05)))
    assert report.state == "done"
    assert chatwoot.said("77") == ["one"]


class Wrong(datetime):
    """A clock an hour behind."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Wrong":
        return super().now(tz) - timedelta(hours=1)


@pytest.fixture
def wrong_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker's, wherever it may be read."""
    for module in ("attempts", "flights"):
        monkeypatch.setattr(f"activities.{module}.datetime", Wrong)


async def test_an_outcome_is_true_of_the_database_s_time(
    perform: Any, db: Database, wrong_clock: None
) -> None:
    """Waits begin at it: a worker whose clock is wrong would move their ends."""
    [report] = await perform(say("one"))
    assert abs(report.outcome.at - await db.now()) < timedelta(seconds=5)


async def test_a_lease_is_waited_out_by_the_clock_that_it_was_given_by(
    attempts: Attempts, db: Database, scene: Scene, wrong_clock: None
) -> None:
    effect = slow("held", timeout=5.0)
    await ledger.begin(db, scene.workspace, scene.execution_id, [entry_of(effect)], 5.0)
    with pytest.raises(ApplicationError) as caught:
        await attempts.ordinary(scene, effect, tries=1)
    assert caught.value.next_retry_delay is not None
    assert caught.value.next_retry_delay < timedelta(seconds=10)


async def test_a_message_that_nobody_can_look_for_any_more_is_unknown_and_not_sent_again(
    attempts: Attempts, scene: Scene, chatwoot: MemoryChatwoot, listed_at_once: None
) -> None:
    chatwoot.fail("send_message", Unknown("RESET", "cut", provider="chatwoot"), done=True)
    chatwoot.fail("find_message", Unknown("TOO_LONG_AGO", "too many", provider="chatwoot"))
    report = await insisted(attempts, scene, say("one", options=Options(timeout=0.05)))
    assert (report.state, report.outcome and report.outcome.exit) == ("unknown", "unknown")
    assert chatwoot.said("77") == ["one"]


async def test_an_effect_that_cannot_be_looked_up_is_unknown_and_stays_so(
    attempts: Attempts, db: Database, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts_module, "MARGIN", 0.0)
    effect = slow("dead", timeout=0.01)
    await ledger.begin(db, scene.workspace, scene.execution_id, [entry_of(effect)], 0.01)
    await asyncio.sleep(0.05)
    report = await insisted(attempts, scene, effect)
    assert report.state == "unknown"
    assert await state_of(db, scene, effect) == "unknown"
    assert Slow.done == []


async def test_a_call_that_takes_longer_than_the_local_try_is_made_once_and_settles_itself(
    attempts: Attempts, db: Database, scene: Scene, monkeypatch: pytest.MonkeyPatch, flow_row: None
) -> None:
    monkeypatch.setattr(attempts_module, "LOCAL_PATIENCE", 0.05)
    effect = slow("long")
    async with asyncio.timeout(5):
        performed = await Performer(attempts).perform(Perform(flush=flush(scene), effects=[effect]))
    assert [report.state for report in performed.reports] == ["later"]
    waiting = asyncio.create_task(insisted(attempts, scene, effect))
    await asyncio.sleep(0.05)
    Slow.gates["long"].set()
    report = await waiting
    assert report.state == "done"
    assert len(Slow.done) == 1
    assert await state_of(db, scene, effect) == "done"


async def test_a_bug_is_not_an_exit(attempts: Attempts, scene: Scene, flow_row: None) -> None:
    effect = Effect(node="b", visit=1, number=1, activity="broken", args={})
    performed = await Performer(attempts).perform(Perform(flush=flush(scene), effects=[effect]))
    assert [report.state for report in performed.reports] == ["later"]
    with pytest.raises(ZeroDivisionError):
        await attempts.ordinary(scene, effect.but(number=2), 1)


async def test_arguments_of_another_release_leave_nothing_behind(
    attempts: Attempts, db: Database, scene: Scene, flow_row: None
) -> None:
    effect = say("one").but(args={"text": "one", "shout": True})
    with pytest.raises(ValidationError):
        await Performer(attempts).perform(Perform(flush=flush(scene), effects=[effect]))
    assert await state_of(db, scene, effect) == "absent"


async def test_a_ghost_of_a_lost_task_is_orphaned_and_the_new_message_is_said(
    perform: Any, db: Database, scene: Scene, chatwoot: MemoryChatwoot
) -> None:
    await perform(say("You ran out of time"))
    await perform(say("Thank you, John"))
    assert chatwoot.said("77") == ["You ran out of time", "Thank you, John"]
    orphans = await db.fetchval(
        "SELECT count(*) FROM effects WHERE workspace_id = $1 AND state = 'orphaned'", scene.workspace
    )
    assert orphans == 1


async def test_a_test_run_sends_nothing_and_answers_from_its_mock_data(
    attempts: Attempts, scene: Scene, chatwoot: MemoryChatwoot, flow_row: None
) -> None:
    scene = scene.but(mode="test", mock_data={"hello": {"exit": "next", "value": {"n": 1}}})
    request = Perform(flush=flush(scene), effects=[say("one"), say("two", node="second")])
    reports = (await Performer(attempts).perform(request)).reports
    assert [report.outcome.value for report in reports if report.outcome] == [{"n": 1}, None]
    assert chatwoot.said("77") == []


async def test_the_record_is_written_only_up_to_the_effect_that_was_not_done(
    attempts: Attempts, db: Database, scene: Scene, chatwoot: MemoryChatwoot, flow_row: None
) -> None:
    chatwoot.fail("send_message", Failed("HTTP_422", "no", provider="chatwoot"))
    rows = [row(1, "start", -1), row(2, "hello", 0)]
    fates = [Consumed(seq=1, how="answer"), Consumed(seq=2, how="unread_at_end", after=0)]
    request = flush(scene, status="completed", node="end").but(rows=rows, consumed=fates, number=2)
    for seq in (1, 2):
        await inbound(db, scene, seq)
    performed = await Performer(attempts).perform(Perform(flush=request, effects=[say("one")]))
    found = await db.fetchrow(
        "SELECT status, current_node_id FROM executions WHERE workspace_id = $1 AND id = $2",
        scene.workspace,
        scene.execution_id,
    )
    left = await db.fetch(
        "SELECT seq, state FROM inbound_events WHERE workspace_id = $1 ORDER BY seq", "default"
    )
    assert [tuple(one) for one in left] == [(1, "consumed"), (2, "received")]
    assert performed.recorded == 1
    assert tuple(found) == ("running", "hello")


async def test_a_wait_counts_from_when_its_prompt_was_sent(
    attempts: Attempts, db: Database, scene: Scene, flow_row: None
) -> None:
    waiting = Awaited(kind="waiting_input", since=START, deadline=START, timeout=60)
    request = flush(scene, status="waiting_input", waiting=waiting)
    await Performer(attempts).perform(Perform(flush=request, effects=[say("one")]))
    stored = await db.fetchval("SELECT waiting FROM executions WHERE workspace_id = $1", scene.workspace)
    assert Awaited.model_validate(stored).since > START
