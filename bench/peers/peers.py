"""DBOS and Restate as contestants: the same conversation and INSERT in front, their state kept on disk."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.contestants import Contestant, Ground, Parts, answering
from bench.figures import PEERS
from bench.peers.fetched import python, restate_server
from providers.http.pooled import Pooled
from wiring.supervise.part import Part
from wiring.supervise.ports import free_port
from wiring.talk import Talk


async def peers(talk: Talk) -> Sequence[Contestant]:
    """Both; fetched where they are not there yet. Raises PeersError."""
    program, server = await python(talk), await restate_server(talk)
    dbos, restate = PEERS
    return [
        Dbos(dbos, (), (), "", program=program),
        Restate(restate, (), (), "", program=program, server=server),
    ]


@dataclass(frozen=True, kw_only=True)
class Peer(Contestant):
    """A contestant with a Python of its own, and without Temporal."""

    program: Path

    def module(self, role: str, name: str, env: dict[str, str], path: str = "/readyz") -> tuple[str, Part]:
        """A process that listens: where, and what it is."""
        port = free_port()
        url, told = f"http://127.0.0.1:{port}", {**env, "PORT": str(port)}
        argv = (str(self.program), "-m", f"bench.peers.{name}")
        return url, self.part(role, argv, told, answering(url, path))


class Dbos(Peer):
    """One process: front, workflows and steps."""

    def parts(self, ground: Ground, dsn: str) -> Parts:
        url, front = self.module("front", "dbos_app", ground.told(dsn))
        return Parts(url, {"front": front})


@dataclass(frozen=True, kw_only=True)
class Restate(Peer):
    """Its server, a service that it calls, a front that calls it."""

    server: Path

    def parts(self, ground: Ground, dsn: str) -> Parts:
        admin, ingress = free_port(), free_port()
        told = {**ground.told(dsn), "RESTATE_INGRESS": f"http://127.0.0.1:{ingress}"}
        url, front = self.module("front", "restate_front", told)
        _, worker = self.module("worker", "restate_app", told, "/health")
        server = self._server(ground, admin, ingress)
        return Parts(url, {"server": server, "worker": worker, "front": front})

    def _server(self, ground: Ground, admin: int, ingress: int) -> Part:
        return Part(
            name=f"{self.name}-server",
            argv=(str(self.server), "--no-logo", "--bind-ip", "127.0.0.1"),
            ready=answering(f"http://127.0.0.1:{admin}", "/health"),
            env={
                "PATH": os.defpath,
                "RESTATE_BASE_DIR": str(ground.folder / "restate"),
                "RESTATE_LISTEN_MODE": "tcp",
                "RESTATE_BIND_PORT": str(free_port()),
                "RESTATE_ADMIN__BIND_PORT": str(admin),
                "RESTATE_INGRESS__BIND_PORT": str(ingress),
                "RESTATE_DISABLE_TELEMETRY": "true",
            },
            facts={"port": admin},
            stop_within=5,
        )

    async def after(self, parts: Parts, _ground: Ground, /) -> None:
        service = {"uri": f"http://127.0.0.1:{parts.children['worker'].env['PORT']}", "force": True}
        admin = f"http://127.0.0.1:{parts.children['server'].facts['port']}"
        async with Pooled(admin, provider="restate") as api:
            await api.request("POST", "/deployments", json=service, seconds=30)
