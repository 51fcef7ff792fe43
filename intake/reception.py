"""A lane on which nothing runs: what becomes of its rows, and which of them starts a flow."""

from typing import NamedTuple

import structlog

from dsl.channels import CHATWOOT
from dsl.inputs import Inbound, Input
from dsl.messages import Owner
from intake.triggers import Chosen, match, reopened, status_of
from store.batches import Batch
from store.database import Database
from store.delivery import Mark
from store.inbox import send_home
from store.lanes import Lane, is_echo
from store.pages import owner_after

_LOG = structlog.get_logger(__name__)


class NotYet(Exception):
    """Another process, or an effect in the air, is about to make clear what becomes of the rows."""


class Reception(NamedTuple):
    """Marks of the rows that start nothing, who has the floor after them, and the rows that start a flow."""

    marks: list[Mark]
    owner: Owner
    chosen: Chosen | None = None
    opening: tuple[Input, ...] = ()


async def receive(db: Database, batch: Batch) -> Reception:
    """Go through a batch in order, up to the row that starts a flow; the rows behind that one go with it."""
    lane, marks, owner = batch.lane, list[Mark](), batch.lane.owner
    opens: bool | None = None
    for place, row in enumerate(batch.inputs):
        if aside := await _aside(db, batch, row):
            marks.append(aside)
        else:
            assert row.event is not None, "rows that cannot be read are put aside"
            # A human has the word in chats alone; a run that began here may have gone on in one.
            told = owner_after(row.event, lane.with_bot) or owner
            owner = told if row.event.channel == CHATWOOT else "bot"
            if owner == "bot":
                if opens is None:
                    opens = await reopened(db, lane, batch.newest)
                if chosen := await match(db, lane, row.event, opens=opens):
                    return Reception(marks, owner, chosen, tuple(batch.inputs[place:]))
            marks.append(_settled(row.seq, row.event, owner))
        if _closes(row, marks[-1], lane):
            opens = True
    return Reception(marks, owner)


async def _aside(db: Database, batch: Batch, row: Input) -> Mark | None:
    """The mark of a row that tells nothing here: read by a run before, unreadable, astray, or no news."""
    if batch.newest is not None and row.seq <= batch.newest.last_seq:
        return Mark(row.seq, "consumed", "unread_at_end")
    if row.event is None:
        _LOG.error("row_dead", lane=batch.lane.id, seq=row.seq, reason="unreadable")
        return Mark(row.seq, "dead", "unreadable")
    if row.event.address != batch.lane.address:
        # It came to an address that led here while a run went on.
        await send_home(db, batch.lane.workspace, row.id)
        return Mark(row.seq, "ignored", "sent_home")
    reason = await no_news(db, batch.lane, row.event)
    return Mark(row.seq, "ignored", reason) if reason else None


def _closes(row: Input, mark: Mark, lane: Lane) -> bool:
    """Whether the row tells that the conversation was resolved: what `resolved_since` finds later on."""
    counts = row.seq > (lane.started_seq or 0) and (mark.state == "consumed" or mark.how == "echo")
    return counts and row.event is not None and status_of(row.event) == "resolved"


async def handing(db: Database, batch: Batch) -> tuple[list[Mark], list[Input]]:
    """Marks of a batch for the run on its lane, and the rows that the run is to get."""
    marks = [await _handed(db, batch.lane, row) for row in batch.inputs]
    wanted = [row for row, mark in zip(batch.inputs, marks, strict=True) if mark.state == "handed"]
    return marks, wanted


async def _handed(db: Database, lane: Lane, row: Input) -> Mark:
    reason = await no_news(db, lane, row.event) if row.event is not None else None
    return Mark(row.seq, "ignored", reason) if reason else Mark(row.seq, "handed")


async def no_news(db: Database, lane: Lane, event: Inbound) -> str | None:
    """Why a change of status tells us nothing: we set it ourselves, or a later one came before it.

    Raises `NotYet` while nobody can say whether we did.
    """
    if event.kind != "status" or not isinstance(event.value, dict):
        return None
    if event.value.get("outdated"):
        return "outdated"
    echo = await is_echo(db, lane, str(status_of(event)))
    if echo is None:
        raise NotYet
    return "echo" if echo else None


def _settled(seq: int, event: Inbound, owner: Owner) -> Mark:
    if event.kind == "status":
        return Mark(seq, "consumed", "owner")
    return Mark(seq, "consumed", "to_human") if owner == "human" else Mark(seq, "ignored", "no_trigger")
