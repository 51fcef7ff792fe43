"""A flow's graph: its structure for programs, and drawn for people."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response

from api.compiling import compiled, refusal
from api.errors import documented, not_found
from api.guard import CallerOf, GuardedRoute, with_key
from api.lookup import FlowOf
from api.negotiation import preferred
from api.parts import parts_of
from compiler.graph import Graph
from compiler.picture.mermaid import mermaid_of
from compiler.picture.style import STYLE_HASH
from compiler.picture.svg import svg_of
from dsl.issues import Issue
from store import flows

router = APIRouter(prefix="/api/v1", tags=["flows"], route_class=GuardedRoute)

JSON, MERMAID, SVG = "application/json", "text/vnd.mermaid", "image/svg+xml"
FORMS = (JSON, MERMAID, SVG)
POLICY = f"default-src 'none'; style-src '{STYLE_HASH}'; sandbox"
"""A drawing that is opened as a page runs nothing, loads nothing and has no origin."""


@router.get(
    "/flows/{id}/graph",
    response_model=Graph,
    responses=documented(404, 406)
    | {
        200: {
            "description": "JSON, or a drawing with the nodes marked that have errors",
            "content": {form: {"schema": {"type": "string"}} for form in (MERMAID, SVG)},
        }
    },
)
@with_key()
async def get_flow_graph(
    request: Request,
    caller: CallerOf,
    flow: FlowOf,
    version: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="Without it, the latest.", examples=[1])
    ] = None,
    accept: Annotated[str | None, Header(max_length=1000, description=f"One of {', '.join(FORMS)}.")] = None,
) -> Response:
    """Nodes, edges, loops and a topological order; or the same as Mermaid or SVG.

    Flows with errors have a graph too, as long as they can be read at all; else 422 with the errors."""
    form = preferred(accept, FORMS)
    parts = parts_of(request)
    stored = await flows.version(parts.db, caller.workspace, flow.id, version or flow.version)
    if stored is None:
        raise not_found("version")
    result = await compiled(parts, caller.workspace, stored.document)
    if result.graph is None:
        raise refusal(result.errors)
    title = result.spec.name if result.spec else ""
    # Beside the event loop: a drawing of ten thousand nodes takes seconds.
    body = await asyncio.to_thread(_drawn, form, result.graph, result.errors, title)
    guard = {"Content-Security-Policy": POLICY} if form == SVG else {}
    return Response(body, media_type=form, headers={"Vary": "Accept", **guard})


def _drawn(form: str, graph: Graph, issues: tuple[Issue, ...], title: str) -> str:
    if form == SVG:
        return svg_of(graph, issues, title)
    return mermaid_of(graph, issues) if form == MERMAID else graph.model_dump_json(by_alias=True)
