"""An effect is begun once, settled once, and tried again only when that is safe."""

import asyncio

import pytest

from store import ledger
from store.database import Database
from store.ids import new_id
from store.ledger import Entry
from tests.store.made import WORKSPACE

pytestmark = pytest.mark.real

HELLO = Entry("hello", 1, 1, "send_message", "d1")
BYE = Entry("bye", 1, 1, "send_message", "d2")


@pytest.fixture
def run() -> str:
    """An execution's id."""
    return new_id()


async def test_effects_are_begun_in_order_and_each_once(db: Database, run: str) -> None:
    first = await ledger.begin(db, WORKSPACE, run, [BYE, HELLO], 5)
    second = await ledger.begin(db, WORKSPACE, run, [HELLO, BYE], 5)
    assert [(row.node, row.state, row.attempt, row.fresh) for row in first] == [
        ("bye", "attempting", 1, True),
        ("hello", "attempting", 1, True),
    ]
    assert [(row.node, row.fresh) for row in second] == [("hello", False), ("bye", False)]


async def test_nothing_to_begin_is_nothing_begun(db: Database, run: str) -> None:
    assert await ledger.begin(db, WORKSPACE, run, [], 5) == []


async def test_of_many_who_begin_one_effect_one_may_perform_it(db: Database, run: str) -> None:
    rows = await asyncio.gather(*(ledger.begin(db, WORKSPACE, run, [HELLO, BYE], 5) for _ in range(20)))
    assert sum(row.fresh for pair in rows for row in pair) == 2
    assert await db.fetchval("SELECT count(*) FROM effects") == 2


async def test_an_attempt_is_settled_once(db: Database, run: str) -> None:
    await ledger.begin(db, WORKSPACE, run, [HELLO], 5)
    key = ("hello", 1, 1)
    outcome = {"exit": "next", "value": {"id": 9}}
    assert not await ledger.settle(db, WORKSPACE, run, *key, 2, state="done", outcome=outcome)
    assert await ledger.settle(db, WORKSPACE, run, *key, 1, state="done", outcome=outcome, provider_ref="9")
    assert not await ledger.settle(db, WORKSPACE, run, *key, 1, state="failed", outcome=None)
    row = await ledger.get(db, WORKSPACE, run, key)
    assert row
    assert (row.state, row.outcome, row.provider_ref) == ("done", outcome, "9")
    assert await ledger.get(db, "other", run, key) is None


async def test_a_running_attempt_is_not_taken_by_another(db: Database, run: str) -> None:
    assert (await ledger.take(db, WORKSPACE, run, HELLO, 5)).fresh
    again = await ledger.take(db, WORKSPACE, run, HELLO, 5)
    assert (again.state, again.attempt, again.fresh) == ("attempting", 1, False)


async def test_an_open_effect_is_taken_once_it_is_due(db: Database, run: str) -> None:
    await ledger.take(db, WORKSPACE, run, HELLO, 5)
    key = ("hello", 1, 1)
    await ledger.settle(db, WORKSPACE, run, *key, 1, state="open", outcome=None, retry_at_seconds=60)
    early = await ledger.take(db, WORKSPACE, run, HELLO, 5)
    assert (early.state, early.fresh) == ("open", False)
    assert early.retry_at
    await db.execute("UPDATE effects SET retry_at = now()")
    taken = await asyncio.gather(*(ledger.take(db, WORKSPACE, run, HELLO, 5) for _ in range(5)))
    assert sum(row.fresh for row in taken) == 1
    assert [row.attempt for row in taken if row.fresh] == [2]


async def test_begin_leaves_an_open_effect_to_the_ordinary_activity(db: Database, run: str) -> None:
    await ledger.begin(db, WORKSPACE, run, [HELLO], 5)
    await ledger.settle(db, WORKSPACE, run, "hello", 1, 1, 1, state="open", outcome=None)
    (row,) = await ledger.begin(db, WORKSPACE, run, [HELLO], 5)
    assert (row.state, row.fresh) == ("open", False)


async def test_another_effect_under_the_same_key_makes_the_first_a_ghost(db: Database, run: str) -> None:
    await ledger.begin(db, WORKSPACE, run, [HELLO], 5)
    (row,) = await ledger.begin(db, WORKSPACE, run, [HELLO._replace(digest="other")], 5)
    assert (row.digest, row.fresh, row.ghost, row.attempt) == ("other", True, True, 1)
    states = await db.fetch("SELECT digest, state FROM effects ORDER BY state")
    assert [tuple(state) for state in states] == [("other", "attempting"), ("d1", "orphaned")]
    taken = await ledger.take(db, WORKSPACE, run, HELLO._replace(digest="third"), 5)
    assert (taken.fresh, taken.ghost) == (True, True)


async def test_what_was_never_started_is_forgotten(db: Database, run: str) -> None:
    await ledger.begin(db, WORKSPACE, run, [HELLO, BYE], 5)
    await ledger.settle(db, WORKSPACE, run, "hello", 1, 1, 1, state="done", outcome=None)
    await ledger.forget(db, WORKSPACE, run, [("hello", 1, 1), ("bye", 1, 1)])
    assert await ledger.get(db, WORKSPACE, run, ("bye", 1, 1)) is None
    assert await ledger.get(db, WORKSPACE, run, ("hello", 1, 1))


async def test_a_message_belongs_to_one_effect(db: Database, run: str) -> None:
    await ledger.begin(db, WORKSPACE, run, [HELLO, BYE], 5)
    for node in ("hello", "bye"):
        await ledger.settle(db, WORKSPACE, run, node, 1, 1, 1, state="done", outcome=None, provider_ref="9")
    rows = [await ledger.get(db, WORKSPACE, run, (node, 1, 1)) for node in ("hello", "bye")]
    assert [row.provider_ref for row in rows if row] == ["9", None]
