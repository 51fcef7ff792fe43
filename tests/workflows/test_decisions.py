"""Answers, patterns and JavaScript on a real server: decided in activities, recorded, and replayed."""

from typing import Any

import pytest

from activities.evaluation.sandbox import Sandbox
from tests.workflows.stage import Stage

pytestmark = pytest.mark.real

FLOW: dict[str, Any] = {
    "id": "decisions",
    "name": "Decisions",
    "settings": {"sessionTtl": "1h", "timezone": "Africa/Nairobi", "region": "KE"},
    "variables": {"phone": {"type": "string"}, "wants": {"type": "boolean"}, "sum": {"type": "object"}},
    "nodes": [
        {"id": "start", "type": "start"},
        {"id": "phone", "type": "question", "config": {"text": "?", "saveTo": "phone", "expects": "phone"}},
        {"id": "wants", "type": "question", "config": {"text": "?", "saveTo": "wants", "expects": "yes_no"}},
        {"id": "sum", "type": "script",
         "config": {"javascript": "return {digits: vars.phone.length, of: inputs.of}",
                    "inputs": {"of": "{{nodes.phone}}"}, "saveTo": "sum"}},
        {"id": "spin", "type": "script", "config": {"javascript": "for (;;);"}},
        {"id": "if", "type": "if", "config": {"condition": {"javascript": "vars.sum.digits === 13"}}},
        {"id": "good", "type": "end", "config": {"outputs": {"sum": "{{sum}}", "wants": "{{wants}}"}}},
        {"id": "bad", "type": "end", "config": {"outcome": "abandoned"}},
    ],
    "edges": [
        {"from": "start", "to": "phone"},
        {"from": "phone", "to": "wants",
         "condition": {"left": "{{phone}}", "operator": "matches", "right": "^\\+2547"}},
        {"from": "phone", "to": "bad"},
        {"from": "wants", "to": "sum", "condition": {"javascript": "vars.wants"}},
        {"from": "wants", "to": "bad"},
        {"from": "sum", "to": "spin"},
        {"from": "spin", "to": "bad"},
        {"from": "spin", "exit": "error", "to": "if"},
        {"from": "if", "exit": "true", "to": "good"},
        {"from": "if", "exit": "false", "to": "bad"},
    ],
}  # fmt: skip


async def test_a_conversation_is_decided_by_activities_and_their_results_are_in_history(
    stage: Stage,
) -> None:
    async with Sandbox() as sandbox, stage.worker(sandbox=sandbox):
        handle = await stage.start(FLOW)
        for count, said in enumerate(["0712 345 678", "Ndiyo, asante"], start=1):
            await stage.until_said(count)
            await stage.say(handle, said)
        await handle.result()
    row = await stage.execution()
    results = {"sum": {"digits": 13, "of": "+254712345678"}, "wants": True}
    assert (row["status"], row["context"]["results"]) == ("completed", results)
    await stage.replay(handle)
