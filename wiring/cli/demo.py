"""`tembea demo`: a conversation on real parts, from nothing to its end, and then everything is stopped."""

import asyncio
import json
import secrets
import sys
import time
from pathlib import Path
from typing import Any

import typer
from pydantic import SecretStr

from dsl.messages import ENDED
from providers.errors import ProviderError
from providers.http.pooled import Pooled
from wiring.places import Places
from wiring.scenario import Line, TalkError, first_talk, play, read_talk
from wiring.stack import stack
from wiring.stand_in import StandIn
from wiring.supervise.part import PartError
from wiring.supervise.supervisor import Stopped, supervised
from wiring.talk import Talk
from wiring.visitor import Visitor

ENDS_WITHIN = 20.0
POLL = 0.05

Document = dict[str, Any]


def run(flow: Path, places: Places) -> None:
    """Play the flow's first conversation; the last line is the result; raises `typer.Exit`, 0 or 1."""
    document, lines = _read_flow(flow), read_talk(first_talk(flow))
    began = time.monotonic()
    result = asyncio.run(_demo(places, document, lines))
    sys.stdout.write(json.dumps({**result, "seconds": round(time.monotonic() - began, 1)}) + "\n")
    raise typer.Exit(0 if result["ok"] else 1)


def _read_flow(flow: Path) -> Document:
    try:
        document = json.loads(flow.read_bytes())
    except ValueError as error:
        raise TalkError(f"{flow} is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise TalkError(f"{flow} is not a flow: a JSON object is expected")
    return document


async def _demo(places: Places, document: Document, lines: list[Line]) -> Document:
    talk, key = Talk(), f"tmb_{secrets.token_hex(6)}_{secrets.token_urlsafe(32)}"
    built = await stack(places, talk, stand_in=True, key=key)
    assert built.chatwoot
    headers = {"Authorization": SecretStr(f"Bearer {key}")}
    try:
        async with (
            supervised(built.waves, places.state_dir, talk),
            Pooled(places.api_url, provider="tembea", headers=headers) as api,
        ):
            return await _played(api, built.chatwoot, document, lines)
    except (PartError, Stopped) as error:
        return {"ok": False, "error": str(error)}


async def _played(api: Pooled, chatwoot: StandIn, document: Document, lines: list[Line]) -> Document:
    """Publish the flow, talk, and wait for the end; what went wrong is in the result."""
    try:
        flow_id = await _published(api, document, chatwoot.inbox)
        async with Pooled(chatwoot.url, provider="chatwoot") as client:
            visitor = Visitor(client, chatwoot.identifier)
            await play(lines, visitor, _show)
            return await _ended(api, flow_id, visitor.conversation)
    except (TalkError, ProviderError) as error:
        detail = error.reply.text if isinstance(error, ProviderError) and error.reply else ""
        return {"ok": False, "error": f"{error} {detail}".strip()}


async def _published(api: Pooled, document: Document, inbox: int) -> str:
    """The flow's id; it is published for the demo's own inbox, which no flow of an earlier demo minds."""
    flow = {**document, "trigger": {**(document.get("trigger") or {}), "inboxId": inbox}}
    created = (await api.request("POST", "/api/v1/flows", json={"flow": flow})).json()
    await api.request("POST", f"/api/v1/flows/{created['id']}/publish", json={})
    return str(created["id"])


async def _ended(api: Pooled, flow_id: str, conversation: int | None) -> Document:
    """What became of the conversation's execution, at its end or when it takes too long."""
    query = {"flowId": flow_id, "conversationId": str(conversation)}
    deadline = time.monotonic() + ENDS_WITHIN
    while True:
        items = (await api.request("GET", "/api/v1/executions", params=query)).json()["items"]
        if (items and items[0]["status"] in ENDED) or time.monotonic() > deadline:
            break
        await asyncio.sleep(POLL)
    if not items:
        raise TalkError("no execution was recorded for the conversation")
    found = (await api.request("GET", f"/api/v1/executions/{items[0]['id']}")).json()
    shown = {"executionId": found["id"], "status": found["status"], "variables": found["variables"]}
    return {"ok": found["status"] == "completed", **shown}


def _show(who: str, text: str) -> None:
    sys.stdout.write(f"{who:>8}  {text}\n")
    sys.stdout.flush()
