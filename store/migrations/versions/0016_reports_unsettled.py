"""What is reported of one effect and not settled is found at once."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Few reports are unsettled at a time: the index stays small."""
    op.execute("CREATE INDEX reports_unsettled ON reports (connection, ref) WHERE state = 'received'")
