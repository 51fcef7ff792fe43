"""A small run in which all went well: one conversation, one question, one answer, thanks. Tests spoil it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.workflows import corpus
from torture.checker.facts import Facts
from torture.checker.tables import Effect, Execution, Inbound, Lane, Line, LiveEvent, Tables, Version
from torture.checker.told import Call, Fault, Run, Webhook

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HISTORY = Path(corpus.FOLDER / "reminded.01.json")
FLOW: dict[str, Any] = {
    "id": "f",
    "name": "f",
    "variables": {"name": {"type": "string"}},
    "nodes": [
        {"id": "start", "type": "start"},
        {"id": "ask", "type": "question", "config": {"text": "Name?", "saveTo": "name"}},
        {"id": "thank", "type": "message", "config": {"text": "Thank you, {{name}}"}},
        {"id": "end", "type": "end"},
    ],
    "edges": [{"from": a, "to": b} for a, b in (("start", "ask"), ("ask", "thank"), ("thank", "end"))],
}
LINES = (
    ("start", "start", "done", "next"),
    ("ask", "question", "waiting", None),
    ("ask", "question", "done", "answer"),
    ("thank", "message", "done", "next"),
    ("end", "end", "done", None),
)


def at(seconds: float) -> datetime:
    """So many seconds after the start."""
    return START + timedelta(seconds=seconds)


def row(seq: int, key: str, how: str, text: str = "", **changes: Any) -> Inbound:
    """A row of the inbox, consumed a second after it was accepted; keys end with the message's id."""
    event = {"kind": "message", "text": text, "messageId": int(key.split(":")[1])}
    told: dict[str, Any] = {
        "id": f"row-{seq}",
        "lane_id": "lane",
        "seq": seq,
        "dedupe_key": key,
        "event": event,
        "state": "consumed",
        "how": how,
        "accepted_at": at(seq * 10),
        "consumed_at": at(seq * 10 + 1),
    }
    return Inbound(**told | changes)


def effect(node: str, seconds: float, message: int, **changes: Any) -> Effect:
    """A message that was sent."""
    told: dict[str, Any] = {
        "execution_id": "run",
        "node": node,
        "visit": 1,
        "number": 1,
        "kind": "send_message",
        "state": "done",
        "outcome": {"exit": "next", "value": {"id": message}, "at": at(seconds).isoformat()},
        "created_at": at(seconds),
    }
    return Effect(**told | changes)


def execution(**changes: Any) -> Execution:
    """The execution, completed."""
    told: dict[str, Any] = {
        "id": "run",
        "flow_id": "flow",
        "flow_version": 1,
        "lane_id": "lane",
        "workflow_id": "default/x/77",
        "status": "completed",
        "completion_reason": "completed",
        "context": {"variables": {"name": "Asha"}},
        "last_seq": 2,
        "created_at": at(10),
        "started_at": at(10),
        "updated_at": at(22),
        "completed_at": at(22),
        "events": 3,
    }
    return Execution(**told | changes)


def tables(**changes: Any) -> Tables:
    """PostgreSQL afterwards."""
    told: dict[str, Any] = {
        "lanes": [Lane(id="lane", address="77")],
        "inbound_events": [row(1, "msg:101", "start", "Hello"), row(2, "msg:103", "answer", "Asha")],
        "effects": [effect("ask", 11, 102), effect("thank", 22, 104)],
        "executions": [execution()],
        "execution_history": [line(seq, *told) for seq, told in enumerate(LINES, start=1)],
        "execution_events": [told_live(1, "started"), told_live(2, "node_done"), told_live(3, "completed")],
        "flow_versions": [Version(flow_id="flow", version=1, document=FLOW)],
    }
    return Tables(**told | changes)


def told_live(seq: int, type: str) -> LiveEvent:
    """A live event."""
    return LiveEvent(execution_id="run", seq=seq, type=type)


def line(seq: int, node: str, kind: str, phase: str, exit: str | None) -> Line:
    """A line of the record."""
    return Line(execution_id="run", seq=seq, node_id=node, node_type=kind, phase=phase, exit=exit)


def call(node: str, text: str, *, done: bool = True) -> Call:
    """A request for the message of a node."""
    return Call(at(11), f"run:{node}:1:1", done, text)


def told(message: int, seconds: float, *, acknowledged: bool = True, faulty: bool = False) -> Webhook:
    """A webhook of what somebody wrote."""
    return Webhook(at(seconds), "message_created", 77, message, acknowledged, faulty)


def history() -> Run:
    """A recorded history with two timers."""
    return Run.read("run", 1, HISTORY.read_text())


def good(*, db: Tables | None = None, **changes: Any) -> Facts:
    """The whole run; a minute of quiet was over when it was read."""
    run = history()
    known = {path.stem: json.loads(path.read_text()) for path in (corpus.FOLDER / "plans").glob("*.json")}
    facts: dict[str, Any] = {
        "at": at(200),
        "quiet_since": at(60),
        "webhooks": [told(101, 10), told(103, 20)],
        "words": {101, 103},
        "calls": [call("ask", "Name?"), call("thank", "Thank you, Asha")],
        "tables": db or tables(),
        "runs": [run],
        "plans": known,
        "logs": {"worker.log": ['{"event":"worker_ready","level":"info"}']},
        "secrets": ["a-token"],
        "private": ["Asha"],
        "faults": [Fault("kill worker", at(50), at(60), "1 became 2")],
    }
    return Facts(**facts | changes)
