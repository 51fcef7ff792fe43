"""Where a probe stands, and how it tells what came of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from providers.errors import ProviderError
from providers.http.pooled import Pooled
from providers.reply import Reply
from torture.checker.folder import PROBES, STARTS
from torture.journal import note, now

NO_ANSWER = "no answer"


@dataclass(frozen=True)
class Ground:
    """A house that nobody breaks just now: its API by a key of its operator, and a run's folder."""

    api: Pooled
    folder: Path

    def told(self, probe: str, what: str, wanted: str, got: str) -> None:
        """Note what came of something that must come out as `wanted`."""
        note(self.folder / PROBES, probe=probe, what=what, wanted=wanted, got=got)

    async def publish(self, flow: dict[str, Any]) -> str:
        """A flow, live; its id."""
        made = await self.api.request("POST", "/api/v1/flows", json={"flow": flow})
        id = str(made.json()["id"])
        await self.api.request("POST", f"/api/v1/flows/{id}/publish", json={})
        return id

    async def start(self, flow: str, body: dict[str, Any]) -> str:
        """The execution of a flow, noted as every start is; its id."""
        key = f"probe-{flow}"
        path, headers = f"/api/v1/flows/{flow}/execute", {"Idempotency-Key": key}
        reply = await self.api.request("POST", path, json=body, headers=headers)
        execution = str(reply.json()["executionId"])
        told = {"key": key, "status": reply.status, "execution": execution, "flow": flow, "body": body}
        note(self.folder / STARTS, at=now(), **told)
        return execution


async def asked(api: Pooled, method: str, path: str, **more: Any) -> Reply | None:
    """The answer, whatever its status; None where there was none."""
    try:
        return await api.request(method, path, **more)
    except ProviderError as error:
        return error.reply


async def status(api: Pooled, method: str, path: str, **more: Any) -> str:
    """The status of the answer."""
    reply = await asked(api, method, path, **more)
    return str(reply.status) if reply is not None else NO_ANSWER
