"""Turns: all that a lane still has to deliver, and a screen that is written once."""

import asyncio

import pytest

from dsl.turns import Said, Screen
from store import delivery, turns
from store.database import Database
from store.delivery import Mark
from store.inbox import Accepted
from store.turns import Row
from tests.store.made import CONNECTION, WORKSPACE, accepted, message

pytestmark = pytest.mark.real

NAME = Screen(said=(Said(text="Name?"),), open=True, expects="text")
SAFE = Screen(said=(Said(text="Please try again later."),))


def row_of(one: Accepted) -> Row:
    return Row(WORKSPACE, one.id, one.seq, one.lane)


async def test_a_turn_is_found_by_its_key_with_its_screen(db: Database) -> None:
    row = row_of(await accepted(db, message("1")))
    assert await turns.find(db, WORKSPACE, CONNECTION, "msg:1") == row
    assert await turns.find(db, WORKSPACE, CONNECTION, "msg:2") is None
    assert await turns.put_screen(db, row, NAME) == NAME
    assert await turns.find(db, WORKSPACE, CONNECTION, "msg:1") == row._replace(screen=NAME)
    assert await turns.screen_of(db, row) == NAME


async def test_the_first_screen_stays(db: Database) -> None:
    row = row_of(await accepted(db, message("1")))
    assert await turns.screen_of(db, row) is None
    assert await turns.put_screen(db, row, SAFE) == SAFE
    assert await turns.put_screen(db, row, NAME) == SAFE


async def test_of_screens_at_the_same_moment_everybody_gets_the_same(
    db: Database, examples: int | None
) -> None:
    for number in range(examples or 20):
        row = row_of(await accepted(db, message(str(number))))
        rivals = [Screen(said=(Said(text=str(one)),)) for one in range(6)]
        got = await asyncio.gather(*(turns.put_screen(db, row, one) for one in rivals))
        assert set(got) == {await turns.screen_of(db, row)}


async def test_a_turn_takes_along_all_that_nobody_was_sent_and_nothing_behind_it(db: Database) -> None:
    rows = [await accepted(db, message(str(number)), hold_seconds=6) for number in range(4)]
    batch = await turns.undelivered(db, row_of(rows[2]))
    assert batch is not None
    assert [one.seq for one in batch.inputs] == [1, 2, 3]
    assert not batch.whole, "one more came"
    last = await turns.undelivered(db, row_of(rows[3]))
    assert last is not None
    assert last.whole


async def test_a_turn_that_was_handed_over_is_asked_for_by_itself(db: Database) -> None:
    first, second = [await accepted(db, message(str(number))) for number in range(2)]
    batch = await turns.undelivered(db, row_of(second))
    assert batch is not None
    await delivery.conclude(db, batch, [Mark(first.seq, "handed"), Mark(second.seq, "handed")])
    again = await turns.undelivered(db, row_of(second))
    assert again is not None
    assert [one.seq for one in again.inputs] == [2]


async def test_more_than_an_update_carries_is_delivered_without_it(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "ROWS", 2)
    rows = [await accepted(db, message(str(number))) for number in range(3)]
    assert await turns.undelivered(db, row_of(rows[2])) is None


async def test_the_safe_text_is_that_of_the_flow_that_runs_or_starts(db: Database) -> None:
    row = row_of(await accepted(db, message("1")))
    plan = '{"line": {"safeText": "Samahani."}, "plans": []}'
    await db.execute("INSERT INTO plans (digest, format, plan) VALUES ('p', 1, $1::jsonb)", plan)
    assert await turns.safe_text(db, row, None) is None
    assert await turns.safe_text(db, row, "p") == "Samahani."
    await db.execute(
        "INSERT INTO executions (workspace_id, id, flow_id, flow_version, plan_digest, workflow_id) "
        "VALUES ($1, $2, $2, 1, 'p', 'w')",
        WORKSPACE,
        row.id,
    )
    await db.execute("UPDATE lanes SET execution_id = $1", row.id)
    assert await turns.safe_text(db, row, None) == "Samahani."
