"""The public client API: the customer of an API inbox."""

from typing import Any

import httpx

from emulators.chatwoot.signing import identifier_hash
from tests.emulators.chatwoot.desk import Desk, Json

DOOR = "/public/api/v1/inboxes/api-door"


async def _post(desk: Desk, path: str, **body: Any) -> httpx.Response:
    return await desk.http.post(f"{DOOR}{path}", json=body)


async def _enter(desk: Desk, **body: Any) -> str:
    """Introduce a customer and open a conversation; its path."""
    person = (await _post(desk, "/contacts", **body)).json()
    path = f"/contacts/{person['source_id']}/conversations"
    opened: Json = (await _post(desk, path)).json()
    return f"{path}/{opened['id']}"


async def test_a_customer_writes_and_reads_without_a_token(desk: Desk) -> None:
    path = await _enter(desk, name="Asha", phone_number="+254700000111")
    written = (await _post(desk, f"{path}/messages", content="habari", echo_id="e1")).json()
    assert (written["content"], written["message_type"], written["echo_id"]) == ("habari", 0, "e1")
    await desk.sent(1, content="Karibu")
    await desk.customer("private_note", conversation=1, text="hidden")
    listed = (await desk.http.get(f"{DOOR}{path}/messages")).json()
    assert [message["content"] for message in listed] == ["habari", "Karibu"]
    earlier = (await desk.http.get(f"{DOOR}{path}/messages?before={listed[1]['id']}")).json()
    assert [message["content"] for message in earlier] == ["habari"]


async def test_a_known_person_is_found_again(desk: Desk) -> None:
    first = (await _post(desk, "/contacts", identifier="crm-1", source_id="s1")).json()
    assert first["source_id"] == "s1"
    by_source = (await _post(desk, "/contacts", source_id="s1")).json()
    by_identifier = (await _post(desk, "/contacts", identifier="crm-1")).json()
    assert first["id"] == by_source["id"] == by_identifier["id"]


async def test_the_customer_cannot_choose_type_or_sender(desk: Desk) -> None:
    path = await _enter(desk, name="Asha")
    body = {"content": "x", "message_type": "outgoing", "sender_type": "AgentBot", "sender_id": 4}
    written = (await _post(desk, f"{path}/messages", **body)).json()
    assert (written["message_type"], written["sender"]["type"]) == (0, "contact")


async def test_submitted_values_land_in_the_message_that_asked(desk: Desk) -> None:
    path = await _enter(desk, name="Asha")
    items = [{"title": "Balance", "value": "bal"}]
    menu = await desk.sent(
        1, content="Choose", content_type="input_select", content_attributes={"items": items}
    )
    values = [{"title": "Balance", "value": "bal", "evil": 1}]
    url = f"{DOOR}{path}/messages/{menu['id']}"
    await desk.http.patch(url, json={"submitted_values": values})
    update = (await desk.settle()).last("inbox", "message_updated")
    assert (update["id"], update["message_type"]) == (menu["id"], "outgoing")
    assert update["content_attributes"] == {"items": items, "submitted_values": items}


async def test_nobody_reads_the_conversations_of_others(desk: Desk) -> None:
    await _enter(desk, name="Asha")
    stranger = (await _post(desk, "/contacts", name="B")).json()["source_id"]
    assert (await desk.http.get(f"{DOOR}/contacts/{stranger}/conversations/1")).status_code == 404
    assert (await desk.http.get(f"{DOOR}/contacts/{stranger}/conversations")).json() == []
    assert (await desk.http.post("/public/api/v1/inboxes/wrong/contacts", json={})).status_code == 404


async def test_a_proven_identity_is_marked_and_a_wrong_proof_refused(desk: Desk) -> None:
    proof = identifier_hash("identity-key", "crm-1")
    person = (await _post(desk, "/contacts", identifier="crm-1", identifier_hash=proof)).json()
    addresses = (await desk.http.get("/_control/state")).json()["contact_inboxes"]
    assert [row["hmac_verified"] for row in addresses if row["source_id"] == person["source_id"]] == [True]
    wrong = await _post(desk, "/contacts", identifier="crm-2", identifier_hash=proof)
    assert wrong.status_code == 401


async def test_the_customer_may_resolve_type_and_look(desk: Desk) -> None:
    path = await _enter(desk, name="Asha")
    assert (await _post(desk, f"{path}/toggle_typing", typing_status="on")).status_code == 200
    assert (await _post(desk, f"{path}/update_last_seen")).status_code == 200
    assert (await _post(desk, f"{path}/toggle_status")).json()["status"] == "resolved"
    receiver = await desk.settle()
    assert receiver.last("account", "conversation_typing_on")["user"]["name"] == "Asha"
    assert receiver.last("account", "conversation_status_changed")["status"] == "resolved"
