"""Webhook bodies, key by key, and who hears of what."""

import pytest

from tests.emulators.chatwoot.conftest import OpenDesk
from tests.emulators.chatwoot.desk import START, Desk, Json

CONVERSATION_KEYS = {
    "id",
    "inbox_id",
    "channel",
    "status",
    "can_reply",
    "additional_attributes",
    "custom_attributes",
    "labels",
    "priority",
    "snoozed_until",
    "first_reply_created_at",
    "unread_count",
    "waiting_since",
    "agent_last_seen_at",
    "contact_last_seen_at",
    "last_activity_at",
    "timestamp",
    "created_at",
    "updated_at",
    "contact_inbox",
    "messages",
    "meta",
    "account",
}
MENU = {"items": [{"title": "Balance", "value": "bal"}, {"title": "Agent", "value": "agent"}]}


async def _bodies(desk: Desk, path: str, event: str) -> list[Json]:
    return [hook.body for hook in (await desk.settle()).of(path, event)]


async def test_an_incoming_message_has_texts_outside_and_numbers_inside(desk: Desk) -> None:
    await desk.start(13, name="Asha", phone="+254700000111", message="habari")
    body = (await _bodies(desk, "account", "message_created"))[0]
    conversation = body.pop("conversation")
    assert body == {
        "event": "message_created",
        "id": 9101,
        "content": "habari",
        "content_type": "text",
        "content_attributes": {},
        "additional_attributes": {},
        "message_type": "incoming",
        "private": False,
        "source_id": None,
        "created_at": "2026-01-05T09:15:22.417Z",
        "account": {"id": 3, "name": "Duka Moja"},
        "inbox": {"id": 13, "name": "Web chat"},
        "sender": {
            "account": {"id": 3, "name": "Duka Moja"},
            "additional_attributes": {},
            "avatar": "",
            "custom_attributes": {},
            "email": None,
            "id": 501,
            "identifier": None,
            "name": "Asha",
            "phone_number": "+254700000111",
            "thumbnail": "",
            "blocked": False,
        },
    }
    nested = conversation["messages"][0]
    assert (nested["message_type"], nested["created_at"]) == (0, int(START))
    assert (nested["sender_type"], nested["sender"]["type"]) == ("Contact", "contact")


async def test_the_conversation_object_is_complete(desk: Desk) -> None:
    await desk.start(13, name="Asha", message="habari")
    conversation = (await _bodies(desk, "account", "message_created"))[0]["conversation"]
    assert set(conversation) == CONVERSATION_KEYS
    assert conversation["channel"] == "Channel::WebWidget"
    assert (conversation["unread_count"], conversation["waiting_since"]) == (1, int(START))
    assert (conversation["updated_at"], conversation["agent_last_seen_at"]) == (START, 0)
    assert set(conversation["contact_inbox"]) == {
        "id",
        "contact_id",
        "inbox_id",
        "source_id",
        "created_at",
        "updated_at",
        "hmac_verified",
        "pubsub_token",
    }
    assert set(conversation["meta"]) == {"sender", "assignee", "assignee_type", "team", "hmac_verified"}
    assert conversation["meta"]["assignee"] is None


async def test_older_releases_say_less_and_sign_nothing(open_desk: OpenDesk) -> None:
    desk = await open_desk(profile="v4.3")
    await desk.start(12, message="habari")
    receiver = await desk.settle()
    hook = receiver.of("account", "message_created")[0]
    assert not [name for name in hook.headers if name.startswith("x-chatwoot")]
    conversation = hook.body["conversation"]
    assert "account" not in conversation
    assert "assignee_type" not in conversation["meta"]


@pytest.mark.parametrize(
    ("who", "sender"),
    [
        ("bot", {"id": 4, "name": "Flow bot", "type": "agent_bot"}),
        ("agent", {"id": 8, "name": "Juma", "email": "juma@example.org", "type": "user"}),
    ],
)
async def test_outgoing_messages_tell_bots_and_people_apart(desk: Desk, who: str, sender: Json) -> None:
    await desk.sent(await desk.start(), who, content="Karibu")
    body = (await _bodies(desk, "inbox", "message_created"))[0]
    assert (body["message_type"], body["sender"]) == ("outgoing", sender)


async def test_private_notes_are_announced_and_activities_are_not(desk: Desk) -> None:
    conversation = await desk.start(14)
    await desk.customer("private_note", conversation=conversation, text="careful")
    await desk.customer("resolve", conversation=conversation)
    bodies = await _bodies(desk, "account", "message_created")
    assert [(body["content"], body["private"]) for body in bodies] == [("careful", True)]
    assert len(await desk.thread(conversation)) == 2


async def test_the_nested_message_is_the_newest_public_one(desk: Desk) -> None:
    conversation = await desk.start(14, message="first")
    await desk.customer("private_note", conversation=conversation, text="note")
    note = (await _bodies(desk, "account", "message_created"))[-1]
    assert note["content"] == "note"
    assert [message["content"] for message in note["conversation"]["messages"]] == ["first"]


async def test_webhooks_are_built_late_and_bot_payloads_at_once(desk: Desk) -> None:
    conversation = await desk.start()
    await desk.say(conversation, "twice, before anything is sent", count=2)
    receiver = await desk.settle()

    def nested(path: str) -> list[int]:
        hooks = receiver.of(path, "message_created")
        return sorted(hook.body["conversation"]["messages"][0]["id"] for hook in hooks)

    assert nested("bot") == [9101, 9102]
    assert nested("account") == nested("inbox") == [9102, 9102]


async def test_a_click_updates_the_bots_own_message(desk: Desk) -> None:
    conversation = await desk.start()
    menu = await desk.sent(
        conversation, content="Choose", content_type="input_select", content_attributes=MENU
    )
    clicked = await desk.customer("click", conversation=conversation, value="bal")
    assert clicked["messageId"] == menu["id"]
    body = (await _bodies(desk, "bot", "message_updated"))[0]
    assert (body["id"], body["message_type"], body["sender"]["type"]) == (menu["id"], "outgoing", "agent_bot")
    chosen = [{"title": "Balance", "value": "bal"}]
    assert body["content_attributes"] == {**MENU, "submitted_values": chosen}
    assert len(await desk.thread(conversation)) == 1


async def test_later_updates_repeat_the_same_submitted_values(desk: Desk) -> None:
    conversation = await desk.start()
    menu = await desk.sent(
        conversation, content="Choose", content_type="input_select", content_attributes=MENU
    )
    await desk.customer("click", conversation=conversation, title="Agent")
    path = f"/conversations/{conversation}/messages/{menu['id']}"
    await desk.call("agent", "PATCH", path, {"status": "delivered"})
    values = [
        b["content_attributes"]["submitted_values"] for b in await _bodies(desk, "bot", "message_updated")
    ]
    assert values == [[{"title": "Agent", "value": "agent"}]] * 2


async def test_forms_answer_by_name_and_mail_requests_by_address(desk: Desk) -> None:
    conversation = await desk.start()
    fields = {"items": [{"name": "town", "type": "text"}, {"name": "kind", "type": "text"}]}
    await desk.sent(conversation, content="Who?", content_type="form", content_attributes=fields)
    await desk.customer("submit", conversation=conversation, values={"kind": "n", "town": "Moshi"})
    await desk.sent(conversation, content="E-mail?", content_type="input_email")
    await desk.customer("email", conversation=conversation, email="Asha@Example.org")
    form, mail = await _bodies(desk, "bot", "message_updated")
    assert form["content_attributes"]["submitted_values"] == [
        {"name": "town", "value": "Moshi"},
        {"name": "kind", "value": "n"},
    ]
    assert mail["content_attributes"]["submitted_email"] == "asha@example.org"
    assert mail["conversation"]["meta"]["sender"]["email"] == "asha@example.org"


async def test_a_status_change_is_told_in_three_events_to_bots_and_two_to_others(desk: Desk) -> None:
    conversation = await desk.start()
    await desk.settle()
    desk.receiver.hooks.clear()
    await desk.customer("resolve", conversation=conversation)
    receiver = await desk.settle()
    shared = ["conversation_status_changed", "conversation_updated"]
    assert receiver.events("bot") == ["conversation_resolved", *shared]
    assert receiver.events("account") == receiver.events("inbox") == shared
    updated = receiver.last("account", "conversation_updated")
    assert [list(change) for change in updated["changed_attributes"]] == [["status"], ["updated_at"]]
    assert updated["changed_attributes"][0]["status"] == {
        "previous_value": "pending",
        "current_value": "resolved",
    }


async def test_older_bots_hear_only_the_old_names(open_desk: OpenDesk) -> None:
    desk = await open_desk(profile="v4.3")
    conversation = await desk.start()
    await desk.customer("resolve", conversation=conversation)
    assert (await desk.settle()).events("bot") == ["conversation_resolved"]


@pytest.mark.parametrize("filled", [False, True])
async def test_what_changed_in_a_status_event_is_an_unverified_setting(
    open_desk: OpenDesk, filled: bool
) -> None:
    desk = await open_desk(status_changed_attributes="filled" if filled else "null")
    conversation = await desk.start()
    await desk.customer("reopen", conversation=conversation)
    body = (await desk.settle()).last("account", "conversation_status_changed")
    change = [{"status": {"previous_value": "pending", "current_value": "open"}}]
    assert body["changed_attributes"] == (change if filled else None)


async def test_bots_are_not_told_of_new_conversations_or_contacts(desk: Desk) -> None:
    await desk.start(13, message="hi")
    receiver = await desk.settle()
    assert receiver.events("bot") == ["message_created"]
    assert receiver.events("account") == [
        "contact_created",
        "conversation_created",
        "message_created",
        "contact_updated",
    ]


async def test_api_inboxes_hear_everything_of_theirs_but_contacts(desk: Desk) -> None:
    await desk.start(12, message="hi")
    await desk.start(13, message="hi")
    assert (await desk.settle()).events("inbox") == ["conversation_created", "message_created"]


async def test_account_webhooks_hear_what_they_subscribed_to(desk: Desk) -> None:
    await desk.call("admin", "PATCH", "/webhooks/21", {"subscriptions": ["message_created"]})
    await desk.start(14, message="hi")
    assert (await desk.settle()).events("account") == ["message_created"]


async def test_an_unchanged_row_announces_nothing(desk: Desk) -> None:
    conversation = await desk.start(14)
    await desk.call("agent", "POST", f"/conversations/{conversation}/labels", {"labels": ["vip"]})
    await desk.settle()
    desk.receiver.hooks.clear()
    await desk.call("agent", "POST", f"/conversations/{conversation}/labels", {"labels": ["vip"]})
    contact = (await desk.look(conversation))["contact_id"]
    await desk.call("agent", "PUT", f"/contacts/{contact}", {"custom_attributes": {}})
    assert (await desk.settle()).hooks == []


async def test_a_label_change_may_be_announced_twice(open_desk: OpenDesk) -> None:
    desk = await open_desk(label_update_twice=True)
    conversation = await desk.start(14)
    await desk.call("agent", "POST", f"/conversations/{conversation}/labels", {"labels": ["vip"]})
    bodies = await _bodies(desk, "account", "conversation_updated")
    assert [body["labels"] for body in bodies] == [["vip"], ["vip"]]


async def test_auto_assignment_may_hide_the_status_event(open_desk: OpenDesk) -> None:
    desk = await open_desk(auto_assignment_hides_status_change=True)
    inbox = {"id": 16, "agent_bot_id": 4, "enable_auto_assignment": True}
    await desk.http.post("/_control/seed", json={"inboxes": [inbox]})
    conversation = await desk.start(16)
    await desk.toggle("bot", conversation, status="open")
    events = (await desk.settle()).events("account")
    assert "conversation_status_changed" not in events
    assert events.count("conversation_updated") == 2


async def test_an_assigned_person_stands_in_the_meta(desk: Desk) -> None:
    conversation = await desk.start()
    await desk.customer("take_over", conversation=conversation)
    meta = (await desk.settle()).last("account", "conversation_updated")["meta"]
    assert meta["assignee_type"] == "User"
    assert (meta["assignee"]["name"], meta["assignee"]["type"]) == ("Juma", "user")


async def test_a_handoff_takes_the_conversation_from_its_bot(desk: Desk) -> None:
    conversation = await desk.start(13)
    body = {"assignee_id": 4, "assignee_type": "AgentBot"}
    await desk.call("agent", "POST", f"/conversations/{conversation}/assignments", body)
    assert (await desk.settle()).last("account", "conversation_updated")["meta"][
        "assignee_type"
    ] == "AgentBot"
    await desk.toggle("bot", conversation, status="open")
    assert (await desk.settle()).last("account", "conversation_updated")["meta"]["assignee_type"] is None


async def test_an_opened_widget_is_announced_before_there_is_a_conversation(desk: Desk) -> None:
    opened = await desk.customer("open_widget", inbox=13, name="Asha")
    body = (await _bodies(desk, "bot", "webwidget_triggered"))[0]
    assert (body["id"], body["source_id"]) == (opened["contactInboxId"], opened["sourceId"])
    assert (body["current_conversation"], body["contact"]["name"]) == (None, "Asha")


async def test_typing_names_the_person_and_whether_it_is_private(desk: Desk) -> None:
    conversation = await desk.start()
    path = f"/conversations/{conversation}/toggle_typing_status"
    await desk.call("agent", "POST", path, {"typing_status": "on", "is_private": True})
    body = (await _bodies(desk, "inbox", "conversation_typing_on"))[0]
    assert (body["user"]["type"], body["is_private"], body["conversation"]["id"]) == (
        "user",
        True,
        conversation,
    )


async def test_content_is_tidied_in_webhooks_only(desk: Desk) -> None:
    conversation = await desk.start()
    await desk.sent(conversation, content="one\\\ntwo\n\n")
    body = (await _bodies(desk, "inbox", "message_created"))[0]
    assert body["content"] == "one\ntwo"
    assert (await desk.thread(conversation))[0]["content"] == "one\\\ntwo\n\n"
