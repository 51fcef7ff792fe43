"""What the journal keeps of a call."""

from typing import Any

import orjson
from starlette.types import Scope

from emulators.common.gate import Recorded
from emulators.common.journal import bounded


def api_line(scope: Scope, body: bytes, answer: Recorded) -> dict[str, Any]:
    """Who called, with which body, and the id of the row the answer speaks of."""
    state = scope["state"]
    return {
        "ids": _ids(scope),
        "token": state.get("caller_kind", "none"),
        "owner": state.get("caller_id"),
        "body": bounded(_json(body)),
        "response_id": _response_id(answer.body),
    }


def _ids(scope: Scope) -> dict[str, int]:
    """The numbers of the path; texts (inbox identifiers, source ids) stay out."""
    found = {key: str(value) for key, value in scope.get("path_params", {}).items()}
    return {key: int(value) for key, value in found.items() if value.isdigit()}


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body) if body else None
    except orjson.JSONDecodeError:
        return {"bytes": len(body)}


def _response_id(body: bytes) -> int | None:
    """The id of the row an answer speaks of, however deep Chatwoot wraps it."""
    answer = _json(body)
    for wrapper in ("payload", "contact", "webhook"):
        if isinstance(answer, dict):
            answer = answer.get(wrapper, answer)
    number = answer.get("id") if isinstance(answer, dict) else None
    return number if isinstance(number, int) else None
