"""Which methods a path takes: the framework tells those of the first of its routes only."""

from fastapi import Request
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import Match


def methods_of(request: Request) -> str:
    """The `Allow` header of the request's path; where several templates fit, the most particular counts."""
    found: dict[str, set[str]] = {}
    for context in iter_route_contexts(request.app.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and route.matches(request.scope)[0] is not Match.NONE:
            found.setdefault(route.path, set()).update(route.methods or ())
    return ", ".join(sorted(found[min(found, key=lambda path: path.count("{"))])) if found else ""
