"""Which executions a list is wanted of: the query parameters that all such lists take."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Depends, Query
from pydantic import AfterValidator, AwareDatetime, BeforeValidator

from api.execution_shapes import Address
from dsl.channels import Channel
from dsl.messages import Status
from store import flows
from store.database import Database
from store.executions import Filter
from store.refs import as_id


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("there is no such time") from None


def _written(moment: object) -> object:
    # A number, which is a time to the framework, is none by RFC 3339.
    if isinstance(moment, str) and "T" not in moment.upper():
        raise ValueError("a time is written as in 2026-01-17T09:30:00Z")
    return moment


Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_in_utc)]


async def _filter(
    status: Annotated[list[Status] | None, Query(description="Any of these.", max_length=20)] = None,
    active: Annotated[
        bool | None, Query(description="`true`: only those that have not ended; `false`: only ended ones.")
    ] = None,
    mode: Literal["live", "test"] | None = None,
    channel: Annotated[Channel | None, Query(description="Where it began.")] = None,
    conversation_id: Annotated[Address | None, Query(alias="conversationId", examples=["42"])] = None,
    started_after: Annotated[
        Moment | None, Query(alias="startedAfter", description="Then, or later.")
    ] = None,
    started_before: Annotated[
        Moment | None, Query(alias="startedBefore", description="Earlier than then.")
    ] = None,
) -> Filter:
    """The filters of every list of executions."""
    return Filter(
        status=status or (),
        active=active,
        mode=mode,
        channel=channel,
        conversation_id=conversation_id,
        since=started_after,
        until=started_before,
    )


Wanted = Annotated[Filter, Depends(_filter)]

FlowId = Annotated[
    str | None, Query(alias="flowId", max_length=128, description="UUID, or the flow's own `id`.")
]


async def of_flow(db: Database, workspace: str, wanted: Filter, flow_id: str | None) -> Filter | None:
    """The same of one flow only, where one is named; None where nothing can be of it."""
    if not flow_id:
        return wanted
    flow = await flows.find(db, workspace, flow_id)
    # What a deleted flow did is still found by its UUID.
    known = flow.id if flow else as_id(flow_id)
    return wanted._replace(flow_id=known) if known is not None else None
