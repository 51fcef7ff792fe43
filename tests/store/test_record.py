"""The record: all of a flush or nothing of it, the later epoch wins."""

import asyncio

import pytest

from dsl.messages import Consumed, ErrorInfo, Scene
from store import lanes, ledger, record
from store.database import Database
from store.ledger import Entry, State
from store.record import Applied, Settled
from tests.store.made import NOON, WORKSPACE, accepted, fates, flush, held_up, line, message, scene

pytestmark = pytest.mark.real


@pytest.fixture
async def where(db: Database) -> Scene:
    """A run on a lane with three rows, the first of which started it."""
    rows = [await accepted(db, message(str(n))) for n in range(3)]
    return scene(rows[0].lane, rows[0].id)


async def history(db: Database) -> list[tuple[int, str]]:
    """(seq, node) of the whole history."""
    return [tuple(row) for row in await db.fetch("SELECT seq, node_id FROM execution_history ORDER BY seq")]


async def test_a_first_flush_makes_the_execution(db: Database, where: Scene) -> None:
    first = flush(
        where, line(1), line(2, "name", result={"a": None}, ended_at=NOON),
        status="waiting_input", node="name", progress=0.5, variables={"x": 1}, contact={"id": 5}, last_seq=1,
    )  # fmt: skip
    assert await record.apply(db, first) == Applied(2, False)
    row = dict(await db.fetchrow("SELECT * FROM executions"))
    assert (row["id"], row["workspace_id"], row["lane_id"]) == (where.execution_id, WORKSPACE, where.lane)
    assert (row["status"], row["current_node_id"], row["progress"]) == ("waiting_input", "name", 0.5)
    assert row["context"] == {"variables": {"x": 1}, "contact": {"id": 5}, "results": {}}
    assert (row["workflow_id"], row["first_run_id"], row["conversation_id"]) == (
        "acme/chatwoot-1/7",
        "run-1",
        "7",
    )
    assert (row["started_at"], row["epoch_at"], row["completed_at"]) == (NOON, NOON, None)
    assert await history(db) == [(1, "ask"), (2, "name")]
    assert await db.fetchval("SELECT execution_id FROM lanes") == where.execution_id


async def test_a_later_flush_replaces_rows_from_its_first_and_deletes_those_beyond_its_last(
    db: Database, where: Scene
) -> None:
    await record.apply(db, flush(where, *(line(n, "old") for n in range(1, 6))))
    await record.apply(db, flush(where, line(3, "new"), line(4, "new"), at=1))
    assert await history(db) == [(1, "old"), (2, "old"), (3, "new"), (4, "new")]


async def test_a_flush_without_rows_leaves_the_history_up_to_its_number(db: Database, where: Scene) -> None:
    await record.apply(db, flush(where, *(line(n) for n in range(1, 4))))
    assert (await record.apply(db, flush(where, at=1, number=2, status="paused"))).recorded == 2
    assert await history(db) == [(1, "ask"), (2, "ask")]
    assert await db.fetchval("SELECT status FROM executions") == "paused"


@pytest.mark.parametrize(("at", "number"), [(-1, 9), (0, 2)])
async def test_an_earlier_epoch_writes_nothing_but_the_outcomes_of_its_effects(
    db: Database, where: Scene, at: int, number: int
) -> None:
    await record.apply(db, flush(where, line(1), line(2), line(3), status="waiting_input"))
    await ledger.begin(db, WORKSPACE, where.execution_id, [Entry("late", 1, 1, "send_message", "d")], 5)
    late = flush(
        where, line(2, "late"), at=at, number=number, consumed=[Consumed(seq=2, how="answer")], owner="human"
    )
    applied = await record.apply(db, late, [Settled("late", 1, 1, 1, "done", {"exit": "next"}, "9")])
    assert not applied.superseded
    assert await history(db) == [(1, "ask"), (2, "ask"), (3, "ask")]
    assert await db.fetchval("SELECT owner FROM lanes") == "bot"
    assert (2, "received", None) in await fates(db)
    settled = await ledger.get(db, WORKSPACE, where.execution_id, ("late", 1, 1))
    assert settled
    assert (settled.state, settled.provider_ref) == ("done", "9")


async def test_the_same_flush_again_changes_nothing(db: Database, where: Scene) -> None:
    first = flush(where, line(1), line(2), status="waiting_input")
    for _ in range(2):
        assert await record.apply(db, first) == Applied(2, False)
    assert await history(db) == [(1, "ask"), (2, "ask")]


async def test_an_equal_epoch_is_applied(db: Database, where: Scene) -> None:
    """A task that is walked again writes under the same time and number what has become of it since."""
    await record.apply(db, flush(where, line(1, "old"), status="waiting_input"))
    await record.apply(db, flush(where, line(1, "new"), status="paused"))
    assert await history(db) == [(1, "new")]
    assert await db.fetchval("SELECT status FROM executions") == "paused"


async def test_an_execution_of_another_first_run_is_left_alone(db: Database, where: Scene) -> None:
    await record.apply(db, flush(where, line(1), status="completed"))
    second = flush(where, line(1, "again"), at=9, run="run-2", consumed=[Consumed(seq=1, how="start")])
    assert await record.apply(db, second) == Applied(1, True)
    assert await history(db) == [(1, "ask")]
    assert await db.fetchval("SELECT status FROM executions") == "completed"


async def test_the_row_an_api_start_wrote_becomes_the_runs(db: Database, where: Scene) -> None:
    await db.execute(
        "INSERT INTO executions (workspace_id, id, flow_id, flow_version, workflow_id, plan_digest)"
        " VALUES ($1, $2, $3, 1, 'w', 'digest')",
        WORKSPACE, where.execution_id, where.flow_id,
    )  # fmt: skip
    await record.apply(db, flush(where, line(1)))
    row = await db.fetchrow("SELECT status, first_run_id, workflow_id, plan_digest FROM executions")
    assert tuple(row) == ("running", "run-1", "w", "digest")


async def test_a_history_row_tells_how_its_effect_stands(db: Database, where: Scene) -> None:
    entries = [Entry("a", 1, 1, "k", "d"), Entry("b", 1, 1, "k", "d"), Entry("c", 1, 1, "k", "d")]
    await ledger.begin(db, WORKSPACE, where.execution_id, entries, 5)
    lines = [line(n, node, effect=(1, 1)) for n, node in enumerate("abc", 1)]
    settled = [Settled("a", 1, 1, 1, "done", {"exit": "next"})]
    await record.apply(db, flush(where, *lines, line(4, "d")), settled, [("c", 1, 1)])
    rows = await db.fetch("SELECT node_id, attempt, effect_state FROM execution_history ORDER BY seq")
    assert [tuple(row) for row in rows[:2]] == [("a", 1, "done"), ("b", 1, "attempting")]
    assert tuple(rows[3]) == ("d", None, None)
    assert await ledger.get(db, WORKSPACE, where.execution_id, ("c", 1, 1)) is None


async def test_a_history_row_tells_which_messages_its_answer_was_made_of(db: Database, where: Scene) -> None:
    await record.apply(db, flush(where, line(1, merged=[7, 8]), line(2, merged=[9])))
    await record.apply(db, flush(where, line(2, merged=[9, 10]), line(3), at=1))
    rows = await db.fetch("SELECT merged FROM execution_history ORDER BY seq")
    assert [row["merged"] for row in rows] == [[7, 8], [9, 10], None]


async def test_a_local_failure_is_open_to_be_tried_at_once(db: Database, where: Scene) -> None:
    await ledger.begin(db, WORKSPACE, where.execution_id, [Entry("a", 1, 1, "k", "d")], 5)
    await record.apply(db, flush(where, line(1)), [Settled("a", 1, 1, 1, "open", None)])
    taken = await ledger.take(db, WORKSPACE, where.execution_id, Entry("a", 1, 1, "k", "d"), 5)
    assert (taken.fresh, taken.attempt) == (True, 2)


async def test_consumed_rows_are_marked_with_what_became_of_them(db: Database, where: Scene) -> None:
    await db.execute("UPDATE inbound_events SET state = 'handed' WHERE seq < 3")
    told = [Consumed(seq=1, how="start"), Consumed(seq=2, how="overflow", state="dead")]
    await record.apply(db, flush(where, line(1), consumed=told, last_seq=2))
    assert await fates(db) == [(1, "consumed", "start"), (2, "dead", "overflow"), (3, "received", None)]


async def test_the_end_frees_the_lane_and_settles_what_was_never_read(db: Database, where: Scene) -> None:
    await db.execute("UPDATE inbound_events SET state = 'handed'")
    await record.apply(db, flush(where, line(1), status="waiting_input", last_seq=1))
    ended = flush(
        where, line(2), at=1, status="failed", error=ErrorInfo(code="X", message="no"), reason="X",
        owner="human", last_seq=2, consumed=[Consumed(seq=1, how="start")],
    )  # fmt: skip
    await record.apply(db, ended)
    assert await fates(db) == [
        (1, "consumed", "start"),
        (2, "consumed", "unread_at_end"),
        (3, "handed", None),
    ]
    assert tuple(await db.fetchrow("SELECT owner, execution_id FROM lanes")) == ("human", None)
    row = await db.fetchrow("SELECT error, completed_at IS NOT NULL, completion_reason FROM executions")
    assert (row[0]["code"], row[1], row[2]) == ("X", True, "X")


async def test_results_stay_when_a_flush_brings_none(db: Database, where: Scene) -> None:
    await record.apply(db, flush(where, line(1), results={"ask": 1}))
    await record.apply(db, flush(where, line(2), at=1, variables={"y": 2}))
    context = await db.fetchval("SELECT context FROM executions")
    assert (context["results"], context["variables"]) == ({"ask": 1}, {"y": 2})


async def test_a_flush_that_waited_for_another_leaves_no_row_beyond_its_last(
    db: Database, where: Scene
) -> None:
    """The other's rows were not there when its statement began."""
    await record.apply(db, flush(where, line(1)))
    async with db.transaction() as held:
        await held.fetchrow("SELECT FROM executions FOR UPDATE")
        flushes = [
            flush(where, *(line(n, f"f{size}") for n in range(2, size)), at=20 - size)
            for size in (9, 8, 7, 6)
        ]
        running = [asyncio.create_task(record.apply(db, one)) for one in flushes]
        await held_up(db, len(flushes))
    await asyncio.gather(*running)
    assert await history(db) == [(1, "ask"), *((n, "f6") for n in range(2, 6))]


async def test_another_workspace_cannot_write_to_an_execution(db: Database, where: Scene) -> None:
    await record.apply(db, flush(where, line(1)))
    thief = where.model_copy(update={"workspace": "other"})
    await record.apply(db, flush(thief, line(1, "stolen"), at=5, status="failed"))
    assert await history(db) == [(1, "ask")]
    assert await db.fetchval("SELECT status FROM executions") == "running"


async def test_an_outcome_counts_for_the_attempt_it_is_of(db: Database, where: Scene) -> None:
    """The fencing number: what an earlier attempt came to is not what the running one will."""
    entry, key = Entry("a", 1, 1, "k", "d"), ("a", 1, 1)
    await ledger.begin(db, WORKSPACE, where.execution_id, [entry], 5)
    await ledger.settle(db, WORKSPACE, where.execution_id, *key, 1, state="open", outcome=None)
    await ledger.take(db, WORKSPACE, where.execution_id, entry, 5)
    await record.apply(db, flush(where, line(1)), [Settled(*key, 1, "failed", {"exit": "error"})])
    row = await ledger.get(db, WORKSPACE, where.execution_id, key)
    assert row
    assert (row.state, row.attempt) == ("attempting", 2)


def entries(*nodes: str) -> list[Entry]:
    """Effects of so many nodes."""
    return [Entry(node, 1, 1, "k", "d") for node in nodes]


async def settle_two(db: Database, where: Scene) -> None:
    """One is done, one was refused."""
    ended: dict[str, State] = {"done": "done", "refused": "open"}
    for node, state in ended.items():
        await ledger.settle(db, WORKSPACE, where.execution_id, node, 1, 1, 1, state=state, outcome=None)


async def states(db: Database) -> dict[str, str]:
    """The state of every effect, by node."""
    return {row[0]: row[1] for row in await db.fetch("SELECT node, state FROM effects")}


async def test_what_a_lost_task_left_begun_is_orphaned_when_the_run_ends_another_way(
    db: Database, where: Scene
) -> None:
    """Nobody asks for it any more, and nobody is to take it for a call in the air."""
    await ledger.begin(db, WORKSPACE, where.execution_id, entries("done", "begun", "refused", "last"), 5)
    await settle_two(db, where)
    await record.apply(db, flush(where, line(1), status="waiting_input"))
    assert (await states(db))["begun"] == "attempting"
    ended = flush(where, line(2, "last", effect=(1, 1)), at=1, status="completed")
    await record.apply(db, ended, [Settled("last", 1, 1, 1, "done", {"exit": "next"})])
    assert await states(db) == {"done": "done", "begun": "orphaned", "refused": "orphaned", "last": "done"}


async def test_an_end_that_is_no_longer_true_orphans_nothing(db: Database, where: Scene) -> None:
    await ledger.begin(db, WORKSPACE, where.execution_id, entries("begun"), 5)
    await record.apply(db, flush(where, line(1), at=5, status="waiting_input"))
    await record.apply(db, flush(where, line(1), at=1, status="completed"))
    assert await states(db) == {"begun": "attempting"}


async def test_effects_of_a_run_that_is_gone_are_unknown_or_given_up(db: Database, where: Scene) -> None:
    await ledger.begin(db, WORKSPACE, where.execution_id, entries("done", "begun", "refused"), 5)
    await settle_two(db, where)
    await record.apply(db, flush(where, line(1)))
    await lanes.vacate(db, WORKSPACE, where.lane, where.execution_id)
    assert await states(db) == {"done": "done", "begun": "unknown", "refused": "abandoned"}
