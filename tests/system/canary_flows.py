"""Flows with a canary in every field that an author fills in, and a provider that answers with more."""

import asyncio
from itertools import pairwise
from typing import Any

import orjson

from tests.system.canaries import Canaries
from tests.workflows.world import flow
from torture.raw import Script, answer, silence


def talk(canary: Canaries, provider: str) -> dict[str, Any]:
    """A conversation through every kind; two wrong e-mail addresses end it at an address that is refused."""
    choice = {"title": canary("title of a choice"), "value": canary("value of a choice")}
    nodes = [
        _node("hello", "message", label=canary("label of a node"), text=f"{canary('text')}: {_ABOUT}"),
        _node("name", "question", text="Who? {{contact.name}}", saveTo="name"),
        _node(
            "email", "question", text="Where?", expects="email", saveTo="email", maxTries=2,
            invalidText=canary("text about a wrong answer"),
        ),
        _node("pick", "question", text="Which?", expects="choice", choices=[choice], saveTo="pick"),
        _node("note", "set_variables", set={"note": "{{name}} wants {{pick}} " + canary("literal")}),
        _node(
            "call", "api", method="POST", saveTo="reply", url=f"{provider}/ok?key={canary('query in a url')}",
            headers={"X-Key": canary("header of a call"), "X-Who": "{{email}}"},
            query={"who": "{{name}}", "k": canary("query of a call")},
            body={"note": "{{note}}", "k": canary("body of a call")},
        ),
        _node("told", "message", text="They say {{reply.body.word}}"),
        _node("keep", "update_contact", customAttributes={"kept": "{{note}}"}),
        _node("people", "transfer_agent", text="A moment", note=f"{canary('note')} {{{{note}}}}"),
        _node("end", "end", outcome=canary("outcome"), outputs={"reply": "{{reply}}", "note": "{{note}}"}),
        _node("refused", "api", url=f"http://169.254.169.254/{canary('path of a refused address')}"),
    ]  # fmt: skip
    way = ["hello", "name", "email", "pick", "note", "call", "told", "keep", "people", "end"]
    edges = [*pairwise(way), ("email", "invalid", "refused"), ("refused", "end")]
    return flow(
        nodes, edges, variables={"secret": {"default": canary("default of a variable")}},
        trigger={"channel": "chatwoot", "event": "conversation_created"},
    ) | _named(canary, "talk")  # fmt: skip


_ABOUT = (
    "{{contact.email}} {{contact.phone}} {{contact.custom.tier}} {{conversation.custom.order}}"
    " {{contact.name}} {{trigger.message.text | default:'-'}}"
)


def call(canary: Canaries, method: str, retry: dict[str, Any]) -> dict[str, Any]:
    """One call, all of it from variables; what goes wrong ends the execution."""
    config: dict[str, Any] = {
        "url": "{{url}}", "method": method, "timeout": 1, "saveTo": "reply", "idempotent": method == "PUT",
        "headers": {"X-Given": "{{header}}"}, "body": None if method == "GET" else "{{payload}}",
    }  # fmt: skip
    node = {**_node("call", "api", **config), "retry": retry}
    nodes = [node, _node("end", "end", outputs={"reply": "{{reply}}"})]
    return flow(nodes, [("call", "end")], variables=_GIVEN, trigger={"event": "api"}) | _named(canary, method)


_GIVEN = {name: {"type": "any", "default": "-"} for name in ("url", "header", "payload")}


def ask(canary: Canaries) -> dict[str, Any]:
    """A question to somebody without a conversation, then a call that a test run answers itself."""
    nodes = [
        _node("name", "question", text="Who?", saveTo="name"),
        _node("call", "api", method="POST", url="http://10.0.0.1/{{name}}", saveTo="reply"),
        _node("told", "message", text="{{reply.body}} {{trigger.order}} {{name}}"),
        _node("end", "end"),
    ]
    return flow(nodes, [*pairwise(("name", "call", "told", "end"))], trigger={"event": "api"}) | _named(
        canary, "ask"
    )


def _node(id: str, type: str, label: str | None = None, **config: Any) -> dict[str, Any]:
    return {"id": id, "type": type, "config": config, **({"label": label} if label else {})}


def _named(canary: Canaries, what: str) -> dict[str, Any]:
    about = canary(f"description of a flow: {what}")
    return {
        "id": canary(f"id of a flow: {what}"), "name": canary(f"name of a flow: {what}"), "description": about
    }  # fmt: skip


def provider(canary: Canaries) -> Script:
    """A server that fails in every way, with a canary in its body, its headers, its redirect."""
    body = orjson.dumps({"word": canary("answer of a provider")})
    failed = orjson.dumps({"error": canary("error of a provider")})
    answers = {
        b"/ok": answer(200, body, x_told=canary("header of an answer"), content_type="application/json"),
        b"/500": answer(500, failed, x_error=canary("header of an error")),
        b"/404": answer(404, failed),
        b"/429": answer(429, failed, retry_after="300"),
        b"/302": answer(302, location=f"http://10.0.0.1/{canary('redirect')}"),
        b"/rubbish": answer(
            200, b'{"a": "' + canary("malformed answer").encode(), content_type="application/json"
        ),
        b"/gzip": answer(200, canary("answer that is no gzip").encode(), content_encoding="gzip"),
        b"/http": canary("answer that is no HTTP").encode() + b"\r\n\r\n",
    }

    async def script(request: bytes, writer: asyncio.StreamWriter) -> None:
        path = request.split(b" ")[1].partition(b"?")[0]
        if path == b"/hang":
            await silence(request, writer)
        elif path in answers:
            writer.write(answers[path])
            await writer.drain()
        if path in (b"/cut", b"/http"):
            writer.close()

    return script
