"""Lanes, their addresses and the inbox."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE lanes (
        workspace_id TEXT NOT NULL,
        id UUID NOT NULL,
        connection TEXT NOT NULL,
        address TEXT NOT NULL,
        workflow_id TEXT NOT NULL,
        next_seq BIGINT DEFAULT 1 NOT NULL,
        last_accepted_at TIMESTAMP WITH TIME ZONE,
        claimed_until TIMESTAMP WITH TIME ZONE,
        claimed_by UUID,
        failures INTEGER DEFAULT 0 NOT NULL,
        owner TEXT DEFAULT 'bot' NOT NULL,
        execution_id UUID,
        started_seq BIGINT,
        inbox_id INTEGER,
        with_bot BOOLEAN DEFAULT false NOT NULL,
        bot_first BOOLEAN DEFAULT false NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX lanes_bot_first ON lanes (workspace_id, connection, inbox_id)
    WHERE bot_first
    """,
    """
    CREATE TABLE lane_addresses (
        workspace_id TEXT NOT NULL,
        connection TEXT NOT NULL,
        address TEXT NOT NULL,
        lane_id UUID NOT NULL,
        PRIMARY KEY (workspace_id, connection, address)
    )
    """,
    """
    CREATE TABLE inbound_events (
        workspace_id TEXT NOT NULL,
        id UUID NOT NULL,
        connection_id TEXT NOT NULL,
        lane_id UUID NOT NULL,
        seq BIGINT NOT NULL,
        dedupe_key TEXT NOT NULL,
        event JSONB NOT NULL,
        size INTEGER NOT NULL,
        state TEXT DEFAULT 'received' NOT NULL,
        how TEXT,
        accepted_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        relay_after TIMESTAMP WITH TIME ZONE,
        handed_at TIMESTAMP WITH TIME ZONE,
        consumed_at TIMESTAMP WITH TIME ZONE,
        sends INTEGER DEFAULT 0 NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT inbound_events_dedupe UNIQUE (workspace_id, connection_id, dedupe_key),
        CONSTRAINT inbound_events_order UNIQUE (lane_id, seq)
    )
    """,
    """
    CREATE INDEX inbound_events_handed ON inbound_events (lane_id, seq)
    WHERE state = 'handed'
    """,
    """
    CREATE INDEX inbound_events_received ON inbound_events (lane_id, seq)
    WHERE state = 'received'
    """,
)


def upgrade() -> None:
    """Run every statement, in order."""
    for statement in STATEMENTS:
        op.execute(statement)
