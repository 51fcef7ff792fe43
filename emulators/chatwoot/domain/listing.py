"""Which conversations a list shows: by status and place, by what was said, by filter."""

from collections.abc import Mapping
from typing import Any

from emulators.chatwoot.domain.filters import PRESENCE, TEXT, TIME, Columns, Condition, Filter
from emulators.chatwoot.emulator import Emulator
from emulators.chatwoot.rows import Conversation

EQUALITY = frozenset({"equal_to", "not_equal_to"})
SPOKEN = frozenset({"incoming", "outgoing"})
OPERATORS: Mapping[str, frozenset[str]] = {
    "status": EQUALITY,
    "priority": EQUALITY,
    "assignee_id": EQUALITY | PRESENCE,
    "inbox_id": EQUALITY | PRESENCE,
    "team_id": EQUALITY | PRESENCE,
    "labels": EQUALITY | PRESENCE,
    "display_id": TEXT,
    "created_at": TIME,
    "last_activity_at": TIME,
}


def filtered(emu: Emulator, account_id: int, wanted: Filter) -> list[Conversation]:
    """The conversations that fit, the newest activity first; status `all` stands for every status."""
    every = ("status", ["all"])
    conditions = [_read(c) for c in wanted.payload if (c.attribute_key, c.values) != every]
    rows = newest_first(list(emu.state.conversations_of(account_id)))
    if not conditions:
        return rows
    return Columns(OPERATORS, (), _value).choose(rows, Filter(payload=conditions), emu.now())


def _read(condition: Condition) -> Condition:
    """Numbers are compared as texts: editors send them as either."""
    if not condition.attribute_key.endswith("_id"):
        return condition
    return condition.model_copy(update={"values": [str(value) for value in condition.values or []]})


def mention(emu: Emulator, rows: list[Conversation], text: str) -> list[Conversation]:
    """Those in which somebody said it."""
    wanted = text.lower()
    return [row for row in rows if any(wanted in said for said in _said(emu, row))]


def newest_first(rows: list[Conversation]) -> list[Conversation]:
    return sorted(rows, key=lambda row: (-row.last_activity_at, -row.id))


def _said(emu: Emulator, row: Conversation) -> list[str]:
    thread = emu.state.thread(row)
    return [(message.content or "").lower() for message in thread if message.message_type in SPOKEN]


def _value(row: Conversation, key: str) -> Any:
    if key == "labels":
        return row.label_list
    value = getattr(row, key)
    return str(value) if key.endswith("_id") and value is not None else value
