"""The one error body: RFC 9457 problem+json with the members clients of the source documents read."""

from typing import Any, Literal

import orjson
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.allowed import methods_of
from dsl.model import Json, Message

MEDIA_TYPE = "application/problem+json"

ErrorType = Literal[
    "ValidationError", "CompilationError", "ExecutionError", "SystemError", "NotFound", "Conflict",
    "Unauthorized", "Forbidden", "RateLimited",
]  # fmt: skip

_TYPES: dict[int, ErrorType] = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    412: "Conflict",
    429: "RateLimited",
}
_CODES = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 413: "BODY_TOO_LARGE"}


_EXAMPLE: dict[str, Json] = {
    "type": "urn:tembea:error:flow_not_found",
    "title": "NotFound",
    "status": 404,
    "detail": "There is no such flow.",
    "instance": "urn:uuid:01942f20-11b3-7000-8000-00000000000a",
    "error": "NotFound",
    "message": "There is no such flow.",
    "code": "FLOW_NOT_FOUND",
    "details": {},
    "requestId": "01942f20-11b3-7000-8000-00000000000a",
}


class ErrorBody(Message):
    """What every answer of 400 and above looks like."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    type: str
    title: str
    status: int
    detail: str
    instance: str = Field(description="A URN of the request's id; quote it when you report a problem.")
    error: ErrorType
    message: str
    code: str
    details: dict[str, Any] = Field(default_factory=dict)
    """`issues` holds one entry per finding, each with a `code`, a JSON `pointer` and a `message`."""
    request_id: str


class Problem(HTTPException):
    """An answer that is an error. The caller reads it: no stack, SQL, host or upstream text."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        error: ErrorType | None = None,
        details: dict[str, Json] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(status, message, headers)
        self.code, self.message, self.details = code, message, details or {}
        self.error: ErrorType = error or _type_of(status)


def not_found(what: str) -> Problem:
    """404 for a thing by its lower-case name: `flow`, `execution`, `channel`."""
    return Problem(404, f"{what.upper()}_NOT_FOUND", f"There is no such {what}.")


def unavailable(part: str) -> Problem:
    """503: one of the servers we stand on does not answer; the same request may be sent again."""
    message = f"The {part} does not answer. Please try again."
    return Problem(503, f"{part.upper()}_UNAVAILABLE", message, headers={"Retry-After": "2"})


async def on_stale(request: Request, _: Exception) -> Response:
    """412: somebody else has changed what the caller wants to change."""
    message = "It has changed since. Read it again, and send its ETag as If-Match."
    return answer(Problem(412, "PRECONDITION_FAILED", message), request.state.request_id)


async def on_gone(request: Request, _: Exception) -> Response:
    """404 for a flow that was deleted while the request was under way."""
    return answer(not_found("flow"), request.state.request_id)


def answer(problem: Problem, request_id: str) -> Response:
    """The response that carries a problem."""
    body = ErrorBody(
        type=f"urn:tembea:error:{problem.code.lower()}",
        title=problem.error,
        status=problem.status_code,
        detail=problem.message,
        instance=f"urn:uuid:{request_id}",
        error=problem.error,
        message=problem.message,
        code=problem.code,
        details=problem.details,
        request_id=request_id,
    )
    content = orjson.dumps(body.model_dump(mode="json", by_alias=True))
    return Response(content, problem.status_code, problem.headers, MEDIA_TYPE)


async def on_http_error(request: Request, error: Exception) -> Response:
    """Ours as they are; the framework's own (unknown path, method) in the same body."""
    assert isinstance(error, HTTPException)
    if isinstance(error, Problem):
        return answer(error, request.state.request_id)
    code = _CODES.get(error.status_code, "REFUSED")
    headers = dict(error.headers or {})
    if error.status_code == 405 and (methods := methods_of(request)):
        headers["Allow"] = methods
    return answer(Problem(error.status_code, code, error.detail, headers=headers), request.state.request_id)


async def on_invalid_request(request: Request, error: Exception) -> Response:
    """422 with one issue per field, each with a JSON pointer into the part of the request it is about."""
    assert isinstance(error, RequestValidationError)
    issues = [
        {
            "code": str(found["type"]).upper(),
            "in": str(found["loc"][0]),
            "pointer": "".join(f"/{part}" for part in found["loc"][1:]),
            "message": found["msg"],
        }
        for found in error.errors()[:100]
    ]
    problem = Problem(422, "INVALID_REQUEST", _summary(issues), details={"issues": issues})
    return answer(problem, request.state.request_id)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error bodies of a route, for OpenAPI."""
    schema = {"$ref": "#/components/schemas/ErrorBody"}
    return {
        status: {"description": _type_of(status), "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def _summary(issues: list[dict[str, str]]) -> str:
    first = issues[0]
    return f"{first['in']}{first['pointer']}: {first['message']}"


def _type_of(status: int) -> ErrorType:
    return _TYPES.get(status, "SystemError" if status >= 500 else "ValidationError")
