"""Webhooks as the emulator really sends them: signed, and readable."""

import time
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from pydantic import SecretStr

from dsl.inputs import Inbound
from providers.chatwoot.client import Chatwoot
from providers.chatwoot.events import read
from providers.chatwoot.said import Ignored
from providers.chatwoot.signature import verify
from tests.providers.chatwoot.desk import CHANNELS, SECRETS, SEED, WIDGET, Desk
from torture.raw import Raw, always, answer, serving

pytestmark = pytest.mark.real
FIELDS = [{"name": "town", "type": "text", "label": "Town"}]


@pytest.fixture
async def hooked(desk: Desk) -> AsyncIterator[Raw]:
    """A receiver of the account's and the bot's webhooks."""
    async with serving(always(answer(200))) as raw:
        bot = SEED["agent_bots"][0] | {"outgoing_url": raw.url("/bot")}
        account = {"id": 21, "url": raw.url("/account"), "secret": SECRETS["account"]}
        await desk.reset(agent_bots=[bot], webhooks=[account])
        yield raw


async def heard(desk: Desk, raw: Raw, door: str = "bot") -> list[Inbound | Ignored]:
    """What came in so far by one door, in our words; every signature is verified."""
    await desk.control.request("GET", "/idle", params={"seconds": 10})
    received = [request for request in raw.seen if request.startswith(f"POST /{door} ".encode())]
    return [_verified(request, SECRETS[door]) for request in received]


def _verified(request: bytes, secret: str) -> Inbound | Ignored:
    head, body = request.split(b"\r\n\r\n", 1)
    lines = dict(line.lower().split(": ", 1) for line in head.decode().split("\r\n")[1:])
    stamp, signature, now = lines["x-chatwoot-timestamp"], lines["x-chatwoot-signature"], time.time()
    secrets = [SecretStr("other"), SecretStr(secret)]
    assert verify(secrets, timestamp=stamp, signature=signature, body=body, now=now)
    assert not verify(secrets, timestamp=stamp, signature=signature, body=body + b" ", now=now)
    return read(orjson.loads(body))


def inputs(events: list[Inbound | Ignored]) -> list[Inbound]:
    return [event for event in events if isinstance(event, Inbound)]


async def test_one_message_comes_by_two_doors_under_one_key(desk: Desk, hooked: Raw) -> None:
    talk = await desk.start(message="habari", name="Asha")
    by_bot = [event for event in inputs(await heard(desk, hooked)) if event.kind == "message"]
    by_account = [event for event in inputs(await heard(desk, hooked, "account")) if event.kind == "message"]
    assert {event.key for event in by_bot} == {event.key for event in by_account}
    assert {event.event for event in by_account} == {"conversation_created", "message_created"}
    [said] = by_bot
    assert (said.text, said.address, said.inbox_id, said.contact["name"]) == ("habari", talk, WIDGET, "Asha")
    assert (said.conversation["status"], said.conversation["channel"]) == ("pending", CHANNELS[WIDGET])


async def test_what_the_bot_says_comes_back_and_is_ignored(
    desk: Desk, hooked: Raw, chatwoot: Chatwoot
) -> None:
    talk = await desk.start(message="habari")
    await chatwoot.send_message(talk, "Karibu", channel=CHANNELS[WIDGET])
    await chatwoot.private_note(talk, "a note")
    await desk.act("agent_reply", conversation=int(talk), text="Juma here")
    events = await heard(desk, hooked)
    assert [event.text for event in inputs(events) if event.kind == "message"] == ["habari"]
    assert events.count(Ignored("outgoing")) == 3


async def test_a_pressed_button_is_a_submission(desk: Desk, hooked: Raw, chatwoot: Chatwoot) -> None:
    talk, channel = await desk.start(message="habari"), CHANNELS[WIDGET]
    sent = await chatwoot.send_message(talk, "Choose", choices=[("Balance", "bal")], channel=channel)
    await desk.act("click", conversation=int(talk), value="bal")
    [picked] = {
        event.key: event for event in inputs(await heard(desk, hooked)) if event.kind == "submitted"
    }.values()
    assert (picked.text, picked.value, picked.message_id) == ("Balance", "bal", sent.id)


async def test_changes_of_owner_are_told(desk: Desk, hooked: Raw) -> None:
    talk = await desk.start(message="habari")
    await desk.act("take_over", conversation=int(talk))
    await desk.act("resolve", conversation=int(talk))
    states = [event.value for event in inputs(await heard(desk, hooked)) if event.kind == "status"]
    assert {"open", "resolved"} <= {state["status"] for state in states}
    assert {"id": 8, "name": "Juma", "type": "user"} in [state["assignee"] for state in states]


async def test_a_delivery_that_was_tampered_with_is_refused(desk: Desk, hooked: Raw) -> None:
    for action in ("wrong_signature", "stale_timestamp"):
        fault: dict[str, Any] = {"action": action, "match": {"channel": "agent_bot"}, "param": 900}
        await desk.control.request("POST", "/faults", json=fault)
        await desk.start(message="habari", phone="+254700000111")
        with pytest.raises(AssertionError):
            await heard(desk, hooked)
        hooked.seen.clear()
