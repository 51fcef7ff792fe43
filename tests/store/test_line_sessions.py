"""Sessions of people on the line: bound to their phone and service, a step at a time."""

import asyncio
from typing import Any

import pytest

from dsl.turns import Said, Screen
from store import line_sessions
from store.database import Database
from store.inbox import Accepted, accept
from store.line_sessions import FIRST, Session, Step, Who
from store.turns import Row, put_screen
from tests.store.made import CONNECTION, WORKSPACE, message

pytestmark = pytest.mark.real

ASHA = Who(WORKSPACE, CONNECTION, "ATUid_1", "ussd", "hash-of-asha", "*384*1#", "63902")


async def seen(db: Database, who: Who = ASHA) -> Session:
    found = await line_sessions.seen(db, who)
    assert found is not None
    return found


async def step(
    db: Database, key: str, before: Session = FIRST, who: Who = ASHA, typed: str | None = None
) -> Accepted:
    """The session goes a step further, by an event."""
    taken = Step(who, before, typed or key)
    return await accept(db, who.workspace, who.connection, message(key), claim_seconds=0, step=taken)


async def test_a_session_is_new_until_its_first_step(db: Database) -> None:
    assert await seen(db) == FIRST
    row = await step(db, "1")
    assert await seen(db) == Session("1", row.id, 0, None, True)


@pytest.mark.parametrize("change", [{"phone": "another"}, {"service": "*384*2#"}, {"surface": "voice"}])
async def test_a_session_is_nobody_elses(db: Database, change: dict[str, Any]) -> None:
    row = await step(db, "1")
    other = ASHA._replace(**change)
    assert await line_sessions.seen(db, other) is None
    await step(db, "2", who=other)
    assert (await seen(db)).event_id == row.id, "who came in between, unseen, changes nothing"


async def test_the_same_session_of_another_connection_is_another(db: Database) -> None:
    await step(db, "1")
    assert await line_sessions.seen(db, ASHA._replace(connection="other", phone="another")) == FIRST


async def test_a_step_shows_its_row_and_the_rows_screen(db: Database) -> None:
    row = await step(db, "1")
    screen = Screen(said=(Said(text="Name?"),), open=True)
    await put_screen(db, Row(WORKSPACE, row.id, row.seq, row.lane), screen)
    assert await seen(db) == Session("1", row.id, 0, screen, True)


async def test_a_step_that_was_passed_changes_nothing(db: Database) -> None:
    first = await step(db, "1")
    before = await seen(db)
    second = await step(db, "1*2", before)
    await line_sessions.turn(db, ASHA, await seen(db), typed="1*2*98", page=1)
    again = await step(db, "1*2", before)
    assert again.duplicate
    await line_sessions.turn(db, ASHA, before, typed="1*98", page=3)
    assert (await step(db, "1")).id == first.id
    assert await seen(db) == Session("1*2*98", second.id, 1, None, True)


async def test_who_dials_anew_leaves_the_older_session(db: Database) -> None:
    await step(db, "1")
    anew, call = ASHA._replace(session="ATUid_2"), ASHA._replace(session="ATVId_3", surface="voice")
    assert (await seen(db, anew)).newest
    await step(db, "2", who=anew)
    assert not (await seen(db)).newest
    await step(db, "3", who=call)
    assert (await seen(db, call)).newest
    assert (await seen(db, anew)).newest, "a call is no new session of a menu"


async def test_first_steps_at_the_same_moment_are_one_session(db: Database) -> None:
    taken = await asyncio.gather(*(step(db, "1") for _ in range(10)))
    assert {one.id for one in taken} == {(await seen(db)).event_id}
    assert await db.fetchval("SELECT count(*) FROM line_sessions") == 1


async def test_an_end_is_the_first_one_told(db: Database) -> None:
    ended = "SELECT ended_at FROM line_sessions"
    await line_sessions.end(db, ASHA)
    first = await db.fetchval(ended)
    await line_sessions.end(db, ASHA)
    assert first is not None
    assert await db.fetchval(ended) == first
