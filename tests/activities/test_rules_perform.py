"""Effects with the record in one activity: begun together, stopped in time, never cut (2.4, 2.7, 2.10)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, ClassVar, cast

import pytest
from asyncpg import CheckViolationError
from temporalio import activity

from activities import perform as perform_module
from activities.attempts import Attempts
from activities.base import Action, Tools
from activities.flights import fly
from activities.messages import SendMessage
from activities.perform import Performer
from activities.register import activities
from dsl.limits import Limits
from dsl.messages import Effect, Flush, Outcome, Perform, Performed, Standing
from dsl.plan import Options
from providers.http.safe import SafeHttp
from store import ledger
from store.database import Database
from tests.activities.rows import make_rows
from tests.workflows.stage import Interrupted
from tests.workflows.world import SCENE, START

pytestmark = pytest.mark.real

SCENE_77 = SCENE.but(surface="Channel::WebWidget")
Meanwhile = Callable[[str], Awaitable[None]]


class Large(Action):
    """Comes to a value of so many characters."""

    size: int

    @classmethod
    def kind(cls) -> str:
        return "large"

    async def execute(self, _tools: Tools) -> Outcome:
        return Outcome(value="x" * self.size)


class Gated(Action):
    """Does something when it is let go."""

    gate: ClassVar[asyncio.Event]
    begun: ClassVar[asyncio.Event]
    done: ClassVar[list[str]]

    @classmethod
    def kind(cls) -> str:
        return "gated"

    async def execute(self, tools: Tools) -> Outcome:
        self.begun.set()
        await self.gate.wait()
        self.done.append(tools.key)
        return Outcome()


def attempting(db: Database, meanwhile: Meanwhile | None = None) -> Attempts:
    """Attempts at a Chatwoot where something happens while a message is on its way."""

    async def nothing(_: str) -> None:
        return None

    safe, chatwoot = SafeHttp(), Interrupted(meanwhile or nothing)
    chatwoot.open("77")
    Gated.gate, Gated.begun, Gated.done = asyncio.Event(), asyncio.Event(), []
    actions: dict[str, type[Action]] = {"send_message": SendMessage, "gated": Gated, "large": Large}
    return Attempts(db, actions, lambda scene, key: Tools(scene, key, safe, {"main": chatwoot}))


def say(text: str) -> Effect:
    return Effect(node=text, visit=1, number=1, activity="send_message", args={"text": text})


GATED = Effect(node="g", visit=1, number=1, activity="gated", args={}, options=Options(timeout=20.0))


async def performed(attempts: Attempts, *effects: Effect) -> Performed:
    flush = Flush(scene=SCENE_77, run="run-1", at=START, number=1, standing=Standing(status="running"))
    return await Performer(attempts).perform(Perform(flush=flush, effects=list(effects)))


async def states(db: Database) -> list[tuple[str, str]]:
    """(node, state) of every row of the ledger."""
    rows = await db.fetch("SELECT node, state FROM effects WHERE workspace_id = $1 ORDER BY node", "default")
    return [tuple(row) for row in rows]


async def test_all_are_attempting_before_the_first_call_and_calls_are_made_in_order(db: Database) -> None:
    seen: list[Any] = []

    async def look(text: str) -> None:
        seen.append((text, await states(db)))

    await make_rows(db, SCENE_77)
    await performed(attempting(db, look), say("b"), say("a"))
    begun = [("a", "attempting"), ("b", "attempting")]
    assert seen == [("b", begun), ("a", begun)]
    assert await states(db) == [("a", "done"), ("b", "done")]


async def test_no_call_is_begun_after_half_a_second_and_its_row_is_gone(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(perform_module, "START_WITHIN", 0.05)

    async def slowly(_: str) -> None:
        await asyncio.sleep(0.1)

    await make_rows(db, SCENE_77)
    reports = (await performed(attempting(db, slowly), say("a"), say("b"))).reports
    assert [report.state for report in reports] == ["done"]
    assert await states(db) == [("a", "done")]


async def test_an_outcome_is_written_with_the_record_or_not_at_all(db: Database) -> None:
    await make_rows(db, SCENE_77)
    await db.execute("ALTER TABLE executions ADD CONSTRAINT no_record CHECK (false)")
    with pytest.raises(CheckViolationError, match="no_record"):
        await performed(attempting(db), say("a"))
    assert await states(db) == [("a", "attempting")]


async def test_a_call_goes_on_when_the_activity_that_waits_for_it_is_cut(db: Database) -> None:
    attempts = attempting(db)
    cut = asyncio.create_task(attempts.ordinary(SCENE_77, GATED, 1))
    await Gated.begun.wait()
    cut.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cut
    Gated.gate.set()
    await attempts.flights.drain()
    assert (len(Gated.done), await states(db)) == (1, [("g", "done")])


async def test_before_the_pools_close_calls_in_the_air_have_landed_and_are_settled(db: Database) -> None:
    attempts = attempting(db)
    await make_rows(db, SCENE_77)
    asyncio.get_running_loop().call_later(2.0, lambda: Gated.gate.set())
    reports = (await performed(attempts, GATED)).reports
    assert [report.state for report in reports] == ["later"]
    await attempts.flights.drain()
    row = await ledger.get(db, "default", SCENE_77.execution_id, ("g", 1, 1))
    assert row is not None
    assert row.state == "done"


@pytest.mark.parametrize(("more", "state"), [(-2, "done"), (-1, "failed")])
async def test_a_result_beyond_its_bytes_is_a_failure_with_its_code(more: int, state: str) -> None:
    noon = datetime(2030, 1, 1, 12, tzinfo=UTC)

    async def now() -> datetime:
        return noon

    tools = Tools(SCENE_77, "key", SafeHttp(), {})
    verdict = await fly(Large(size=Limits().result_bytes + more), tools, now)
    assert (verdict.state, verdict.outcome.at) == (state, noon)
    assert verdict.outcome.error is None or verdict.outcome.error.code == "RESULT_TOO_LARGE"


async def test_an_answer_is_parsed_without_any_database() -> None:
    nowhere = Attempts(cast(Database, None), {}, cast(Any, None))
    named = {activity._Definition.must_from_callable(one).name: one for one in activities(nowhere, {})}
    outcome = await named["parse_answer"]({"expects": "email", "text": " asha@EXAMPLE.com"})
    assert outcome.value == "asha@example.com"
