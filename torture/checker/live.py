"""INV-9: what is told of an execution is numbered 1 to n, and nothing comes after its end."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from torture.checker.facts import Facts

ENDS = frozenset({"completed", "failed", "cancelled", "expired", "terminated"})


class Told(NamedTuple):
    """A live event: a row of PostgreSQL, or what a reader was sent."""

    execution_id: str
    seq: int
    type: str


def gaps(told: Iterable[Told], heads: Mapping[str, int] | None = None) -> list[str]:
    """Where numbers are missing, doubled or out of order; `heads`: how many each execution says there are."""
    by_execution = defaultdict[str, list[Told]](list)
    for one in told:
        by_execution[one.execution_id].append(one)
    expected = heads if heads is not None else {id: len(events) for id, events in by_execution.items()}
    return [
        found
        for id in sorted(by_execution.keys() | expected.keys())
        for found in _of_one(id, by_execution[id], expected.get(id, 0))
    ]


def recorded_gaps(facts: Facts) -> list[str]:
    """The same of the rows of PostgreSQL."""
    told = (Told(row.execution_id, row.seq, row.type) for row in facts.tables.execution_events)
    heads = {one.id: one.events for one in facts.tables.executions}
    return gaps(sorted(told), heads)


def _of_one(id: str, events: list[Told], head: int) -> list[str]:
    found = []
    if [event.seq for event in events] != list(range(1, head + 1)):
        found.append(f"the events of {id} are not 1 to {head}")
    if any(event.type in ENDS for event in events[:-1]):
        found.append(f"the events of {id} go on after its end")
    # A start that got no answer may be told as failed without ever having begun.
    begins = [event.seq == 1 and event.type not in ENDS for event in events]
    if begins != [event.type == "started" for event in events]:
        found.append(f"the events of {id} do not begin with its start")
    return found
