"""Two editors of one flow: its ETag is its revision, and a change says which revision it is made to."""

from typing import Annotated

from fastapi import Depends, Header, Response

from api.errors import Problem
from api.lookup import FlowOf
from store.flows import Stale

MATCH = "The `ETag` of the flow as you know it. Where it has changed since: 412. `*` for any that there is."
IfMatch = Annotated[str | None, Header(max_length=1000, description=MATCH)]


def etag_of(id: str, revision: int) -> str:
    """The strong ETag of a flow. The figures of its `metadata` do not count as a change."""
    return f'"{id}.{revision}"'


def tag(response: Response, id: str, revision: int) -> None:
    """Tells the caller the flow's ETag."""
    response.headers["ETag"] = etag_of(id, revision)


def named(header: str) -> frozenset[str]:
    """The entity tags of an If-Match or If-None-Match header, weak ones as they are written."""
    return frozenset(part.strip() for part in header.split(","))


async def wanted(flow: FlowOf, if_match: IfMatch = None) -> int | None:
    """The revision that the change is made to; None for any. `Stale` where it is another one."""
    if if_match is None or if_match.strip() == "*":
        return None
    if etag_of(flow.id, flow.revision) not in named(if_match):
        raise Stale
    return flow.revision


async def required(flow: FlowOf, if_match: IfMatch = None) -> int:
    """The same for a change that nobody makes blindly: 428 without the header."""
    if if_match is None:
        message = "Send the ETag of the flow that you have read as If-Match."
        raise Problem(428, "PRECONDITION_REQUIRED", message)
    return await wanted(flow, if_match) or flow.revision


Wanted = Annotated[int | None, Depends(wanted)]
Required = Annotated[int, Depends(required)]
