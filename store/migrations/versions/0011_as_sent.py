"""Flows as they were sent: `json` keeps the order of keys and the spelling of numbers, `jsonb` does not."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is stored already stays as `jsonb` has left it."""
    op.execute(
        """
        ALTER TABLE flow_versions
            ALTER COLUMN document TYPE JSON USING document::json,
            ALTER COLUMN ui_data TYPE JSON USING ui_data::json
        """
    )
