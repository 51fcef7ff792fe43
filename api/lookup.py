"""Finding what a path names: every `{id}` is a UUID of ours or the author's own key."""

from typing import Annotated

from fastapi import Depends, Path, Request

from api.errors import not_found
from api.guard import CallerOf
from api.parts import parts_of
from store import executions, flows
from store.executions import Execution
from store.flows import Flow

Ref = Annotated[
    str, Path(max_length=128, description="The UUID, or the flow's own `id`.", examples=["welcome"])
]

Uuid = Annotated[
    str,
    Path(max_length=128, description="The UUID.", examples=["01942f20-11b3-7000-8000-0000000000e1"]),
]


async def flow_of(request: Request, caller: CallerOf, id: Ref) -> Flow:
    """The flow that the path names; 404 without it."""
    flow = await flows.find(parts_of(request).db, caller.workspace, id)
    if flow is None:
        raise not_found("flow")
    return flow


async def execution_of(request: Request, caller: CallerOf, id: Uuid) -> Execution:
    """The execution that the path names; 404 without it."""
    execution = await executions.find(parts_of(request).db, caller.workspace, id)
    if execution is None:
        raise not_found("execution")
    return execution


async def session_of(request: Request, caller: CallerOf, id: Uuid) -> Execution:
    """The execution that the path names as a session; 404 without it, or once it was deleted."""
    execution = await executions.find(parts_of(request).db, caller.workspace, id)
    if execution is None or execution.hidden_at is not None:
        raise not_found("session")
    return execution


FlowOf = Annotated[Flow, Depends(flow_of)]
ExecutionOf = Annotated[Execution, Depends(execution_of)]
SessionOf = Annotated[Execution, Depends(session_of)]
