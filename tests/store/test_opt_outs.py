"""What people say of our texts: written with the row that says it, once, and heard by no flow."""

import asyncio
from datetime import timedelta

import pytest

from dsl.inputs import Inbound
from dsl.messages import CloseWait
from store import inbox, opt_outs
from store.database import Database
from store.inbox import Accepted
from store.opt_outs import OptOuts, Word
from tests.store.made import CONNECTION, WORKSPACE, accepted, fates, message

pytestmark = pytest.mark.real

ASHA = "0f3a"


async def heard(db: Database, key: str, word: Word, text: str = "STOP") -> Accepted:
    return await opt_outs.heard(db, WORKSPACE, CONNECTION, sms(key, text), word)


def sms(key: str, text: str) -> Inbound:
    return message(key, text, address="7")


async def refused(db: Database, sender: str = "28901") -> bool:
    return await opt_outs.refuses(db, WORKSPACE, CONNECTION, ASHA, sender)


async def test_of_many_copies_one_is_stored_with_what_follows_from_it(db: Database) -> None:
    found = await asyncio.gather(*(heard(db, "1", Word.stop(ASHA)) for _ in range(20)))
    assert sorted(one.duplicate for one in found) == [False] + [True] * 19
    assert await fates(db) == [(1, "ignored", "opt_out")]
    assert await refused(db)


async def test_a_copy_of_what_was_taken_back_does_not_count_again(db: Database) -> None:
    await heard(db, "1", Word.stop(ASHA))
    await heard(db, "2", Word.start(ASHA, "28901"), "START")
    await heard(db, "1", Word.stop(ASHA))
    assert await fates(db) == [(1, "ignored", "opt_out"), (2, "ignored", "opt_in")]
    assert not await refused(db)


async def test_start_takes_back_what_was_said_of_all_and_of_the_number_written_to(db: Database) -> None:
    for scope in ("*", "28901", "DUKA"):
        await opt_outs.add(db, WORKSPACE, CONNECTION, ASHA, scope, "provider")
    await heard(db, "1", Word.start(ASHA, "28901"), "START")
    assert [one.scope for one in await opt_outs.of(db, WORKSPACE, CONNECTION, ASHA)] == ["DUKA"]
    assert (await refused(db, "28901"), await refused(db, "DUKA")) == (False, True)


async def test_a_wait_that_closes_does_not_take_such_a_word_for_an_answer(db: Database) -> None:
    await accepted(db, sms("1", "hello"))
    row = await heard(db, "2", Word.stop(ASHA))
    await accepted(db, sms("3", "yes"))
    wait = CloseWait(
        workspace=WORKSPACE, lane=row.lane, deadline=row.accepted_at + timedelta(seconds=1), last_seq=1
    )
    closed = await inbox.accepted_until(db, wait)
    assert [input.seq for input in closed.inputs] == [3]


async def test_who_sends_asks_by_the_number_and_the_list_has_its_hash(db: Database) -> None:
    mine = OptOuts(db, CONNECTION, lambda phone: f"hash-{phone[-3:]}")
    await mine.add(WORKSPACE, "+254700000111", None)
    await mine.add(WORKSPACE, "+254700000111", None)
    assert await mine.refuses(WORKSPACE, "+254700000111", None)
    assert not await mine.refuses(WORKSPACE, "+254700000111", "DUKA")
    assert not await mine.refuses(WORKSPACE, "+254700000112", None)
    [row] = await db.fetch("SELECT phone, source FROM opt_outs")
    assert tuple(row) == ("hash-111", "refusal")
