"""When the sweep last asked Temporal about an execution."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STATEMENTS = ("ALTER TABLE executions ADD COLUMN checked_at TIMESTAMP WITH TIME ZONE",)


def upgrade() -> None:
    """Run every statement, in order."""
    for statement in STATEMENTS:
        op.execute(statement)
