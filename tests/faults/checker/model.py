"""INV-5: path, variables and effects are what the reference interpreter makes of the accepted events."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from tests.faults.checker.facts import Effect, Execution, Facts, Inbound
from tests.faults.checker.inbound import heard_by
from tests.model.case import Account, Case, Done, Event, Fate, Json, Line, Seen, State
from tests.model.reference import Reference
from tests.model.timeline import Endless
from tests.model.world import cause_of

RESTING = ("waiting_input", "waiting_time", "handed_off")
"""To the reference a run that waits is one that runs."""
Expect = Callable[["Recorded"], list[str]]
"""What a flow's executions must have come to: complaints about one."""


@dataclass(frozen=True)
class Recorded:
    """One execution as everybody recorded it: its flow, the events it heard, what came of it."""

    flow: dict[str, Json]
    execution: Execution
    events: list[Inbound]
    effects: list[Effect]
    account: Account


@dataclass(frozen=True)
class Lived(Case):
    """A case whose effects come to what the ledger says they came to."""

    states: dict[tuple[str, int, int], Fate] = field(default_factory=dict)

    def fate(self, node: str, visit: int, number: int) -> Fate:
        return self.states.get((node, visit, number), Fate())


def divergent(facts: Facts, expectations: Mapping[str, Expect] | None = None) -> list[str]:
    """Complaints about all executions; `expectations` (by flow name) where the reference knows too little."""
    asked = expectations or {}
    return [
        f"execution {one.execution.id} of {one.flow['name']}: {complaint}"
        for one in recorded(facts)
        for complaint in asked.get(one.flow["name"], by_reference)(one)
    ]


def recorded(facts: Facts) -> Iterable[Recorded]:
    """Every execution."""
    flows = {(row.flow_id, row.version): row.document for row in facts.tables.flow_versions}
    texts = {call.key: call.text for call in facts.calls if call.done}
    for execution in facts.tables.executions:
        effects = [
            row
            for row in facts.tables.effects
            if row.execution_id == execution.id and row.state != "orphaned"
        ]
        heard = [row for row in heard_by(facts, execution) if row.state == "consumed"]
        account = _account(facts, execution, effects, heard, texts)
        flow = flows[execution.flow_id, execution.flow_version]
        yield Recorded(flow, execution, heard, effects, account)


def by_reference(one: Recorded) -> list[str]:
    """Where the reference says otherwise; nothing where chance decided it."""
    reference = Reference(_case(one))
    try:
        told = reference.tell()
    except Endless:  # it waits, and so it should
        told = reference.told
    return [] if reference.close else comparable(told).differs(comparable(one.account))


def comparable(account: Account) -> Account:
    """Without what the reference is not told: the contact, arguments of calls, inputs nobody waited for."""
    effects = [
        one if one.state == "done" and one.activity == "send_message" else one._replace(content=None)
        for one in account.effects
    ]
    inputs = sorted(fate for fate in account.inputs if fate[1] != "unread_at_end")
    ordered = sorted(effects, key=lambda one: one[:3])
    status = "running" if account.status in RESTING else account.status
    told = replace(account, effects=ordered, inputs=inputs, status=status)
    return replace(told, contact={}, results={}, owner="")


def _case(one: Recorded) -> Lived:
    began = one.execution.started_at or one.execution.created_at
    return Lived(
        flow=one.flow,
        events=tuple(_event(row, began) for row in one.events),
        triggered=bool(one.events) and one.events[0].how == "start",
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
        value=event.get("value"),
        message_id=event.get("messageId") or 0,
    )


def _seen(row: Effect, began: datetime) -> Seen:
    outcome = row.outcome or {}
    at = datetime.fromisoformat(outcome["at"]) if outcome.get("at") else row.created_at
    value = outcome.get("value")
    return Seen((at - began).total_seconds(), value.get("id") if isinstance(value, dict) else None)


def _fate(row: Effect) -> Fate:
    outcome = row.outcome or {}
    exit: Literal["success", "failure"] = "failure" if outcome.get("exit") == "failure" else "success"
    return Fate(_state(row), exit, outcome.get("value"))


def _cause(error: dict[str, Json] | None) -> str | None:
    """Of what no exit took, the code of the error; any other failure by its own code."""
    return cause_of(error) if error is None or error["code"] == "UNHANDLED_ERROR" else str(error["code"])


def _state(row: Effect) -> State:
    """What is not at its end is taken as done: where it is not, the path differs."""
    return "failed" if row.state == "failed" else "unknown" if row.state == "unknown" else "done"


def _account(
    facts: Facts, execution: Execution, effects: list[Effect], heard: list[Inbound], texts: Mapping[str, str]
) -> Account:
    lines = sorted(
        (line for line in facts.tables.execution_history if line.execution_id == execution.id),
        key=lambda line: line.seq,
    )
    return Account(
        status=execution.status,
        reason=execution.completion_reason,
        cause=_cause(execution.error),
        variables=execution.context.get("variables", {}),
        path=[Line(line.node_id, line.phase, line.exit) for line in lines],
        effects=[
            Done(row.node, row.visit, row.number, row.kind, texts.get(row.key), _state(row))
            for row in effects
        ],
        inputs=[(row.seq, row.how or "") for row in heard],
    )
