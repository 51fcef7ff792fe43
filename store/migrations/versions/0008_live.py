"""Live events, numbered for each execution; who listens; tickets of readers that cannot send a header."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    ALTER TABLE executions
        ADD COLUMN events INTEGER NOT NULL DEFAULT 0,
        ADD COLUMN lines BIGINT NOT NULL DEFAULT 0,
        ADD COLUMN rewound_from BIGINT,
        ADD COLUMN announced BOOLEAN NOT NULL DEFAULT false
    """,
    # Of what ran before nothing was told, but a flush that replaces its lines must see that there are some.
    """
    UPDATE executions AS x SET lines = h.last FROM (
        SELECT execution_id, max(seq) AS last FROM execution_history GROUP BY execution_id
    ) AS h WHERE h.execution_id = x.id
    """,
    """
    CREATE TABLE execution_events (
        workspace_id TEXT NOT NULL,
        execution_id UUID NOT NULL,
        seq INTEGER NOT NULL,
        type TEXT NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
        node_id TEXT,
        data JSONB NOT NULL DEFAULT '{}',
        PRIMARY KEY (execution_id, seq)
    )
    """,
    """
    CREATE TABLE live_watches (
        workspace_id TEXT NOT NULL,
        execution_id UUID PRIMARY KEY,
        until TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE live_tickets (
        workspace_id TEXT NOT NULL,
        hash TEXT PRIMARY KEY,
        execution_id UUID NOT NULL,
        expires_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX live_tickets_expiry ON live_tickets (expires_at)",
)


def upgrade() -> None:
    """Run every statement, in order."""
    for statement in STATEMENTS:
        op.execute(statement)
