"""Closing a wait sees what was accepted in time and is still being written (protocols 2.1)."""

import asyncio
from datetime import timedelta

import pytest

from dsl.messages import CloseWait
from store import inbox
from store.database import Database
from store.inbox import accepted_until
from tests.store.made import CONNECTION, WORKSPACE, accepted, message

pytestmark = pytest.mark.real


async def test_a_row_accepted_in_time_and_not_committed_yet_is_waited_for(db: Database) -> None:
    lane = (await accepted(db, message("0"))).lane
    written = inbox.arguments(db, WORKSPACE, CONNECTION, message("1"), 0, 0)
    async with db.transaction() as writer:
        row = await writer.fetchrow(inbox.ACCEPT, *written)
        deadline = row["accepted_at"] + timedelta(milliseconds=1)
        wait = CloseWait(workspace=WORKSPACE, lane=lane, deadline=deadline, last_seq=0)
        closing = asyncio.create_task(accepted_until(db, wait))
        await asyncio.wait([closing], timeout=0.3)
    assert [input.seq for input in (await closing).inputs] == [1, 2]
