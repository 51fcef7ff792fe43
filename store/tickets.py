"""Tickets: for readers that can send no header, one use within a minute. Only a SHA-256 is stored."""

import hashlib
import secrets
from datetime import datetime
from typing import NamedTuple

from store.database import Database
from store.refs import as_id

SECONDS = 60


class Ticket(NamedTuple):
    """What opens the events of one execution, once."""

    secret: str
    expires_at: datetime


ISSUE = """
WITH old AS (DELETE FROM live_tickets WHERE workspace_id IS NOT NULL AND expires_at < now())
INSERT INTO live_tickets (workspace_id, hash, execution_id, expires_at)
VALUES ($1, $2, $3, now() + make_interval(secs => $4::float8)) RETURNING expires_at
"""


async def issue(db: Database, workspace: str, execution_id: str, seconds: float = SECONDS) -> Ticket:
    """A new ticket: it is shown this once."""
    secret = secrets.token_urlsafe(32)
    return Ticket(secret, await db.fetchval(ISSUE, workspace, _digest(secret), execution_id, seconds))


# The one statement here that has no workspace yet: the ticket is what names it.
REDEEM = """
DELETE FROM live_tickets WHERE hash = $1 AND execution_id = $2 AND expires_at > now() RETURNING workspace_id
"""


async def redeem(db: Database, secret: str, ref: str) -> str | None:
    """The workspace that a ticket opens, used up for good; None where it opens no execution of that id."""
    id = as_id(ref)
    workspace: str | None = await db.fetchval(REDEEM, _digest(secret), id) if id else None
    return workspace


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
