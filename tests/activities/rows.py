"""The rows that a record refers to."""

from dsl.messages import Scene
from store.database import Database


async def make_rows(db: Database, scene: Scene) -> None:
    """A flow with its version, and the lane of a scene."""
    await db.execute(
        "INSERT INTO flows (workspace_id, id, key, name, version) VALUES ($1, $2, 'f', 'F', 1)",
        scene.workspace,
        scene.flow_id,
    )
    await db.execute(
        """INSERT INTO flow_versions (workspace_id, flow_id, version, document, spec, dialect, spec_digest)
        VALUES ($1, $2, 1, '{}', '{}', 'tembea/1', 'x')""",
        scene.workspace,
        scene.flow_id,
    )
    await db.execute(
        """INSERT INTO lanes (workspace_id, id, connection, address, workflow_id)
        VALUES ($1, $2, $3, '77', 'default/main/77')""",
        scene.workspace,
        scene.lane,
        scene.connection,
    )
    await db.execute(
        "INSERT INTO lane_addresses (workspace_id, connection, address, lane_id) VALUES ($1, $2, '77', $3)",
        scene.workspace,
        scene.connection,
        scene.lane,
    )
