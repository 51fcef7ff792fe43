"""What Temporal kept of an execution: its runs, last to first, and how long their tasks took."""

from collections.abc import Iterator, Sequence

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

History = Sequence[HistoryEvent]


async def runs_of(client: Client, workflow_id: str) -> list[History]:
    """The histories of a chain of runs that has come, or soon comes, to its end."""
    runs: list[History] = []
    run_id: str | None = None
    while run_id != "":
        handle = client.get_workflow_handle(workflow_id, run_id=run_id)
        events = [event async for event in handle.fetch_history_events(wait_new_event=run_id is None)]
        runs.append(events)
        run_id = events[0].workflow_execution_started_event_attributes.continued_execution_run_id
    return runs


def was_eager(run: History) -> bool:
    """Whether its first task was handed to whoever started it."""
    return bool(run[0].workflow_execution_started_event_attributes.eager_execution_accepted)


def tasks_of(run: History) -> Iterator[float]:
    """The seconds of each workflow task, from its start to its completion."""
    started = 0
    for event in run:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED:
            started = event.event_time.ToNanoseconds()
        elif event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            yield (event.event_time.ToNanoseconds() - started) / 1e9
