"""Hot writes and looks at many plans are one statement each; nothing of ours waits inside a transaction."""

import ast
import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from store import plans, record
from store.database import Database
from tests.store.made import accepted, flush, line, message, scene
from wiring.files import ROOT

pytestmark = pytest.mark.real


@pytest.fixture
async def alone(dsn: str) -> AsyncIterator[Database]:
    """A pool of one connection."""
    database = await Database.open(dsn, size=1)
    yield database
    await database.close()


async def heard(db: Database) -> list[str]:
    """What the pool's one connection is asked from now on."""
    asked: list[str] = []

    def note(query: Any) -> None:
        asked.append(query.query)

    async with db.bare() as connection:
        connection.add_query_logger(note)
    return asked


async def test_an_accepted_event_is_one_statement(alone: Database) -> None:
    """T1: row, seq and claim together, and no other round trip for the pool's sake."""
    await accepted(alone, message("1"))
    asked = await heard(alone)
    await accepted(alone, message("2"))
    await asyncio.sleep(0)  # the driver tells a moment later
    assert len(asked) == 1


async def test_a_record_is_one_statement(alone: Database) -> None:
    """T5: outcomes, history, execution, lane, inbox."""
    row = await accepted(alone, message("1"))
    where = scene(row.lane, row.id)
    await record.apply(alone, flush(where, line(1)))  # the driver learns the types of a first statement
    asked = await heard(alone)
    await record.apply(alone, flush(where, line(1), line(2), at=1, status="waiting_input"))
    await asyncio.sleep(0)
    assert len(asked) == 1


async def test_many_plans_are_one_look(alone: Database) -> None:
    asked: list[str] = []
    event.listen(alone.engine.sync_engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    await plans.load_all(alone, [f"digest-{number}" for number in range(256)])
    assert len(asked) == 1


ROOMS = ("api", "activities", "intake", "providers", "store", "workflows")

DOORS = {"store/database.py": "create_async_engine", "store/listen.py": "asyncpg.connect"}
"""The only modules of the house's processes that open a connection."""


def calls(module: Path) -> Iterator[str]:
    """Dotted names of what a module calls."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def test_there_is_one_engine_and_one_listener() -> None:
    opened = {
        str(module.relative_to(ROOT)): name
        for folder in ROOMS
        for module in (ROOT / folder).rglob("*.py")
        if "migrat" not in str(module)
        for name in calls(module)
        if name in ("create_async_engine", "create_engine", "asyncpg.connect", "asyncpg.create_pool")
    }
    assert opened == DOORS


FAR = {
    "gateway",
    "client",
    "http",
    "chatwoot",
    "chatwoots",
    "deliveries",
    "runs",
    "_runs",
    "_gateway",
    "_client",
}
"""Words by which our modules call what is reached over the network."""


def transactions(module: Path) -> Iterator[ast.AsyncWith]:
    """The blocks of a module that hold a transaction open."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.AsyncWith):
            opened = [ast.unparse(item.context_expr) for item in node.items]
            if any(name.endswith((".begin()", ".transaction()")) for name in opened):
                yield node


def test_no_transaction_waits_for_anything_but_the_database() -> None:
    found = [
        (block, name)
        for folder in ROOMS
        for module in (ROOT / folder).rglob("*.py")
        for block in transactions(module)
        for node in block.body
        for inner in ast.walk(node)
        if isinstance(inner, ast.Await)
        for name in ast.unparse(inner.value).split("(")[0].split(".")
    ]
    assert found
    assert {name for _, name in found} & FAR == set()


WRITES = re.compile(r"(UPDATE|INTO|DELETE FROM) executions\b|(add|change|remove|insert|update)\(executions\b")
WRITERS = {
    "store/executions.py": "an API start",
    "store/applying.py": "the run itself",
    "store/lanes.py": "the closer sweep, and the relay whose run is not found",
    "store/doubts.py": "the closer sweep's own column",
    "store/waiting.py": "the reconciler's own columns",
    "store/sessions.py": "when a session ends and whether it is shown: columns of its own",
    "store/live.py": "the number of events, when a reader is told the end",
}


def test_nobody_else_writes_executions() -> None:
    modules = [module for room in ROOMS for module in (ROOT / room).rglob("*.py")]
    writing = {str(one.relative_to(ROOT)) for one in modules if WRITES.search(one.read_text())}
    assert {one for one in writing if "migrations" not in one} == set(WRITERS)
