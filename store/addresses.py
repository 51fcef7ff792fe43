"""Second addresses: what comes by one goes to the lane of a run, for as long as that runs (protocols 1.9)."""

from typing import Literal

from store.database import Database
from store.lanes import Lane, open_lane

LED = """(home.points_to IS NOT NULL AND coalesce(
    (SELECT x.completed_at IS NULL FROM executions AS x
     WHERE x.workspace_id = home.workspace_id AND x.id = home.points_for),
    home.points_at > clock_timestamp() - interval '60 s'))"""
"""Whether the address of the lane `home` leads to another lane: until the run that led it there has ended.

A run that nobody has heard of for a minute never began."""

Pointed = Literal["pointed", "busy", "unsettled"]

HOME = f"""
SELECT CASE
    WHEN home.id = $3::uuid THEN 'own'
    WHEN {LED} THEN CASE WHEN home.points_for = $4::uuid THEN 'free' ELSE 'busy' END
    WHEN home.owner = 'human' OR home.execution_id IS NOT NULL OR EXISTS (
        SELECT FROM executions WHERE workspace_id = $1 AND lane_id = home.id AND completed_at IS NULL
          AND (epoch_at IS NOT NULL OR created_at > now() - interval '60 s')) THEN 'busy'
    WHEN EXISTS (SELECT FROM inbound_events
        WHERE workspace_id = $1 AND lane_id = home.id AND state = 'received') THEN 'unsettled'
    ELSE 'free' END
FROM lanes AS home WHERE workspace_id = $1 AND id = $2
"""  # noqa: S608 (the condition is ours)
LOCK = "SELECT FROM lanes WHERE workspace_id = $1 AND id = $2 FOR UPDATE"
POINT = """
UPDATE lanes SET points_to = $3, points_for = $4, points_at = clock_timestamp()
WHERE workspace_id = $1 AND id = $2
"""


class Addresses:
    """The addresses of all lanes, as executors of effects may lead them."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def point(
        self, workspace: str, connection: str, address: str, *, lane: str, execution_id: str
    ) -> Pointed:
        """Lead an address to the lane of a run, for as long as that runs.

        What is accepted at the address goes to that lane; after the end it goes to the address's own again,
        by itself. `busy`: the address has a run of its own, or of another's, or a human; `unsettled`: it has
        a row that nobody has delivered yet, so that it cannot be told. Asking again for the same run changes
        nothing.
        """
        home = await open_lane(self._db, workspace, connection, address)
        async with self._db.transaction() as held:
            # Who adds a row to the lane, or sees one through, waits for us; what they did before we see.
            await held.execute(LOCK, workspace, home.id)
            stands = await held.fetchval(HOME, workspace, home.id, lane, execution_id)
            if stands == "free":
                await held.execute(POINT, workspace, home.id, lane, execution_id)
        return "busy" if stands == "busy" else "unsettled" if stands == "unsettled" else "pointed"


LEADER = f"""
SELECT CASE WHEN {LED} THEN home.points_for END
FROM lanes AS home WHERE workspace_id = $1 AND id = $2 FOR SHARE
"""  # noqa: S608 (the condition is ours)


async def led_by(db: Database, lane: Lane) -> str | None:
    """The run that leads the lane's address to its own lane; None where the address is its own.

    Waits for whoever is about to lead it there.
    """
    execution_id: str | None = await db.fetchval(LEADER, lane.workspace, lane.id)
    return execution_id
