"""What a running Tembea has recorded of a conversation's execution, by its API."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from dsl.messages import ENDED
from dsl.model import Json
from providers.http.pooled import Pooled
from simulator.talks import TalkError

ENDS_WITHIN = 20.0
POLL = 0.05


class Recorded:
    """`Record` of a played conversation; LookupError while it has no execution.

    `conversation`: its number in Chatwoot; of one by phone, its flow's next execution after `begin`.
    """

    def __init__(
        self, api: Pooled, flow_id: str, conversation: Callable[[], int | None] | None = None
    ) -> None:
        self._api, self._flow_id, self._conversation = api, flow_id, conversation
        self._earlier: str | None = None

    async def begin(self) -> None:
        """Executions that are there by now are others."""
        self._earlier = next((one["id"] for one in await self._newest()), None)

    async def variables(self) -> dict[str, Json]:
        """The flow's variables."""
        found: dict[str, Json] = (await self._execution())["variables"]
        return found

    async def exits(self) -> dict[str, str]:
        """By node, the exit by which it was left last."""
        id = (await self._execution())["id"]
        exits: dict[str, str] = {}
        query = {"limit": "100"}
        while True:
            page = await self._get(f"/api/v1/executions/{id}/history", **query)
            exits |= {row["nodeId"]: row["exit"] for row in page["items"] if row["exit"] is not None}
            if page["nextCursor"] is None:
                return exits
            query["cursor"] = page["nextCursor"]

    async def reason(self) -> str:
        """How it has ended; LookupError before."""
        found = await self._execution()
        if found["status"] not in ENDED:
            raise LookupError(found["status"])
        return str(found["completionReason"] or found["status"])

    async def ended(self) -> dict[str, Any]:
        """What became of it, at its end or when that takes too long."""
        deadline = time.monotonic() + ENDS_WITHIN
        while True:
            try:
                found = await self._execution()
            except LookupError:
                found = {}
            if found.get("status") in ENDED or time.monotonic() > deadline:
                break
            await asyncio.sleep(POLL)
        if not found:
            raise TalkError("no execution was recorded for the conversation")
        shown = {"executionId": found["id"], "status": found["status"], "variables": found["variables"]}
        return {"ok": found["status"] == "completed", **shown}

    async def _execution(self) -> dict[str, Any]:
        items = await self._newest()
        if not items or items[0]["id"] == self._earlier:
            raise LookupError("no execution")
        return await self._get(f"/api/v1/executions/{items[0]['id']}")

    async def _newest(self) -> list[dict[str, Any]]:
        query = {"flowId": self._flow_id}
        if self._conversation is not None:
            query["conversationId"] = str(self._conversation())
        items: list[dict[str, Any]] = (await self._get("/api/v1/executions", **query))["items"]
        return items

    async def _get(self, path: str, **params: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self._api.request("GET", path, params=params)).json()
        return found
