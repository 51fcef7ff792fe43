"""Every table. Rows of a tenant carry `workspace_id`; `store/workspaces.py` is the only way to them."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    DateTime,
    Double,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB

metadata = MetaData()


def _text(name: str, *, null: bool = False, default: str | None = None) -> Column[str]:
    return Column(name, Text, nullable=null, server_default=default)


def _int(name: str, *, null: bool = False, default: int | None = None, big: bool = False) -> Column[int]:
    kind = BigInteger if big else Integer
    return Column(name, kind, nullable=null, server_default=None if default is None else text(str(default)))


def _uuid(name: str, *, null: bool = False, key: bool = False) -> Column[str]:
    return Column(name, Uuid(as_uuid=False), nullable=null, primary_key=key)


def _json(name: str, *, null: bool = True, default: str | None = None) -> Column[Any]:
    return Column(name, JSONB(none_as_null=True), nullable=null, server_default=default)


def _sent(name: str, *, null: bool = True) -> Column[Any]:
    """JSON that comes back as it was sent, to the byte."""
    return Column(name, JSON(none_as_null=True), nullable=null)


def _moment(name: str, *, now: bool = False) -> Column[Any]:
    return Column(
        name, DateTime(timezone=True), nullable=not now, server_default=text("now()") if now else None
    )


def _workspace() -> Column[str]:
    return _text("workspace_id")


flows = Table(
    "flows", metadata, _workspace(), _uuid("id", key=True),
    _text("key"), _text("name"), _text("description", null=True), _text("status", default="draft"),
    _int("version", default=1), _int("published_version", null=True), _json("ui_data"),
    _text("created_by", null=True), _moment("created_at", now=True), _moment("updated_at", now=True),
    _moment("published_at"), _moment("deleted_at"), _int("revision", default=1),
    Index("flows_key", "workspace_id", "key", unique=True, postgresql_where=text("deleted_at IS NULL")),
    Index("flows_listed", "workspace_id", "created_at", "id"),
)  # fmt: skip

flow_versions = Table(
    "flow_versions", metadata, _workspace(), _uuid("flow_id"), _int("version"),
    _sent("document", null=False), _json("spec"), _text("dialect"), _text("spec_digest", null=True),
    _text("plan_digest", null=True), _sent("ui_data"), _text("created_by", null=True),
    _moment("created_at", now=True), _moment("published_at"),
    PrimaryKeyConstraint("flow_id", "version"),
)  # fmt: skip

plans = Table(
    "plans", metadata, Column("digest", Text, primary_key=True), _int("format"),
    _json("plan", null=False), _moment("created_at", now=True),
    Column("below", JSONB(none_as_null=True), Computed("plan -> 'plans'", persisted=True)),
)  # fmt: skip

triggers = Table(
    "triggers", metadata, _workspace(), _uuid("id", key=True), _uuid("flow_id"),
    _text("channel"), _text("connection", null=True), _text("event"), _int("inbox_id", null=True),
    _text("keyword", null=True), _text("service_code", null=True), _moment("created_at", now=True),
    _text("origin", default="spec"),
    Index("triggers_listed", "workspace_id", "created_at", "id"),
    Index("triggers_asked", "workspace_id", "channel", "event"),
    Index("triggers_of_flow", "workspace_id", "flow_id"),
)  # fmt: skip

channels = Table(
    "channels", metadata, _workspace(), Column("name", Text, primary_key=True),
    _text("provider"), _text("connection"), _json("config", null=False, default="{}"),
    _moment("created_at", now=True), _moment("updated_at", now=True),
)  # fmt: skip

lanes = Table(
    "lanes", metadata, _workspace(), _uuid("id", key=True),
    _text("connection"), _text("address"), _text("workflow_id"),
    _int("next_seq", default=1, big=True), _moment("last_accepted_at"),
    _moment("claimed_until"), _uuid("claimed_by", null=True), _int("failures", default=0),
    _text("owner", default="bot"), _uuid("execution_id", null=True), _uuid("left_by", null=True),
    _int("started_seq", null=True, big=True),
    _int("inbox_id", null=True),
    Column("with_bot", Boolean, nullable=False, server_default=text("false")),
    Column("bot_first", Boolean, nullable=False, server_default=text("false")),
    _moment("created_at", now=True),
    _uuid("points_to", null=True), _uuid("points_for", null=True), _moment("points_at"),
    Index(
        "lanes_bot_first", "workspace_id", "connection", "inbox_id", postgresql_where=text("bot_first")
    ),
)  # fmt: skip

lane_addresses = Table(
    "lane_addresses", metadata, _workspace(), _text("connection"), _text("address"), _uuid("lane_id"),
    PrimaryKeyConstraint("workspace_id", "connection", "address"),
)  # fmt: skip

inbound_events = Table(
    "inbound_events", metadata, _workspace(), _uuid("id", key=True),
    _text("connection_id"), _uuid("lane_id"), _int("seq", big=True), _text("dedupe_key"),
    _json("event", null=False), _int("size"), _text("state", default="received"),
    _text("how", null=True), _moment("accepted_at", now=True), _moment("relay_after"),
    _moment("handed_at"), _moment("consumed_at"), _int("sends", default=0),
    _uuid("redriven_as", null=True), _json("screen"),
    UniqueConstraint("workspace_id", "connection_id", "dedupe_key", name="inbound_events_dedupe"),
    UniqueConstraint("lane_id", "seq", name="inbound_events_order"),
    Index("inbound_events_received", "lane_id", "seq", postgresql_where=text("state = 'received'")),
    Index("inbound_events_handed", "lane_id", "seq", postgresql_where=text("state = 'handed'")),
    Index(
        "inbound_events_unconfirmed", "lane_id", "seq",
        postgresql_where=text("state = 'consumed' AND handed_at IS NULL AND relay_after IS NOT NULL"),
    ),
    Index(
        "inbound_events_dead", "workspace_id", "accepted_at", "id", postgresql_where=text("state = 'dead'")
    ),
)  # fmt: skip

effects = Table(
    "effects", metadata, _workspace(), _uuid("id", key=True), _uuid("execution_id"),
    _text("node"), _int("visit"), _int("number"), _text("kind"), _text("state"), _int("n", default=1),
    _moment("until"), _moment("retry_at"), _text("digest"), _text("provider", null=True),
    _text("provider_ref", null=True), _int("after_id", null=True, big=True),
    _json("outcome"), _moment("created_at", now=True), _moment("updated_at", now=True), _json("report"),
    Index(
        "effects_key", "execution_id", "node", "visit", "number",
        unique=True, postgresql_where=text("state <> 'orphaned'"),
    ),
    Index("effects_of_execution", "execution_id"),
    Index(
        "effects_provider_ref", "workspace_id", "provider", "provider_ref",
        unique=True, postgresql_where=text("provider_ref IS NOT NULL"),
    ),
)  # fmt: skip

executions = Table(
    "executions", metadata, _workspace(), _uuid("id", key=True), _uuid("flow_id"), _int("flow_version"),
    _text("plan_digest", null=True), _uuid("lane_id", null=True), _text("conversation_id", null=True),
    _text("workflow_id"), _text("first_run_id", null=True), _text("mode", default="live"),
    _text("status", default="starting"), _text("current_node_id", null=True),
    Column("progress", Double, nullable=False, server_default=text("0")),
    _json("context", null=False, default="{}"), _json("waiting"), _json("error"),
    _text("completion_reason", null=True), _int("last_seq", default=0, big=True),
    _moment("epoch_at"), _int("epoch_number", null=True, big=True), _int("flushes", default=0),
    _moment("listed_at"), _int("listed_id", null=True, big=True),
    _moment("created_at", now=True), _moment("checked_at"), _moment("started_at"),
    _moment("updated_at", now=True), _moment("completed_at"),
    _int("events", default=0), _int("lines", default=0, big=True), _int("rewound_from", null=True, big=True),
    _text("channel", null=True), _moment("expires_at"), _moment("hidden_at"),
    Column("announced", Boolean, nullable=False, server_default=text("false")),
    Index("executions_listed", "workspace_id", "created_at", "id"),
    Index("executions_of_flow", "workspace_id", "flow_id", "created_at", "id"),
    Index("executions_of_conversation", "workspace_id", "conversation_id"),
    Index("executions_of_lane", "lane_id", "created_at"),
    Index(
        "executions_expiring", "expires_at",
        postgresql_where=text("completed_at IS NULL AND expires_at IS NOT NULL"),
    ),
    Index(
        "executions_active", "workspace_id", "created_at", postgresql_where=text("completed_at IS NULL")
    ),
)  # fmt: skip

execution_history = Table(
    "execution_history", metadata, _workspace(), _uuid("execution_id"), _int("seq"),
    _text("node_id"), _text("node_type"), _text("label"), _int("visit"), _text("phase"),
    _text("exit", null=True), _json("result"), _json("error"), _json("variables_snapshot"),
    _int("attempt", null=True), _text("effect_state", null=True),
    _moment("started_at", now=True), _moment("ended_at"), _json("merged"),
    PrimaryKeyConstraint("execution_id", "seq"),
)  # fmt: skip

idempotency_keys = Table(
    "idempotency_keys", metadata, _workspace(), _text("key"), _text("digest"),
    _uuid("execution_id", null=True), _moment("claimed_until"), _int("status", null=True),
    _json("answer"), _moment("created_at", now=True),
    PrimaryKeyConstraint("workspace_id", "key"),
    Index("idempotency_keys_age", "created_at"),
)  # fmt: skip

api_keys = Table(
    "api_keys", metadata, _workspace(), _uuid("id", key=True), _text("prefix"), _text("name"),
    _text("hash"), _json("permissions", null=False, default="[]"), _moment("created_at", now=True),
    _moment("last_used_at"), _moment("revoked_at"),
    UniqueConstraint("prefix", name="api_keys_prefix"),
)  # fmt: skip

settings = Table(
    "settings", metadata, _workspace(), _text("name"), _json("value"), _moment("updated_at", now=True),
    PrimaryKeyConstraint("workspace_id", "name"),
)  # fmt: skip

execution_events = Table(
    "execution_events", metadata, _workspace(), _uuid("execution_id"), _int("seq"), _text("type"),
    _moment("at", now=True), _text("node_id", null=True), _json("data", null=False, default="{}"),
    PrimaryKeyConstraint("execution_id", "seq"),
)  # fmt: skip

live_watches = Table(
    "live_watches", metadata, _workspace(), _uuid("execution_id", key=True), _moment("until", now=True),
)  # fmt: skip

live_tickets = Table(
    "live_tickets", metadata, _workspace(), Column("hash", Text, primary_key=True), _uuid("execution_id"),
    _moment("expires_at", now=True),
    Index("live_tickets_expiry", "expires_at"),
)  # fmt: skip

line_sessions = Table(
    "line_sessions", metadata, _workspace(), _text("connection"), _text("session"), _text("surface"),
    _text("phone"), _text("service"), _text("network", null=True), _text("typed", null=True),
    _uuid("event_id", null=True), _int("page", default=0), _moment("started_at", now=True),
    _moment("updated_at", now=True), _moment("ended_at"),
    PrimaryKeyConstraint("workspace_id", "connection", "session"),
    Index("line_sessions_age", "updated_at"),
    Index("line_sessions_newest", "workspace_id", "connection", "phone", "service", "started_at"),
)  # fmt: skip

reports = Table(
    "reports", metadata, _workspace(), _uuid("id", key=True), _text("connection"), _text("dedupe_key"),
    _text("kind"), _text("ref"), _json("report", null=False), _text("state", default="received"),
    _text("how", null=True), _moment("accepted_at", now=True), _moment("retry_at"), _moment("settled_at"),
    UniqueConstraint("workspace_id", "connection", "dedupe_key", name="reports_dedupe"),
    Index("reports_received", "retry_at", postgresql_where=text("state = 'received'")),
    Index("reports_unsettled", "connection", "ref", postgresql_where=text("state = 'received'")),
)  # fmt: skip

opt_outs = Table(
    "opt_outs", metadata, _workspace(), _text("connection"), _text("phone"), _text("scope"),
    _text("source"), _moment("created_at", now=True),
    PrimaryKeyConstraint("workspace_id", "connection", "phone", "scope"),
)  # fmt: skip

SHARED = frozenset({"plans"})
"""Tables without a tenant: plans are named by their content."""
