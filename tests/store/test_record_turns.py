"""Screens of turns: whoever writes first is what the caller saw (protocols 4.2)."""

import asyncio
from typing import Any

import pytest

from dsl.messages import Consumed, Scene
from dsl.turns import Said, Screen, Turned
from store import record
from store.database import Database
from store.jsons import dumps
from tests.store.made import NOON, accepted, fates, flush, line, message, scene

pytestmark = pytest.mark.real

ASKED = Screen(said=(Said(text="Your name?"),), open=True, expects="text")
SAFE = Screen.of("Please try again later.")


@pytest.fixture
async def where(db: Database) -> Scene:
    """A run on a lane with three rows, the first of which started it."""
    rows = [await accepted(db, message(str(n))) for n in range(3)]
    return scene(rows[0].lane, rows[0].id)


async def screens(db: Database) -> list[tuple[int, Any]]:
    """(seq, texts) of the rows that were answered."""
    rows = await db.fetch("SELECT seq, screen FROM inbound_events WHERE screen IS NOT NULL ORDER BY seq")
    return [(seq, [one["text"] for one in screen["said"]]) for seq, screen in rows]


async def tell(db: Database, seq: int, screen: Screen) -> None:
    """What a caller is told meanwhile."""
    told = dumps(screen.model_dump(mode="json", by_alias=True))
    await db.execute("UPDATE inbound_events SET screen = $1::jsonb WHERE seq = $2", told, seq)


async def test_a_turn_is_consumed_and_answered_in_one_flush(db: Database, where: Scene) -> None:
    answered = flush(
        where, line(1), consumed=[Consumed(seq=1, how="start")], turned=[Turned(seq=1, screen=ASKED)]
    )
    assert (await record.apply(db, answered)).late == ()
    assert await screens(db) == [(1, ["Your name?"])]
    assert (1, "consumed", "start") in await fates(db)


async def test_a_turn_may_be_answered_after_it_was_consumed(db: Database, where: Scene) -> None:
    await record.apply(db, flush(where, line(1), consumed=[Consumed(seq=1, how="start")]))
    later = flush(where, line(2), at=1, turned=[Turned(seq=1, screen=ASKED)])
    assert (await record.apply(db, later)).late == ()
    assert await screens(db) == [(1, ["Your name?"])]
    assert (1, "consumed", "start") in await fates(db)


async def test_a_flush_behind_the_safe_text_learns_so_each_time(db: Database, where: Scene) -> None:
    await tell(db, 1, SAFE)
    late = flush(
        where, line(1), consumed=[Consumed(seq=1, how="start")], turned=[Turned(seq=1, screen=ASKED)]
    )
    for _ in range(2):
        assert list((await record.apply(db, late)).late) == [1]
    assert await screens(db) == [(1, ["Please try again later."])]
    assert (1, "consumed", "start") in await fates(db)


async def test_the_same_screen_again_counts_as_shown(db: Database, where: Scene) -> None:
    answered = flush(where, line(1), turned=[Turned(seq=1, screen=ASKED)])
    for _ in range(2):
        assert (await record.apply(db, answered)).late == ()


async def test_an_earlier_epoch_shows_nothing(db: Database, where: Scene) -> None:
    await record.apply(db, flush(where, line(1), line(2)))
    await record.apply(db, flush(where, line(1), at=-1, turned=[Turned(seq=1, screen=ASKED)]))
    assert await screens(db) == []


async def test_of_a_screen_and_a_safe_text_at_once_one_is_shown_and_the_flush_knows_which(
    db: Database, where: Scene
) -> None:
    for seq in (1, 2, 3):
        answered = flush(where, line(seq), at=seq, turned=[Turned(seq=seq, screen=ASKED)])
        told = dumps(SAFE.model_dump(mode="json", by_alias=True))
        compared = "UPDATE inbound_events SET screen = $1::jsonb WHERE seq = $2 AND screen IS NULL"
        applied, _ = await asyncio.gather(record.apply(db, answered), db.execute(compared, told, seq))
        shown = dict(await screens(db))[seq]
        assert (shown == ["Your name?"]) is (list(applied.late) == [])


async def test_when_a_row_was_consumed_is_not_moved_by_its_screen(db: Database, where: Scene) -> None:
    await record.apply(db, flush(where, line(1), consumed=[Consumed(seq=1, how="start")]))
    before = await db.fetchval("SELECT consumed_at FROM inbound_events WHERE seq = 1")
    await record.apply(db, flush(where, line(2), at=1, turned=[Turned(seq=1, screen=ASKED)]))
    assert await db.fetchval("SELECT consumed_at FROM inbound_events WHERE seq = 1") == before
    assert before != NOON


async def test_what_a_run_leaves_to_the_next_is_to_be_delivered_again(db: Database, where: Scene) -> None:
    await db.execute("UPDATE inbound_events SET state = 'handed'")
    ended = flush(where, line(1), status="expired", last_seq=1, consumed=[Consumed(seq=1, how="start")])
    for _ in range(2):
        await record.apply(db, ended.but(leaves=2))
        assert await fates(db) == [(1, "consumed", "start"), (2, "received", None), (3, "received", None)]
