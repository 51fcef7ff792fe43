"""What was compared with the provider's own list, and dead letters with what became of them."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    ALTER TABLE executions
        ADD COLUMN listed_at TIMESTAMP WITH TIME ZONE,
        ADD COLUMN listed_id BIGINT
    """,
    "ALTER TABLE inbound_events ADD COLUMN redriven_as UUID",
    """
    CREATE INDEX inbound_events_dead ON inbound_events (workspace_id, accepted_at, id)
    WHERE state = 'dead'
    """,
)


def upgrade() -> None:
    """Run every statement, in order."""
    for statement in STATEMENTS:
        op.execute(statement)
