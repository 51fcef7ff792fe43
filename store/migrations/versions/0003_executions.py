"""Executions, their history and the ledger of effects."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE executions (
        workspace_id TEXT NOT NULL,
        id UUID NOT NULL,
        flow_id UUID NOT NULL,
        flow_version INTEGER NOT NULL,
        plan_digest TEXT,
        lane_id UUID,
        conversation_id TEXT,
        workflow_id TEXT NOT NULL,
        first_run_id TEXT,
        mode TEXT DEFAULT 'live' NOT NULL,
        status TEXT DEFAULT 'starting' NOT NULL,
        current_node_id TEXT,
        progress DOUBLE PRECISION DEFAULT 0 NOT NULL,
        context JSONB DEFAULT '{}' NOT NULL,
        waiting JSONB,
        error JSONB,
        completion_reason TEXT,
        last_seq BIGINT DEFAULT 0 NOT NULL,
        epoch_at TIMESTAMP WITH TIME ZONE,
        epoch_number BIGINT,
        flushes INTEGER DEFAULT 0 NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        started_at TIMESTAMP WITH TIME ZONE,
        updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        completed_at TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX executions_active ON executions (workspace_id, created_at)
    WHERE completed_at IS NULL
    """,
    """
    CREATE INDEX executions_listed ON executions (workspace_id, created_at, id)
    """,
    """
    CREATE INDEX executions_of_conversation ON executions (workspace_id, conversation_id)
    """,
    """
    CREATE INDEX executions_of_flow ON executions (workspace_id, flow_id, created_at, id)
    """,
    """
    CREATE INDEX executions_of_lane ON executions (lane_id, created_at)
    """,
    """
    CREATE TABLE execution_history (
        workspace_id TEXT NOT NULL,
        execution_id UUID NOT NULL,
        seq INTEGER NOT NULL,
        node_id TEXT NOT NULL,
        node_type TEXT NOT NULL,
        label TEXT NOT NULL,
        visit INTEGER NOT NULL,
        phase TEXT NOT NULL,
        exit TEXT,
        result JSONB,
        error JSONB,
        variables_snapshot JSONB,
        attempt INTEGER,
        effect_state TEXT,
        started_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        ended_at TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (execution_id, seq)
    )
    """,
    """
    CREATE TABLE effects (
        workspace_id TEXT NOT NULL,
        id UUID NOT NULL,
        execution_id UUID NOT NULL,
        node TEXT NOT NULL,
        visit INTEGER NOT NULL,
        number INTEGER NOT NULL,
        kind TEXT NOT NULL,
        state TEXT NOT NULL,
        n INTEGER DEFAULT 1 NOT NULL,
        until TIMESTAMP WITH TIME ZONE,
        retry_at TIMESTAMP WITH TIME ZONE,
        digest TEXT NOT NULL,
        provider TEXT,
        provider_ref TEXT,
        after_id BIGINT,
        outcome JSONB,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE UNIQUE INDEX effects_key ON effects (execution_id, node, visit, number)
    WHERE state <> 'orphaned'
    """,
    """
    CREATE UNIQUE INDEX effects_provider_ref ON effects (workspace_id, provider, provider_ref)
    WHERE provider_ref IS NOT NULL
    """,
)


def upgrade() -> None:
    """Run every statement, in order."""
    for statement in STATEMENTS:
        op.execute(statement)
