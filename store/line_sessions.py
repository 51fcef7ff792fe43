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
SELECT s.typed, s.event_id, s.page, e.screen, NOT EXISTS (
    SELECT FROM line_sessions AS later
    WHERE later.workspace_id = $1 AND later.connection = $2 AND later.phone = $5 AND later.service = $6
      AND later.surface = $4 AND later.started_at > s.started_at) AS newest,
    (s.surface, s.phone, s.service) = ($4, $5, $6) AS theirs
FROM line_sessions AS s LEFT JOIN inbound_events AS e ON e.workspace_id = $1 AND e.id = s.event_id
WHERE s.workspace_id = $1 AND s.connection = $2 AND s.session = $3
"""
FIRST = Session(typed=None, event_id=None, page=0, screen=None, newest=True)
"""A session that nobody has seen before its first step."""


async def seen(db: Database, who: Who) -> Session | None:
    """The session; None where it is another phone's, or with another service."""
    row = await db.fetchrow(SEEN, *who[:6])
    if row is None:
        return FIRST
    if not row["theirs"]:
        return None
    screen = Screen.model_validate(row["screen"]) if row["screen"] is not None else None
    return Session(row["typed"], row["event_id"], row["page"], screen, row["newest"])


class Step(NamedTuple):
    """A session goes further than `before`: all that is `typed` by now, the event that it came with."""

    who: Who
    before: Session
    typed: str | None

    @property
    def arguments(self) -> tuple[str | None, ...]:
        """What `STEPPED_TOO` is given."""
        return (*self.who[2:], self.typed, self.before.typed, self.before.event_id)


# A part of `inbox.ACCEPT_STEP`. Nothing where the session has gone on meanwhile.
STEPPED_TOO = """stepped AS (
    INSERT INTO line_sessions AS s
        (workspace_id, connection, session, surface, phone, service, network, typed, event_id)
    SELECT $1, $2, $15, $16, $17, $18, $19, $20, at.id
    FROM (SELECT id FROM known UNION ALL SELECT $11::uuid FROM lane) AS at
    ON CONFLICT (workspace_id, connection, session) DO UPDATE SET
        typed = excluded.typed, event_id = excluded.event_id, page = 0, updated_at = clock_timestamp()
    WHERE (s.surface, s.phone, s.service) = (excluded.surface, excluded.phone, excluded.service)
      AND s.typed IS NOT DISTINCT FROM $21 AND s.event_id IS NOT DISTINCT FROM $22::uuid
)"""


TURNED = """
UPDATE line_sessions SET typed = $6, page = $7, updated_at = clock_timestamp()
WHERE workspace_id = $1 AND connection = $2 AND session = $3
  AND typed IS NOT DISTINCT FROM $4 AND event_id IS NOT DISTINCT FROM $5
"""


async def turn(db: Database, who: Who, before: Session, *, typed: str, page: int) -> None:
    """Another page of the same screen is seen; nothing where the session has gone on meanwhile."""
    place = (who.workspace, who.connection, who.session)
    await db.execute(TURNED, *place, before.typed, before.event_id, typed, page)


ENDED = """
INSERT INTO line_sessions AS s (workspace_id, connection, session, surface, phone, service, network, ended_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, clock_timestamp())
ON CONFLICT (workspace_id, connection, session) DO UPDATE SET
    ended_at = coalesce(s.ended_at, excluded.ended_at), updated_at = excluded.ended_at
"""


async def end(db: Database, who: Who) -> None:
    """The session is over."""
    await db.execute(ENDED, *who)
