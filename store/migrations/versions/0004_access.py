"""API keys and idempotency keys."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE api_keys (
        workspace_id TEXT NOT NULL,
        id UUID NOT NULL,
        prefix TEXT NOT NULL,
        name TEXT NOT NULL,
        hash TEXT NOT NULL,
        permissions JSONB DEFAULT '[]' NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        last_used_at TIMESTAMP WITH TIME ZONE,
        revoked_at TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (id),
        CONSTRAINT api_keys_prefix UNIQUE (prefix)
    )
    """,
    """
    CREATE TABLE idempotency_keys (
        workspace_id TEXT NOT NULL,
        key TEXT NOT NULL,
        digest TEXT NOT NULL,
        execution_id UUID,
        claimed_until TIMESTAMP WITH TIME ZONE,
        status INTEGER,
        answer JSONB,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        PRIMARY KEY (workspace_id, key)
    )
    """,
    """
    CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at)
    """,
)


def upgrade() -> None:
    """Run every statement, in order."""
    for statement in STATEMENTS:
        op.execute(statement)
