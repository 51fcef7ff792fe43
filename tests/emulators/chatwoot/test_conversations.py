"""Conversations: how they start, what a status change sets off, assignments, labels, attributes."""

from typing import Any

import pytest

from tests.emulators.chatwoot.conftest import OpenDesk
from tests.emulators.chatwoot.desk import START, Desk


async def _create(desk: Desk, who: str = "agent", **body: Any) -> Any:
    return await desk.call(who, "POST", "/conversations", body)


async def _contact(desk: Desk, **body: Any) -> int:
    answer = await desk.call("agent", "POST", "/contacts", body)
    return int(answer.json()["payload"]["contact"]["id"])


@pytest.mark.parametrize(("inbox", "status"), [(12, "pending"), (13, "pending"), (14, "open")])
async def test_a_conversation_starts_pending_where_a_bot_is_active(
    desk: Desk, inbox: int, status: str
) -> None:
    assert (await desk.look(await desk.start(inbox)))["status"] == status


async def test_an_inactive_bot_counts_as_none(desk: Desk) -> None:
    inbox = {"id": 16, "agent_bot_id": 4, "agent_bot_active": False}
    await desk.http.post("/_control/seed", json={"inboxes": [inbox]})
    assert (await desk.look(await desk.start(16, message="hi")))["status"] == "open"
    assert (await desk.settle()).events("bot") == []


async def test_an_explicit_status_wins_and_a_blocked_contact_is_resolved(desk: Desk) -> None:
    contact = await _contact(desk, name="Asha")
    explicit = await _create(desk, inbox_id=12, contact_id=contact, status="open")
    assert explicit.json()["status"] == "open"
    blocked = await _contact(desk, name="Spam", blocked=True)
    assert (await _create(desk, inbox_id=12, contact_id=blocked)).json()["status"] == "resolved"


async def test_a_conversation_is_created_with_its_first_message_or_not_at_all(desk: Desk) -> None:
    contact = await _contact(desk, name="Asha")
    good = await _create(desk, "bot", inbox_id=12, contact_id=contact, message={"content": "Karibu"})
    assert good.json()["messages"][0]["content"] == "Karibu"
    bad = {"content": "x", "content_type": "cards"}
    assert (await _create(desk, inbox_id=12, contact_id=contact, message=bad)).status_code == 422
    state = (await desk.http.get("/_control/state")).json()
    assert len(state["conversations"]) == 1


async def test_a_source_id_alone_finds_the_address_and_a_foreign_one_is_refused(desk: Desk) -> None:
    first, second = await _contact(desk, name="A"), await _contact(desk, name="B")
    await _create(desk, inbox_id=12, contact_id=first, source_id="s1")
    assert (await _create(desk, source_id="s1")).json()["meta"]["sender"]["id"] == first
    clash = await _create(desk, inbox_id=12, contact_id=second, source_id="s1")
    assert (clash.status_code, clash.json()) == (422, {"error": "source_id should be unique"})
    assert (await _create(desk, source_id="unknown")).status_code == 404


async def test_an_inbox_locked_to_one_conversation_hands_it_out_again(desk: Desk) -> None:
    inbox = {"id": 16, "lock_to_single_conversation": True}
    await desk.http.post("/_control/seed", json={"inboxes": [inbox]})
    contact = await _contact(desk, name="A")
    ids = [(await _create(desk, inbox_id=16, contact_id=contact)).json()["id"] for _ in range(2)]
    assert ids[0] == ids[1]


async def test_display_ids_count_per_account_and_message_ids_for_all(desk: Desk) -> None:
    await desk.start(message="one")
    inbox = {"id": 90, "channel": "api"}
    await desk.http.post("/_control/seed", json={"account": {"id": 5}, "inboxes": [inbox]})
    other = await desk.customer("start", account=5, inbox=90, message="two")
    assert other["conversationId"] == 1
    assert other["messageId"] == 9102


async def test_a_bot_that_opens_a_pending_conversation_hands_it_over(desk: Desk) -> None:
    conversation = await desk.start()
    payload = await desk.toggle("bot", conversation, status="open")
    assert payload == {
        "success": None,
        "conversation_id": conversation,
        "current_status": "open",
        "snoozed_until": None,
    }
    row = await desk.look(conversation)
    assert (row["status"], row["assignee_id"]) == ("open", None)


@pytest.mark.parametrize(("who", "assignee"), [("agent", 8), ("admin", None), ("bot", None)])
async def test_opening_assigns_only_a_person_whose_role_is_agent(
    desk: Desk, who: str, assignee: int | None
) -> None:
    conversation = await desk.start()
    await desk.toggle(who, conversation, status="open")
    assert (await desk.look(conversation))["assignee_id"] == assignee


async def test_a_bot_takes_back_by_setting_pending(desk: Desk) -> None:
    conversation = await desk.start()
    await desk.toggle("bot", conversation, status="open")
    payload = await desk.toggle("bot", conversation, status="pending")
    assert (payload["success"], payload["current_status"]) == (True, "pending")


async def test_without_a_status_the_toggle_flips(desk: Desk) -> None:
    conversation = await desk.start()
    seen = [(await desk.toggle("admin", conversation))["current_status"] for _ in range(3)]
    assert seen == ["open", "resolved", "open"]


@pytest.mark.parametrize("until", ["2026-01-06T08:00:00Z", 1767686400, "1767686400"])
async def test_snoozing_takes_iso_text_or_seconds_and_ends_with_the_status(desk: Desk, until: object) -> None:
    conversation = await desk.start()
    payload = await desk.toggle("admin", conversation, status="snoozed", snoozed_until=until)
    assert payload["snoozed_until"] == "2026-01-06T08:00:00.000Z"
    assert (await desk.toggle("admin", conversation, status="open"))["snoozed_until"] is None


@pytest.mark.parametrize(
    ("inbox", "before", "after"),
    [
        (12, "resolve", "pending"),
        (14, "resolve", "open"),
        (12, "snooze", "open"),
        (12, "reopen", "open"),
        (12, "pending", "pending"),
    ],
)
async def test_an_incoming_message_reopens_by_the_rules(
    desk: Desk, inbox: int, before: str, after: str
) -> None:
    conversation = await desk.start(inbox, message="hi")
    await desk.customer(before, conversation=conversation)
    await desk.say(conversation, "hello?")
    assert (await desk.look(conversation))["status"] == after


async def test_the_priority_is_one_of_four_or_none(desk: Desk) -> None:
    conversation = await desk.start()
    path = f"/conversations/{conversation}/toggle_priority"
    answer = await desk.call("bot", "POST", path, {"priority": "urgent"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert (await desk.look(conversation))["priority"] == "urgent"
    await desk.call("bot", "POST", path, {"priority": None})
    assert (await desk.look(conversation))["priority"] is None
    patched = await desk.call("bot", "PATCH", f"/conversations/{conversation}", {"priority": "low", "x": 1})
    assert patched.json()["priority"] == "low"


@pytest.mark.parametrize(("setting", "status"), [("error", 500), ("clear", 200)])
async def test_priority_none_is_an_unverified_setting(open_desk: OpenDesk, setting: str, status: int) -> None:
    desk = await open_desk(priority_none=setting)
    path = f"/conversations/{await desk.start()}/toggle_priority"
    assert (await desk.call("bot", "POST", path, {"priority": "none"})).status_code == status


async def test_custom_attributes_are_replaced_unless_a_newer_release_is_asked_to_merge(
    open_desk: OpenDesk,
) -> None:
    for profile, merged in (("v4.16", {"b": 2, "c": 3}), ("v4.3", {"c": 3})):
        desk = await open_desk(profile=profile)
        path = f"/conversations/{await desk.start()}/custom_attributes"
        await desk.call("bot", "POST", path, {"custom_attributes": {"a": 1}})
        replaced = await desk.call("bot", "POST", path, {"custom_attributes": {"b": 2}})
        assert replaced.json() == {"custom_attributes": {"b": 2}}
        body = {"custom_attributes": {"c": 3}, "merge": True}
        assert (await desk.call("bot", "POST", path, body)).json() == {"custom_attributes": merged}


async def test_single_custom_attributes_can_be_destroyed_in_newer_releases(open_desk: OpenDesk) -> None:
    for profile, status in (("v4.16", 200), ("v4.3", 404)):
        desk = await open_desk(profile=profile)
        path = f"/conversations/{await desk.start()}"
        await desk.call("bot", "POST", f"{path}/custom_attributes", {"custom_attributes": {"a": 1, "b": 2}})
        body = {"custom_attributes": ["a"]}
        answer = await desk.call("agent", "POST", f"{path}/destroy_custom_attributes", body)
        assert answer.status_code == status
        if status == 200:
            assert answer.json() == {"custom_attributes": {"b": 2}}


async def test_posting_labels_replaces_the_list(desk: Desk) -> None:
    path = f"/conversations/{await desk.start()}/labels"
    await desk.call("bot", "POST", path, {"labels": ["vip", "refund", "vip"]})
    assert (await desk.call("bot", "GET", path)).json() == {"payload": ["vip", "refund"]}
    assert (await desk.call("bot", "POST", path, {"labels": ["late"]})).json() == {"payload": ["late"]}
    assert (await desk.call("bot", "POST", path, {})).status_code == 422


async def test_assignments_answer_with_the_row_they_set(desk: Desk) -> None:
    conversation = await desk.start()
    path = f"/conversations/{conversation}/assignments"
    agent = await desk.call("bot", "POST", path, {"assignee_id": 8, "team_id": 2})
    assert (agent.json()["name"], agent.json()["role"]) == ("Juma", "agent")
    team = await desk.call("bot", "POST", path, {"team_id": 2})
    assert team.json()["name"] == "Billing"
    row = await desk.look(conversation)
    assert (row["assignee_id"], row["team_id"]) == (8, 2)
    nobody = await desk.call("bot", "POST", path, {"assignee_id": 99})
    assert nobody.json() is None
    assert (await desk.look(conversation))["assignee_id"] is None


async def test_a_bot_can_be_the_assignee_in_newer_releases(open_desk: OpenDesk) -> None:
    for profile, status in (("v4.16", "pending"), ("v4.3", "open")):
        desk = await open_desk(profile=profile)
        conversation = await desk.start(14)
        body = {"assignee_id": 4, "assignee_type": "AgentBot"}
        await desk.call("agent", "POST", f"/conversations/{conversation}/assignments", body)
        row = await desk.look(conversation)
        assert row["status"] == status
        assert (row["assignee_agent_bot_id"] == 4) == (profile == "v4.16")


async def test_an_assigned_bot_hears_of_an_inbox_that_is_not_its_own(desk: Desk) -> None:
    conversation = await desk.start(14)
    body = {"assignee_id": 4, "assignee_type": "AgentBot"}
    await desk.call("agent", "POST", f"/conversations/{conversation}/assignments", body)
    await desk.say(conversation, "hi")
    assert "message_created" in (await desk.settle()).events("bot")


async def test_auto_assignment_gives_an_opened_conversation_to_the_freest_agent(desk: Desk) -> None:
    users = [{"id": 18, "name": "Neema"}]
    inbox = {"id": 16, "agent_bot_id": 4, "enable_auto_assignment": True}
    await desk.http.post("/_control/seed", json={"users": users, "inboxes": [inbox]})
    conversations = [await desk.start(16), await desk.start(16)]
    for conversation in conversations:
        await desk.toggle("bot", conversation, status="open")
    assert [(await desk.look(c))["assignee_id"] for c in conversations] == [8, 18]


async def test_activities_tell_who_did_what(desk: Desk) -> None:
    conversation = await desk.start()
    await desk.customer("take_over", conversation=conversation)
    await desk.call("agent", "POST", f"/conversations/{conversation}/labels", {"labels": ["vip"]})
    await desk.customer("resolve", conversation=conversation)
    assert [message["content"] for message in await desk.thread(conversation)] == [
        "Juma self-assigned this conversation",
        "Conversation was reopened by Juma",
        "Juma added vip",
        "Conversation was marked resolved by Juma",
    ]


async def test_a_persons_first_public_answer_ends_the_wait(desk: Desk) -> None:
    conversation = await desk.start(message="hi")
    await desk.sent(conversation, content="I am a bot")
    await desk.customer("private_note", conversation=conversation, text="note")
    assert (await desk.look(conversation))["waiting_since"] == START
    desk.clock.moment += 5
    await desk.customer("agent_reply", conversation=conversation, text="Hello")
    row = await desk.look(conversation)
    assert (row["waiting_since"], row["first_reply_created_at"]) == (None, START + 5)
    await desk.say(conversation, "thanks")
    assert (await desk.look(conversation))["waiting_since"] == START + 5


async def test_the_list_filters_by_status_and_pages_by_25(desk: Desk) -> None:
    for _ in range(27):
        await desk.start(14)
    await desk.start(12)
    open_ones = (await desk.call("agent", "GET", "/conversations")).json()["data"]
    assert len(open_ones["payload"]) == 25
    assert open_ones["meta"]["all_count"] == 27
    second = (await desk.call("agent", "GET", "/conversations?page=2")).json()["data"]["payload"]
    assert [row["id"] for row in second] == [2, 1]
    everything = (await desk.call("agent", "GET", "/conversations/meta?status=all")).json()["meta"]
    assert everything["all_count"] == 28


async def test_the_rest_object_leaves_out_an_assignee_that_is_not_there(desk: Desk) -> None:
    conversation = await desk.start(message="hi")
    shown = (await desk.call("bot", "GET", f"/conversations/{conversation}")).json()
    assert "assignee" not in shown["meta"]
    assert shown["meta"]["channel"] == "Channel::Api"
    assert (shown["unread_count"], shown["last_non_activity_message"]["content"]) == (1, "hi")
    await desk.call("agent", "POST", f"/conversations/{conversation}/update_last_seen")
    seen = (await desk.call("bot", "GET", f"/conversations/{conversation}")).json()
    assert seen["unread_count"] == 0
