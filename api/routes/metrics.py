"""What Prometheus reads of this process. With a key: it tells of every workspace's load."""

from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from api.guard import GuardedRoute, with_key
from api.metrics import exposition
from api.parts import parts_of

router = APIRouter(tags=["health"], route_class=GuardedRoute)

TEXT: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}


@router.get("/metrics", response_class=Response, responses=TEXT)
@with_key()
async def read_metrics(request: Request) -> Response:
    """Counters of this process, and how the inbox and the executions stand, in Prometheus's text format."""
    return Response(await exposition(parts_of(request)), media_type=CONTENT_TYPE_PLAIN_0_0_4)
