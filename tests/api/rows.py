"""Executions and lines of their record, as a run would have left them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from store.ids import new_id
from tests.api.conftest import Api

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def ran(api: Api, flow: dict[str, Any], **values: Any) -> str:
    """An execution as the record left it; its id."""
    row = {
        "workspace_id": api.workspace,
        "id": new_id(),
        "flow_id": flow["id"],
        "flow_version": 1,
        "plan_digest": flow["digest"],
        "workflow_id": "w",
        "status": "completed",
        "created_at": NOON,
        "completed_at": NOON + timedelta(seconds=90),
        **values,
    }
    marks = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await api.parts.db.execute(f"INSERT INTO executions ({', '.join(row)}) VALUES ({marks})", *row.values())
    return str(row["id"])


async def line(api: Api, execution_id: str, seq: int, **values: Any) -> None:
    """A line of its history."""
    row = {
        "workspace_id": api.workspace, "execution_id": execution_id, "seq": seq, "node_id": f"node-{seq}",
        "node_type": "message", "label": "Hello", "visit": 1, "phase": "done", "exit": "next",
        "started_at": NOON, "ended_at": NOON, **values,
    }  # fmt: skip
    marks = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await api.parts.db.execute(
        f"INSERT INTO execution_history ({', '.join(row)}) VALUES ({marks})", *row.values()
    )
