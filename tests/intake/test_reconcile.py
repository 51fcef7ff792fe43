"""What webhooks failed to bring is found in the provider's own list, once, and in its place."""

from typing import Any

import pytest

from dsl.messages import Status
from intake.reconcile import Reconciler
from providers.chatwoot.memory import MemoryChatwoot
from providers.errors import Failed, NotSent
from store import ledger, waiting
from store.ledger import Entry
from store.record import apply
from tests.intake.office import Office
from tests.intake.test_relay import relaying
from tests.store.made import CONNECTION, flush, line, message, scene, status
from tests.waiting import until

pytestmark = pytest.mark.real

PENDING = {"id": 7, "status": "pending", "channel": "Channel::WebWidget"}


@pytest.fixture
def chatwoot() -> MemoryChatwoot:
    """An account in which conversation 7 is open, and minded by the bot."""
    account = MemoryChatwoot()
    account.open("7")
    return account


async def begun(office: Office, chatwoot: MemoryChatwoot, address: str = "7") -> str:
    """A conversation that began with a message, whose run has asked something and waits; its execution."""
    first = chatwoot.hear(address, "hello")
    seen = PENDING | {"id": int(address)}
    row = await office.arrive(
        message(str(first), "hello", address=address, message_id=first, conversation=seen)
    )
    await waits(office, row.lane, row.id)
    sent = await chatwoot.send_message(address, "Which one?", choices=[("Balance", "bal")])
    await said(office, row.id, sent.id or 0)
    return row.id


async def waits(office: Office, lane: str, id: str, state: Status = "waiting_input", seq: int = 1) -> None:
    """The run has recorded that it waits."""
    where = scene(lane, id).model_copy(update={"workspace": office.workspace})
    floor = "human" if state == "handed_off" else "bot"
    await apply(office.db, flush(where, line(seq), status=state, last_seq=seq, at=seq, owner=floor))


async def said(office: Office, execution: str, id: int) -> None:
    """The run has sent the message of that id."""
    key = ("ask", 1, id)
    await ledger.begin(office.db, office.workspace, execution, [Entry(*key, "send_message", "d")], 5)
    await ledger.settle(
        office.db, office.workspace, execution, *key, 1,
        state="done", outcome={}, provider_ref=f"{CONNECTION}:{id}",
    )  # fmt: skip


async def reconciled(office: Office, chatwoot: MemoryChatwoot, connection: str = CONNECTION) -> int:
    """What a round finds, a minute after the last."""
    await office.db.execute("UPDATE executions SET listed_at = listed_at - interval '1 min'")
    return await Reconciler(office.db, {connection: chatwoot}).once()


async def keys(office: Office) -> list[str]:
    """What is in the inbox, in the order of the lane."""
    rows = await office.db.fetch("SELECT dedupe_key FROM inbound_events ORDER BY lane_id, seq")
    return [row[0] for row in rows]


async def newest(office: Office) -> dict[str, Any]:
    """The event accepted last."""
    event: dict[str, Any] = await office.db.fetchval(
        "SELECT event FROM inbound_events ORDER BY accepted_at DESC LIMIT 1"
    )
    return event


async def test_a_message_that_no_webhook_brought_is_taken_in_once(
    office: Office, chatwoot: MemoryChatwoot
) -> None:
    await office.publish()
    await begun(office, chatwoot)
    missed = chatwoot.hear("7", "bal")
    assert [await reconciled(office, chatwoot) for _ in range(3)] == [1, 0, 0]
    assert await keys(office) == ["msg:9101", f"msg:{missed}"]
    event = await newest(office)
    assert (event["text"], event["messageId"]) == ("bal", missed)
    assert event["conversation"]["channel"] == "Channel::WebWidget"
    late = await office.accept(message(str(missed), "bal", message_id=missed))
    assert late.duplicate


async def test_a_hole_behind_a_message_that_did_come_is_found(
    office: Office, chatwoot: MemoryChatwoot
) -> None:
    """After an outage the next webhook may come before the sweep does."""
    await office.publish()
    await begun(office, chatwoot)
    assert await reconciled(office, chatwoot) == 0
    missed, came = chatwoot.hear("7", "one"), chatwoot.hear("7", "two")
    await office.accept(message(str(came), "two", message_id=came))
    assert await reconciled(office, chatwoot) == 1
    assert await keys(office) == ["msg:9101", f"msg:{came}", f"msg:{missed}"]


async def test_what_was_picked_under_our_message_is_found(office: Office, chatwoot: MemoryChatwoot) -> None:
    await office.publish()
    await begun(office, chatwoot)
    assert await reconciled(office, chatwoot) == 0
    picked = [{"title": "Balance", "value": "bal"}]
    chatwoot.talks["7"].messages[-1]["content_attributes"] = {"submitted_values": picked}
    assert [await reconciled(office, chatwoot) for _ in range(2)] == [1, 0]
    event = await newest(office)
    assert (event["kind"], event["value"], event["text"]) == ("submitted", "bal", "Balance")


async def test_what_was_said_before_the_run_began_is_none_of_its_business(
    office: Office, chatwoot: MemoryChatwoot
) -> None:
    await office.publish()
    chatwoot.hear("7", "years ago")
    await begun(office, chatwoot)
    assert await reconciled(office, chatwoot) == 0


async def test_a_conversation_that_was_opened_without_a_word_is_listed_from_its_beginning(
    office: Office, chatwoot: MemoryChatwoot
) -> None:
    await office.publish()
    opened = message("x").model_copy(update={"key": "conv:7", "kind": "opened", "text": None})
    row = await office.arrive(opened)
    await waits(office, row.lane, row.id)
    missed = chatwoot.hear("7", "hello")
    assert await reconciled(office, chatwoot) == 1
    assert await keys(office) == ["conv:7", f"msg:{missed}"]


async def test_where_the_conversation_went_to_a_human_meanwhile_that_comes_first(
    office: Office, chatwoot: MemoryChatwoot
) -> None:
    """Chatwoot opens the conversation when the bot's webhook failed."""
    await office.publish()
    await begun(office, chatwoot)
    missed = chatwoot.hear("7", "is anybody there?")
    chatwoot.talks["7"].status = "open"
    assert await reconciled(office, chatwoot) == 2
    assert await keys(office) == ["msg:9101", "status:7:open:seen:2", f"msg:{missed}"]
    await office.gateway.deliver(office.workspace, str(await office.db.fetchval("SELECT id FROM lanes")))
    handed = await office.db.fetchval("SELECT event->'value' FROM inbound_events WHERE seq = 2")
    assert handed == {"status": "open", "assignee": None, "hasBot": False, "at": None}
    assert await office.told() == [1, 2, 3]


async def test_an_assigned_user_is_a_human_where_no_bot_is(office: Office, chatwoot: MemoryChatwoot) -> None:
    await office.publish()
    first = chatwoot.hear("7", "hello")
    row = await office.arrive(message(str(first), message_id=first))
    await waits(office, row.lane, row.id)
    chatwoot.talks["7"].status = "open"
    assert await reconciled(office, chatwoot) == 0
    chatwoot.talks["7"].agent = 8
    assert await reconciled(office, chatwoot) == 1
    assert (await newest(office))["value"]["assignee"]["type"] == "user"


async def test_who_waits_for_a_human_learns_that_the_human_is_done_behind_what_was_said_to_him(
    office: Office, chatwoot: MemoryChatwoot
) -> None:
    await office.publish()
    execution = await begun(office, chatwoot)
    lane = str(await office.db.fetchval("SELECT id FROM lanes"))
    await waits(office, lane, execution, "handed_off", 2)
    assert (await office.lane(lane)).owner == "human"
    missed = chatwoot.hear("7", "thank you, Juma")
    chatwoot.talks["7"].status = "resolved"
    assert await reconciled(office, chatwoot) == 2
    assert (await keys(office))[1:] == [f"msg:{missed}", "status:7:resolved:seen:2"]


async def test_only_conversations_that_wait_on_a_connection_of_ours_are_listed(
    office: Office, chatwoot: MemoryChatwoot
) -> None:
    await office.publish(event="message_created")
    states: dict[str, Status] = {"7": "running", "8": "completed", "9": "waiting_time"}
    for address, state in states.items():
        chatwoot.open(address)
        row = await office.arrive(message(address, address=address, message_id=int(address)))
        await waits(office, row.lane, row.id, state)
        chatwoot.hear(address, "unheard")
    assert await reconciled(office, chatwoot) == 0
    await office.db.execute("UPDATE executions SET status = 'waiting_input', completed_at = NULL")
    assert await reconciled(office, chatwoot, "another connection") == 0
    assert await reconciled(office, chatwoot) == 3


async def test_a_minute_has_so_many_looks_and_the_longest_waiting_come_first(
    office: Office, chatwoot: MemoryChatwoot
) -> None:
    await office.publish(event="message_created")
    for address in "789":
        chatwoot.open(address)
        await begun(office, chatwoot, address)
    first = [one.address for one in await waiting.due(office.db, [CONNECTION], 2)]
    assert (len(first), await waiting.due(office.db, [CONNECTION], 2)) == (2, [])
    await office.db.execute("UPDATE executions SET listed_at = listed_at - interval '1 min'")
    second = [one.address for one in await waiting.due(office.db, [CONNECTION], 2)]
    assert (len(second), set(first) | set(second)) == (2, set("789"))


async def test_two_leaders_do_not_look_at_the_same(office: Office, chatwoot: MemoryChatwoot) -> None:
    await office.publish(event="message_created")
    await begun(office, chatwoot)
    async with office.db.transaction() as other:
        await other.fetch("SELECT pg_advisory_xact_lock($1)", waiting.LOCK)
        assert await waiting.due(office.db, [CONNECTION]) == []
    assert len(await waiting.due(office.db, [CONNECTION])) == 1


async def test_a_provider_that_is_away_is_left_alone_and_the_rest_of_its_conversations_come_first_again(
    office: Office, chatwoot: MemoryChatwoot
) -> None:
    await office.publish(event="message_created")
    for address in "789":
        chatwoot.open(address)
        await begun(office, chatwoot, address)
        chatwoot.hear(address, "missed")
    chatwoot.fail("state", NotSent("CONNECT", "nobody there", provider="chatwoot"))
    assert await reconciled(office, chatwoot) == 0
    assert await office.db.fetchval("SELECT count(*) FROM executions WHERE listed_at IS NULL") == 2
    assert await reconciled(office, chatwoot) == 3


async def test_a_conversation_that_is_gone_does_not_stop_the_others(
    office: Office, chatwoot: MemoryChatwoot
) -> None:
    await office.publish(event="message_created")
    for address in "78":
        chatwoot.open(address)
        await begun(office, chatwoot, address)
        chatwoot.hear(address, "missed")
    chatwoot.fail("state", Failed("NOT_FOUND", "gone", provider="chatwoot"))
    assert await reconciled(office, chatwoot) == 1


async def test_the_relay_reconciles_when_it_starts_and_delivers_what_it_found(
    office: Office, chatwoot: MemoryChatwoot
) -> None:
    await office.publish()
    await begun(office, chatwoot)
    chatwoot.hear("7", "one")
    chatwoot.hear("7", "two")

    async def all_told() -> bool:
        return await office.told() == [1, 2, 3]

    async with relaying(office, chatwoots={CONNECTION: chatwoot}):
        await until(all_told)


async def test_a_status_of_which_the_lane_knows_is_not_said_again(
    office: Office, chatwoot: MemoryChatwoot
) -> None:
    await office.publish()
    await begun(office, chatwoot)
    await office.arrive(status("s", "open", hasBot=True))
    await office.db.execute("UPDATE lanes SET owner = 'human'")
    chatwoot.talks["7"].status = "open"
    assert await reconciled(office, chatwoot) == 0
