"""People on the line, on a real Temporal: screens come in time, once, and nothing that was typed is lost."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from dsl.inputs import Inbound
from dsl.turns import Turn
from intake import dialling, turns
from intake.desk import LOST, Desk, Mismatch
from intake.dialling import Seen, TooMany, dialled
from intake.gateway import Gateway
from intake.turns import CAP, NOBODY, Turns
from providers.africastalking import rendering
from providers.africastalking.events import UssdTurn
from providers.africastalking.transcript import step_key
from store.addresses import Addresses
from store.ids import new_id
from store.lanes import open_lane
from tests.intake.office import Office
from tests.providers.africastalking.bodies import keyed
from tests.store.made import CONNECTION
from tests.waiting import until

pytestmark = pytest.mark.real

PHONE = "+254700000111"


@dataclass
class Caller:
    """A phone at a desk: what it shows, word for word."""

    office: Office
    desk: Desk
    phone: str = PHONE
    session: str = "ATUid_1"
    typed: list[str] = field(default_factory=list)

    async def types(self, *more: str) -> str:
        """Dial, or type on; the answer."""
        self.typed += more
        return await self.sends("*".join(self.typed))

    async def sends(self, text: str, **changed: Any) -> str:
        """A step with all that was typed, as the provider sends it."""
        told = {"session": self.session, "phone": self.phone, "service": "*384*1#", "network": "63902"}
        told |= {"text": text, **changed}
        event = UssdTurn(key=step_key(told["session"], text, self.desk.hashed), **told)
        seen = await dialled(self.desk, event, asyncio.get_running_loop().time() + CAP)
        return body(seen)

    def anew(self, session: str = "ATUid_2") -> "Caller":
        """The same phone, dialling again."""
        return Caller(self.office, self.desk, self.phone, session)

    async def fates(self) -> list[tuple[int, str, str | None]]:
        return await self.office.fates()


def body(seen: Seen) -> str:
    return rendering.ussd(seen.screen, "63902", seen.page).body


def desk_of(office: Office, turns: Turns | None = None) -> tuple[Desk, set[asyncio.Task[object]]]:
    """A desk, and what it does beside its answers."""
    beside: set[asyncio.Task[object]] = set()

    def start(work: Coroutine[Any, Any, object]) -> None:
        beside.add(asyncio.ensure_future(work))

    return Desk(office.db, turns or office.gateway.turns, office.workspace, CONNECTION, keyed, start), beside


@pytest.fixture
async def caller(office: Office) -> AsyncIterator[Caller]:
    """Somebody with a phone, and a flow that answers."""
    desk, beside = desk_of(office)
    await office.publish("menu", event="ussd_session", channel="ussd")
    yield Caller(office, desk)
    await asyncio.gather(*beside)


@pytest.fixture
async def cut_off(office: Office) -> Caller:
    """Somebody whose desk has no Temporal."""
    nowhere = await Client.connect("127.0.0.1:1", lazy=True, data_converter=pydantic_data_converter)
    desk, _ = desk_of(office, Gateway(office.db, nowhere).turns)
    await office.publish("menu", event="ussd_session", channel="ussd")
    return Caller(office, desk)


async def test_whoever_dials_is_answered_by_a_new_run_and_then_by_that_run(caller: Caller) -> None:
    assert await caller.types() == "CON [1]"
    assert await caller.types("a") == "CON [1, 2]"
    assert await caller.types("stop") == "END [1, 2, 3]"


async def test_a_turn_that_is_given_up_leaves_nothing_that_complains_later(office: Office) -> None:
    complaints: list[str] = []
    loop = asyncio.get_running_loop()
    deaf = socket.create_server(("127.0.0.1", 0))
    port = deaf.getsockname()[1]
    nobody = await Client.connect(f"127.0.0.1:{port}", lazy=True, data_converter=pydantic_data_converter)
    desk, _ = desk_of(office, Gateway(office.db, nobody).turns)
    await office.publish("menu", event="ussd_session", channel="ussd")
    loop.set_exception_handler(lambda _, told: complaints.append(told["message"]))
    try:
        assert await Caller(office, desk).types() == "END Please try again later."
        gc.collect()
        await asyncio.sleep(0)
    finally:
        loop.set_exception_handler(None)
        deaf.close()
    assert complaints == []


async def test_the_same_step_again_is_answered_with_the_same_bytes(caller: Caller) -> None:
    first = await caller.types()
    assert await caller.sends("") == first
    second = await caller.types("a")
    assert await caller.sends("a") == second
    assert await caller.sends("") == first, "a late copy of a step that was passed"
    assert len(await caller.fates()) == 2


async def test_copies_of_a_step_at_the_same_moment_are_one_row_and_one_screen(caller: Caller) -> None:
    await caller.types()
    answers = await asyncio.gather(*(caller.sends("a") for _ in range(5)))
    assert set(answers) == {"CON [1, 2]"}
    assert len(await caller.fates()) == 2


async def test_what_does_not_continue_the_session_leads_nowhere(caller: Caller) -> None:
    await caller.types("a")
    rows = len(await caller.fates())
    assert await caller.sends("b*c") == f"END {LOST.said[0].text}"
    assert len(await caller.fates()) == rows


async def test_a_deep_dial_brings_its_inputs_along(caller: Caller) -> None:
    assert await caller.types("1", "2") == "CON [1, 2, 3]"
    events = await caller.office.db.fetch(
        "SELECT event->>'event', event->>'text', event->'turn'->>'session' FROM inbound_events ORDER BY seq"
    )
    assert [tuple(row) for row in events] == [
        ("ussd_session", None, "ATUid_1"),
        ("ussd_input", "1", "ATUid_1"),
        ("ussd_input", "2", "ATUid_1"),
    ]
    assert await caller.sends("1*2") == "CON [1, 2, 3]"


async def test_a_star_that_was_typed_is_part_of_the_answer(caller: Caller) -> None:
    await caller.types()
    await caller.sends("4*5")
    assert await caller.office.db.fetchval("SELECT event->>'text' FROM inbound_events WHERE seq = 2") == "4*5"


async def test_more_than_anybody_dials_is_refused(caller: Caller) -> None:
    with pytest.raises(TooMany):
        await caller.types(*"1" * 31)
    assert await caller.fates() == []


@pytest.mark.parametrize("changed", [{"phone": "+254700000222"}, {"service": "*384*2#"}])
async def test_a_session_is_bound_to_its_phone_and_service(caller: Caller, changed: dict[str, str]) -> None:
    await caller.types()
    with pytest.raises(Mismatch):
        await caller.sends("1", **changed)
    assert len(await caller.fates()) == 1


async def test_the_event_says_who_and_where_and_no_id_says_what_was_typed(caller: Caller) -> None:
    await caller.types()
    await caller.types("4821")
    [first] = await caller.office.db.fetch("SELECT dedupe_key, event FROM inbound_events WHERE seq = 1")
    event = first["event"]
    assert event["contact"] == {"phone": PHONE}
    told = {"channel": "ussd", "service": "*384*1#", "session": "ATUid_1", "network": "63902"}
    assert event["conversation"] == told
    assert event["address"] == f"*384*1#/{keyed(PHONE)}"
    keys = await caller.office.db.fetch("SELECT dedupe_key FROM inbound_events")
    assert not any("4821" in row[0] or "254700000111" in row[0] for row in keys)
    run = await caller.office.argument(event["address"])
    assert (run.scene.channel, run.scene.phone, run.scene.service) == ("ussd", PHONE, "*384*1#")


async def test_a_new_session_goes_to_the_run_and_the_older_one_leads_nowhere(caller: Caller) -> None:
    await caller.types()
    later = caller.anew()
    assert await later.types() == "CON [1, 2]"
    assert await caller.types("a") == f"END {LOST.said[0].text}"
    assert await caller.sends("") == "CON [1]", "what it saw, it sees again"
    assert await later.types("a") == "CON [1, 2, 3]"


async def test_a_run_that_ends_over_a_turn_is_followed_by_a_new_one_with_the_same_row(caller: Caller) -> None:
    await caller.types()
    old = await caller.office.argument(f"*384*1#/{keyed(PHONE)}")
    assert await caller.types("anew") == "CON [2]"
    new = await caller.office.argument(f"*384*1#/{keyed(PHONE)}")
    assert new.scene.execution_id != old.scene.execution_id
    assert [row.seq for row in new.opening_rows] == [2]


async def test_a_step_that_led_to_another_lane_whose_run_has_ended_is_answered_on_its_own(
    caller: Caller,
) -> None:
    office, address, execution = caller.office, f"*384*1#/{keyed(PHONE)}", new_id()
    other = await open_lane(office.db, office.workspace, CONNECTION, "99")
    await office.recorded(other.id, execution, 0, status="waiting_input")
    addresses, where = Addresses(office.db), (office.workspace, CONNECTION, address)
    assert await addresses.point(*where, lane=other.id, execution_id=execution) == "pointed"
    turn = Turn(surface="ussd", session="ATUid_1")
    told: dict[str, Any] = {"event": "ussd_session", "kind": "opened", "channel": "ussd", "turn": turn}
    stored = await office.accept(Inbound(key=step_key("ATUid_1", "", keyed), address=address, **told))
    assert stored.lane == other.id
    await office.recorded(other.id, execution, 0, status="completed")
    assert await caller.types() == "CON [1]"
    assert await caller.sends("") == "CON [1]"
    assert [fate[2] for fate in await caller.fates()].count("sent_home") == 1


async def test_a_run_that_is_gone_is_followed_by_a_new_one(caller: Caller) -> None:
    await caller.types()
    run = await caller.office.argument(f"*384*1#/{keyed(PHONE)}")
    await caller.office.recorded(run.scene.lane, run.scene.execution_id, 1, status="waiting_input")
    await caller.office.run(f"*384*1#/{keyed(PHONE)}").terminate()
    assert await caller.types("a") == "CON [2]"
    ended = "SELECT completion_reason FROM executions WHERE id = $1"
    assert await caller.office.db.fetchval(ended, run.scene.execution_id) == "NOT_FOUND"


async def test_where_no_flow_answers_the_caller_is_told_so_again_and_again(office: Office) -> None:
    desk, _ = desk_of(office)
    caller = Caller(office, desk)
    assert await caller.types() == f"END {NOBODY}"
    assert await caller.sends("") == f"END {NOBODY}"
    assert await caller.fates() == [(1, "ignored", "no_trigger")]


async def test_what_comes_too_late_finds_the_safe_text_in_its_place(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    await caller.types()
    monkeypatch.setattr("tests.intake.test_turns.CAP", 1.0)
    assert await caller.types("slow") == "END Please try again later."
    assert await caller.sends("slow") == "END Please try again later."
    row = await caller.office.db.fetchval("SELECT id FROM inbound_events WHERE seq = 2")
    await caller.office.run(f"*384*1#/{keyed(PHONE)}").get_update_handle(row).result()
    assert await caller.sends("slow") == "END Please try again later.", "what the caller saw"


async def test_without_temporal_the_safe_text_comes_in_time_and_the_row_waits_for_the_relay(
    cut_off: Caller,
) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert await cut_off.types() == "END Please try again later."
    assert loop.time() - began < CAP + 1, "a safety net, not a figure"
    assert await cut_off.fates() == [(1, "received", None)]
    held = "SELECT relay_after - accepted_at > interval '5 s' FROM inbound_events"
    assert await cut_off.office.db.fetchval(held)


async def test_the_relay_delivers_what_nobody_confirmed(cut_off: Caller) -> None:
    await cut_off.types()
    row = await cut_off.office.db.fetchrow("SELECT lane_id FROM inbound_events")
    await cut_off.office.db.execute("UPDATE inbound_events SET relay_after = now()")
    assert await cut_off.office.gateway.deliver(cut_off.office.workspace, row[0])
    assert await cut_off.office.told(f"*384*1#/{keyed(PHONE)}") == [1]
    assert await cut_off.fates() == [(1, "handed", None)]


async def test_rows_that_wait_on_the_lane_go_first_in_the_same_update(
    cut_off: Caller, office: Office
) -> None:
    await cut_off.types()
    desk, beside = desk_of(office)
    again = Caller(office, desk, session="ATUid_2")
    assert await again.types() == "CON [1, 2]"
    await asyncio.gather(*beside)
    assert await again.fates() == [(1, "handed", None), (2, "handed", None)]


async def lost(caller: Caller) -> None:
    """A step that its workflow task was lost with after its flush: it is in no history, though on record."""
    step = Inbound(
        key="ussd:lost", address=f"*384*1#/{keyed(PHONE)}", event="ussd_input", channel="ussd",
        kind="message", text="x", turn=Turn(surface="ussd", session=caller.session),
    )  # fmt: skip
    row = await caller.office.accept(step, claim_seconds=0, hold_seconds=6)
    flushed = "UPDATE inbound_events SET state = 'consumed', consumed_at = now(), screen = '{}' WHERE id = $1"
    await caller.office.db.execute(flushed, row.id)


async def test_a_step_of_a_lost_task_goes_ahead_of_the_next_step(caller: Caller) -> None:
    await caller.types()
    await lost(caller)
    assert await caller.types("b") == "CON [1, 2, 3]"


async def test_a_step_of_a_lost_task_goes_ahead_of_what_is_signalled(caller: Caller) -> None:
    await caller.types()
    await until(lambda: _confirmed(caller, 1))
    await lost(caller)
    over = Inbound(
        key="end:1", address=f"*384*1#/{keyed(PHONE)}", event="ussd_ended", channel="ussd", kind="hung_up"
    )
    row = await caller.office.accept(over)
    assert row.batch is None
    assert await caller.office.gateway.deliver(caller.office.workspace, row.lane, claimed=True)
    assert await caller.office.told(f"*384*1#/{keyed(PHONE)}") == [1, 2, 3]


async def test_a_turn_that_came_back_is_confirmed_beside_its_answer(caller: Caller) -> None:
    await caller.types()
    await caller.types("a")
    await until(lambda: _confirmed(caller, 2))


async def _confirmed(caller: Caller, rows: int) -> bool:
    handed = "SELECT count(*) FROM inbound_events WHERE handed_at IS NOT NULL"
    return bool(await caller.office.db.fetchval(handed) == rows)


async def test_a_turn_keeps_its_lane_from_nobody(caller: Caller) -> None:
    """What keeps the relay from it is the row's own hold."""
    await caller.types()
    assert await caller.office.db.fetchval("SELECT claimed_until IS NULL AND claimed_by IS NULL FROM lanes")
    assert await caller.office.db.fetchval("SELECT relay_after IS NOT NULL FROM inbound_events")


async def test_pages_are_turned_by_our_keys_without_a_row(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    await caller.types()
    long = '{"said": [{"text": "' + "word " * 60 + '"}], "open": true}'
    await caller.office.db.execute("UPDATE inbound_events SET screen = $1::jsonb", long)
    first, second = await caller.sends(""), await caller.types("98")
    assert first.endswith("98 More")
    assert second.endswith("00 Back")
    assert await caller.sends("98") == second
    assert await caller.types("00") == first
    assert await caller.sends("98*00") == first
    assert len(await caller.fates()) == 1
    assert await caller.types("Asha") == "CON [1, 2]"


async def test_an_end_of_several_pages_is_read_to_its_end(caller: Caller) -> None:
    await caller.types()
    long = '{"said": [{"text": "' + "word " * 60 + '"}]}'
    await caller.office.db.execute("UPDATE inbound_events SET screen = $1::jsonb", long)
    assert (await caller.sends("")).startswith("CON ")
    assert (await caller.types("ok")).startswith("CON ")
    assert (await caller.types("98")).startswith("END ")
    assert len(await caller.fates()) == 1


def test_the_cap_leaves_time_for_the_safe_text() -> None:
    assert turns.SAFE_SECONDS + turns.WAY_SECONDS < CAP
    assert turns.HOLD_SECONDS == CAP + 2
    assert dialling.MOST_INPUTS < 200
