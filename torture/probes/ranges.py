"""Flows that ask for addresses which are not the public internet: each has to be refused, unasked."""

import asyncio
from typing import Any

from dsl.messages import ENDED
from torture.flows import Flow, drawn, node
from torture.probes.ground import NO_ANSWER, Ground

REFUSED = "ADDRESS_BLOCKED"
WITHIN = 40.0
ADDRESSES = (
    "0.0.0.1", "10.0.0.1", "100.64.0.1", "127.0.0.2", "127.1", "2130706433", "0x7f.1", "168.63.129.16",
    "169.254.169.254", "172.16.0.1", "192.0.0.192", "192.168.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1",
    "[::1]", "[fe80::1]", "[fc00::1]", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]",
    "[3fff::1]",
)  # fmt: skip
"""One of each range, and some in disguise."""


def flow() -> Flow:
    """Ask for each address that it is started with, once."""
    act = node("act", "api", url="{{item}}", method="POST", body={"who": "is there"}, timeout="2s")
    ask = {**act, "retry": {"attempts": 1}}
    each = node("each", "loop", mode="for_each", items="{{trigger.items}}")
    back = [f"act {exit} > each" for exit in ("success", "failure", "error", "unknown")]
    edges = ["start > each", "each body > act", *back, "each done > end", "each limit > end"]
    return {**drawn("probe-ranges", [each, ask], edges, []), "trigger": {"event": "api"}}


async def probe(ground: Ground) -> None:
    """Every address, in one execution."""
    urls = [f"http://{address}/latest/meta-data/" for address in ADDRESSES]
    id = await ground.publish(flow())
    codes = await _codes(ground, await ground.start(id, {"trigger": {"items": urls}}))
    for place, address in enumerate(ADDRESSES):
        got = codes[place] if place < len(codes) else NO_ANSWER
        ground.told("ranges", address, REFUSED, got)


async def _codes(ground: Ground, execution: str) -> list[str]:
    """What each request came to, in their order, when all have or it took too long."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + WITHIN
    path = f"/api/v1/executions/{execution}"
    ended = False
    while not ended and loop.time() < deadline:
        await asyncio.sleep(0.2)
        ended = (await ground.api.request("GET", path)).json()["status"] in ENDED
    lines = (await ground.api.request("GET", f"{path}/history", params={"limit": "100"})).json()["items"]
    return [_code(line) for line in lines if line["nodeId"] == "act" and line["exit"] is not None]


def _code(line: dict[str, Any]) -> str:
    """The code of what the node left by; the exit where it left otherwise."""
    error = line.get("error") or {}
    return str(error.get("code") or line["exit"])
