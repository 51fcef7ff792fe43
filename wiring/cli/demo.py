"""`tembea demo`: a conversation on real parts, from nothing to its end, and then everything is stopped."""

import asyncio
import json
import secrets
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import typer
from pydantic import SecretStr

from dsl.channels import CHATWOOT, Channel
from dsl.spec import FlowSpec
from providers.errors import ProviderError
from providers.http.pooled import Pooled
from simulator.flows import Flows
from simulator.lines import Line
from simulator.talks import TalkError, first_talk, read_flow, read_talk
from wiring.catalog import catalogue
from wiring.people import channel_of, number_of, started_by, subscriber
from wiring.phones import Phones
from wiring.places import Places
from wiring.recorded import Recorded
from wiring.scenario import play
from wiring.stack import Stack, stack
from wiring.stand_in import StandIn
from wiring.supervise.part import PartError
from wiring.supervise.supervisor import Stopped, supervised
from wiring.talk import Talk
from wiring.visitor import Visitor

Document = dict[str, Any]


def run(flow: Path, places: Places) -> None:
    """Play the flow's first conversation; the last line is the result; raises `typer.Exit`, 0 or 1."""
    compiled = Flows(catalogue()).compiled(flow)
    documents, lines = [read_flow(file) for file in compiled.files], read_talk(first_talk(flow))
    began = time.monotonic()
    result = asyncio.run(_demo(places, Shown(documents, compiled.result.spec, lines)))
    sys.stdout.write(json.dumps({**result, "seconds": round(time.monotonic() - began, 1)}) + "\n")
    raise typer.Exit(0 if result["ok"] else 1)


class Shown(NamedTuple):
    """A flow behind those that it walks, as it compiles, and the conversation with it."""

    documents: list[Document]
    spec: FlowSpec | None
    lines: list[Line]


async def _demo(places: Places, shown: Shown) -> Document:
    talk, key = Talk(), f"tmb_{secrets.token_hex(6)}_{secrets.token_urlsafe(32)}"
    built = await stack(places, talk, stand_in=True, key=key)
    headers = {"Authorization": SecretStr(f"Bearer {key}")}
    try:
        async with (
            supervised(built.waves, places.state_dir, talk),
            Pooled(places.api_url, provider="tembea", headers=headers) as api,
        ):
            return await _played(api, built, shown)
    except (PartError, Stopped) as error:
        return {"ok": False, "error": str(error)}


async def _played(api: Pooled, built: Stack, shown: Shown) -> Document:
    """Publish flows in order, talk with the last, wait for its end; what went wrong is in the result."""
    try:
        for below in shown.documents[:-1]:
            await _published(api, below)
        channel = channel_of(shown.spec, shown.lines)
        if channel == CHATWOOT:
            return await _chatted(api, built.chatwoot, shown)
        return await _phoned(api, built.africastalking, shown, channel)
    except (TalkError, ProviderError) as error:
        detail = error.reply.text if isinstance(error, ProviderError) and error.reply else ""
        return {"ok": False, "error": f"{error} {detail}".strip()}


async def _chatted(api: Pooled, chatwoot: StandIn | None, shown: Shown) -> Document:
    assert chatwoot
    flow_id = await _published(api, _for(chatwoot.inbox, shown.documents[-1]))
    async with Pooled(chatwoot.url, provider="chatwoot") as client:
        visitor = Visitor(client, chatwoot.identifier)
        record = Recorded(api, flow_id, lambda: visitor.conversation)
        await play(shown.lines, visitor, _show, record=record)
        return await record.ended()


async def _phoned(api: Pooled, phones: Phones | None, shown: Shown, channel: Channel) -> Document:
    """By a number that no flow of an earlier demo minds."""
    assert phones
    number = number_of(channel)
    flow_id = await _published(api, started_by(shown.documents[-1], channel, number))
    async with Pooled(phones.url, provider="africastalking") as network:
        person = await subscriber(network, shown.spec, channel, number)
        record = Recorded(api, flow_id)
        await record.begin()
        await play(shown.lines, person, _show, record=record)
        return await record.ended()


def _for(inbox: int, document: Document) -> Document:
    """The flow for the demo's own inbox, which no flow of an earlier demo minds."""
    return {**document, "trigger": {**(document.get("trigger") or {}), "inboxId": inbox}}


async def _published(api: Pooled, flow: Document) -> str:
    created = (await api.request("POST", "/api/v1/flows", json={"flow": flow})).json()
    await api.request("POST", f"/api/v1/flows/{created['id']}/publish", json={})
    return str(created["id"])


def _show(who: str, text: str) -> None:
    first, *more = text.split("\n")
    sys.stdout.writelines([f"{who:>8}  {first}\n", *(f"{'':>8}  {line}\n" for line in more)])
    sys.stdout.flush()
