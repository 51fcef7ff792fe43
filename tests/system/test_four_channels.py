"""One file, byte for byte as it is in the examples, spoken in a chat, by texts, by USSD and on a call."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from dsl.messages import ENDED
from providers.http.pooled import Pooled
from tests.system.office import EMAIL, LEAD, NAME, THANKS, Office, talk
from wiring.handset import Handset
from wiring.phones import Phones
from wiring.stand_in import BOT

pytestmark = pytest.mark.real

PHONES = Phones(0)
ADDRESS = "john@example.com"
AGAIN = "That does not look like an e-mail address. Please try again."
LATER = "No problem, 7. Write to us whenever you like."
DESK_CODE = PHONES.service_codes[-1]
EVENTS = ("sms_received", "ussd_session", "call_received")


@pytest.fixture
async def desk(office: Office) -> Office:
    """An inbox that no other flow minds."""
    inbox = {"name": "Four channels", "agent_bot_id": BOT}
    seeded = await office.chatwoot.request("POST", "/_control/seed", json={"inboxes": [inbox]})
    return replace(office, inbox=seeded.json()["inboxes"][-1])


@pytest.fixture
async def network(office: Office) -> AsyncIterator[Pooled]:
    """What the phones are in."""
    async with Pooled(office.dev.url(Phones.name), provider=Phones.name) as network:
        yield network


@pytest.fixture
async def flow(desk: Office) -> AsyncIterator[str]:
    """The file as it is, live on four channels; its id."""
    written = LEAD.read_bytes().strip()
    head = {"Content-Type": "application/json"}
    saved = await desk.api.post("/api/v1/flows", content=b'{"flow":' + written + b"}", headers=head)
    id = str(saved.json()["id"])
    assert written in (await desk.api.get(f"/api/v1/flows/{id}")).content
    assert (await desk.api.post(f"/api/v1/flows/{id}/publish", json={})).status_code == 200
    for event in EVENTS:
        made = await desk.api.post(f"/api/v1/flows/{id}/triggers", json={"event": event})
        assert made.status_code == 201, made.text
    yield id
    await desk.api.post(f"/api/v1/flows/{id}/unpublish", json={})


async def in_a_chat(desk: Office) -> None:
    visitor = await desk.visitor()
    await talk(visitor, ("hello", NAME), ("John", EMAIL), (ADDRESS, THANKS))


async def by_texts(phone: Handset) -> None:
    for said, *answers in (("hello", NAME), ("John", NAME, EMAIL), (ADDRESS, NAME, EMAIL, THANKS)):
        await phone.text(PHONES.short_code, said)
        async with asyncio.timeout(20):
            while await phone.texts() != answers:  # noqa: ASYNC110 (the network tells nobody)
                await asyncio.sleep(0.05)


async def by_ussd(phone: Handset) -> None:
    told = await phone.dial(PHONES.service_code)
    for said, screen in (("John", EMAIL), (ADDRESS, THANKS)):
        told = await phone.act("enter", session=told["sessionId"], text=said)
        assert (told["screen"], told["open"]) == (screen, screen != THANKS)


async def on_a_call(phone: Handset) -> None:
    """A phone has no letters, and so no e-mail address: after three tries the flow goes on without one."""
    call = (await phone.call(PHONES.voice_number))["sessionId"]
    for keys in ("7", "1", "2", "3"):
        told = await phone.act("press", session=call, text=keys)
    assert told["state"] == "ended"
    assert await phone.heard(call) == [NAME, EMAIL, AGAIN, AGAIN, LATER]


async def runs(desk: Office, flow: str) -> list[dict[str, Any]]:
    """Every run of the flow, once all have ended."""
    async with asyncio.timeout(20):
        while True:
            found: list[dict[str, Any]] = (await desk.api.get(f"/api/v1/flows/{flow}/executions")).json()[
                "items"
            ]
            if all(one["status"] in ENDED for one in found):
                return found
            await asyncio.sleep(0.05)


async def test_one_file_is_completed_in_a_chat_by_texts_by_ussd_and_on_a_call(
    desk: Office, flow: str, network: Pooled
) -> None:
    await in_a_chat(desk)
    await by_texts(Handset(network, "+254700000401"))
    await by_ussd(Handset(network, "+254700000402"))
    await on_a_call(Handset(network, "+254700000403"))
    found = await runs(desk, flow)
    ended = [(one["channel"], one["status"], one["completionReason"], one["flowVersion"]) for one in found]
    assert ended == [(name, "completed", "completed", 1) for name in ("voice", "ussd", "sms", "chatwoot")]
    for one in found[1:]:
        variables = (await desk.api.get(f"/api/v1/executions/{one['id']}")).json()["variables"]
        assert variables == {"user_name": "John", "user_email": ADDRESS}


def moving_to(conversation: int) -> dict[str, Any]:
    """A flow that asks for the name by USSD and for the rest in a conversation of Chatwoot."""
    there = {"channel": "chatwoot", "address": str(conversation)}
    town = {"text": "Which town, {{name}}?", "saveTo": "town", "continueOn": there}
    return {
        "id": f"to-chat-{conversation}",
        "name": "To the chat",
        "trigger": {"channel": "ussd", "event": "ussd_session", "serviceCode": DESK_CODE},
        "variables": {"name": {"type": "string"}, "town": {"type": "string"}},
        "settings": {"sessionTtl": "1h"},
        "nodes": [
            {"id": "start", "type": "start"},
            {"id": "name", "type": "question", "config": {"text": NAME, "saveTo": "name"}},
            {"id": "hint", "type": "message", "config": {"text": "Please look at your chat."}},
            {"id": "town", "type": "question", "config": town},
            {"id": "thanks", "type": "message", "config": {"text": "{{name}} of {{town}}, thank you."}},
            {"id": "end", "type": "end"},
        ],
        "edges": [
            {"from": "start", "to": "name"},
            {"from": "name", "to": "hint"},
            {"from": "hint", "to": "town"},
            {"from": "town", "to": "thanks"},
            {"from": "thanks", "to": "end"},
        ],
    }


async def test_a_run_begins_on_ussd_and_ends_in_a_chat_with_one_history(
    desk: Office, network: Pooled
) -> None:
    visitor, phone = await desk.visitor(), Handset(network, "+254700000404")
    await visitor.say("Is somebody there?")
    await desk.settled()
    assert visitor.conversation
    document = moving_to(visitor.conversation)
    await desk.publish_below(document)
    told = await phone.dial(DESK_CODE)
    told = await phone.act("enter", session=told["sessionId"], text="Asha")
    assert (told["screen"], told["open"]) == ("Please look at your chat.", False)
    async with asyncio.timeout(20):
        while not await visitor.heard():  # noqa: ASYNC110 (as it is asked)
            await asyncio.sleep(0.05)
    await talk(visitor, ("Kisumu", "Asha of Kisumu, thank you."))
    [run] = await runs(desk, document["id"])
    assert (run["channel"], run["status"]) == ("ussd", "completed")
    history = (await desk.api.get(f"/api/v1/executions/{run['id']}/history")).json()["items"]
    nodes = [line["nodeId"] for line in history if line["phase"] == "done"]
    assert nodes == ["start", "name", "hint", "town", "thanks", "end"]
    await desk.api.post(f"/api/v1/flows/{document['id']}/unpublish", json={})
