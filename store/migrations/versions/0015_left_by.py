"""A lane remembers which run left it last: a start that is noted late finds that its run has ended."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody is known to have left any lane."""
    op.execute("ALTER TABLE lanes ADD COLUMN left_by UUID")
