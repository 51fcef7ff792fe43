"""Webhooks in our words."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.inputs import Inbound
from providers.chatwoot.events import READERS, read, read_listed
from providers.chatwoot.said import Ignored
from providers.errors import ReadError
from tests.providers.chatwoot.payloads import (
    AGENT,
    BOT,
    CONVERSATION,
    NESTED,
    assigned,
    conversation,
    message,
    updated,
    widget,
)


def inbound(body: Any) -> Inbound:
    event = read(body)
    assert isinstance(event, Inbound), event
    return event


def test_a_message_of_the_contact_is_read_in_our_words() -> None:
    assert inbound(message()) == Inbound(
        key="msg:9101",
        address="77",
        event="message_created",
        kind="message",
        text="habari",
        message_id=9101,
        inbox_id=12,
        contact={
            "id": 501,
            "name": "Asha",
            "email": None,
            "phone": "+254700000111",
            "identifier": None,
            "custom": {"tier": "gold"},
        },
        conversation={
            "id": 77,
            "status": "pending",
            "inboxId": 12,
            "channel": "Channel::WebWidget",
            "labels": ["vip"],
            "custom": {"plan": "a"},
        },
    )


def test_a_message_of_attachments_alone_has_no_text() -> None:
    files = [
        {
            "id": 5,
            "file_type": "image",
            "data_url": "https://files.example/5",
            "thumb_url": "t",
            "file_size": 9,
        }
    ]
    event = inbound(message(content=None, attachments=files))
    assert event.text is None
    assert event.attachments == [{"id": 5, "type": "image", "url": "https://files.example/5", "size": 9}]


def test_a_long_text_is_cut_at_16_kib_of_utf8_and_says_so() -> None:
    event = inbound(message(content="é" * 10_000))
    assert event.text == "é" * 8192
    assert event.value == {"textCut": True}


def test_nul_characters_are_removed_everywhere() -> None:
    event = inbound(message(content="a\x00b", sender={"id": 1, "name": "A\x00sha"}))
    assert "\\u0000" not in event.model_dump_json()
    assert (event.text, event.contact["name"]) == ("ab", "Asha")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"message_type": "outgoing", "sender": BOT}, "outgoing"),
        ({"message_type": "outgoing", "sender": AGENT}, "outgoing"),
        ({"message_type": "outgoing", "sender": AGENT, "private": True}, "outgoing"),
        ({"private": True}, "private"),
        ({"message_type": "template", "sender": None}, "template"),
        ({"message_type": "activity", "sender": None}, "activity"),
        ({"message_type": "voice"}, "unknown_type"),
        ({"message_type": None}, "unknown_type"),
        ({"sender": BOT}, "not_from_contact"),
        ({"sender": AGENT}, "not_from_contact"),
    ],
)
def test_what_no_contact_said_is_ignored(changes: dict[str, Any], reason: str) -> None:
    assert read(message(**changes)) == Ignored(reason)


def test_a_new_conversation_with_a_message_is_that_message_under_its_key() -> None:
    event = inbound(conversation("conversation_created"))
    assert (event.key, event.kind, event.event) == ("msg:9101", "message", "conversation_created")
    assert (event.text, event.message_id, event.inbox_id) == ("habari", 9101, 12)
    assert event.contact == inbound(message()).contact


@pytest.mark.parametrize("messages", [[], [NESTED | {"message_type": 1, "sender_type": "AgentBot"}]])
def test_a_new_conversation_without_a_message_is_opened(messages: list[Any]) -> None:
    event = inbound(conversation("conversation_created", messages=messages))
    assert (event.key, event.kind, event.address, event.text) == ("conv:77", "opened", "77", None)


def test_an_opened_widget_is_keyed_by_visitor_and_moment() -> None:
    event = inbound(widget(CONVERSATION))
    assert event.key == "widget:640:Mon Jan 05 2026 12:15:00 GMT+0300"
    assert (event.kind, event.address, event.contact["id"]) == ("opened", "77", 501)


def test_an_opened_widget_without_conversation_has_nowhere_to_go() -> None:
    assert read(widget(None)) == Ignored("no_conversation")


PICK = [{"title": "Balance", "value": "bal"}]


@pytest.mark.parametrize(
    ("content_type", "attributes", "text", "value"),
    [
        ("input_select", {"submitted_values": PICK}, "Balance", "bal"),
        (
            "input_select",
            {"submitted_values": [*PICK, {"title": "Agent"}]},
            "Balance, Agent",
            ["bal", "Agent"],
        ),
        (
            "form",
            {"submitted_values": [{"name": "town", "value": "Thika"}, {"name": "kind", "value": "n"}]},
            None,
            {"town": "Thika", "kind": "n"},
        ),
        ("input_email", {"submitted_email": "a@example.org"}, "a@example.org", "a@example.org"),
        (
            "input_csat",
            {"submitted_values": {"csat_survey_response": {"rating": 4, "feedback_message": "fine"}}},
            "fine",
            {"rating": 4, "feedback": "fine"},
        ),
    ],
)
def test_what_was_submitted_is_read_by_its_kind(
    content_type: str, attributes: dict[str, Any], text: str | None, value: Any
) -> None:
    event = inbound(updated(content_type, **attributes))
    assert (event.kind, event.message_id, event.address) == ("submitted", 9102, "77")
    assert (event.text, event.value) == (text, value)
    assert event.contact["id"] == 501  # not the bot, whose message it is


def test_the_key_of_an_answer_is_its_message_and_its_values() -> None:
    digest = hashlib.sha256(b'[{"title":"Balance","value":"bal"}]').hexdigest()
    assert inbound(updated("input_select", submitted_values=PICK)).key == f"upd:9102:{digest}"
    reordered = [{"value": "bal", "title": "Balance"}]
    assert inbound(updated("input_select", submitted_values=reordered)).key == f"upd:9102:{digest}"
    other = inbound(updated("input_select", submitted_values=[{"title": "Agent", "value": "agent"}]))
    assert other.key != f"upd:9102:{digest}"


@pytest.mark.parametrize(
    "attributes",
    [{}, {"submitted_values": None}, {"submitted_values": []}, {"deleted": True, "submitted_values": PICK}],
)
def test_an_update_without_an_answer_is_ignored(attributes: dict[str, Any]) -> None:
    assert read(updated("input_select", **attributes)) == Ignored("not_submitted")


def test_a_change_of_status_is_keyed_by_conversation_status_and_time() -> None:
    event = inbound(conversation("conversation_status_changed", status="open", changed_attributes=None))
    assert event.key == "status:77:open:1767604522.420000"
    assert (event.kind, event.address) == ("status", "77")
    assert event.value == {"status": "open", "assignee": None, "hasBot": False, "at": 1767604522.42}


def test_the_same_change_told_by_three_events_has_one_key() -> None:
    names = ("conversation_status_changed", "conversation_updated", "conversation_resolved")
    assert len({inbound(conversation(name, status="resolved")).key for name in names}) == 1


@pytest.mark.parametrize("kind", ["User", None])
def test_a_user_as_assignee_is_told(kind: str | None) -> None:
    event = inbound(assigned("conversation_updated", AGENT, kind))
    assert event.value["assignee"] == {"id": 8, "name": "Juma", "type": "user"}


def test_a_bot_as_assignee_is_no_human() -> None:
    event = inbound(assigned("conversation_updated", BOT, "AgentBot"))
    assert (event.value["assignee"], event.value["hasBot"]) == (None, True)


@pytest.mark.parametrize(
    ("changed", "moves"),
    [
        (["waiting_since", "updated_at"], False),
        (["label_list"], False),
        (["assignee_id", "updated_at"], True),
        (["status"], True),
        (["something_new"], True),
    ],
)
def test_an_update_counts_unless_only_harmless_things_changed(changed: list[str], moves: bool) -> None:
    changes = [{name: {"previous_value": None, "current_value": 1}} for name in changed]
    event = read(conversation("conversation_updated", changed_attributes=changes))
    assert isinstance(event, Inbound) if moves else event == Ignored("owner_unchanged")


@pytest.mark.parametrize("event", ["contact_updated", "conversation_typing_on", "inbox_created", "", "read"])
def test_events_nobody_needs_are_ignored(event: str) -> None:
    assert read({"event": event}) == Ignored("unknown_event")


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        7,
        {},
        {"event": 1},
        message(id=None),
        message(id=True),
        message(id="9101"),
        message(id=-1),
        message(id=2**63),
        message(conversation=None),
        conversation("conversation_created", id=0),
    ],
)
def test_what_cannot_be_an_event_is_a_read_error(body: Any) -> None:
    with pytest.raises(ReadError):
        read(body)


def test_a_listed_message_is_the_same_input_as_its_event() -> None:
    listed = read_listed(NESTED, CONVERSATION)
    assert listed == inbound(message())


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)


@given(st.sampled_from([*READERS, "other"]), JSON, st.data())
def test_any_json_at_all_is_read_or_refused_in_words(event: str, rubbish: Any, data: st.DataObject) -> None:
    body = data.draw(st.sampled_from([message(), conversation(event), updated("form"), widget(CONVERSATION)]))
    field = data.draw(st.sampled_from([*body]))
    for candidate in (
        rubbish,
        body | {field: rubbish, "event": event},
        deeper(body, field, rubbish) | {"event": event},
    ):
        try:
            event_read = read(candidate)
        except ReadError:
            continue
        assert isinstance(event_read, Ignored) or event_read.model_dump_json()


def deeper(body: dict[str, Any], field: str, rubbish: Any) -> dict[str, Any]:
    inner = body[field]
    return body | {field: dict.fromkeys(inner, rubbish)} if isinstance(inner, dict) else body


def test_nesting_without_end_is_cut() -> None:
    deep: Any = "x"
    for _ in range(5000):
        deep = [deep]
    event = inbound(updated("input_select") | {"content_attributes": {"submitted_values": [deep]}})
    assert len(event.model_dump_json()) < 2000


def test_an_event_stays_small_whatever_is_in_it() -> None:
    huge = {f"k{n}": "v" * 500 for n in range(2000)}
    body = message(
        sender={"id": 1, "custom_attributes": huge}, conversation=CONVERSATION | {"custom_attributes": huge}
    )
    assert len(inbound(body).model_dump_json()) < 64 * 1024
