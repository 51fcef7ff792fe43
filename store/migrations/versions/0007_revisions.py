"""Flows count their changes, and triggers know whether the spec or the API made them."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE flows ADD COLUMN revision INTEGER DEFAULT 1 NOT NULL",
    "ALTER TABLE triggers ADD COLUMN origin TEXT DEFAULT 'spec' NOT NULL",
    "CREATE INDEX triggers_listed ON triggers (workspace_id, created_at, id)",
)


def upgrade() -> None:
    """Run every statement, in order."""
    for statement in STATEMENTS:
        op.execute(statement)
