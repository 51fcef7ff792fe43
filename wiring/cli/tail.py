"""`tembea tail`: what executions do, as they do it."""

import asyncio
import json
import os
import sys
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from dsl.messages import ENDED
from wiring.cli.events import Event, followed
from wiring.cli.service import Service, ServiceError, quoted, service_at
from wiring.cli.target import Target
from wiring.talk import Talk

POLL = 1.0
MOST = 20
"""Executions that are followed at the same time; the others' turn comes when one has ended."""
PAGE = 50


def run(target: Target, *, execution: str | None, flow: str | None, as_json: bool) -> None:
    """Follow an execution to its end, or a flow's executions until Ctrl-C. Raises ServiceError."""
    tail = _execution(target, execution, as_json) if execution else _flow(target, str(flow), as_json)
    try:
        asyncio.run(tail)
    except KeyboardInterrupt:
        Talk().say("Stopped.")
    except BrokenPipeError:  # whoever read us has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


async def _execution(target: Target, id: str, as_json: bool) -> None:
    async with service_at(target) as service:
        await service.ask("GET", f"/executions/{quoted(id)}")  # says clearly what is wrong with the address
        await _tell(service, id, as_json=as_json, named=False)


async def _flow(target: Target, id: str, as_json: bool) -> None:
    async with service_at(target) as service:
        await service.ask("GET", f"/flows/{quoted(id)}")
        try:
            async with asyncio.TaskGroup() as group:
                watch = _Watch(service, id, group, as_json)
                Talk().say(f"Following {id} until Ctrl-C.")
                await watch.go_on()
        except* (ServiceError, BrokenPipeError) as failed:
            first = failed.exceptions[0]
        raise first


@dataclass
class _Watch:
    """Looks for executions of a flow, and follows those that were not over when it began."""

    service: Service
    flow: str
    group: asyncio.TaskGroup
    as_json: bool
    known: set[str] = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def go_on(self) -> None:
        items = await self._newest()
        self.known = {item["id"] for item in items if item["status"] in ENDED}
        while True:
            for item in reversed(items):
                self._follow(item["id"])
            # What is no longer among the newest does not come back.
            self.known &= {item["id"] for item in items}
            await asyncio.sleep(POLL)
            items = await self._newest()

    async def _newest(self) -> list[dict[str, Any]]:
        path = f"/flows/{quoted(self.flow)}/executions"
        found: list[dict[str, Any]] = (await self.service.ask("GET", path, params={"limit": PAGE})).json()[
            "items"
        ]
        return found

    def _follow(self, id: str) -> None:
        if id in self.known or len(self.tasks) >= MOST:
            return
        self.known.add(id)
        task = self.group.create_task(_tell(self.service, id, as_json=self.as_json, named=True))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


async def _tell(service: Service, id: str, *, as_json: bool, named: bool) -> None:
    async with aclosing(followed(service, id)) as events:
        async for event in events:
            line = json.dumps({"executionId": id, **event}) if as_json else shown(event, id if named else "")
            sys.stdout.write(line + "\n")
            sys.stdout.flush()


def shown(event: Event, execution: str = "") -> str:
    """An event as a line: the time, what happened, at which node, and how that was left."""
    data = event["data"]
    words = [execution, event["at"][11:23], f"{event['type']:<12}", event["nodeId"] or ""]
    words += [f"→ {data['exit']}"] if data.get("exit") else []
    words += [str(data["status"])] if data.get("status") and data["status"] != event["type"] else []
    words += [f"{data['error'].get('code')}: {data['error'].get('message')}"] if data.get("error") else []
    return "  ".join(word for word in words if word).rstrip()
