"""One executor run against what a golden case says the outside does, and what it came to."""

import json
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from activities.base import Action, Tools
from dsl.messages import Scene
from providers.chatwoot.memory import MemoryChatwoot
from providers.errors import Failed, NotSent, ProviderError, Refused, Unknown
from providers.http.connections import read_connections
from providers.http.safe import SafeHttp
from providers.webhook.receiver import Receiver
from tests.golden.phones import phones_of
from tests.providers.http.standin import StandIn
from torture.raw import Script, then_cut

INPUTS = ("about", "args", "configured", "http", "labels", "phones", "provider", "scene")
CONVERSATION = "7"
CONNECTIONS = read_connections(
    json.dumps({"crm": {"type": "bearer", "token": "token-of-the-crm", "hosts": ["a.example"]}})
)
STANDINGS = {"not_sent": NotSent, "refused": Refused, "failed": Failed, "unknown": Unknown}


class Outside(StandIn):
    """A network with scripted replies, one a connection."""

    def __init__(self, replies: list[dict[str, Any]]) -> None:
        super().__init__(self._next)
        self._replies = list(replies)

    def _next(self) -> Script:
        reply = self._replies.pop(0)
        if reply.get("refuses"):
            raise ConnectionRefusedError
        return then_cut(_bytes(reply))


def _bytes(reply: dict[str, Any]) -> bytes:
    if reply.get("hangsUp"):
        return b""
    body = (json.dumps(reply["json"]) if "json" in reply else reply.get("text", "")).encode()
    headers = {"content-length": str(len(body)), **reply.get("headers", {})}
    lines = [f"HTTP/1.1 {reply['status']} X", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _public(_: str, __: int) -> list[str]:
    return ["93.184.215.14"]


async def act(kind: type[Action], case: dict[str, Any]) -> dict[str, Any]:
    """The case with its outcome or error, the requests made, and what Chatwoot looks like afterwards."""
    network, chatwoot = Outside(case.get("http", [])), _chatwoot(case)
    phones = phones_of(case) if "phones" in case else None
    shown: dict[str, Any] = {key: case[key] for key in INPUTS if key in case}
    receiver = _receiver(network) if case.get("configured", True) else None
    async with SafeHttp(network=network.network, resolve=_public) as http:
        tools = Tools(
            _scene(case),
            "run:it:1:1",
            http,
            {"main": chatwoot},
            CONNECTIONS,
            receiver,
            phones.telecom if phones else None,
        )
        try:
            outcome = await kind.model_validate(case["args"]).execute(tools)
            shown["outcome"] = outcome.model_dump(mode="json", by_alias=True, exclude_none=True)
        except ProviderError as error:
            shown["error"] = f"{error.standing} {error.code}"
    if receiver is not None:
        await receiver.aclose()
    if network.seen:
        shown["requests"] = [_request(sent) for sent in network.seen]
    if phones is not None:
        shown["phone"] = phones.shown()
    elif case.get("http") is None:
        shown["chatwoot"] = _state(chatwoot)
    return shown


def _receiver(network: Outside) -> Receiver:
    secret = SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    url = "https://hooks.example/tembea"
    return Receiver(url, [secret], network=network.network, now=lambda: datetime(2026, 3, 2, 9, tzinfo=UTC))


def _scene(case: dict[str, Any]) -> Scene:
    base = {"workspace": "w", "execution_id": "run", "flow_id": "f", "flow_version": 1, "lane": "l"}
    place = {"connection": "main", "conversation": CONVERSATION, "contact_id": 501}
    return Scene.model_validate({**base, **place, **case.get("scene", {})})


def _chatwoot(case: dict[str, Any]) -> MemoryChatwoot:
    chatwoot = MemoryChatwoot(clock=lambda: 0.0)
    chatwoot.open(CONVERSATION).labels += case.get("labels", [])
    for planned in case.get("provider", []):
        error = STANDINGS[planned["standing"]]("SCRIPTED", "as the case says", provider="chatwoot")
        chatwoot.fail(planned["method"], error)
    return chatwoot


def _state(chatwoot: MemoryChatwoot) -> dict[str, Any]:
    talk = chatwoot.talks[CONVERSATION]
    state = {"status": talk.status, "labels": talk.labels, "agent": talk.agent, "team": talk.team}
    return {**state, "said": chatwoot.said(CONVERSATION), "contact": chatwoot.contacts[501]}


def _request(sent: bytes) -> list[str]:
    """First line, the headers that tell something, and the body."""
    head, _, body = sent.decode().partition("\r\n\r\n")
    first, *headers = head.split("\r\n")
    usual = ("user-agent", "accept", "accept-encoding", "content-length", "connection")
    told = sorted(line for line in headers if line.partition(":")[0].lower() not in usual)
    return [first, *told, *([body] if body else [])]
