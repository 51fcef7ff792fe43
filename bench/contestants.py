"""Who takes part: each is a webhook in front and what works behind it, processes of their own."""

import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from bench.figures import LEAST, OURS
from bench.line import menu
from providers.http.pooled import Pooled
from store.migrate import upgrade
from wiring.files import ROOT
from wiring.probe import answered
from wiring.supervise.part import Part
from wiring.supervise.ports import free_port

Ready = Callable[[], Awaitable[bool]]
FLOW = Path(__file__).parent / "flow.json"
PUBLISHED_WITHIN = 300.0
"""Seconds: a flow of ten thousand nodes is compiled, on a machine that does other things too."""


@dataclass(frozen=True)
class Ground:
    """What all contestants stand on: addresses and secrets, as settings."""

    folder: Path
    temporal: str
    sink: str
    account: int
    secret: str
    key: str

    def told(self, dsn: str) -> dict[str, str]:
        """The settings of a contestant's processes."""
        return {
            "PATH": os.defpath,
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": dsn,
            "TEMPORAL_ADDRESS": self.temporal,
            "CHATWOOT_URL": self.sink,
            "CHATWOOT_ACCOUNT_ID": str(self.account),
            "CHATWOOT_API_KEY": self.key,
            "CHATWOOT_BOT_TOKEN": self.key,
            "CHATWOOT_WEBHOOK_SECRET": self.secret,
            "AT_USERNAME": "sandbox",
            "AT_API_KEY": self.key,
            "AT_CALLBACK_SECRET": self.secret,
            "TEMBEA_SAFE_HTTP_ALLOW": self.sink.removeprefix("http://"),
            "TEMBEA_STATE_DIR": str(self.folder),
            "TEMBEA_BOOTSTRAP_API_KEY": self.key,
            "BENCH_CRM_URL": f"{self.sink}/crm",
        }


class Parts(NamedTuple):
    """A contestant's processes by role (front, worker, server), and where its front listens."""

    url: str
    children: Mapping[str, Part]


@dataclass(frozen=True)
class Contestant:
    """A front and a worker.

    `workflow` gives a conversation's workflow id by formatting ("": no Temporal); `template` is the database
    that its own is a copy of.
    """

    name: str
    front: tuple[str, ...]
    worker: tuple[str, ...]
    workflow: str
    template: str = "template1"

    async def before(self, dsn: str) -> None:
        """Make its database ready."""

    async def after(self, parts: Parts, ground: Ground, /) -> None:
        """What is left to do when its processes run."""

    def parts(self, ground: Ground, dsn: str) -> Parts:
        """Its processes, to be started."""
        port, flag = free_port(), ground.folder / f"{self.name}.ready"
        url, told = f"http://127.0.0.1:{port}", ground.told(dsn)
        flag.unlink(missing_ok=True)
        listens, tells = {"HOST": "127.0.0.1", "PORT": str(port)}, {"TEMBEA_READY_FILE": str(flag)}
        front = self.part("front", python(self.front), {**told, **listens}, answering(url))
        worker = self.part("worker", python(self.worker), {**told, **tells}, there(flag))
        return Parts(url, {"front": front, "worker": worker})

    def part(self, role: str, argv: Sequence[str], env: Mapping[str, str], ready: Ready) -> Part:
        """One of its processes."""
        name = f"{self.name}-{role}"
        return Part(name=name, argv=tuple(argv), ready=ready, env=env, cwd=ROOT, stop_within=5)


def there(flag: Path) -> Ready:
    """Whether a file is there."""

    async def ready() -> bool:
        return flag.exists()  # noqa: ASYNC240  a look at a local file

    return ready


def answering(url: str, path: str = "/readyz") -> Ready:
    """Whether something answers with success."""

    async def ready() -> bool:
        return await answered(url, "GET", path)

    return ready


def python(module: Sequence[str]) -> tuple[str, ...]:
    """The command that runs a module in our Python."""
    return (sys.executable, "-m", *module)


class Ours(Contestant):
    """Tembea as shipped, with both flows of the bench."""

    async def before(self, dsn: str) -> None:
        await upgrade(dsn)

    async def after(self, parts: Parts, ground: Ground, /) -> None:
        for flow in (lead_flow(ground), menu()):
            await publish(parts.url, ground, flow)


def lead_flow(ground: Ground) -> dict[str, Any]:
    """The flow that ours runs."""
    flow: dict[str, Any] = json.loads(FLOW.read_text())
    crm = next(node for node in flow["nodes"] if node["id"] == "crm")
    crm["config"]["url"] = f"{ground.sink}/crm"
    return flow


async def publish(url: str, ground: Ground, flow: dict[str, Any]) -> None:
    """Save a flow and publish it."""
    key = {"X-API-Key": ground.key}
    async with Pooled(url, provider="tembea") as api:
        saved = await api.request(
            "POST", "/api/v1/flows", json={"flow": flow}, headers=key, seconds=PUBLISHED_WITHIN
        )
        await api.request(
            "POST",
            f"/api/v1/flows/{saved.json()['id']}/publish",
            json={},
            headers=key,
            seconds=PUBLISHED_WITHIN,
        )


def ours(connection: str) -> Ours:
    """Tembea, told by `connection` (host-account of the sink)."""
    return Ours(OURS, ("wiring.start", "api"), ("wiring.start", "worker"), f"default/{connection}/{{}}")


def contestants(connection: str) -> list[Contestant]:
    """Ours as shipped; a hand-written workflow; with every setting of ours; with local activities too."""
    return [ours(connection), _hand("hand"), _hand("hand_tuned", tuned=True), _best()]


def least() -> Contestant:
    """The least that holds a menu, and that starts and completes a workflow."""
    front, worker = ("bench.hand.line_front",), ("bench.hand.line_worker",)
    return Contestant(LEAST, front, worker, "menu/{}", template=OURS)


def _hand(name: str, *, tuned: bool = False) -> Contestant:
    worker = ("bench.hand.worker", name, *(["--tuned"] if tuned else []))
    return Contestant(name, ("bench.hand.front", name), worker, f"{name}/{{}}")


def _best() -> Contestant:
    name = "hand_best"
    front, worker = ("bench.hand.front", name, "--local"), ("bench.hand.worker", name, "--tuned")
    return Contestant(name, front, worker, f"{name}/{{}}")
