"""The clock of PostgreSQL, kept on while it is away."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from store import clock as clock_module
from store.clock import Clock
from store.database import Database

FAR = datetime(2030, 1, 1, tzinfo=UTC)
MOMENT = timedelta(seconds=2)


class Server:
    """What a server says the time is, how often it was asked, and what it raises."""

    def __init__(self) -> None:
        self.asked, self.gate = 0, asyncio.Event()
        self.error: Exception | None = None
        self.gate.set()

    async def ask(self) -> datetime:
        self.asked += 1
        await self.gate.wait()
        if self.error:
            raise self.error
        return FAR


async def test_the_server_is_asked_once_in_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server()
    clock = Clock(server.ask)
    first, second = await clock.now(), await clock.now()
    assert server.asked == 1
    assert FAR <= first <= second <= FAR + MOMENT
    monkeypatch.setattr(clock_module, "FRESH", 0.0)
    await clock.now()
    assert server.asked == 2


async def test_while_the_server_is_away_its_time_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server()
    clock = Clock(server.ask)
    before = await clock.now()
    monkeypatch.setattr(clock_module, "FRESH", 0.0)
    server.error = ConnectionError("gone")
    assert before <= await clock.now() <= FAR + MOMENT


async def test_a_server_that_never_answered_leaves_the_machine_s_clock() -> None:
    server = Server()
    server.error = ConnectionError("gone")
    clock = Clock(server.ask)
    assert abs(await clock.now() - datetime.now(UTC)) < MOMENT
    await clock.now()
    assert server.asked == 1, "whoever is away is not asked at every look"


async def test_a_server_that_does_not_answer_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_module, "WITHIN", 0.01)
    server = Server()
    server.gate.clear()
    async with asyncio.timeout(5):
        await Clock(server.ask).now()


async def test_a_question_that_takes_long_is_not_cut_and_its_answer_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A connection whose statement was cut is of no use to whoever is lent it next."""
    monkeypatch.setattr(clock_module, "WITHIN", 0.01)
    server = Server()
    server.gate.clear()
    clock = Clock(server.ask)
    await clock.now()
    server.gate.set()
    await asyncio.sleep(0.01)
    assert FAR <= await clock.now() <= FAR + MOMENT
    assert server.asked == 1


@pytest.mark.real
async def test_a_database_tells_its_server_s_time(db: Database) -> None:
    told = await db.now()
    assert abs(told - await db.fetchval("SELECT clock_timestamp()")) < MOMENT
    assert told.utcoffset() == timedelta(0)
