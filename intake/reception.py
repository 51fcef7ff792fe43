"""A lane on which nothing runs: what becomes of its rows, and which of them starts a flow."""

from typing import NamedTuple

from dsl.messages import Inbound, Input, Owner
from intake.triggers import Chosen, match
from store.database import Database
from store.delivery import Batch, Mark
from store.lanes import Lane, Newest, is_echo
from store.pages import owner_after


class Reception(NamedTuple):
    """Marks of the rows that start nothing, who has the floor after them, and the rows that start a flow."""

    marks: list[Mark]
    owner: Owner
    chosen: Chosen | None = None
    opening: tuple[Input, ...] = ()


async def receive(db: Database, batch: Batch, newest: Newest | None) -> Reception:
    """Go through a batch in order, up to the row that starts a flow; the rows behind that one go with it."""
    lane, marks, owner = batch.lane, list[Mark](), batch.lane.owner
    for place, row in enumerate(batch.inputs):
        if newest is not None and row.seq <= newest.last_seq:
            marks.append(Mark(row.seq, "consumed", "unread_at_end"))
            continue
        if row.event is None:
            marks.append(Mark(row.seq, "dead", "unreadable"))
            continue
        if await echoed(db, lane, row.event):
            marks.append(Mark(row.seq, "ignored", "echo"))
            continue
        owner = owner_after(row.event, lane.with_bot) or owner
        if owner == "bot" and (chosen := await match(db, lane, row.event, newest)):
            return Reception(marks, owner, chosen, tuple(batch.inputs[place:]))
        marks.append(_settled(row.seq, row.event, owner))
    return Reception(marks, owner)


async def echoed(db: Database, lane: Lane, event: Inbound) -> bool:
    """Whether an event tells us of a status that we set ourselves."""
    if event.kind != "status" or not isinstance(event.value, dict):
        return False
    return await is_echo(db, lane, str(event.value.get("status")))


def _settled(seq: int, event: Inbound, owner: Owner) -> Mark:
    if event.kind == "status":
        return Mark(seq, "consumed", "owner")
    return Mark(seq, "consumed", "to_human") if owner == "human" else Mark(seq, "ignored", "no_trigger")
