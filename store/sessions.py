"""Executions as sessions: what is kept of them beside their record, which the run alone writes."""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import func

from store.database import Database
from store.tables import executions
from store.workspaces import change

EXPIRED_A_MINUTE = 100


async def extend(db: Database, workspace: str, id: str, seconds: float) -> None:
    """Let the session end so many seconds from now."""
    from_now = func.now() + timedelta(seconds=seconds)
    statement = change(executions, workspace).where(executions.c.id == id).values(expires_at=from_now)
    async with db.begin() as connection:
        await connection.execute(statement)


async def hide(db: Database, workspace: str, id: str) -> None:
    """Show the execution as a session no more; its record stays."""
    statement = change(executions, workspace).where(executions.c.id == id).values(hidden_at=func.now())
    async with db.begin() as connection:
        await connection.execute(statement)


class Expired(NamedTuple):
    """A run whose time is up, which may not know it."""

    id: str
    workflow_id: str
    first_run_id: str | None
    expires_at: float


# The sweep serves every workspace.
EXPIRED = """
SELECT id, workflow_id, first_run_id, extract(epoch FROM expires_at)::float8
FROM executions WHERE completed_at IS NULL AND expires_at <= now() ORDER BY expires_at LIMIT $1
"""


async def expired(db: Database, limit: int = EXPIRED_A_MINUTE) -> list[Expired]:
    """Those whose time is up, the oldest first."""
    return [Expired(*row) for row in await db.fetch(EXPIRED, limit)]
