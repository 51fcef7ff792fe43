"""Rows become signals of the run of their lane, or start one; none is lost, none is told twice."""

import asyncio
from datetime import UTC, datetime

import pytest
from temporalio.client import WorkflowExecutionStatus

from dsl.limits import Limits
from dsl.messages import Scene
from intake.gateway import Busy
from store import delivery, plans
from store.addresses import Addresses
from store.database import Database
from store.ids import new_id
from store.lanes import open_lane
from tests.intake.office import Office
from tests.store.made import CONNECTION, held_up, message, status

pytestmark = pytest.mark.real


async def test_a_first_message_starts_the_flow_and_belongs_to_the_trigger(office: Office) -> None:
    flow = await office.publish()
    attached = [{"type": "image"}]
    seen = {"id": 7, "channel": "Channel::WebWidget"}
    first = await office.arrive(
        message("a", "hello", message_id=41, inbox_id=3, attachments=attached, conversation=seen)
    )
    run = await office.argument()
    assert run.scene == Scene(
        workspace=office.workspace, execution_id=first.id, flow_id=flow, flow_version=3, lane=first.lane,
        connection=CONNECTION, conversation="7", contact_id=5, inbox_id=3, channel="chatwoot",
        surface="Channel::WebWidget",
    )  # fmt: skip
    assert run.plan.digest == "plan-flow"
    assert run.limits == Limits(fast=False)
    assert run.started_at == first.accepted_at
    assert run.trigger == {
        "event": "conversation_created",
        "channel": "chatwoot",
        "message": {"id": 41, "text": "hello", "attachments": attached},
    }
    assert (run.contact, run.conversation) == ({"id": 5, "name": "Asha"}, seen)
    assert [row.id for row in run.opening_rows] == [first.id]
    assert await office.fates() == [(1, "handed", None)]
    lane = await office.lane(first.lane)
    assert (lane.execution_id, lane.started_seq) == (first.id, 1)


async def test_a_run_can_be_found_by_flow_and_workspace_and_is_named_by_its_flow(office: Office) -> None:
    flow = await office.publish()
    first = await office.arrive(message("a"))
    described = await office.run().describe()
    attributes = {pair.key.name: pair.value for pair in described.typed_search_attributes}
    mine = {name: attributes[name] for name in ("FlowId", "WorkspaceId", "Channel", "FlowVersion", "IsTest")}
    assert mine == {
        "FlowId": flow, "WorkspaceId": office.workspace, "Channel": "chatwoot",
        "FlowVersion": 3, "IsTest": False,
    }  # fmt: skip
    assert await described.static_summary() == "Flow flow"
    assert await described.memo_value("execution") == first.id
    assert described.raw_description.execution_config.default_workflow_task_timeout.seconds == 10


async def test_later_messages_are_signalled_in_order(office: Office) -> None:
    await office.publish()
    await office.arrive(*(message(str(n)) for n in range(5)))
    assert await office.told() == [1, 2, 3, 4, 5]
    assert {state for _, state, _ in await office.fates()} == {"handed"}


async def test_many_events_at_once_reach_one_run_in_order(office: Office) -> None:
    await office.publish()

    async def arrive(n: int) -> None:
        accepted = await office.accept(message(str(n)))
        if accepted.claimed:
            await office.gateway.deliver(office.workspace, accepted.lane)

    await asyncio.gather(*(arrive(n) for n in range(30)))
    rows = await office.fates()
    assert {state for _, state, _ in rows} == {"handed"}
    assert await office.told() == list(range(1, 31))


async def test_a_start_carries_every_row_that_waits(office: Office) -> None:
    await office.publish()
    for n in range(3):
        lane = (await office.accept(message(str(n)))).lane
    await office.gateway.deliver(office.workspace, lane)
    assert [row.seq for row in (await office.argument()).opening_rows] == [1, 2, 3]


async def test_more_rows_than_fit_one_signal_come_in_several(office: Office) -> None:
    await office.publish()
    for n in range(120):
        lane = (await office.accept(message(str(n)))).lane
    await office.gateway.deliver(office.workspace, lane)
    assert await office.told() == list(range(1, 121))


async def test_without_a_flow_a_row_is_ignored_and_the_lane_is_free(office: Office) -> None:
    row = await office.arrive(message("a"))
    assert await office.fates() == [(1, "ignored", "no_trigger")]
    assert await office.db.fetchval("SELECT claimed_until FROM lanes WHERE id = $1", row.lane) is None


async def test_a_row_that_finds_its_run_closed_starts_the_next(office: Office) -> None:
    await office.publish(event="message_created")
    first = await office.arrive(message("a", "stop"))
    assert await office.run().result() == [1]
    await office.recorded(first.lane, first.id, 1)
    third = await office.arrive(message("c"))
    assert (await office.argument()).scene.execution_id == third.id
    assert await office.told() == [2]


async def test_what_a_closed_run_had_seen_is_settled_and_the_rest_comes_again(office: Office) -> None:
    """Its execution says how far it got; it was ended by somebody else."""
    await office.publish(event="message_created")
    first = await office.arrive(message("a"), message("b"))
    execution = (await office.lane(first.lane)).execution_id
    assert execution
    await office.recorded(first.lane, execution, 1, "running")
    await office.run().terminate()
    await office.arrive(message("c"))
    rows = await office.fates()
    assert rows == [(1, "consumed", "unread_at_end"), (2, "handed", None), (3, "handed", None)]
    assert [row.seq for row in (await office.argument()).opening_rows] == [2, 3]
    assert await office.db.fetchval("SELECT status FROM executions") == "terminated"


async def test_a_start_that_was_made_but_not_noted_is_not_made_again(office: Office) -> None:
    """The starter died between the start and the mark."""
    await office.publish(event="message_created")
    row = await office.arrive(message("a"))
    await office.db.execute("UPDATE lanes SET execution_id = NULL")
    await office.db.execute("UPDATE inbound_events SET state = 'received'")
    before = (await office.run().describe()).run_id
    assert await office.gateway.deliver(office.workspace, row.lane)
    assert (await office.told(), await office.fates()) == ([1], [(1, "handed", None)])
    assert (await office.run().describe()).run_id == before


async def test_a_start_that_was_recorded_as_over_is_not_made_again(office: Office) -> None:
    """As before, and the run was over before anybody looked."""
    await office.publish(event="message_created")
    row = await office.arrive(message("a", "stop"))
    await office.run().result()
    await office.recorded(row.lane, row.id, 1)
    await office.db.execute("UPDATE lanes SET execution_id = NULL")
    await office.db.execute("UPDATE inbound_events SET state = 'received'")
    before = (await office.run().describe()).run_id
    assert await office.gateway.deliver(office.workspace, row.lane)
    assert (await office.run().describe()).run_id == before
    assert await office.fates() == [(1, "consumed", "unread_at_end")]


async def test_an_unreadable_row_without_a_run_is_dead(office: Office) -> None:
    await office.publish()
    row = await office.accept(message("a"))
    await office.db.execute("UPDATE inbound_events SET event = '{}'")
    await office.gateway.deliver(office.workspace, row.lane)
    assert await office.fates() == [(1, "dead", "unreadable")]


async def test_a_lane_that_another_process_holds_is_left_to_it(office: Office) -> None:
    await office.publish()
    row = await office.accept(message("a"))
    await office.db.execute("UPDATE lanes SET claimed_by = $1", new_id())
    assert await office.gateway.deliver(office.workspace, row.lane)
    assert await office.fates() == [(1, "received", None)]


async def test_a_row_on_hold_holds_those_behind_it(office: Office) -> None:
    await office.publish(event="message_created")
    await office.accept(message("a"))
    await office.accept(message("b"), hold_seconds=60)
    row = await office.accept(message("c"))
    await office.gateway.deliver(office.workspace, row.lane)
    assert [state for _, state, _ in await office.fates()] == ["handed", "received", "received"]
    assert await delivery.take_left(office.db, 10) == []
    await office.db.execute("UPDATE inbound_events SET relay_after = now()")
    assert await delivery.take_left(office.db, 10) == [(office.workspace, row.lane)]


STARTING = """
INSERT INTO executions (workspace_id, id, flow_id, flow_version, lane_id, workflow_id)
VALUES ($1, $2, $3, 1, $4, 'w')
"""


async def scene(office: Office, address: str = "7", **fields: str) -> tuple[Scene, str]:
    """(scene, workflow id) of an API start on a conversation."""
    lane = await open_lane(office.db, office.workspace, CONNECTION, address)
    base = Scene(
        workspace=office.workspace, execution_id=new_id(), flow_id=new_id(), flow_version=1, lane=lane.id
    )
    return base.model_copy(update=fields), lane.workflow_id


async def start(office: Office, where: Scene, workflow_id: str) -> str:
    """An API start."""
    return await office.gateway.start_by_api(
        where, plan="p", plans=["q", "r"], name="F", workflow_id=workflow_id,
        trigger={}, contact={}, conversation={}, variables={"x": 1},
    )  # fmt: skip


async def test_an_api_start_takes_the_lane_and_gets_its_messages(office: Office) -> None:
    where, workflow_id = await scene(office)
    assert await start(office, where, workflow_id) == where.execution_id
    assert (await office.lane(where.lane)).execution_id == where.execution_id
    given = await office.argument()
    assert given.variables == {"x": 1}
    assert [named.digest for named in (given.plan, *given.plans)] == ["p", "q", "r"]
    await office.arrive(message("a"))
    assert await office.told() == [1]


async def test_an_api_start_begins_at_the_database_s_time(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first wait is reckoned from it, and ended by clocks that are no process's of ours."""
    far = datetime(2030, 1, 1, tzinfo=UTC)

    async def told(_: Database) -> datetime:
        return far

    monkeypatch.setattr(Database, "now", told)
    await start(office, *await scene(office))
    assert (await office.argument()).started_at == far


async def test_an_event_starts_a_flow_with_all_the_plans_that_its_subflows_walk(office: Office) -> None:
    async with office.db.begin() as connection:
        await plans.put(connection, "plan-walker", {"plans": ["q", "r"]})
    await office.publish("walker")
    await office.arrive(message("a"))
    given = await office.argument()
    assert [named.digest for named in (given.plan, *given.plans)] == ["plan-walker", "q", "r"]


async def test_an_api_start_on_a_humans_lane_leaves_the_human_the_floor(office: Office) -> None:
    await office.arrive(status("s", "open", assignee={"id": 8, "type": "user"}))
    where, workflow_id = await scene(office)
    await start(office, where, workflow_id)
    assert (await office.argument()).owner == "human"


async def test_the_same_api_start_again_is_a_success(office: Office) -> None:
    where, workflow_id = await scene(office)
    await start(office, where, workflow_id)
    assert await start(office, where, workflow_id) == where.execution_id


async def test_an_api_start_on_a_busy_conversation_names_the_run_there(office: Office) -> None:
    await office.publish()
    first = await office.arrive(message("a"))
    where, workflow_id = await scene(office)
    with pytest.raises(Busy) as busy:
        await start(office, where, workflow_id)
    assert busy.value.execution_id == first.id


async def test_an_executions_own_workflow_id_is_used_once(office: Office) -> None:
    where, _ = await scene(office)
    own = f"test/{where.execution_id}"
    await start(office, where, own)
    handle = office.client.get_workflow_handle(own)
    await handle.terminate()
    assert await start(office, where, own) == where.execution_id
    assert (await handle.describe()).status is WorkflowExecutionStatus.TERMINATED


async def test_messages_that_overtake_the_note_of_an_api_start_reach_its_run(office: Office) -> None:
    """The API has started the run and not yet taken the lane."""
    where, workflow_id = await scene(office)
    await start(office, where, workflow_id)
    await office.db.execute(STARTING, office.workspace, where.execution_id, where.flow_id, where.lane)
    await office.db.execute("UPDATE lanes SET execution_id = NULL")
    await office.arrive(message("a"))
    assert (await office.told(), await office.fates()) == ([1], [(1, "handed", None)])


async def test_messages_wait_for_an_api_start_that_is_under_way(office: Office) -> None:
    where, workflow_id = await scene(office)
    await office.db.execute(STARTING, office.workspace, where.execution_id, where.flow_id, where.lane)
    row = await office.accept(message("a"))
    assert not await office.gateway.deliver(office.workspace, row.lane)
    assert await office.fates() == [(1, "received", None)]
    await start(office, where, workflow_id)
    await office.db.execute("UPDATE lanes SET claimed_until = NULL")
    assert await office.gateway.deliver(office.workspace, row.lane)
    assert await office.told() == [1]


async def test_an_executions_own_lane_starts_no_flow(office: Office) -> None:
    await office.publish(event="message_created")
    await open_lane(office.db, office.workspace, CONNECTION, "9", workflow_id="test/x")
    await office.arrive(message("a", address="9"))
    assert await office.fates() == [(1, "ignored", "no_trigger")]


async def test_whoever_asks_just_as_a_delivery_ends_is_not_turned_away(office: Office) -> None:
    """The lane may be claimed anew by then: it would rest until that claim ran out."""
    await office.publish()
    await office.accept(message("a"))
    row = await office.accept(message("b"), hold_seconds=60)
    async with office.db.transaction() as held:
        await held.fetch("SELECT FROM inbound_events WHERE seq = 1 FOR UPDATE")
        first = asyncio.create_task(office.gateway.deliver(office.workspace, row.lane))
        await held_up(office.db)
        await office.db.execute("UPDATE inbound_events SET relay_after = now() WHERE seq = 2")
        assert await office.gateway.deliver(office.workspace, row.lane)
    assert await first
    assert await office.fates() == [(1, "handed", None), (2, "handed", None)]


async def test_a_row_of_another_address_whose_run_has_ended_begins_where_it_belongs(office: Office) -> None:
    await office.publish()
    await office.publish("topup", event="message_created", keyword="topup")
    first = await office.arrive(message("a", address="7"))
    where = (office.workspace, CONNECTION, "8")
    assert await Addresses(office.db).point(*where, lane=first.lane, execution_id=first.id) == "pointed"
    late = await office.accept(message("b", "topup", address="8"))
    assert late.lane == first.lane
    await office.run().terminate()
    await office.recorded(first.lane, first.id, 1)
    assert await office.gateway.deliver(office.workspace, late.lane)
    home = await open_lane(office.db, *where)
    assert await office.gateway.deliver(office.workspace, home.id)
    assert (await office.argument("8")).trigger["message"]["text"] == "topup"
    assert (2, "ignored", "sent_home") in await office.fates()


async def test_nobody_takes_a_line_from_the_bot(office: Office) -> None:
    """Its last run went on in a chat and ended there with a human: who dials again is served."""
    await office.publish(channel="sms", event="sms_received")
    lane = await open_lane(office.db, office.workspace, CONNECTION, "8")
    await office.db.execute("UPDATE lanes SET owner = 'human' WHERE id = $1", lane.id)
    told = {"channel": "sms", "event": "sms_received", "conversation": {"channel": "sms"}}
    await office.arrive(message("a", address="8").model_copy(update=told))
    assert (await office.argument("8")).owner == "bot"
    assert (await office.lane(lane.id)).owner == "bot"
