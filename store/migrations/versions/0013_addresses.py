"""Addresses that lead to another lane while a run goes on there; executions as sessions."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE lanes ADD COLUMN points_to UUID",
    "ALTER TABLE lanes ADD COLUMN points_for UUID",
    "ALTER TABLE lanes ADD COLUMN points_at TIMESTAMP WITH TIME ZONE",
    "ALTER TABLE executions ADD COLUMN channel TEXT",
    "ALTER TABLE executions ADD COLUMN expires_at TIMESTAMP WITH TIME ZONE",
    "ALTER TABLE executions ADD COLUMN hidden_at TIMESTAMP WITH TIME ZONE",
    "UPDATE executions SET channel = 'chatwoot' WHERE conversation_id IS NOT NULL",
    """
    CREATE INDEX executions_expiring ON executions (expires_at)
    WHERE completed_at IS NULL AND expires_at IS NOT NULL
    """,
)


def upgrade() -> None:
    """Run every statement, in order."""
    for statement in STATEMENTS:
        op.execute(statement)
