"""People on the line: screens of turns, sessions of USSD and calls, reports on effects, and opt-outs."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE inbound_events ADD COLUMN screen JSONB",
    "ALTER TABLE effects ADD COLUMN report JSONB",
    """
    CREATE TABLE line_sessions (
        workspace_id TEXT NOT NULL,
        connection TEXT NOT NULL,
        session TEXT NOT NULL,
        surface TEXT NOT NULL,
        phone TEXT NOT NULL,
        service TEXT NOT NULL,
        network TEXT,
        typed TEXT,
        event_id UUID,
        page INTEGER NOT NULL DEFAULT 0,
        started_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
        updated_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
        ended_at TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (workspace_id, connection, session)
    )
    """,
    "CREATE INDEX line_sessions_age ON line_sessions (updated_at)",
    """
    CREATE INDEX line_sessions_newest
        ON line_sessions (workspace_id, connection, phone, service, started_at)
    """,
    """
    CREATE TABLE reports (
        workspace_id TEXT NOT NULL,
        id UUID PRIMARY KEY,
        connection TEXT NOT NULL,
        dedupe_key TEXT NOT NULL,
        kind TEXT NOT NULL,
        ref TEXT NOT NULL,
        report JSONB NOT NULL,
        state TEXT NOT NULL DEFAULT 'received',
        how TEXT,
        accepted_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
        retry_at TIMESTAMP WITH TIME ZONE,
        settled_at TIMESTAMP WITH TIME ZONE,
        CONSTRAINT reports_dedupe UNIQUE (workspace_id, connection, dedupe_key)
    )
    """,
    "CREATE INDEX reports_received ON reports (retry_at) WHERE state = 'received'",
    """
    CREATE TABLE opt_outs (
        workspace_id TEXT NOT NULL,
        connection TEXT NOT NULL,
        phone TEXT NOT NULL,
        scope TEXT NOT NULL,
        source TEXT NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
        PRIMARY KEY (workspace_id, connection, phone, scope)
    )
    """,
)


def upgrade() -> None:
    """Run every statement, in order."""
    for statement in STATEMENTS:
        op.execute(statement)
