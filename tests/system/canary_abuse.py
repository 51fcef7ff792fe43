"""Requests that are refused, with a canary in each of their parts."""

from typing import Any

import orjson

from tests.system.canary_story import Story

Request = tuple[str, str, dict[str, Any]]


async def mistakes(story: Story) -> None:
    """Of people who have a key, or think so."""
    headers = {"User-Agent": story.canary("user agent")}
    for method, path, more in (*_paths(story), *_bodies(story), *_headers(story)):
        answer = await story.api.request(method, path, **{"headers": headers, **more})
        assert 400 <= answer.status_code < 500, (method, path, answer.status_code)
    await _key_used_twice(story)
    await _names_of_people(story)


def _paths(story: Story) -> tuple[Request, ...]:
    c = story.canary
    return (
        ("GET", f"/api/v1/flows/{c('id in a path')}", {}),
        ("GET", f"/{c('path that leads nowhere')}?q={c('query of it')}", {}),
        ("GET", "/api/v1/executions", {"params": {"status": c("status asked for"), "limit": c("limit")}}),
        ("GET", "/api/v1/flows", {"params": {"cursor": c("cursor")}}),
        ("POST", f"/api/v1/dead-letters/{c('id of a dead letter')}/redrive", {}),
        ("DELETE", f"/api/v1/executions?q={c('query of a wrong method')}", {}),
    )


def _bodies(story: Story) -> tuple[Request, ...]:
    c, start = story.canary, f"/api/v1/flows/{story.flows['GET']}/execute"
    return (
        ("POST", "/api/v1/flows", {"content": b'{"flow": "' + c("malformed JSON").encode()}),
        ("POST", "/api/v1/flows", {"json": {"flow": {"id": f"a b {c('id that is none')}"}}}),
        ("POST", "/api/v1/flows", {"content": c("large body").encode() * 200_000}),
        ("POST", start, {"json": {"variables": {f"a b {c('name that is none')}": 1}}}),
        ("POST", start, {"json": {"variables": c("no object")}}),
        ("POST", start, {"json": {"testMode": c("no boolean"), "onConflict": c("no choice")}}),
        ("POST", start, {"json": {"mockData": {"call": c("mock data of a live run")}}}),
        ("POST", start, {"json": {c("field nobody knows"): c("value of it")}}),
    )


def _headers(story: Story) -> tuple[Request, ...]:
    c, start = story.canary, f"/api/v1/flows/{story.flows['GET']}/execute"
    text = {"Content-Type": f"text/{c('content type')}"}
    return (
        ("POST", start, {"json": {}, "headers": {"Idempotency-Key": f"a b {c('key that is none')}"}}),
        ("POST", start, {"json": {}, "headers": {"X-API-Key": f"tmb_{c('wrong key')}"}}),
        ("POST", start, {"json": {}, "headers": {"Authorization": f"Bearer {c('wrong bearer')}"}}),
        ("POST", start, {"content": c("text for JSON").encode(), "headers": text}),
    )


async def _key_used_twice(story: Story) -> None:
    key = story.canary("idempotency key used twice")
    await story.execute("ask", {"testMode": True}, Idempotency_Key=key)
    again = {"testMode": True, "trigger": story.trigger()}
    assert (await story.start("ask", again, Idempotency_Key=key)).status_code == 422


async def _names_of_people(story: Story) -> None:
    """Somebody names a conversation by a phone number, a channel by a person: Temporal would show it."""
    phone, name = story.canary.phone("phone for a conversation"), story.canary("name for a conversation")
    for address in (phone, phone.removeprefix("+"), name):
        assert (await story.start("GET", {"conversationId": address})).status_code == 422
    assert (await story.start("GET", {"channel": story.canary("name for a channel")})).status_code == 404


async def attacks(story: Story) -> None:
    """Webhooks that are not Chatwoot's, and some that are and cannot be read."""
    c = story.canary
    forged = orjson.dumps({"event": "message_created", "content": c("forged message")})
    signature = story.signed(forged) | {"X-Chatwoot-Signature": c("forged signature")}
    stamped = story.signed(forged) | {"X-Chatwoot-Timestamp": c("forged timestamp")}
    nameless = {"event": "message_created", "message_type": "incoming", "content": c("message without id")}
    for status, answer in (
        (401, await story.webhook(forged, signature)),
        (401, await story.webhook(forged, stamped)),
        (404, await story.webhook(forged, channel=c("channel nobody knows"))),
        (400, await story.webhook(b'{"event": "' + c("malformed event").encode())),
        (422, await story.webhook(orjson.dumps(nameless))),
        (200, await story.webhook(orjson.dumps({"event": c("event nobody knows")}))),
    ):
        assert answer.status_code == status, answer.text
