"""Live events: numbered without gaps over races and rewinds, an end told once, notices for who watches."""

import asyncio
from datetime import datetime
from typing import Any

import pytest

from dsl.messages import Awaited, ErrorInfo, Scene
from store import live, record, tickets
from store.database import Database
from store.listen import listening
from store.live import Closing, Event, Mark
from tests.store.made import NOON, WORKSPACE, accepted, flush, held_up, line, message, scene

pytestmark = pytest.mark.real


@pytest.fixture
async def where(db: Database) -> Scene:
    """A run on its lane."""
    row = await accepted(db, message("1"))
    return scene(row.lane, row.id)


async def events(db: Database, where: Scene, after: int = 0) -> list[Event]:
    """What a reader is told."""
    return await live.after(db, Mark(WORKSPACE, where.execution_id, after))


def brief(events: list[Event]) -> list[tuple[int, str, str | None]]:
    """(seq, type, node) of each."""
    return [(event.seq, event.type, event.node_id) for event in events]


def closing(where: Scene) -> Closing:
    """The execution, known to be closed."""
    return Closing(WORKSPACE, where.execution_id, "w")


async def test_a_first_flush_tells_the_start_its_lines_and_where_the_walk_stands(
    db: Database, where: Scene
) -> None:
    failed = line(1, exit="error", error=ErrorInfo(code="X", message="no"), result={"private": "much"})
    waits = line(2, "name", phase="waiting", snapshot={"private": "much"})
    waiting = Awaited(kind="waiting_input", since=NOON)
    await record.apply(
        db, flush(where, failed, waits, status="waiting_input", node="name", progress=0.5, waiting=waiting)
    )
    told = await events(db, where)
    assert brief(told) == [
        (1, "started", None), (2, "node_done", "ask"), (3, "node_waiting", "name"), (4, "status", "name"),
    ]  # fmt: skip
    common = {"kind": "message", "visit": 1}
    error = {"code": "X", "message": "no", "provider": None, "retryable": False}
    data: list[dict[str, Any]] = [event.data for event in told]
    assert data[0] == {"flowId": where.flow_id, "flowVersion": 1, "mode": "live"}
    assert data[1] == {**common, "line": 1, "label": "ask", "exit": "error", "error": error}
    assert data[2] == {**common, "line": 2, "label": "name"}
    assert (data[3]["status"], data[3]["progress"]) == ("waiting_input", 0.5)
    assert datetime.fromisoformat(data[3]["waiting"]["since"]) == NOON
    assert [event.at for event in told] == sorted(event.at for event in told)


async def test_a_flush_that_replaces_lines_says_so_first_and_the_number_only_grows(
    db: Database, where: Scene
) -> None:
    await record.apply(db, flush(where, line(1), line(2), line(3)))
    await record.apply(db, flush(where, line(2, "other"), at=1))
    await record.apply(db, flush(where, at=2, number=1))
    told = await events(db, where)
    assert brief(told[5:]) == [
        (6, "rewound", None), (7, "node_done", "other"), (8, "status", None),
        (9, "rewound", None), (10, "status", None),
    ]  # fmt: skip
    assert [event.data["from"] for event in told if event.type == "rewound"] == [2, 2]


async def test_a_flush_that_writes_nothing_tells_nothing(db: Database, where: Scene) -> None:
    await record.apply(db, flush(where, line(1), at=5))
    before = await events(db, where)
    await record.apply(db, flush(where, line(1, "late"), at=1))
    await record.apply(db, flush(where, line(2), at=9, run="run-2"))
    assert await events(db, where) == before


async def test_flushes_that_race_are_numbered_one_after_the_other(db: Database, where: Scene) -> None:
    await record.apply(db, flush(where, line(1)))
    async with db.transaction() as held:
        await held.fetchrow("SELECT FROM executions FOR UPDATE")
        running = []
        for at in (1, 2, 3, 4):  # in the order of their epochs, so that each is to write
            one = flush(where, *(line(n) for n in range(2, 2 + at)), at=at)
            running.append(asyncio.create_task(record.apply(db, one)))
            await held_up(db, at)
    await asyncio.gather(*running)
    told = await events(db, where)
    assert [event.seq for event in told] == list(range(1, len(told) + 1))
    assert await db.fetchval("SELECT events FROM executions") == len(told)
    assert "rewound" in [event.type for event in told], "one wrote after the other"


async def test_an_end_is_told_once_its_run_is_known_to_be_closed(db: Database, where: Scene) -> None:
    mark = Mark(WORKSPACE, where.execution_id, 0)
    await record.apply(db, flush(where, line(1)))
    await live.announce(db, closing(where))
    assert await live.closing(db, [mark]) == []
    await record.apply(db, flush(where, line(2), at=1, status="failed", reason="X", progress=1.0))
    assert (await events(db, where))[-1].type == "node_done"
    [found] = await live.closing(db, [mark])
    assert found.execution_id == where.execution_id
    await asyncio.gather(*(live.announce(db, found) for _ in range(5)))
    told = await events(db, where, 4)
    assert brief(told) == [(5, "failed", None)]
    assert told[0].is_last
    assert told[0].data == {"reason": "X", "error": None, "progress": 1.0}
    assert await live.head(db, WORKSPACE, where.execution_id) == (where.execution_id, 5, True)


async def test_a_walk_that_takes_its_end_back_goes_on_telling(db: Database, where: Scene) -> None:
    await record.apply(db, flush(where, line(1), line(2, "end"), status="completed"))
    await record.apply(db, flush(where, line(2, "ask"), at=1, status="waiting_input"))
    assert brief((await events(db, where))[3:]) == [
        (4, "rewound", None), (5, "node_done", "ask"), (6, "status", None),
    ]  # fmt: skip


async def test_notices_go_out_for_what_is_watched_and_for_nothing_else(db: Database, where: Scene) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    mark = Mark(WORKSPACE, where.execution_id, 0)
    async with listening(db, live.NOTICE, heard.put_nowait):
        await record.apply(db, flush(where, line(1)))
        await live.watch(db, [mark], 30)
        await record.apply(db, flush(where, line(2), at=1))
        assert await asyncio.wait_for(heard.get(), 5) == where.execution_id
        await db.execute("UPDATE live_watches SET until = now() - interval '1 s'")
        await record.apply(db, flush(where, line(3), at=2))
        await db.execute("SELECT pg_notify('live', 'after that')")
        assert await asyncio.wait_for(heard.get(), 5) == "after that"


async def test_a_watch_is_lengthened_never_shortened_and_old_ones_go(db: Database, where: Scene) -> None:
    mark = Mark(WORKSPACE, where.execution_id, 0)
    await live.watch(db, [Mark(WORKSPACE, "00000000-0000-0000-0000-000000000000", 0)], -1)
    for seconds in (60, 5):
        await live.watch(db, [mark], seconds)
    rows = await db.fetch("SELECT execution_id, until > now() + interval '30 s' FROM live_watches")
    assert [tuple(row) for row in rows] == [(where.execution_id, True)]


async def test_news_of_many_executions_come_page_by_page_each_from_its_own_mark(db: Database) -> None:
    marks = []
    for key, known in [("a", 0), ("b", 3)]:
        row = await accepted(db, message(key, address=str(ord(key))))
        await record.apply(db, flush(scene(row.lane, row.id), *(line(n) for n in range(1, 4))))
        marks.append(Mark(WORKSPACE, row.id, known))
    found = await live.news(db, marks, limit=4)
    assert [(id, event.seq) for id, event in found] == sorted(
        [(marks[0].execution_id, n) for n in (1, 2, 3, 4)] + [(marks[1].execution_id, n) for n in (4, 5)]
    )
    assert await live.news(db, [mark._replace(workspace="other") for mark in marks]) == []
    assert await live.news(db, []) == []


async def test_there_is_no_head_in_another_workspace_or_for_what_is_no_id(db: Database, where: Scene) -> None:
    await record.apply(db, flush(where, line(1)))
    assert await live.head(db, "other", where.execution_id) is None
    assert await live.head(db, WORKSPACE, "nothing") is None


async def test_a_ticket_opens_one_execution_once_and_not_for_long(db: Database, where: Scene) -> None:
    ticket = await tickets.issue(db, WORKSPACE, where.execution_id)
    other = "00000000-0000-0000-0000-000000000000"
    assert await tickets.redeem(db, ticket.secret, other) is None
    assert await tickets.redeem(db, ticket.secret + "x", where.execution_id) is None
    tried = [tickets.redeem(db, ticket.secret, where.execution_id) for _ in range(5)]
    assert sorted(filter(None, await asyncio.gather(*tried))) == [WORKSPACE]
    late = await tickets.issue(db, WORKSPACE, where.execution_id, seconds=-1)
    assert await tickets.redeem(db, late.secret, where.execution_id) is None
    await tickets.issue(db, WORKSPACE, where.execution_id)
    assert await db.fetchval("SELECT count(*) FROM live_tickets") == 1
    assert ticket.secret not in str(await db.fetch("SELECT * FROM live_tickets"))
