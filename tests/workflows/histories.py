"""What a run's history tells: its tasks, its local and ordinary activities, its timers."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import ActivityTaskScheduledEventAttributes, HistoryEvent
from temporalio.client import WorkflowHandle

Events = Sequence[HistoryEvent]


async def history_of(handle: WorkflowHandle[Any, Any]) -> Events:
    """The run's events so far."""
    return (await handle.fetch_history()).events


def counted(events: Events) -> Counter[str]:
    """How many of each kind there are, by their short names: `TIMER_STARTED`, …"""
    return Counter(_name(event) for event in events)


def locals_of_each_task(events: Events) -> list[int]:
    """How many local activities each completed workflow task had, where it had any."""
    markers = (event for event in events if _name(event) == "MARKER_RECORDED")
    tasks = Counter(
        event.marker_recorded_event_attributes.workflow_task_completed_event_id for event in markers
    )
    return list(tasks.values())


def ordinary(events: Events) -> list[tuple[str, str]]:
    """(type, id) of the ordinary activities, in order."""
    return [(scheduled.activity_type.name, scheduled.activity_id) for scheduled in _scheduled(events)]


def seconds_of_each(events: Events) -> list[int]:
    """How long an attempt of each ordinary activity may take."""
    return [scheduled.start_to_close_timeout.seconds for scheduled in _scheduled(events)]


def failed_tasks(events: Events) -> list[str]:
    """Why workflow tasks failed."""
    failed = (event for event in events if _name(event) == "WORKFLOW_TASK_FAILED")
    causes = (event.workflow_task_failed_event_attributes.cause for event in failed)
    return [
        WorkflowTaskFailedCause.Name(cause).removeprefix("WORKFLOW_TASK_FAILED_CAUSE_") for cause in causes
    ]


def kept_alive(events: Events) -> int:
    """How often a task was completed without a command, for a local activity that took long."""
    names = [_name(event) for event in events]
    return list(pairwise(names)).count(("WORKFLOW_TASK_COMPLETED", "WORKFLOW_TASK_SCHEDULED"))


def since(events: Events, name: str) -> Events:
    """The events behind the first one of that kind."""
    first = next(index for index, event in enumerate(events) if _name(event) == name)
    return events[first + 1 :]


def _scheduled(events: Events) -> list[ActivityTaskScheduledEventAttributes]:
    return [
        event.activity_task_scheduled_event_attributes
        for event in events
        if _name(event) == "ACTIVITY_TASK_SCHEDULED"
    ]


def _name(event: HistoryEvent) -> str:
    return EventType.Name(event.event_type).removeprefix("EVENT_TYPE_")
