"""Sessions of people on the line: whose they are, what was typed so far, which screen is seen."""

from typing import NamedTuple

from dsl.turns import Screen, Surface
from store.database import Database


class Who(NamedTuple):
    """A session of a provider's and who is in it; `phone` is the keyed hash of the number, never itself."""

    workspace: str
    connection: str
    session: str
    surface: Surface
    phone: str
    service: str
    network: str | None = None


class Session(NamedTuple):
    """Where a session stands: all that was `typed`; the row whose screen is seen, at which `page`.

    `screen` is None where the row has none yet; `newest`: the person has not dialled again since.
    """

    typed: str | None
    event_id: str | None
    page: int
    screen: Screen | None
    newest: bool


SEEN = """
WITH seen AS (
    INSERT INTO line_sessions AS s (workspace_id, connection, session, surface, phone, service, network)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (workspace_id, connection, session) DO UPDATE SET updated_at = clock_timestamp()
    WHERE (s.surface, s.phone, s.service) = (excluded.surface, excluded.phone, excluded.service)
    RETURNING typed, event_id, page, started_at
)
SELECT s.typed, s.event_id, s.page, e.screen, NOT EXISTS (
    SELECT FROM line_sessions AS later
    WHERE later.workspace_id = $1 AND later.connection = $2 AND later.phone = $5 AND later.service = $6
      AND later.surface = $4 AND later.started_at > s.started_at) AS newest
FROM seen AS s LEFT JOIN inbound_events AS e ON e.workspace_id = $1 AND e.id = s.event_id
"""


async def seen(db: Database, who: Who) -> Session | None:
    """The session, made on first sight; None where it is another phone's, or with another service."""
    row = await db.fetchrow(SEEN, *who)
    if row is None:
        return None
    screen = Screen.model_validate(row["screen"]) if row["screen"] is not None else None
    return Session(row["typed"], row["event_id"], row["page"], screen, row["newest"])


STEPPED = """
UPDATE line_sessions SET typed = $6, event_id = $7, page = $8, updated_at = clock_timestamp()
WHERE workspace_id = $1 AND connection = $2 AND session = $3
  AND typed IS NOT DISTINCT FROM $4 AND event_id IS NOT DISTINCT FROM $5
"""


async def step(
    db: Database, who: Who, before: Session, event_id: str, *, typed: str | None = None, page: int = 0
) -> None:
    """The session is a step further than `before`; nothing where it has gone on meanwhile."""
    place = (who.workspace, who.connection, who.session)
    await db.execute(STEPPED, *place, before.typed, before.event_id, typed, event_id, page)


ENDED = """
UPDATE line_sessions SET ended_at = coalesce(ended_at, clock_timestamp()), updated_at = clock_timestamp()
WHERE workspace_id = $1 AND connection = $2 AND session = $3
"""


async def end(db: Database, who: Who) -> None:
    """The session is over."""
    await db.execute(ENDED, who.workspace, who.connection, who.session)
