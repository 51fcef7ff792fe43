"""Notices are heard, also after the connection was lost."""

import asyncio
import contextlib
import gc

import pytest

from store import listen
from store.database import Database
from store.inbox import NOTICE
from store.listen import listening
from tests.store.made import accepted, message
from tests.waiting import until

pytestmark = pytest.mark.real


async def test_only_a_row_that_its_acceptor_did_not_claim_is_announced(db: Database) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    async with listening(db, NOTICE, heard.put_nowait):
        await accepted(db, message("claimed", address="1"))
        left = await accepted(db, message("left", address="2"), claim_seconds=0)
        assert await asyncio.wait_for(heard.get(), 5) == left.lane
    assert heard.empty()


async def test_a_listener_comes_back_when_its_connection_is_lost(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listen, "RETRY_SECONDS", 0.01)
    heard: asyncio.Queue[str] = asyncio.Queue()
    async with listening(db, NOTICE, heard.put_nowait):
        gone = await db.fetchval(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE query LIKE 'LISTEN%' AND datname = current_database()"
        )
        assert gone
        for _ in range(500):
            await db.execute("SELECT pg_notify('inbox', 'again')")
            if not heard.empty():
                break
            await asyncio.sleep(0.01)
    assert heard.get_nowait() == "again"


LISTENERS = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'
"""


async def until_none_listens(db: Database) -> None:
    async def none() -> bool:
        return not await db.fetchval(LISTENERS)

    gc.collect()  # a connection that nobody closed would complain
    await until(none, "no connection that listens", 5)


@pytest.mark.parametrize("steps", [0, 1, 3, 10, 30])
async def test_a_listener_that_leaves_at_once_leaves_no_connection(db: Database, steps: int) -> None:
    """Wherever it is cut: while it connects, before its keeper runs, or later."""

    async def come_and_go() -> None:
        async with listening(db, NOTICE, lambda _: None):
            pass
        async with listening(db, NOTICE, lambda _: None):
            await asyncio.sleep(60)

    task = asyncio.create_task(come_and_go())
    for _ in range(steps):
        await asyncio.sleep(0.001)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await until_none_listens(db)


async def test_a_listener_that_is_cut_while_it_leaves_leaves_no_connection(db: Database) -> None:
    """Its keeper has not begun yet, and the end of the block is where the cancellation is met."""

    async def cut() -> None:
        async with listening(db, NOTICE, lambda _: None):
            task.cancel()

    task = asyncio.create_task(cut())
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await until_none_listens(db)
