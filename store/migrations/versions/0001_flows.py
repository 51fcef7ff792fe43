"""Flows, their versions and plans, what starts them, channels and settings."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE flows (
        workspace_id TEXT NOT NULL,
        id UUID NOT NULL,
        key TEXT NOT NULL,
        name TEXT NOT NULL,
        description TEXT,
        status TEXT DEFAULT 'draft' NOT NULL,
        version INTEGER DEFAULT 1 NOT NULL,
        published_version INTEGER,
        ui_data JSONB,
        created_by TEXT,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        published_at TIMESTAMP WITH TIME ZONE,
        deleted_at TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE UNIQUE INDEX flows_key ON flows (workspace_id, key)
    WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX flows_listed ON flows (workspace_id, created_at, id)
    """,
    """
    CREATE TABLE flow_versions (
        workspace_id TEXT NOT NULL,
        flow_id UUID NOT NULL,
        version INTEGER NOT NULL,
        document JSONB NOT NULL,
        spec JSONB,
        dialect TEXT NOT NULL,
        spec_digest TEXT,
        plan_digest TEXT,
        ui_data JSONB,
        created_by TEXT,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        published_at TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (flow_id, version)
    )
    """,
    """
    CREATE TABLE plans (
        digest TEXT NOT NULL,
        format INTEGER NOT NULL,
        plan JSONB NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        PRIMARY KEY (digest)
    )
    """,
    """
    CREATE TABLE triggers (
        workspace_id TEXT NOT NULL,
        id UUID NOT NULL,
        flow_id UUID NOT NULL,
        channel TEXT NOT NULL,
        connection TEXT,
        event TEXT NOT NULL,
        inbox_id INTEGER,
        keyword TEXT,
        service_code TEXT,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX triggers_asked ON triggers (workspace_id, channel, event)
    """,
    """
    CREATE INDEX triggers_of_flow ON triggers (workspace_id, flow_id)
    """,
    """
    CREATE TABLE channels (
        workspace_id TEXT NOT NULL,
        name TEXT NOT NULL,
        provider TEXT NOT NULL,
        connection TEXT NOT NULL,
        config JSONB DEFAULT '{}' NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        PRIMARY KEY (name)
    )
    """,
    """
    CREATE TABLE settings (
        workspace_id TEXT NOT NULL,
        name TEXT NOT NULL,
        value JSONB,
        updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        PRIMARY KEY (workspace_id, name)
    )
    """,
)


def upgrade() -> None:
    """Run every statement, in order."""
    for statement in STATEMENTS:
        op.execute(statement)
