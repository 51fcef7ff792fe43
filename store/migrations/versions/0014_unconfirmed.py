"""Rows that turns brought are confirmed when their update has returned; an index finds those that are not."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    UPDATE inbound_events SET handed_at = consumed_at
    WHERE state = 'consumed' AND handed_at IS NULL AND relay_after IS NOT NULL
    """,
    """
    CREATE INDEX inbound_events_unconfirmed ON inbound_events (lane_id, seq)
    WHERE state = 'consumed' AND handed_at IS NULL AND relay_after IS NOT NULL
    """,
)


def upgrade() -> None:
    """Run every statement, in order."""
    for statement in STATEMENTS:
        op.execute(statement)
