"""Messages: what is refused, what is kept, and the windows of the list."""

import pytest

from tests.emulators.chatwoot.conftest import OpenDesk
from tests.emulators.chatwoot.desk import START, Desk, Json

ITEMS = [{"title": "Balance", "value": "bal"}, {"title": "Agent", "value": "agent"}]
CARD = {"title": "Gold", "description": "5GB", "media_url": "https://img.example/g.png"}


async def test_a_created_message_comes_back_in_the_number_shape(desk: Desk) -> None:
    conversation = await desk.start()
    body = await desk.sent(conversation, content="Karibu", source_id="s-1", echo_id="e1")
    assert body == {
        "id": 9101,
        "content": "Karibu",
        "inbox_id": 12,
        "echo_id": "e1",
        "conversation_id": conversation,
        "message_type": 1,
        "content_type": "text",
        "status": "sent",
        "content_attributes": {},
        "created_at": int(START),
        "private": False,
        "source_id": "s-1",
        "sender": {"id": 4, "name": "Flow bot", "avatar_url": "", "type": "agent_bot"},
    }


async def test_a_user_may_post_as_a_bot(desk: Desk) -> None:
    body = await desk.sent(await desk.start(), "agent", content="x", sender_type="AgentBot", sender_id=4)
    assert body["sender"]["type"] == "agent_bot"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"content": "x" * 150_001}, "Content is too long (maximum is 150000 characters)"),
        ({"content_type": "input_select"}, "At least one item is required."),
        ({"content_type": "cards", "content_attributes": {"items": []}}, "At least one item is required."),
        (
            {"content_type": "input_select", "content_attributes": {"items": [{**ITEMS[0], "url": "u"}]}},
            "contains invalid keys for items : [:url]",
        ),
        (
            {"content_type": "article", "content_attributes": {"items": [{"value": "v"}]}},
            "contains invalid keys for items : [:value]",
        ),
        (
            {"content_type": "cards", "content_attributes": {"items": [CARD]}},
            "contains items missing actions",
        ),
        (
            {
                "content_type": "cards",
                "content_attributes": {"items": [{**CARD, "actions": [{"link": "x"}]}]},
            },
            "contains invalid keys for actions",
        ),
        (
            {"content_type": "form", "content_attributes": {"items": [{"name": "a", "size": 3}]}},
            "contains invalid keys for items : [:size]",
        ),
        (
            {"content_type": "form", "content_attributes": {"items": [{"name": "a", "type": "slider"}]}},
            "contains invalid types",
        ),
        ({"content_type": "poem"}, "'poem' is not a valid content_type"),
        ({"message_type": "shout"}, "'shout' is not a valid message_type"),
    ],
)
async def test_what_validation_refuses_is_a_422_with_its_reason(desk: Desk, body: Json, error: str) -> None:
    conversation = await desk.start()
    answer = await desk.send(conversation, **body)
    assert answer.status_code == 422
    assert error in answer.json()["error"]
    assert await desk.thread(conversation) == []


@pytest.mark.parametrize(
    ("content_type", "items"),
    [
        ("input_select", ITEMS),
        ("cards", [{**CARD, "actions": [{"type": "postback", "text": "Buy", "payload": "BUY"}]}]),
        ("form", [{"name": "town", "type": "text", "label": "Town", "placeholder": "", "default": ""}]),
        ("article", [{"title": "FAQ", "description": "Short", "link": "https://help.example"}]),
    ],
)
async def test_interactive_contents_keep_their_items(
    desk: Desk, content_type: str, items: list[Json]
) -> None:
    attributes = {"items": items}
    body = await desk.sent(await desk.start(), content_type=content_type, content_attributes=attributes)
    assert body["content_attributes"] == {"items": items}


async def test_the_longest_content_is_taken(desk: Desk) -> None:
    body = await desk.sent(await desk.start(), content="x" * 150_000)
    assert len(body["content"]) == 150_000


async def test_foreign_keys_in_content_attributes_are_dropped(desk: Desk) -> None:
    attributes = {"in_reply_to": 9101, "key": "ours", "submitted_values": []}
    body = await desk.sent(await desk.start(), content="x", content_attributes=attributes)
    assert body["content_attributes"] == {"in_reply_to": 9101}


async def test_incoming_messages_are_for_api_inboxes_alone(desk: Desk) -> None:
    body = await desk.sent(await desk.start(12), "agent", content="x", message_type="incoming")
    assert body["sender"]["type"] == "contact"
    refused = await desk.send(await desk.start(13), "agent", content="x", message_type="incoming")
    assert refused.status_code == 422
    assert refused.json() == {"error": "Incoming messages are only allowed in Api inboxes"}


async def test_a_conversation_takes_two_hundred_messages_a_minute(desk: Desk) -> None:
    conversation = await desk.start()
    await desk.say(conversation, "hi", count=200)
    refused = await desk.send(conversation, content="one more")
    assert refused.status_code == 422
    assert refused.json() == {"error": "Validation failed: Too many messages"}
    by_customer = await desk.http.post(
        "/_control/customer", json={"action": "say", "conversation": conversation, "text": "x"}
    )
    assert by_customer.json() == {"error": "Too many messages"}
    desk.clock.moment += 61
    assert (await desk.send(conversation, content="one more")).status_code == 200


async def test_the_list_has_the_windows_of_its_parameters(open_desk: OpenDesk) -> None:
    desk = await open_desk(messages_per_minute=5_000)
    await desk.call("admin", "DELETE", "/webhooks/21")
    conversation = await desk.start(14)
    await desk.say(conversation, "hi", count=1_000)
    await desk.say(conversation, "hi", count=150)
    first = 9101
    windows = {
        "": range(first + 1_130, first + 1_150),
        f"?before={first + 50}": range(first + 30, first + 50),
        f"?after={first}": range(first + 1, first + 101),
        f"?after={first}&before={first + 5}": range(first, first + 5),
        f"?after={first}&before={first + 5_000}": range(first, first + 1_000),
    }
    for query, ids in windows.items():
        answer = await desk.call("agent", "GET", f"/conversations/{conversation}/messages{query}")
        assert [message["id"] for message in answer.json()["payload"]] == list(ids), query


async def test_the_list_can_hide_what_customers_never_see(desk: Desk) -> None:
    conversation = await desk.start(message="hi")
    await desk.customer("private_note", conversation=conversation, text="careful")
    await desk.toggle("admin", conversation, status="open")
    path = f"/conversations/{conversation}/messages"
    everything = (await desk.call("agent", "GET", path)).json()["payload"]
    public = (await desk.call("agent", "GET", f"{path}?filter_internal_messages=1")).json()["payload"]
    assert [message["message_type"] for message in everything] == [0, 1, 2]
    assert [message["message_type"] for message in public] == [0]


async def test_the_list_tells_about_its_conversation(desk: Desk) -> None:
    conversation = await desk.start(name="Asha")
    path = f"/conversations/{conversation}"
    before = (await desk.call("agent", "GET", f"{path}/messages")).json()["meta"]
    assert before["contact"]["name"] == "Asha"
    assert "assignee" not in before
    await desk.call("bot", "POST", f"{path}/assignments", {"assignee_id": 8})
    after = (await desk.call("agent", "GET", f"{path}/messages")).json()["meta"]
    assert after["assignee"]["name"] == "Juma"


async def test_a_delivery_status_is_for_api_inboxes_alone(desk: Desk) -> None:
    conversation = await desk.start(12)
    message = await desk.sent(conversation, content="x")
    path = f"/conversations/{conversation}/messages/{message['id']}"
    failed = await desk.call("agent", "PATCH", path, {"status": "failed", "external_error": "no route"})
    assert failed.json()["status"] == "failed"
    assert failed.json()["content_attributes"] == {"external_error": "no route"}
    again = await desk.call("agent", "POST", f"{path}/retry")
    assert again.status_code == 200
    assert (await desk.thread(conversation))[0]["content_attributes"] == {}
    other = await desk.start(13)
    widget = await desk.sent(other, content="x")
    refused = await desk.call(
        "agent", "PATCH", f"/conversations/{other}/messages/{widget['id']}", {"status": "read"}
    )
    assert refused.status_code == 403
    assert refused.json() == {"error": "Message status update is only allowed for API inboxes"}


async def test_a_deleted_message_stays_as_a_blank(desk: Desk) -> None:
    conversation = await desk.start()
    message = await desk.sent(conversation, content="secret")
    await desk.call("agent", "DELETE", f"/conversations/{conversation}/messages/{message['id']}")
    row = (await desk.thread(conversation))[0]
    assert row["content"] == "This message was deleted"
    assert row["content_attributes"] == {"deleted": True}


@pytest.mark.parametrize(("inbox", "reaches"), [(12, True), (13, True), (15, False)])
async def test_a_source_id_keeps_a_message_out_of_provider_channels(
    desk: Desk, inbox: int, reaches: bool
) -> None:
    conversation = await desk.start(inbox, phone="+254700000111")
    await desk.sent(conversation, "agent", content="plain")
    await desk.sent(conversation, "agent", content="marked", source_id="ours")
    sent = [message["sent_to_channel"] for message in await desk.thread(conversation)]
    assert sent == [True, reaches]


async def test_files_travel_as_multipart_and_can_be_fetched(desk: Desk) -> None:
    conversation = await desk.start()
    answer = await desk.http.post(
        f"/api/v1/accounts/3/conversations/{conversation}/messages",
        data={"content": "See", "private": "false", "content_attributes": '{"in_reply_to": 7}'},
        files=[("attachments[]", ("pic.png", b"\x89PNG\r\n\x00", "image/png"))],
        headers={"api_access_token": "bot-token"},
    )
    body = answer.json()
    assert body["content_attributes"] == {"in_reply_to": 7}
    file = body["attachments"][0]
    assert (file["file_type"], file["file_size"]) == ("image", 7)
    redirect = await desk.http.get(file["data_url"].replace("http://chatwoot.invalid", ""))
    stored = await desk.http.get(redirect.headers["location"])
    assert (redirect.status_code, stored.content) == (302, b"\x89PNG\r\n\x00")


async def test_a_message_takes_fifteen_files(desk: Desk) -> None:
    conversation = await desk.start()
    files = [("attachments[]", (f"{n}.txt", b"x", "text/plain")) for n in range(16)]
    url = f"/api/v1/accounts/3/conversations/{conversation}/messages"
    headers = {"api_access_token": "bot-token"}
    assert (await desk.http.post(url, files=files, headers=headers)).status_code == 422
    assert (await desk.http.post(url, files=files[:15], headers=headers)).status_code == 200


async def test_a_body_that_is_no_json_is_a_400(desk: Desk) -> None:
    url = f"/api/v1/accounts/3/conversations/{await desk.start()}/messages"
    headers = {"api_access_token": "bot-token", "content-type": "application/json"}
    assert (await desk.http.post(url, content=b"{", headers=headers)).status_code == 400


async def test_the_greeting_is_a_template_nobody_sent(desk: Desk) -> None:
    inbox = {"id": 16, "channel": "api", "greeting_message": "Welcome"}
    await desk.http.post("/_control/seed", json={"inboxes": [inbox]})
    conversation = await desk.start(16, message="hi")
    await desk.say(conversation, "again")
    thread = [(m["message_type"], m["content"], m["sender_type"]) for m in await desk.thread(conversation)]
    assert thread == [
        ("incoming", "hi", "Contact"),
        ("template", "Welcome", None),
        ("incoming", "again", "Contact"),
    ]
