"""Rows of the inbox as the inputs of a run: bounded pages, and each status with the owner it makes."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from dsl.inputs import Inbound, Input
from dsl.messages import Owner

PAGE_ROWS = 50
PAGE_BYTES = 256 * 1024
TEXT_BYTES = 16 * 1024
"""Of one input's text in UTF-8; the whole of it stays in the inbox, under the input's id."""


OUTDATED = """
CASE WHEN e.event->>'kind' = 'status' THEN EXISTS (
    SELECT FROM inbound_events AS s
    WHERE s.workspace_id = e.workspace_id AND s.lane_id = e.lane_id AND s.seq < e.seq
      AND s.event->>'kind' = 'status'
      AND (s.event->'value'->>'at')::float8 > (e.event->'value'->>'at')::float8
) ELSE false END AS outdated
"""
"""Whether a later change of the status (by the provider's clock) was accepted before this one."""


def page(rows: Sequence[Any], limit: int, max_bytes: int) -> tuple[list[Input], bool]:
    """(inputs, whether more follow) of rows in seq order; the first always fits, or a lane would be stuck."""
    inputs: list[Input] = []
    size = 0
    for row in rows:
        size += row["size"]
        if inputs and (len(inputs) >= limit or size > max_bytes):
            return inputs, True
        inputs.append(_input(row))
    return inputs, False


def _input(row: Any) -> Input:
    """A row as an input; without an event where this release cannot read it."""
    try:
        event = _told(Inbound.model_validate(row["event"]), row["with_bot"], outdated=row["outdated"])
    except ValidationError:
        event = None
    return Input(id=row["id"], seq=row["seq"], accepted_at=row["accepted_at"], event=event)


def _told(event: Inbound, with_bot: bool, *, outdated: bool) -> Inbound:
    whole = (event.text or "").encode()
    if len(whole) > TEXT_BYTES:
        cut = {"value": {"textCut": True}} if event.value is None else {}
        event = event.model_copy(update={"text": whole[:TEXT_BYTES].decode(errors="ignore"), **cut})
    if outdated:
        return event.model_copy(update={"value": {**event.value, "outdated": True}})
    if (owner := owner_after(event, with_bot)) and event.kind == "status":
        event = event.model_copy(update={"value": {**event.value, "owner": owner}})
    return event


def owner_after(event: Inbound, with_bot: bool) -> Owner | None:
    """Whose floor an event makes it, None where it changes nothing (protocols 1.7).

    `with_bot`: the inbox gives conversations to a bot first, so that an open one is a human's.
    """
    value = event.value if event.kind == "status" and isinstance(event.value, dict) else {}
    if value.get("outdated"):
        return None
    status = value.get("status") or event.conversation.get("status")
    if event.kind == "status" and status in ("pending", "resolved"):
        return "bot"
    if with_bot:
        return "human" if status in ("open", "snoozed") else None
    return "human" if value.get("assignee") else None
