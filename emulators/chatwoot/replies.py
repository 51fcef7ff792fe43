"""Answers in the form Rails gives them."""

from typing import Any

import orjson
from fastapi import Response


def reply(body: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(body), status, media_type="application/json")


def head() -> Response:
    """Rails' `head :ok`: 200 without a body."""
    return Response(status_code=200)
