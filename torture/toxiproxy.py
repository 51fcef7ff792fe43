"""Toxiproxy: what stands between our processes and their servers, and what can be done to those wires."""

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

from providers.http.pooled import Pooled
from wiring.embedded.cache import cache_dir, claimed
from wiring.embedded.fetch import BUILD_WITHIN, helper
from wiring.probe import answered
from wiring.supervise.part import Part
from wiring.supervise.ports import LOOPBACK
from wiring.talk import Talk

VERSION = "v2.12.0"
MODULE = f"github.com/Shopify/toxiproxy/v2/cmd/server@{VERSION}"
LOG = "go-install.log"


class Link(NamedTuple):
    """A wire from a part of ours to a server, by way of `port`."""

    part: str
    server: str
    port: int
    upstream: int

    @property
    def name(self) -> str:
        """As people and the proxy call it."""
        return f"{self.part}-{self.server}"


async def find(talk: Talk) -> Path | None:
    """The proxy, built by Go where that was never done; None where it cannot be had."""
    folder = cache_dir() / f"toxiproxy-{VERSION.removeprefix('v')}"
    program = folder / "server"
    if program.exists():
        return program
    async with claimed(folder):
        return program if program.exists() or await _built(folder, talk) else None


async def _built(folder: Path, talk: Talk) -> bool:
    go = shutil.which("go")
    if go is None:
        return False
    with tempfile.TemporaryDirectory(dir=folder) as draft, (folder / LOG).open("wb") as log:
        env = os.environ | {"CGO_ENABLED": "0", "GOBIN": draft}
        building = helper(go, "install", MODULE, within=BUILD_WITHIN, env=env, output=log.fileno())
        try:
            async with talk.waiting("Building Toxiproxy, once"), building as process:
                code = await process.wait()
        except TimeoutError:
            return False
        if code == 0:
            (Path(draft) / "server").replace(folder / "server")
        return code == 0


def part_of(program: Path, port: int, links: tuple[Link, ...], folder: Path) -> Part:
    """The proxy as a child process, its wires all whole."""
    config = folder / "toxiproxy.json"
    wires = [
        {"name": link.name, "listen": f"{LOOPBACK}:{link.port}", "upstream": f"{LOOPBACK}:{link.upstream}"}
        for link in links
    ]
    config.write_text(json.dumps([{**wire, "enabled": True} for wire in wires]))
    return Part(
        name="toxiproxy",
        argv=(str(program), "-host", LOOPBACK, "-port", str(port), "-config", str(config)),
        env={"PATH": os.defpath, "LOG_LEVEL": "error"},
        ready=lambda: answered(f"http://{LOOPBACK}:{port}", "GET", "/version"),
        facts={"port": port, "url": f"http://{LOOPBACK}:{port}"},
    )


async def poison(proxy: Pooled, link: Link, toxic: str, attributes: dict[str, int]) -> None:
    """Do this to the wire; `cut` closes it."""
    if toxic == "cut":
        await proxy.request("POST", f"/proxies/{link.name}", json={"enabled": False})
        return
    body = {"name": toxic, "type": toxic, "stream": "downstream", "attributes": attributes}
    await proxy.request("POST", f"/proxies/{link.name}/toxics", json=body)


async def heal(proxy: Pooled) -> None:
    """Every wire is whole."""
    await proxy.request("POST", "/reset")
