"""INV-7 and INV-14: what Temporal's histories say."""

import base64
import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from torture.checker.facts import AWAY, Facts
from torture.checker.times import moment
from torture.checker.told import Run

CAUSE = "WORKFLOW_TASK_FAILED_CAUSE_"
DATABASE_AWAY, NOT_LOADED = "DATABASE_AWAY", "PlanNotLoadedError"
TIMED_OUT = "TIMED_OUT"
DEADLOCK, SLOW = "DEADLOCK", "TMPRL1101"
"""The SDK gives a task two seconds by the clock; a worker that was stopped, or starts, may need longer."""
AFTERMATH = timedelta(seconds=10)
EXPECTED = ("UNHANDLED_COMMAND", "RESET_STICKY_TASK_QUEUE", DATABASE_AWAY, TIMED_OUT, DEADLOCK)
"""An input overtook the task's end, the server forgot whose the run was, its plan could not be fetched, or
its worker was gone or too slow.
"""
NONDETERMINISM = "NON_DETERMINISTIC_ERROR"


class Failed(NamedTuple):
    """A workflow task that failed."""

    run: Run
    cause: str
    why: str

    @property
    def expected(self) -> bool:
        """Whether it may fail so, and be tried again."""
        return self.cause in EXPECTED


def _failures(facts: Facts) -> Iterator[Failed]:
    for run in facts.runs:
        for event in run.of("WORKFLOW_TASK_FAILED"):
            told = event["workflowTaskFailedEventAttributes"]
            cause = str(told.get("cause", "UNSPECIFIED")).removeprefix(CAUSE)
            failure = told.get("failure", {})
            why, at = _why(failure), moment(event["eventTime"])
            away = failure.get("applicationFailureInfo", {}).get("type") in (*AWAY, NOT_LOADED)
            if away and facts.shadowed(at):
                cause = DATABASE_AWAY
            elif SLOW in why and facts.shadowed(at, AFTERMATH):
                cause = DEADLOCK
            yield Failed(run, cause, why)
        for _ in run.of("WORKFLOW_TASK_TIMED_OUT"):
            yield Failed(run, TIMED_OUT, "")


def _why(failure: dict[str, Any]) -> str:
    encoded = failure.get("encodedAttributes", {}).get("data")
    told = json.loads(base64.b64decode(encoded)) if encoded else failure
    return str(told.get("message", ""))


def wft_failures(facts: Facts) -> list[str]:
    """INV-7: workflow tasks that failed, but for the kinds that are expected."""
    return [
        f"a task of {one.run.execution} failed: {one.cause} {one.why}"
        for one in _failures(facts)
        if not one.expected and one.cause != NONDETERMINISM
    ]


def nondeterminism(facts: Facts) -> list[str]:
    """INV-7: a walk that went another way when it was walked again."""
    return [f"{one.run.execution}: {one.why}" for one in _failures(facts) if one.cause == NONDETERMINISM]


def expected_failures(facts: Facts) -> dict[str, int]:
    """Tasks that failed as they may, by cause."""
    return dict(Counter(one.cause for one in _failures(facts) if one.expected))


def sizes(facts: Facts) -> dict[str, float]:
    """INV-14: what a visit costs in events and bytes, and how long the longest run is."""
    visits = sum(line.phase == "done" for line in facts.tables.execution_history) or 1
    events = [run.length for run in facts.runs]
    return {
        "runs": len(events),
        "max_events": max(events, default=0),
        "events_per_visit": round(sum(events) / visits, 2),
        "bytes_per_visit": round(sum(len(run.json) for run in facts.runs) / visits),
    }
