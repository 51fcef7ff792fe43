"""Who takes part: each is a webhook in front and a worker, processes of their own, on the same servers."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wiring.files import ROOT
from wiring.probe import answered
from wiring.supervise.part import Part
from wiring.supervise.ports import free_port


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
            "TEMBEA_SAFE_HTTP_ALLOW": self.sink.removeprefix("http://"),
            "TEMBEA_STATE_DIR": str(self.folder),
            "TEMBEA_BOOTSTRAP_API_KEY": self.key,
            "BENCH_CRM_URL": f"{self.sink}/crm",
        }


@dataclass(frozen=True)
class Contestant:
    """A front and a worker; `workflow` gives a conversation's workflow id by formatting."""

    name: str
    front: tuple[str, ...]
    worker: tuple[str, ...]
    workflow: str

    def parts(self, ground: Ground, dsn: str) -> tuple[str, Part, Part]:
        """Where its front listens, and the two processes."""
        port, flag = free_port(), ground.folder / f"{self.name}.ready"
        url = f"http://127.0.0.1:{port}"
        told = ground.told(dsn)
        front = _part(self, "front", self.front, {**told, "HOST": "127.0.0.1", "PORT": str(port)}, url)
        flag.unlink(missing_ok=True)
        worker = _part(self, "worker", self.worker, {**told, "TEMBEA_READY_FILE": str(flag)}, flag)
        return url, front, worker


def _part(
    contestant: Contestant, role: str, argv: tuple[str, ...], env: Mapping[str, str], sign: str | Path
) -> Part:
    async def ready() -> bool:
        if isinstance(sign, Path):
            return sign.exists()  # noqa: ASYNC240  a look at a local file
        return await answered(sign, "GET", "/readyz")

    name = f"{contestant.name}-{role}"
    return Part(name=name, argv=(sys.executable, "-m", *argv), ready=ready, env=env, cwd=ROOT, stop_within=5)


def contestants(connection: str) -> list[Contestant]:
    """Ours as shipped; a hand-written workflow; the same with local activities and every setting of ours."""
    hand, best = "hand", "hand_best"
    return [
        Contestant("ours", ("api",), ("worker",), f"default/{connection}/{{}}"),
        Contestant(hand, ("bench.hand.front", hand), ("bench.hand.worker", hand), f"{hand}/{{}}"),
        Contestant(
            best,
            ("bench.hand.front", best, "--local"),
            ("bench.hand.worker", best, "--tuned"),
            f"{best}/{{}}",
        ),
    ]
