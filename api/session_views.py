"""Executions as they are shown as sessions."""

from api.execution_shapes import Waiting
from api.session_shapes import SessionView
from dsl.channels import CHATWOOT
from store.executions import Execution

SHOWN_FIRST, SHOWN_LAST = 4, 3
_SAME = (
    "id", "flow_id", "flow_version", "status", "mode", "channel", "current_node_id", "completion_reason",
    "created_at", "updated_at", "expires_at",
)  # fmt: skip
"""Fields that a column holds as they are."""


def session_of(execution: Execution) -> SessionView:
    """The session that an execution is."""
    waiting = Waiting.model_validate(execution.waiting) if execution.waiting else None
    return SessionView(
        **{name: getattr(execution, name) for name in _SAME},
        service=_service(execution),
        address=_address(execution),
        waiting=waiting,
        variables=execution.context.get("variables") or {},
        ended_at=execution.completed_at,
    )


def _service(execution: Execution) -> str | None:
    """What stands before the hash of the person's number in their lane's address."""
    if execution.channel == CHATWOOT or not execution.conversation_id:
        return None
    return execution.conversation_id.rpartition("/")[0] or None


def _address(execution: Execution) -> str | None:
    if execution.channel == CHATWOOT:
        return execution.conversation_id
    phone = (execution.context.get("contact") or {}).get("phone")
    return masked(phone) if isinstance(phone, str) else None


def masked(phone: str) -> str:
    """`+254******111`."""
    hidden = max(0, len(phone) - SHOWN_FIRST - SHOWN_LAST)
    return phone[:SHOWN_FIRST] + "*" * hidden + phone[SHOWN_FIRST + hidden :]
