"""Dead letters are listed, and each is given one other row at most."""

import asyncio

import pytest

from store import dead_letters
from store.database import Database
from store.dead_letters import AlreadyRedriven, Redriven, page, redrive
from store.delivery import unsent
from store.ids import new_id
from tests.store.made import WORKSPACE, accepted, fates, message

pytestmark = pytest.mark.real


async def dead(db: Database, key: str, reason: str = "undelivered") -> str:
    """A row that came to nothing."""
    row = await accepted(db, message(key))
    await db.execute("UPDATE inbound_events SET state = 'dead', how = $2 WHERE id = $1", row.id, reason)
    return row.id


async def test_letters_are_listed_newest_first_by_pages_and_by_reason(db: Database) -> None:
    ids = [await dead(db, str(n), "unreadable" if n == 1 else "undelivered") for n in range(4)]
    await accepted(db, message("alive"))
    first = await page(db, WORKSPACE, 3, None, None, events=False)
    assert [one.id for one in first] == [*reversed(ids)][:3]
    assert {(one.address, one.event) for one in first} == {("7", None)}
    rest = await page(db, WORKSPACE, 3, (first[-1].accepted_at, first[-1].id), None, events=False)
    assert [one.id for one in rest] == ids[:1]
    [unreadable] = await page(db, WORKSPACE, 3, None, "unreadable", events=True)
    assert (unreadable.id, unreadable.event["text"]) == (ids[1], "hi")
    assert await page(db, "other", 3, None, None, events=False) == []
    assert await dead_letters.totals(db) == {"undelivered": 3, "unreadable": 1}


async def test_a_letter_is_put_at_the_end_of_its_lane_as_it_was(db: Database) -> None:
    letter = await dead(db, "a")
    await db.execute('UPDATE inbound_events SET event = \'{"from": "the future", "n": 1.5}\'')
    second, again = await accepted(db, message("b")), new_id()
    made = await redrive(db, WORKSPACE, letter, again)
    assert made == Redriven(again, 3, second.lane)
    rows = await db.fetch("SELECT id, dedupe_key, event, redriven_as, state FROM inbound_events ORDER BY seq")
    assert [tuple(row) for row in (rows[0], rows[2])] == [
        (letter, "msg:a", {"from": "the future", "n": 1.5}, again, "dead"),
        (again, f"redrive:{letter}:1", {"from": "the future", "n": 1.5}, None, "received"),
    ]
    batch = await unsent(db, WORKSPACE, second.lane)
    assert batch
    assert [input.seq for input in batch.inputs] == [2, 3]
    assert await dead_letters.totals(db) == {}


async def test_a_letter_has_one_other_row_however_many_ask(db: Database) -> None:
    letter = await dead(db, "a")
    asked = await asyncio.gather(
        *(redrive(db, WORKSPACE, letter, new_id()) for _ in range(10)), return_exceptions=True
    )
    [made] = [one for one in asked if isinstance(one, Redriven)]
    others = [one for one in asked if isinstance(one, AlreadyRedriven)]
    assert (len(others), {one.id for one in others}) == (9, {made.id})
    assert await redrive(db, WORKSPACE, letter, made.id) == made
    assert await fates(db) == [(1, "dead", "undelivered"), (2, "received", None)]


async def test_what_dies_again_may_be_tried_again(db: Database) -> None:
    letter, second = await dead(db, "a"), new_id()
    await redrive(db, WORKSPACE, letter, second)
    await db.execute("UPDATE inbound_events SET state = 'dead', how = 'undelivered'")
    await redrive(db, WORKSPACE, second, new_id())
    keys = await db.fetch("SELECT dedupe_key FROM inbound_events ORDER BY seq")
    assert [row[0] for row in keys] == ["msg:a", f"redrive:{letter}:1", f"redrive:{letter}:2"]


async def test_only_a_dead_row_of_the_workspace_is_a_letter(db: Database) -> None:
    letter, alive = await dead(db, "a"), await accepted(db, message("b"))
    for workspace, id in [("other", letter), (WORKSPACE, alive.id), (WORKSPACE, new_id())]:
        assert await redrive(db, workspace, id, new_id()) is None
    assert len(await fates(db)) == 2
