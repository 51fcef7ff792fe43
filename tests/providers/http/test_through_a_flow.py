"""The whole table through `api` nodes on a worker: what is inside is never reached (SEC-01)."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from providers.http.guard import system_resolve
from providers.http.safe import SafeHttp
from store.database import Database
from tests.providers.http.hostile import INSIDE, NO_ADDRESS
from tests.providers.http.standin import StandIn
from tests.workflows.stage import staged
from tests.workflows.world import flow
from torture.raw import always, answer
from wiring.embedded.temporal import Temporal
from wiring.keys import load_or_create

pytestmark = pytest.mark.real

NAMED = ("http://metadata.example/", "http://mixed.example/", "http://rebind.example/again")
"""Names that lead inside; the last one led outside when it was asked the first time."""
OUTSIDE = ("http://rebind.example/", "http://8.8.8.8/", "http://8.8.4.4/redirect")


class Names:
    """The system's resolver, but for three names."""

    def __init__(self) -> None:
        self._rebinding = iter((["93.184.216.34"], ["127.0.0.1"]))

    async def __call__(self, host: str, port: int) -> list[str]:
        fixed = {"metadata.example": ["169.254.169.254"], "mixed.example": ["8.8.8.8", "10.0.0.1"]}
        if host == "rebind.example":
            return next(self._rebinding)
        return fixed[host] if host in fixed else await system_resolve(host, port)


def calls(urls: tuple[str, ...]) -> dict[str, Any]:
    """One call after the other, each address from a variable, on whatever it comes to."""
    nodes: list[dict[str, Any]] = [
        {"id": f"call-{n}", "type": "api", "config": {"url": f"{{{{url{n}}}}}"}, "retry": {"attempts": 1}}
        for n in range(len(urls))
    ]
    ids = [*(str(node["id"]) for node in nodes), "end"]
    edges: list[tuple[str, ...]] = [
        (one, exit, next) for one, next in pairwise(ids) for exit in ("success", "failure", "error")
    ]
    variables = {f"url{n}": {"type": "string", "default": url} for n, url in enumerate(urls)}
    return flow([*nodes, {"id": "end", "type": "end"}], edges, variables=variables)


async def test_no_address_inside_is_reached_by_a_flow(
    db: Database, temporal: Temporal, tmp_path: Path
) -> None:
    urls = (*OUTSIDE, *INSIDE, *NO_ADDRESS, *NAMED)
    redirecting = answer(302, location="http://169.254.169.254/latest/meta-data/")
    script = always(answer(200), answer(200), redirecting)
    everywhere = StandIn(lambda: script)
    async with (
        SafeHttp(network=everywhere.network, resolve=Names()) as http,
        staged(db, temporal.address, load_or_create(tmp_path, "")) as stage,
    ):
        stage.http = http
        async with stage.worker():
            await (await stage.start(calls(urls))).result()
        exits = [exit for _, node, _, exit in await stage.history() if node.startswith("call")]
    assert len(everywhere.connected) == len(OUTSIDE), "those outside are reached, so that the others could be"
    assert exits == ["success", "success", "failure", *["error"] * (len(urls) - len(OUTSIDE))]
