"""What every hand-written front does first with a webhook: the signature, and one INSERT."""

import hashlib
import hmac
import os
from typing import Any, NamedTuple

import asyncpg
import orjson
from fastapi import Request

SECRET = os.environ["CHATWOOT_WEBHOOK_SECRET"].encode()
TABLE = "CREATE TABLE IF NOT EXISTS inbound (key text PRIMARY KEY, body jsonb NOT NULL)"
INSERT = "INSERT INTO inbound (key, body) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING key"


class Unsigned(Exception):
    """A webhook of somebody else."""


class Heard(NamedTuple):
    """A message that was not there before."""

    conversation: int
    contact: int
    text: str


async def heard(request: Request, db: "asyncpg.Pool[Any]") -> Heard | None:
    """The message of a webhook; None where it has been accepted before. Raises Unsigned."""
    body = await request.body()
    if not _signed(request, body):
        raise Unsigned
    event = orjson.loads(body)
    if await db.fetchval(INSERT, f"msg:{event['id']}", body.decode()) is None:
        return None
    return Heard(event["conversation"]["id"], event["sender"]["id"], event["content"])


def _signed(request: Request, body: bytes) -> bool:
    stamp = request.headers.get("x-chatwoot-timestamp", "").encode()
    wanted = "sha256=" + hmac.new(SECRET, stamp + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted, request.headers.get("x-chatwoot-signature", ""))
