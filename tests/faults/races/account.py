"""What is known of a conversation afterwards: what was seen, the record, the ledger, Temporal's histories."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from tests.faults.road import Road, cause_of

SECONDS = 120.0
"""Until a conversation that should have come to its end is given up."""
POLL = 0.25
REJECTED = "WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND"


class Told(NamedTuple):
    """A row of the inbox."""

    id: str
    seq: int
    text: str
    accepted_at: datetime
    state: str
    how: str | None


@dataclass
class Story:
    """What Temporal's histories of an execution tell: a chain of runs."""

    sent: list[int] = field(default_factory=list)
    """Ids of the messages that the walk knows it sent."""
    heard: set[int] = field(default_factory=set)
    """Seqs of the inputs that it was given: when it began, by signals, or by the lane when it asked."""
    continued: int = 0
    """How often a run continued as new."""
    carried: int = 0
    """Inputs that a run left unread to the one that continues it."""
    between: int = 0
    """Signals to a run that continues another one, before its first task."""
    fetched: int = 0
    """Inputs that the lane gave when it was asked, after a deadline."""
    failures: Counter[str] = field(default_factory=Counter)
    """Failed workflow tasks by cause."""
    lost: int = 0
    """Workflow tasks that nobody reported the end of."""
    end: str = ""
    asleep: bool = False
    """Whether the run being read continues another one and has no task yet."""


@dataclass(frozen=True)
class Run:
    """An execution: as it stands on record, its lines (node, phase, exit), its effects (node, state, id)."""

    id: str
    status: str
    variables: dict[str, Any]
    lines: list[tuple[str, str, str | None]]
    effects: list[tuple[str, str, int | None]]
    story: Story

    def left(self, node: str) -> list[str | None]:
        """By which exits a node was left."""
        return [exit for name, _, exit in self.lines if name == node and exit is not None]


@dataclass(frozen=True)
class Account:
    """A conversation: what the person saw, (id, text), what they wrote, and the executions."""

    said: list[tuple[int, str]]
    told: list[Told]
    runs: list[Run]

    @property
    def texts(self) -> list[str]:
        """What the bot said."""
        return [text for _, text in self.said]

    @property
    def rejected(self) -> int:
        """Closing workflow tasks that the server sent back."""
        return sum(run.story.failures[REJECTED] for run in self.runs)

    def flaws(self) -> Iterator[str]:
        """Where the person, the ledger, the histories and the inbox do not say the same."""
        seen = sorted(id for id, _ in self.said)
        ledger = sorted(id or 0 for run in self.runs for _, _, id in run.effects)
        known = sorted(id for run in self.runs for id in run.story.sent)
        if not seen == ledger == known:
            yield f"messages seen {seen}, in the ledger {ledger}, in the histories {known}"
        yield from (f"an effect is {one}" for run in self.runs for one in run.effects if one[1] != "done")
        yield from (flaw for row in self.told for flaw in self._astray(row))
        for run in self.runs:
            if causes := set(run.story.failures) - {REJECTED}:
                yield f"workflow tasks failed: {causes}"

    def _astray(self, row: Told) -> Iterator[str]:
        """Where a message was lost, or was given to more than one run."""
        heard = sum(row.seq in run.story.heard for run in self.runs)
        if (row.state, heard) not in (("consumed", 1), ("ignored", 0)):
            yield f"{row.text!r} is {row.state} {row.how}, and {heard} runs were given it"


ROWS = """
SELECT e.id, e.seq, e.event->>'text', e.accepted_at, e.state, e.how
FROM inbound_events AS e JOIN lanes AS l ON l.id = e.lane_id WHERE l.address = $1 ORDER BY e.seq
"""
EXECUTIONS = """
SELECT id, status, context->'variables' AS variables, workflow_id, first_run_id, completed_at
FROM executions WHERE conversation_id = $1 ORDER BY created_at, id
"""
LINES = "SELECT node_id, phase, exit FROM execution_history WHERE execution_id = $1 ORDER BY seq"
EFFECTS = """
SELECT node, state, nullif(split_part(provider_ref, ':', 2), '')::bigint
FROM effects WHERE execution_id = $1 ORDER BY created_at, id
"""


async def said(road: Road, conversation: str, count: int) -> None:
    """Return when the bot has said so much; TimeoutError, with what it said, where it never does."""
    try:
        async with asyncio.timeout(SECONDS):
            while len(await road.said(conversation)) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise await _stuck(road, conversation) from None


async def account_of(road: Road, conversation: str, ends: int = 1) -> Account:
    """Of a conversation, once its first `ends` executions are over and every message has met its fate.

    Raises TimeoutError, with what was seen of it, where it does not come to that.
    """
    try:
        async with asyncio.timeout(SECONDS):
            await _over(road, conversation, ends)
            while unsettled(await _told(road, conversation)):  # noqa: ASYNC110
                await asyncio.sleep(POLL)
            await _at_rest(road, conversation)
    except TimeoutError:
        raise await _stuck(road, conversation) from None
    rows = await road.db.fetch(EXECUTIONS, conversation)
    seen = [(int(row["id"]), str(row["content"])) for row in await road.desk.thread(conversation)]
    return Account(seen, await _told(road, conversation), [await _run(road, row) for row in rows])


async def _stuck(road: Road, conversation: str) -> TimeoutError:
    fates = [(row.text, row.state, row.how) for row in await _told(road, conversation)]
    return TimeoutError(f"said {await road.said(conversation)}, told {fates}")


def unsettled(told: Iterable[Told]) -> bool:
    """Whether any message waits for its fate."""
    return any(row.state in ("received", "handed") for row in told)


async def _told(road: Road, conversation: str) -> list[Told]:
    return [Told(*row) for row in await road.db.fetch(ROWS, conversation)]


async def _over(road: Road, conversation: str, ends: int) -> None:
    """Temporal's word for it: what the record says may still be walked again."""
    rows: list[Any] = []
    while sum(row["completed_at"] is not None for row in rows) < ends:
        await asyncio.sleep(POLL)
        rows = await road.db.fetch(EXECUTIONS, conversation)
    for row in rows[:ends]:
        await road.client.get_workflow_handle(row["workflow_id"], run_id=row["first_run_id"]).result()


async def _at_rest(road: Road, conversation: str) -> None:
    """A run that goes on has what its task did in its history only when that task has ended."""
    for row in await road.db.fetch(EXECUTIONS, conversation):
        newest = road.client.get_workflow_handle(row["workflow_id"])
        while (await newest.describe()).raw_description.HasField("pending_workflow_task"):  # noqa: ASYNC110
            await asyncio.sleep(POLL)


async def _run(road: Road, row: Any) -> Run:
    lines = [tuple(line) for line in await road.db.fetch(LINES, row["id"])]
    effects = [tuple(effect) for effect in await road.db.fetch(EFFECTS, row["id"])]
    story = Story()
    async for event in road.events(row["workflow_id"], row["first_run_id"]):
        await _read(road, story, event)
    return Run(row["id"], row["status"], row["variables"], lines, effects, story)


async def _read(road: Road, story: Story, event: HistoryEvent) -> None:
    """Add what an event tells."""
    match event.event_type:
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
            [run] = await _values(road, event.workflow_execution_started_event_attributes.input)
            _begun(story, run)
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
            [inputs] = await _values(road, event.workflow_execution_signaled_event_attributes.input)
            story.between += story.asleep
            _heard(story, inputs)
        case EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED:
            story.asleep = False
        case EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
            story.lost += 1
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
            story.end = "completed"
        case EventType.EVENT_TYPE_MARKER_RECORDED:
            _performed(story, await _values(road, event.marker_recorded_event_attributes.details["result"]))
        case EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
            _performed(story, await _values(road, event.activity_task_completed_event_attributes.result))
        case _ if cause := cause_of(event):
            story.failures[cause] += 1


def _begun(story: Story, run: dict[str, Any]) -> None:
    """Add what a run of the chain took over from the one before it."""
    story.asleep = run["inbox"] is not None
    story.continued += story.asleep
    story.carried += len((run["inbox"] or {}).get("unread", ()))
    _heard(story, run["openingRows"])


def _heard(story: Story, inputs: list[Any]) -> None:
    story.heard |= {input["seq"] for input in inputs}


async def _values(road: Road, payloads: Any) -> list[Any]:
    return await road.client.data_converter.decode(payloads.payloads)


def _performed(story: Story, results: list[Any]) -> None:
    """Add what came back of an activity: reports of effects, or inputs of the lane."""
    for result in results:
        story.fetched += len(result.get("inputs", ()))
        _heard(story, result.get("inputs", []))
        for report in result.get("reports", [result]):
            value = (report.get("outcome") or {}).get("value")
            story.sent += [value["id"]] if isinstance(value, dict) else []
