"""A line of the history tells which messages an answer was made of."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Null where an answer is one message, as nearly all are."""
    op.execute("ALTER TABLE execution_history ADD COLUMN merged JSONB")
