"""Which event starts which flow, and that nothing starts on a human's lane."""

from typing import Any

import pytest

from dsl.inputs import Inbound
from intake.triggers import starting_events
from store import ledger
from store.ledger import Entry
from tests.intake.office import Office
from tests.store.made import message, status


def opened(key: str, event: str = "conversation_created") -> Inbound:
    """A conversation or widget that was opened."""
    told = {"key": key, "address": "7", "event": event, "kind": "opened", "conversation": {"id": 7}}
    return Inbound.model_validate(told)


@pytest.mark.parametrize(
    ("event", "opens", "expected"),
    [
        (message("a"), True, ["conversation_created", "message_created"]),
        (message("a"), False, ["message_created"]),
        (opened("o"), True, ["conversation_created"]),
        (opened("o"), False, []),
        (opened("w", "webwidget_triggered"), True, ["webwidget_triggered", "conversation_created"]),
        (status("s", "resolved"), False, ["conversation_resolved"]),
        (status("s", "open"), False, ["conversation_reopened"]),
        (status("s", "snoozed"), True, []),
        (message("a").model_copy(update={"kind": "submitted"}), True, []),
    ],
)
def test_an_event_starts_as_what_it_is(event: Inbound, opens: bool, expected: list[str]) -> None:
    assert starting_events(event, opens=opens) == expected


def on_line(kind: str, event: str, channel: str, *, turn: bool = False, **more: Any) -> Inbound:
    """Something that a person does on a phone."""
    told = {"key": f"{event}:{more}", "address": "*384*1#/0f", "event": event, "channel": channel}
    waits = {"surface": "ussd", "session": "s"} if turn else None
    return Inbound.model_validate({**told, "kind": kind, "text": "1", "turn": waits, **more})


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (on_line("message", "sms_received", "sms"), ["sms_received"]),
        (on_line("opened", "ussd_session", "ussd", turn=True), ["ussd_session"]),
        (on_line("message", "ussd_input", "ussd", turn=True), ["ussd_session"]),
        (on_line("hung_up", "ussd_ended", "ussd"), []),
        (on_line("opened", "call_received", "voice", turn=True), ["call_received"]),
        (on_line("opened", "call_answered", "voice", turn=True), []),
        (on_line("message", "call_input", "voice", turn=True), []),
        (on_line("report", "effect_report", "sms"), []),
    ],
)
def test_what_people_do_on_the_phone_starts_under_its_own_name(event: Inbound, expected: list[str]) -> None:
    assert starting_events(event, opens=True) == expected
    assert starting_events(event, opens=False) == expected


@pytest.mark.real
async def test_a_keyword_is_stronger_than_a_service_code_and_that_than_the_channel(office: Office) -> None:
    channel = await office.publish("channel", event="sms_received", channel="sms")
    code = await office.publish("code", event="sms_received", channel="sms", service_code="28901")
    word = await office.publish("word", event="sms_received", channel="sms", keyword="join")
    other = await office.publish("ussd", event="ussd_session", channel="ussd", service_code="28901")
    cases = [("hi", "700", channel), ("hi", "28901", code), ("join now", "28901", word), ("join", "7", word)]
    for number, (text, service, expected) in enumerate(cases):
        who: dict[str, Any] = {
            "contact": {"phone": "+254700000111"},
            "conversation": {"service": service},
        }
        address = f"{service}/{number}"
        await office.arrive(on_line("message", "sms_received", "sms", text=text, address=address, **who))
        scene = (await office.argument(address)).scene
        assert (scene.flow_id, scene.channel, scene.service) == (expected, "sms", service)
        assert scene.phone == "+254700000111"
    assert other not in [expected for _, _, expected in cases]


async def started_flow(office: Office, *events: Inbound) -> str | None:
    """The flow that runs after the events came."""
    row = await office.arrive(*events)
    if (await office.lane(row.lane)).execution_id is None:
        return None
    return (await office.argument()).scene.flow_id


@pytest.mark.real
async def test_a_keyword_is_stronger_than_an_inbox_and_an_inbox_than_the_channel(office: Office) -> None:
    channel = await office.publish("channel")
    inbox = await office.publish("inbox", inbox_id=3)
    keyword = await office.publish("keyword", keyword="Join Now")
    cases = [
        ("hi", 4, channel),
        ("hi", 3, inbox),
        ("  join   now please", 3, keyword),
        ("rejoin now", 3, inbox),
    ]
    for address, (text, inbox_id, expected) in enumerate(cases, 10):
        await office.arrive(message(str(address), text, address=str(address), inbox_id=inbox_id))
        assert (await office.argument(str(address))).scene.flow_id == expected


@pytest.mark.real
async def test_the_more_particular_event_wins_and_other_connections_do_not_count(office: Office) -> None:
    await office.publish("any", event="message_created")
    await office.publish("elsewhere", connection="chatwoot-2", keyword="hi")
    first = await office.publish("first", event="conversation_created")
    assert await started_flow(office, message("a", "hi")) == first


@pytest.mark.real
async def test_only_what_is_published_starts(office: Office) -> None:
    await office.publish()
    await office.db.execute("UPDATE flows SET published_version = NULL")
    assert await started_flow(office, message("a")) is None
    await office.db.execute("UPDATE flows SET published_version = 3, deleted_at = now()")
    assert await started_flow(office, message("b")) is None


@pytest.mark.real
async def test_flows_of_another_workspace_do_not_start(office: Office) -> None:
    await Office(office.db, office.client, office.gateway, "other").publish()
    assert await started_flow(office, message("a")) is None


@pytest.mark.real
async def test_an_opened_conversation_starts_without_a_message_and_takes_the_next_along(
    office: Office,
) -> None:
    await office.publish()
    await office.accept(opened("conv:7"))
    row = await office.accept(message("a"))
    await office.gateway.deliver(office.workspace, row.lane)
    run = await office.argument()
    assert run.trigger == {"event": "conversation_created", "channel": "chatwoot"}
    assert [input.seq for input in run.opening_rows] == [1, 2]


@pytest.mark.real
async def test_a_known_conversation_starts_again_only_once_it_was_resolved(office: Office) -> None:
    flow = await office.publish()
    first = await office.arrive(message("a", "stop"))
    await office.run().result()
    await office.recorded(first.lane, first.id, 1)
    assert await started_flow(office, message("b", "thanks")) is None
    assert await started_flow(office, status("s", "resolved")) is None
    assert await started_flow(office, message("c", "hello again")) == flow


@pytest.mark.real
async def test_a_conversation_counts_as_resolved_for_what_is_delivered_with_the_news(office: Office) -> None:
    await office.publish()
    first = await office.arrive(message("a", "stop"))
    await office.run().result()
    await office.recorded(first.lane, first.id, 1)
    for event in (status("s", "resolved"), status("p", "pending"), message("c", "hello again")):
        await office.accept(event)
    assert await office.gateway.deliver(office.workspace, first.lane)
    assert (await office.fates())[1:] == [
        (2, "consumed", "owner"), (3, "consumed", "owner"), (4, "handed", None)
    ]  # fmt: skip


@pytest.mark.real
async def test_a_person_who_came_too_late_begins_anew(office: Office) -> None:
    flow = await office.publish()
    first = await office.arrive(message("a", "stop"))
    await office.run().result()
    await office.recorded(first.lane, first.id, 1, "expired")
    assert await started_flow(office, message("b")) == flow


@pytest.mark.real
async def test_nothing_starts_on_a_humans_lane_until_it_is_given_back(office: Office) -> None:
    flow = await office.publish()
    await office.publish("any", event="message_created")
    pending = {"conversation": {"id": 7, "status": "pending"}}
    first_event = opened("conv:7").model_copy(update=pending)
    assert await started_flow(office, first_event, message("stop", "stop")) == flow
    await office.run().result()
    first = await office.lane(str(await office.db.fetchval("SELECT id FROM lanes")))
    await office.recorded(first.id, str(first.execution_id), 2)
    assert await started_flow(office, status("s1", "open"), message("b"), opened("conv:8")) is None
    assert (await office.fates())[2:] == [
        (3, "consumed", "owner"),
        (4, "consumed", "to_human"),
        (5, "consumed", "to_human"),
    ]
    assert (await office.lane(first.id)).owner == "human"
    assert await started_flow(office, status("s2", "resolved"), message("c")) == flow


@pytest.mark.real
async def test_without_a_bot_a_lane_is_a_humans_once_a_user_is_assigned(office: Office) -> None:
    flow = await office.publish()
    opened_by_person = status("s1", "open", assignee={"id": 8, "type": "user"})
    assert await started_flow(office, opened_by_person, message("a")) is None
    assert await started_flow(office, status("s2", "open")) is None
    assert await started_flow(office, message("b")) is None
    assert await started_flow(office, status("s3", "pending"), message("c")) == flow


@pytest.mark.real
async def test_in_an_inbox_with_a_bot_an_open_conversation_is_a_humans_from_the_start(office: Office) -> None:
    """Also one we never saw before: others of the inbox began as pending."""
    await office.publish(event="message_created")
    pending, was_open = {"status": "pending"}, {"status": "open"}
    await office.arrive(message("a", address="8", inbox_id=3, conversation=pending))
    await office.arrive(message("b", address="7", inbox_id=3, conversation=was_open))
    await office.arrive(message("c", address="9", inbox_id=4, conversation=was_open))
    rows = await office.db.fetch("SELECT dedupe_key, state, how FROM inbound_events ORDER BY accepted_at")
    assert [tuple(row) for row in rows] == [
        ("msg:a", "handed", None),
        ("msg:b", "consumed", "to_human"),
        ("msg:c", "handed", None),
    ]


@pytest.mark.real
async def test_a_status_tells_the_run_whose_floor_it_is(office: Office) -> None:
    await office.publish(event="conversation_reopened")
    await office.arrive(status("s1", "open"))
    assert [row.event and row.event.value for row in (await office.argument()).opening_rows] == [
        {"status": "open", "assignee": None, "hasBot": False}
    ]
    assert (await office.lane(str(await office.db.fetchval("SELECT id FROM lanes")))).owner == "bot"


@pytest.mark.real
async def test_our_own_change_of_status_is_an_echo(office: Office) -> None:
    await office.publish(event="message_created")
    first = await office.arrive(message("a"))
    await office.recorded(first.lane, first.id, 1, "running")
    await ledger.begin(office.db, office.workspace, first.id, [Entry("hand", 1, 1, "transfer_agent", "d")], 5)
    opened_it = {"exit": "next", "value": {"status": "open"}}
    await ledger.settle(
        office.db, office.workspace, first.id, "hand", 1, 1, 1, state="done", outcome=opened_it
    )
    await office.arrive(status("s1", "open"), status("s2", "snoozed"))
    assert await office.fates() == [(1, "handed", None), (2, "ignored", "echo"), (3, "handed", None)]
    assert await office.told() == [1, 3]


async def test_an_older_change_of_status_that_arrives_last_gives_nothing_back(office: Office) -> None:
    opened = status("new", "open", at=1_767_604_522.42, hasBot=True)
    assigned = status("old", "pending", at=1_767_604_522.41, hasBot=True)
    last = await office.arrive(message("a", conversation={"id": 7, "status": "pending"}), opened, assigned)
    assert (await office.lane(last.lane)).owner == "human"
    assert (await office.fates())[-1] == (3, "ignored", "outdated")


async def test_a_run_is_not_told_of_an_older_change_of_status(office: Office) -> None:
    await office.publish()
    newest = status("new", "open", at=1_767_604_522.42, hasBot=True)
    await office.arrive(message("a"), newest, status("old", "pending", at=1_767_604_522.41, hasBot=True))
    assert await office.told() == [1, 2]
