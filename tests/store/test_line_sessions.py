"""Sessions of people on the line: bound to their phone and service, a step at a time."""

import asyncio
from typing import Any

import pytest

from dsl.turns import Said, Screen
from store import line_sessions
from store.database import Database
from store.ids import new_id
from store.line_sessions import Session, Who
from store.turns import Row, put_screen
from tests.store.made import CONNECTION, WORKSPACE, accepted, message

pytestmark = pytest.mark.real

ASHA = Who(WORKSPACE, CONNECTION, "ATUid_1", "ussd", "hash-of-asha", "*384*1#", "63902")


async def seen(db: Database, who: Who = ASHA) -> Session:
    found = await line_sessions.seen(db, who)
    assert found is not None
    return found


async def test_a_session_is_new_once(db: Database) -> None:
    assert await seen(db) == Session(None, None, 0, None, True)
    assert await seen(db) == Session(None, None, 0, None, True)


@pytest.mark.parametrize("change", [{"phone": "another"}, {"service": "*384*2#"}, {"surface": "voice"}])
async def test_a_session_is_nobody_elses(db: Database, change: dict[str, Any]) -> None:
    await seen(db)
    assert await line_sessions.seen(db, ASHA._replace(**change)) is None


async def test_the_same_session_of_another_connection_is_another(db: Database) -> None:
    await seen(db)
    assert await line_sessions.seen(db, ASHA._replace(connection="other", phone="another")) is not None


async def test_a_step_shows_its_row_and_the_rows_screen(db: Database) -> None:
    row = await accepted(db, message("1"))
    before = await seen(db)
    await line_sessions.step(db, ASHA, before, row.id, typed="1")
    assert await seen(db) == Session("1", row.id, 0, None, True)
    screen = Screen(said=(Said(text="Name?"),), open=True)
    await put_screen(db, Row(WORKSPACE, row.id, row.seq, row.lane), screen)
    assert (await seen(db)).screen == screen


async def test_a_step_that_was_passed_changes_nothing(db: Database) -> None:
    before = await seen(db)
    first, second = new_id(), new_id()
    await line_sessions.step(db, ASHA, before, first, typed="1")
    await line_sessions.step(db, ASHA, await seen(db), second, typed="1*2", page=1)
    await line_sessions.step(db, ASHA, before, first, typed="1")
    assert await seen(db) == Session("1*2", second, 1, None, True)


async def test_who_dials_anew_leaves_the_older_session(db: Database) -> None:
    await seen(db)
    assert (await seen(db, ASHA._replace(session="ATUid_2"))).newest
    assert not (await seen(db)).newest
    assert (await seen(db, ASHA._replace(session="ATVId_3", surface="voice"))).newest
    assert (await seen(db, ASHA._replace(session="ATUid_2"))).newest, "a call is no new session of a menu"


async def test_first_steps_at_the_same_moment_are_one_session(db: Database) -> None:
    found = await asyncio.gather(*(seen(db) for _ in range(10)))
    assert set(found) == {Session(None, None, 0, None, True)}
    assert await db.fetchval("SELECT count(*) FROM line_sessions") == 1


async def test_an_end_is_the_first_one_told(db: Database) -> None:
    await seen(db)
    ended = "SELECT ended_at FROM line_sessions"
    await line_sessions.end(db, ASHA)
    first = await db.fetchval(ended)
    await line_sessions.end(db, ASHA)
    assert first is not None
    assert await db.fetchval(ended) == first
