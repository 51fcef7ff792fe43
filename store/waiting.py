"""Conversations that wait for a person, to be compared with what the provider itself shows."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from dsl.messages import Owner
from store.database import Database

LOCK = 7_236_541_003
LOOKS_A_MINUTE = 50


class Waiting(NamedTuple):
    """A waiting execution and its lane. Messages up to `after` were compared; None: nothing is known of any.

    `conversation` is as the newest event shows it; `next_seq` is the seq that the lane gives next.
    """

    workspace: str
    execution_id: str
    connection: str
    address: str
    owner: Owner
    with_bot: bool
    next_seq: int
    after: int | None
    conversation: dict[str, Any]


# `after`: where the last look ended, at first the message that the run began with. What a person picks is
# shown with our own message, so while the bot waits the last three of ours are looked at again.
# An id of a message is the end of our reference to it. A look is due 55 s after the last one: a sweep that
# comes once a minute finds it so.
DUE = """
WITH due AS (
    SELECT x.id FROM executions AS x JOIN lanes AS l ON l.workspace_id = x.workspace_id AND l.id = x.lane_id
    WHERE x.completed_at IS NULL AND x.status IN ('waiting_input', 'handed_off') AND x.mode = 'live'
      AND l.connection = ANY ($2::text[])
      AND coalesce(x.listed_at, '-infinity') < now() - interval '55 s'
    ORDER BY x.listed_at NULLS FIRST, x.updated_at DESC
    LIMIT greatest(0, $3 - (
        SELECT count(*) FROM executions WHERE completed_at IS NULL AND listed_at >= now() - interval '55 s'))
), taken AS (
    UPDATE executions AS x SET listed_at = clock_timestamp() FROM due
    WHERE x.id = due.id AND (SELECT pg_try_advisory_xact_lock($1))
    RETURNING x.*
)
SELECT x.workspace_id, x.id, l.connection, l.address, l.owner, l.with_bot, l.next_seq,
    least(coalesce(x.listed_id, least(heard.id, ours.first) - 1, CASE WHEN opened.so THEN 0 END),
          CASE WHEN x.status = 'waiting_input' AND l.owner = 'bot' THEN ours.recent - 1 END),
    coalesce(newest.conversation, '{}')
FROM taken AS x
JOIN lanes AS l ON l.workspace_id = x.workspace_id AND l.id = x.lane_id
LEFT JOIN LATERAL (
    SELECT (event->>'messageId')::bigint AS id FROM inbound_events
    WHERE workspace_id = x.workspace_id AND lane_id = l.id AND seq >= coalesce(l.started_seq, 1)
      AND event->>'messageId' IS NOT NULL ORDER BY seq LIMIT 1
) AS heard ON true
LEFT JOIN LATERAL (
    SELECT min(ref) AS first, min(ref) FILTER (WHERE place <= 3) AS recent FROM (
        SELECT split_part(provider_ref, ':', -1)::bigint AS ref,
               row_number() OVER (ORDER BY split_part(provider_ref, ':', -1)::bigint DESC) AS place
        FROM effects WHERE workspace_id = x.workspace_id AND execution_id = x.id
          AND provider_ref ~ ':[0-9]{1,18}$'
    ) AS refs
) AS ours ON true
LEFT JOIN LATERAL (
    SELECT true AS so FROM inbound_events
    WHERE workspace_id = x.workspace_id AND lane_id = l.id AND event->>'kind' = 'opened' LIMIT 1
) AS opened ON true
LEFT JOIN LATERAL (
    SELECT event->'conversation' AS conversation FROM inbound_events
    WHERE workspace_id = x.workspace_id AND lane_id = l.id AND event->>'kind' IN ('message', 'opened')
    ORDER BY seq DESC LIMIT 1
) AS newest ON true
"""


async def due(db: Database, connections: Sequence[str], limit: int = LOOKS_A_MINUTE) -> list[Waiting]:
    """Up to so many a minute, in all processes together: whoever was looked at longest ago comes first."""
    return [Waiting(*row) for row in await db.fetch(DUE, LOCK, list(connections), limit)]


COMPARED = "UPDATE executions SET listed_id = $3 WHERE workspace_id = $1 AND id = $2"


async def compared(db: Database, one: Waiting, newest: int) -> None:
    """Everything the provider shows of a conversation up to message `newest` is in the inbox."""
    await db.execute(COMPARED, one.workspace, one.execution_id, newest)


PUT_OFF = "UPDATE executions SET listed_at = NULL WHERE workspace_id = $1 AND id = ANY ($2::uuid[])"


async def put_off(db: Database, some: Sequence[Waiting]) -> None:
    """Nobody came to look at these: they are the first the next time."""
    for workspace in {one.workspace for one in some}:
        ids = [one.execution_id for one in some if one.workspace == workspace]
        await db.execute(PUT_OFF, workspace, ids)
