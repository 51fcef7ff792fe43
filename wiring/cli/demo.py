"""`tembea demo`: a conversation on real parts, from nothing to its end, and then everything is stopped."""

import asyncio
import json
import secrets
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr

from dsl.messages import ENDED
from providers.errors import ProviderError
from providers.http.pooled import Pooled
from wiring.cli.dev import places_of
from wiring.cli.options import Port, StateDir, TemporalPort, UiPort
from wiring.files import ROOT
from wiring.scenario import Line, TalkError, first_talk, play, read_talk
from wiring.stack import LocalChatwoot, Places, stack
from wiring.supervise.supervisor import Stopped, supervised
from wiring.talk import Talk
from wiring.visitor import Visitor

SAMPLE = ROOT / "examples" / "lead_capture" / "lead_capture.json"
ENDS_WITHIN = 20.0

FlowFile = Annotated[
    Path, typer.Option("--flow", exists=True, dir_okay=False, help="A flow; its first *.talk.json is played")
]


@dataclass(frozen=True)
class Stage:
    """What a conversation is played on."""

    api: Pooled
    chatwoot: LocalChatwoot
    document: dict[str, Any]
    lines: list[Line]


def demo(
    flow: FlowFile = SAMPLE,
    state_dir: StateDir = None,
    port: Port = None,
    temporal_port: TemporalPort = None,
    ui_port: UiPort = None,
) -> None:
    """Play a flow's conversation against real PostgreSQL and Temporal; the last line is the result as JSON."""
    document, lines = _read(flow)
    places = places_of(state_dir, port, temporal_port, ui_port)
    began = time.monotonic()
    result = asyncio.run(_demo(places, document, lines))
    sys.stdout.write(json.dumps({**result, "seconds": round(time.monotonic() - began, 1)}) + "\n")
    raise typer.Exit(0 if result["ok"] else 1)


def _read(flow: Path) -> tuple[dict[str, Any], list[Line]]:
    document = json.loads(flow.read_bytes())
    if not isinstance(document, dict):
        raise TalkError(f"{flow} is not a flow: a JSON object is expected")
    return document, read_talk(first_talk(flow))


async def _demo(places: Places, document: dict[str, Any], lines: list[Line]) -> dict[str, Any]:
    talk, key = Talk(), f"tmb_{secrets.token_hex(6)}_{secrets.token_urlsafe(32)}"
    built = await stack(places, talk, fake_chatwoot=True, key=key)
    assert built.chatwoot is not None
    headers = {"Authorization": SecretStr(f"Bearer {key}")}
    try:
        async with supervised(built.parts, places.state_dir, talk):
            async with Pooled(places.api_url, provider="tembea", headers=headers) as api:
                return await _played(Stage(api, built.chatwoot, document, lines))
    except Stopped:
        return {"ok": False, "error": "stopped"}


async def _played(stage: Stage) -> dict[str, Any]:
    """Publish the flow, talk, and wait for the end; what went wrong is in the result."""
    try:
        flow_id = await _published(stage)
        async with Pooled(stage.chatwoot.url, provider="chatwoot") as client:
            visitor = Visitor(client, stage.chatwoot.identifier)
            await play(stage.lines, visitor, _tell)
            return await _ended(stage.api, flow_id, visitor.conversation)
    except (TalkError, ProviderError) as error:
        detail = error.reply.text if isinstance(error, ProviderError) and error.reply else ""
        return {"ok": False, "error": f"{error} {detail}".strip()}


async def _published(stage: Stage) -> str:
    """The flow, published for the demo's own inbox so that it shares a state folder with other flows in peace."""
    trigger = {**(stage.document.get("trigger") or {}), "inboxId": stage.chatwoot.inbox}
    document = {**stage.document, "trigger": trigger}
    created = (await stage.api.request("POST", "/api/v1/flows", json={"flow": document})).json()
    await stage.api.request("POST", f"/api/v1/flows/{created['id']}/publish", json={})
    return str(created["id"])


async def _ended(api: Pooled, flow_id: str, conversation: int | None) -> dict[str, Any]:
    deadline = time.monotonic() + ENDS_WITHIN
    while True:
        query = {"flowId": flow_id, "conversationId": str(conversation)}
        items = (await api.request("GET", "/api/v1/executions", params=query)).json()["items"]
        if items and (items[0]["status"] in ENDED or time.monotonic() > deadline):
            found = (await api.request("GET", f"/api/v1/executions/{items[0]['id']}")).json()
            ok = found["status"] == "completed"
            return {
                "ok": ok, "executionId": found["id"], "status": found["status"], "variables": found["variables"],
            }  # fmt: skip
        if time.monotonic() > deadline:
            return {"ok": False, "error": "no execution was recorded for the conversation"}
        await asyncio.sleep(0.05)


def _tell(who: str, text: str) -> None:
    sys.stdout.write(f"{who:>8}  {text}\n")
    sys.stdout.flush()
