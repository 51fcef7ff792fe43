"""Somebody of another workspace, with a key of their own, who knows all our ids: nothing of ours is there."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from pydantic import SecretStr

from providers.http.pooled import Pooled
from store import access
from store.database import Database
from torture.probes.ground import Ground, asked, status

ABSENT, NOTHING = "404", "0 items"
OF_FLOWS = (
    "GET /flows/{id}", "GET /flows/{id}/versions", "GET /flows/{id}/versions/1", "GET /flows/{id}/graph",
    "GET /flows/{id}/executions", "POST /flows/{id}/validate", "POST /flows/{id}/publish",
    "POST /flows/{id}/execute",
)  # fmt: skip
OF_EXECUTIONS = (
    "GET /executions/{id}", "GET /executions/{id}/history", "GET /executions/{id}/events",
    "GET /sessions/{id}", "POST /executions/{id}/events/ticket", "POST /executions/{id}/pause",
    "POST /executions/{id}/resume", "POST /executions/{id}/checkpoint", "POST /executions/{id}/cancel",
)  # fmt: skip
OF_TRIGGERS = ("DELETE /triggers/{id}",)
LISTS = ("/flows", "/executions", "/triggers", "/dead-letters", "/sessions")
API = "/api/v1"
WORKSPACE = "strangers"


class Ours(NamedTuple):
    """Ids of something of each kind that we have."""

    flow: str
    execution: str
    trigger: str | None


async def probe(ground: Ground, url: str, db: Database) -> str:
    """Ask for all of it; the stranger's key."""
    key = await access.create(db, WORKSPACE, "probe")
    ours = await _ours(ground)
    headers = {"X-API-Key": SecretStr(key)}
    async with Pooled(url, provider="tembea", headers=headers, seconds=15.0) as stranger:
        for what in _paths(ours):
            method, _, path = what.partition(" ")
            body: dict[str, Any] = {"json": {}} if method == "POST" else {}
            ground.told("strangers", what, ABSENT, await status(stranger, method, API + path, **body))
        for path in LISTS:
            ground.told("strangers", f"GET {path}", NOTHING, await _counted(stranger, path))
    return key


def _paths(ours: Ours) -> Iterator[str]:
    for paths, id in ((OF_FLOWS, ours.flow), (OF_EXECUTIONS, ours.execution), (OF_TRIGGERS, ours.trigger)):
        if id is not None:
            yield from (path.format(id=id) for path in paths)


async def _ours(ground: Ground) -> Ours:
    """The newest of everything, as its owner sees it."""
    found = {path: (await ground.api.request("GET", API + path)).json()["items"] for path in LISTS}
    triggers = found["/triggers"]
    trigger = triggers[0]["id"] if triggers else None
    return Ours(found["/flows"][0]["id"], found["/executions"][0]["id"], trigger)


async def _counted(stranger: Pooled, path: str) -> str:
    reply = await asked(stranger, "GET", API + path)
    return f"{len(reply.json()['items'])} items" if reply is not None and reply.status == 200 else "no list"
