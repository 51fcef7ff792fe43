"""All effects of an execution are found at once, those of lost tasks among them."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """`effects_key` leaves out the orphaned ones; who wants those too read the table from end to end."""
    op.execute("CREATE INDEX effects_of_execution ON effects (execution_id)")
