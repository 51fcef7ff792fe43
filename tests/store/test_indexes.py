"""What serves a request or a run finds its rows by an index: no table that grows is read from end to end."""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from sqlalchemy import event, text

import store
from store import executions
from store.database import Database
from store.ids import new_id
from tests.store.made import WORKSPACE

pytestmark = pytest.mark.real

GROWING = (
    "effects", "execution_events", "execution_history", "executions", "idempotency_keys", "inbound_events",
    "lane_addresses", "lanes", "line_sessions", "opt_outs", "reports",
)  # fmt: skip
WHOLE = re.compile(r"\s*(WITH|SELECT|INSERT|UPDATE|DELETE)\b")


def found() -> Iterator[tuple[str, str]]:
    """The driver SQL of the store, by module and name; parts of statements begin with an underscore."""
    for module in iter_modules(store.__path__):
        if module.ispkg:
            continue
        for name, value in vars(import_module(f"store.{module.name}")).items():
            if name.isupper() and not name.startswith("_") and isinstance(value, str) and WHOLE.match(value):
                yield f"{module.name}.{name}", value


STATEMENTS = dict(found())


@pytest.fixture
async def planner(db: Database) -> AsyncIterator[Any]:
    """A connection whose plans read a table from end to end only where no index would do."""
    async with db.bare() as connection:
        await connection.execute("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan")
        yield connection
        await connection.execute("RESET enable_seqscan; RESET plan_cache_mode")


def read_through(plan: list[Any]) -> set[str]:
    """The growing tables that a plan reads from end to end."""
    seen = (re.search(r"Seq Scan on (\w+)", row[0]) for row in plan)
    return {one[1] for one in seen if one} & {*GROWING}


@pytest.mark.parametrize("name", STATEMENTS)
async def test_no_statement_reads_a_growing_table_from_end_to_end(planner: Any, name: str) -> None:
    sql = STATEMENTS[name]
    count = max((int(number) for number in re.findall(r"\$(\d+)", sql)), default=0)
    await planner.execute(f"PREPARE asked AS {sql}")
    try:
        values = f"({', '.join(['NULL'] * count)})" if count else ""
        assert read_through(await planner.fetch(f"EXPLAIN EXECUTE asked{values}")) == set()
    finally:
        await planner.execute("DEALLOCATE asked")


async def test_nor_does_the_record_with_what_was_reported_of_its_effects(db: Database) -> None:
    asked: list[Sequence[Any]] = []
    event.listen(db.engine.sync_engine, "before_cursor_execute", lambda *told: asked.append(told))
    await executions.history(db, WORKSPACE, new_id(), 10, 0)
    [(_, _, sql, values, *_)] = asked
    async with db.begin() as connection:
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = await connection.exec_driver_sql(f"EXPLAIN {sql}", values)
        assert read_through(list(plan)) == set()
