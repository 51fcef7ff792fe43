"""The door of Africa's Talking's callbacks: a secret in the path, as nothing is signed, and strict fields."""

from datetime import UTC, date, datetime
from hmac import compare_digest
from typing import Annotated, TypeVar

from fastapi import Path, Request

from api.errors import Problem, documented, not_found
from api.parts import Channel, Parts, parts_of
from providers.africastalking.callbacks import Callback, Reader
from providers.africastalking.events import Event
from providers.africastalking.form import MOST_BYTES
from providers.africastalking.problem import CallbackProblem

E = TypeVar("E", bound=Event)

PREFIX = "/webhooks/africastalking/{channel}/{secret}"
MOST_CALLBACK_BYTES = MOST_BYTES
ChannelName = Annotated[str, Path(max_length=64)]
Secret = Annotated[str, Path(max_length=255)]
REFUSED = documented(404, 413, 422, 500)
_FIELDS = {"schema": {"type": "object", "additionalProperties": True}}
FORM = {"requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": _FIELDS}}}
"""A callback's body for OpenAPI."""
_NOBODYS = b"\x00"
"""Compared with where there is no such channel: an unknown one takes as long as a wrong secret."""


def _known(request: Request, channel: str, secret: str) -> Channel:
    """The channel whose secret it is; 404 for any other, which does not tell whether the channel is there."""
    found = parts_of(request).lines.get(channel)
    mine = [one.get_secret_value().encode() for one in found.secrets] if found else []
    # Every secret is compared: how long it takes tells nothing of them.
    right = [compare_digest(one, secret.encode(errors="replace")) for one in mine or [_NOBODYS]]
    if found is None or not mine or not any(right):
        raise not_found("channel")
    return found


async def let_in(
    request: Request, channel: str, secret: str, callback: Callback, kind: type[E], *, step: str | None = None
) -> tuple[Channel, E]:
    """The channel that a callback came to, and what it tells; nothing is read before the secret is right."""
    line = _known(request, channel, secret)
    event = await _read(request, parts_of(request), callback, step)
    assert isinstance(event, kind)
    return line, event


async def _read(request: Request, parts: Parts, callback: Callback, step: str | None = None) -> Event:
    """The event that the body tells; 422 where a field is missing or cannot be, which is named, not shown."""
    reader = Reader(parts.hashed, _today)
    kind = request.headers.get("content-type", "")
    try:
        return reader.read(callback, await request.body(), kind, step=step)
    except CallbackProblem as problem:
        raise _refusal(problem) from None


def _refusal(problem: CallbackProblem) -> Problem:
    return Problem(422, problem.code, "The callback cannot be read.", details={"field": problem.field})


def _today() -> date:
    return datetime.now(UTC).date()
