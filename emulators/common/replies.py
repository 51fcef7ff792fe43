"""Answers in JSON."""

from typing import Any

import orjson
from fastapi import Response


def reply(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(body), status, headers, media_type="application/json")
