"""Rows of executions and of their record as they are shown."""

from typing import Any
from urllib.parse import quote

from api.execution_shapes import ExecutionSummary, ExecutionView, HistoryItem, Timings, Waiting, WorkflowLink
from api.masking import masked, private_names
from api.parts import Parts
from store.executions import Execution, Line

_MADE = ("timings", "waiting")
"""Fields that no column holds as they are."""


def summary_of(execution: Execution) -> ExecutionSummary:
    """An execution in a list."""
    return ExecutionSummary(**_summary(execution))


async def view_of(parts: Parts, execution: Execution, *, mask: bool = False) -> ExecutionView:
    """Where an execution stands; `mask` hides the values of personal variables."""
    private = await private_names(parts, execution.plan_digest if mask else None)
    context = execution.context
    return ExecutionView(
        **_summary(execution),
        variables=masked(context.get("variables") or {}, private),
        results=context.get("results") or {},
        error=execution.error,
        workflow=_link(parts.temporal_ui, execution),
    )


def item_of(line: Line, private: frozenset[str]) -> HistoryItem:
    """A line of the record."""
    row = line._asdict()
    snapshot, merged = row.pop("variables_snapshot"), row.pop("merged") or []
    variables = None if snapshot is None else masked(snapshot, private)
    return HistoryItem(**row, variables=variables, merged=merged)


def _summary(execution: Execution) -> dict[str, Any]:
    ended = execution.completed_at
    timings = Timings(
        created_at=execution.created_at,
        started_at=execution.started_at,
        updated_at=execution.updated_at,
        completed_at=ended,
        duration=(ended - execution.created_at).total_seconds() if ended else None,
    )
    shown = {name: getattr(execution, name) for name in ExecutionSummary.model_fields if name not in _MADE}
    waiting = Waiting.model_validate(execution.waiting) if execution.waiting else None
    return {**shown, "waiting": waiting, "timings": timings}


def _link(ui: str | None, execution: Execution) -> WorkflowLink:
    run = execution.first_run_id
    page = f"{ui}/workflows/{quote(execution.workflow_id, safe='')}" if ui else None
    url = f"{page}/{run}/history" if page and run else page
    return WorkflowLink(workflow_id=execution.workflow_id, run_id=run, url=url)
