"""One execution as everybody recorded it, and the case that it makes for the reference interpreter."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from torture.checker.facts import Facts
from torture.checker.outbound import ref_of
from torture.checker.tables import Effect, Execution, Inbound
from torture.reference.case import (
    REFUSAL,
    Account,
    Case,
    Done,
    Event,
    Fate,
    Json,
    Line,
    Seen,
    State,
    cause_of,
)

NO_MESSAGE = 10**12
"""In place of a message's id where channels have none: later than any of ours."""
LINES = ("ussd", "voice")
"""Channels on which what is said is a screen, and no effect."""


@dataclass(frozen=True)
class Recorded:
    """One execution: its flow, the events it heard, what came of it, and what a program started it with."""

    flow: dict[str, Json]
    execution: Execution
    events: list[Inbound]
    effects: list[Effect]
    account: Account
    given: dict[str, Json] = field(default_factory=dict)

    @property
    def on_line(self) -> bool:
        """Whether somebody calls or dials."""
        return self.execution.channel in LINES


@dataclass(frozen=True)
class Lived(Case):
    """A case whose effects come to what the ledger says they came to."""

    states: dict[tuple[str, int, int], Fate] = field(default_factory=dict)

    def fate(self, node: str, visit: int, number: int) -> Fate:
        return self.states.get((node, visit, number), Fate())


def recorded(facts: Facts) -> Iterator[Recorded]:
    """Every execution."""
    flows = {(row.flow_id, row.version): row.document for row in facts.tables.flow_versions}
    texts = {call.key: call.text for call in facts.calls if call.done}
    network = {one.ref: one.text for one in facts.taken}
    texts |= {row.key: network[ref_of(row)] for row in facts.tables.effects if ref_of(row) in network}
    given = {start.execution: start.body for start in facts.starts if start.execution}
    for execution in facts.tables.executions:
        heard = [row for row in facts.heard_by(execution) if row.state == "consumed"]
        yield Recorded(
            flows[execution.flow_id, execution.flow_version],
            execution,
            heard,
            facts.effects.get(execution.id, []),
            _account(facts, execution, heard, texts),
            given.get(execution.id, {}),
        )


def case_of(one: Recorded) -> Lived:
    """What the reference is told of it."""
    began = one.execution.started_at or one.execution.created_at
    return Lived(
        flow=one.flow,
        events=tuple(_event(row, began) for row in one.events),
        triggered=bool(one.events) and one.events[0].how == "start",
        trigger=one.given.get("trigger", {}),
        variables=one.given.get("variables", {}),
        execution=one.execution.id,
        seen={(row.node, row.visit, row.number): _seen(row, began) for row in one.effects},
        states={(row.node, row.visit, row.number): _fate(row) for row in one.effects},
    )


def _event(row: Inbound, began: datetime) -> Event:
    """An accepted event; when it was delivered makes no difference to what comes of it."""
    accepted = max(0.0, (row.accepted_at - began).total_seconds())
    event = row.event
    return Event(
        row.seq,
        accepted,
        accepted,
        event["kind"],
        text=event.get("text") or "",
        value=_told(event),
        message_id=event.get("messageId") or NO_MESSAGE,
    )


def _told(event: dict[str, Json]) -> Json:
    """What an event says; a change of status says who has the word now (protocols 1.7)."""
    value = event.get("value")
    if event["kind"] != "status" or not isinstance(value, dict):
        return value
    human = bool(value.get("hasBot")) or bool(value.get("assignee"))
    owner = "bot" if value.get("status") in ("pending", "resolved") else "human" if human else None
    return {**value, "owner": owner}


def _seen(row: Effect, began: datetime) -> Seen:
    outcome = row.outcome or {}
    at = datetime.fromisoformat(outcome["at"]) if outcome.get("at") else row.created_at
    value = outcome.get("value")
    id = value.get("id") if isinstance(value, dict) else None
    return Seen((at - began).total_seconds(), id if isinstance(id, int) else None)


def _fate(row: Effect) -> Fate:
    outcome = row.outcome or {}
    exit: Literal["success", "failure"] = "failure" if outcome.get("exit") == "failure" else "success"
    code = (outcome.get("error") or {}).get("code", REFUSAL)
    return Fate(_state(row), exit, outcome.get("value"), code=code)


def _state(row: Effect) -> State:
    """What is not at its end is taken as done: where it is not, the path differs."""
    return "failed" if row.state == "failed" else "unknown" if row.state == "unknown" else "done"


def _cause(error: dict[str, Json] | None) -> str | None:
    """Of what no exit took, the code of the error; any other failure by its own code."""
    return cause_of(error) if error is None or error["code"] == "UNHANDLED_ERROR" else str(error["code"])


def _account(facts: Facts, execution: Execution, heard: list[Inbound], texts: Mapping[str, str]) -> Account:
    effects = facts.effects.get(execution.id, [])
    return Account(
        status=execution.status,
        reason=execution.completion_reason,
        cause=_cause(execution.error),
        variables=execution.context.get("variables", {}),
        path=[Line(line.node_id, line.phase, line.exit) for line in facts.lines.get(execution.id, [])],
        effects=[
            Done(row.node, row.visit, row.number, row.kind, texts.get(row.key), _state(row))
            for row in effects
        ],
        inputs=[(row.seq, row.how or "") for row in heard],
    )
