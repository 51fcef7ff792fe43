"""What the journal keeps of a call."""

from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.types import Scope

from emulators.common.gate import Recorded
from emulators.common.journal import bounded


def api_line(scope: Scope, body: bytes, answer: Recorded) -> dict[str, Any]:
    """The fields of the call (its key is in none of them), its idempotency key, and the answer."""
    headers = dict(scope["headers"])
    return {
        "query": dict(parse_qsl(scope["query_string"].decode(errors="replace"))),
        "body": bounded(_fields(headers.get(b"content-type", b""), body)),
        "idempotency_key": headers.get(b"idempotency-key", b"").decode(errors="replace") or None,
        "answer": bounded(_answer(answer.body)),
    }


def _fields(content_type: bytes, body: bytes) -> Any:
    if content_type.startswith(b"application/x-www-form-urlencoded"):
        return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    try:
        return orjson.loads(body) if body else None
    except orjson.JSONDecodeError:
        return {"bytes": len(body)}


def _answer(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode(errors="replace")
