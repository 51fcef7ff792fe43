"""The whole API under schemathesis: requests made of its own OpenAPI, and what the answers break of it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import schemathesis
from schemathesis import Case, CheckContext, Response
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import StopReason, events, from_schema

SEED = 20_260_117
FOLLOWED = "followExecution"
"""Never ends by itself; tests of its own follow it."""
REFUSALS = [400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 428]
"""What a senseless request may be answered with: a stale If-Match is told before the body is read."""


@dataclass
class Found:
    """Requests by operation and by status of the answer; failures, each once; whether it came to its end."""

    cases: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    ended: bool = False

    def take(self, event: events.EngineEvent) -> None:
        """Count what came of a scenario."""
        if isinstance(event, events.ScenarioFinished):
            recorder = event.recorder
            self.cases.update(node.value.operation.label for node in recorder.cases.values())
            answers = (one.response for one in recorder.interactions.values())
            self.statuses.update(answer.status_code for answer in answers if answer is not None)
            self.failures += [one for one in _failures(event) if one not in self.failures]
        elif isinstance(event, events.NonFatalError):
            self.failures.append(f"{event.label}: {event.value}")
        elif isinstance(event, events.FatalError):
            self.failures.append(repr(event.exception))
        elif isinstance(event, events.EngineFinished):
            self.ended = event.stop_reason is StopReason.COMPLETED


class Ids(NamedTuple):
    """What there is: half of the ids in paths are one of `known`, commands go to `waiting` alone."""

    known: list[str]
    waiting: str


def config(base_url: str, key: str, examples: int, ids: Ids, seed: int = SEED) -> dict[str, Any]:
    """What is checked, and how often."""
    return {
        "base-url": base_url,
        "seed": seed,
        "headers": {"X-API-Key": key},
        "request-timeout": 20,
        "max-stream-events": 1,
        "output": {"sanitization": {"enabled": False}},
        "generation": {"max-examples": examples, "database": "none", "allow-x00": False},
        "dictionaries": {"ids": {"values": ids.known}},
        "parameters": {"id": {"dictionary": "ids", "probability": 0.5}},
        "operations": [
            {"include-operation-id": FOLLOWED, "enabled": False},
            {
                "include-path-regex": "/executions/[^/]+/(cancel|pause|resume|checkpoint|input)$",
                "parameters": {"id": ids.waiting},
            },
        ],
        "phases": {"stateful": {"max-steps": 6}},
        "checks": {
            "negative_data_rejection": {"expected-statuses": REFUSALS},
            # `what_fits_is_not_refused` in its place: the framework's own takes any 422 for a mismatch, while
            # ours tells a request that does not fit from one that fits and cannot be done.
            "positive_data_acceptance": {"enabled": False},
        },
    }


def fuzzed(base_url: str, settings: dict[str, Any]) -> Found:
    """Run to the end; blocks, and so belongs into a thread of its own."""
    made = SchemathesisConfig.from_dict(settings)
    schema = schemathesis.openapi.from_url(f"{base_url}/openapi.json", config=made)
    found = Found()
    for event in from_schema(schema).execute():
        found.take(event)
    return found


@schemathesis.check
def what_fits_is_not_refused(_: CheckContext, response: Response, case: Case[Any]) -> None:
    """A request that fits the schema is not told that it does not; rules over several fields excepted."""
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive or response.status_code not in (400, 422):
        return
    told = response.json()
    issues = told["details"].get("issues", [{}])
    misfits = [one for one in issues if one.get("code") != "VALUE_ERROR"]
    assert told["code"] != "INVALID_REQUEST" or not misfits, f"what fits was refused: {misfits}"


def _failures(event: events.ScenarioFinished) -> Iterator[str]:
    for id, checks in event.recorder.checks.items():
        for check in checks:
            if info := check.failure_info:
                operation = event.recorder.cases[id].value.operation.label
                yield f"{operation}: {check.name}: {info.failure}\n{info.code_sample}"
