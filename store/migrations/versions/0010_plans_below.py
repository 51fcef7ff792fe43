"""Which plans a plan's subflows walk, beside it: a start reads that without reading the plan."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Null where a plan was stored before there were subflows."""
    op.execute("ALTER TABLE plans ADD COLUMN below JSONB GENERATED ALWAYS AS (plan -> 'plans') STORED")
