"""G5: one key starts one execution, and what was answered is there."""

from collections import defaultdict
from collections.abc import Iterator

from torture.checker.facts import Facts


def started_twice(facts: Facts) -> Iterator[str]:
    """A key that was answered with two executions; an execution by API that no key asked for."""
    named = defaultdict[str | None, set[str]](set)
    for start in facts.starts:
        if start.execution and start.key:
            named[start.key].add(start.execution)
    for key, executions in named.items():
        if len(executions) > 1:
            yield f"the key {key} started {', '.join(sorted(executions))}"
    if facts.starts:
        yield from _nobodys(facts)


def _nobodys(facts: Facts) -> Iterator[str]:
    """All who start by API here have a key; the row that opens a lane has its execution's id."""
    asked = {row.execution_id for row in facts.tables.idempotency_keys}
    opened = {row.id for row in facts.tables.inbound_events}
    for one in facts.tables.executions:
        if one.id not in asked | opened:
            yield f"execution {one.id} was started by nobody's key and no event"


def never_started(facts: Facts) -> Iterator[str]:
    """Acknowledged, and not there."""
    known = {one.id for one in facts.tables.executions}
    for start in facts.starts:
        if start.acknowledged and start.execution not in known:
            yield f"the start {start.key} was acknowledged as {start.execution}, which is not there"
