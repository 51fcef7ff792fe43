"""Texts on real parts: reports in any order, people who want none, and a provider that does not answer."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from emulators.africastalking.domain.sms import report
from emulators.africastalking.faults import FaultSpec
from tests.system.town import ASHA, SHORT_CODE, Town, opened_town
from tests.waiting import until
from wiring.embedded.temporal import Temporal

pytestmark = pytest.mark.real

ENDS = ("sent", "failed", "delivered", "unknown", "error")


def send(id: str = "send", **config: Any) -> dict[str, Any]:
    """A flow that sends a text and ends as the node was left."""
    return {
        "id": id,
        "name": "Send",
        "trigger": {"event": "api"},
        "settings": {"sessionTtl": "1h"},
        "nodes": [
            {"id": "start", "type": "start"},
            {
                "id": "text",
                "type": "send_sms",
                "retry": {"attempts": 2, "initial": "1s"},
                "config": {"to": ASHA, "message": f"Habari from {id}", **config},
            },
            *({"id": f"is-{exit}", "type": "end", "config": {"outcome": exit}} for exit in ENDS),
        ],
        "edges": [
            {"from": "start", "to": "text"},
            *({"from": "text", "exit": exit, "to": f"is-{exit}"} for exit in ENDS),
        ],
    }


@pytest.fixture
async def town(dsn: str, temporal: Temporal) -> AsyncIterator[Town]:
    async with opened_town(dsn, temporal.address) as opened:
        yield opened


async def ran(town: Town, flow: str, count: int = 1) -> str:
    """How a run of it ended."""
    await town.execute(flow)
    return str((await town.ended(count))["completionReason"])


async def code(town: Town) -> str | None:
    """Of the error by which the newest run left its text, the last time."""
    [newest, *_] = await town.executions()
    found: str | None = await town.house.db.fetchval(
        """SELECT error->>'code' FROM execution_history
        WHERE workspace_id = 'default' AND execution_id = $1 AND node_id = 'text' AND phase = 'done'
        ORDER BY seq DESC LIMIT 1""",
        newest["id"],
    )
    return found


def fault(town: Town, action: str, **more: Any) -> None:
    town.emulator.emulator.faults.add(FaultSpec.model_validate({"action": action, **more}))


def unreported(town: Town) -> None:
    """From now on the network tells nothing of texts by itself."""
    plant = town.emulator.emulator
    plant.configure(plant.config.model_copy(update={"reports": ()}))


async def reported(town: Town, *statuses: str) -> None:
    """The only text is reported: each status once the one before has been answered."""
    plant = town.emulator.emulator
    await until(lambda: bool(plant.state.sms), seconds=30)
    [text] = plant.state.sms.values()
    for status in statuses:
        report(plant, text, status)
        await town.idle()


@pytest.mark.parametrize(
    ("statuses", "exit"),
    [
        (("Sent", "Success"), "delivered"),
        (("Sent", "Buffered", "Failed"), "failed"),
        (("Success", "Failed", "Success"), "delivered"),
        (("Buffered",), "sent"),
        ((), "sent"),
    ],
)
async def test_the_first_end_that_is_reported_counts_and_silence_is_no_more_than_sent(
    town: Town, statuses: tuple[str, ...], exit: str
) -> None:
    unreported(town)
    silent = exit == "sent"
    await town.publish(send(waitForDelivery="2s" if silent else "60s"))
    await town.execute("send")
    await reported(town, *statuses)
    assert (await town.ended())["completionReason"] == exit
    assert len(await town.phone().texts()) == 1


async def test_a_report_that_comes_before_the_answer_and_every_report_twice_change_nothing(
    town: Town,
) -> None:
    fault(town, "delay_after", match={"path": "/messaging"}, param=1)
    fault(town, "duplicate", match={"channel": "delivery"}, times=2)
    await town.publish(send(waitForDelivery="60s"))
    assert await ran(town, "send") == "delivered"
    assert len(await town.phone().texts()) == 1


async def test_a_text_sent_though_the_provider_failed_is_unknown_and_its_report_is_kept(town: Town) -> None:
    fault(town, "error_after", match={"path": "/messaging"})
    await town.publish(send(waitForDelivery="60s"))
    assert await ran(town, "send") == "unknown"
    assert len(await town.phone().texts()) == 1


async def test_who_writes_stop_gets_nothing_from_any_flow_until_they_write_start(town: Town) -> None:
    for id in ("news", "offers"):
        await town.publish(send(id))
    assert await ran(town, "news") == "sent"
    await town.phone().text(SHORT_CODE, "Stop")
    assert (await ran(town, "news", 2), await code(town)) == ("error", "OPTED_OUT")
    assert (await ran(town, "offers", 3), await code(town)) == ("error", "OPTED_OUT")
    await town.phone().text(SHORT_CODE, "START")
    assert await ran(town, "offers", 4) == "sent"
    assert await town.phone().texts() == ["Habari from news", "Habari from offers"]


async def test_a_provider_that_asks_to_come_back_too_often_leads_to_the_way_for_errors(town: Town) -> None:
    fault(town, "throttle", match={"path": "/messaging"}, times=9)
    await town.publish(send())
    assert (await ran(town, "send"), await code(town)) == ("error", "RATE_LIMITED")


async def test_a_provider_that_answers_nothing_is_left_alone_and_the_flow_goes_its_way_for_errors(
    town: Town,
) -> None:
    fault(town, "drop_before", match={"path": "/messaging"}, times=99)
    await town.publish(twelve_times())
    await town.execute("twelve")
    ended = await town.ended()
    assert ended["completionReason"] == "left_alone"
    left = [exit for node, exit in await town.exits(ended["id"]) if node == "text"]
    assert left == ["unknown"] * 10 + ["error"]
    assert (await code(town)) == "CIRCUIT_OPEN"


async def test_no_more_is_asked_of_the_provider_at_once_than_the_operator_allows(
    dsn: str, temporal: Temporal
) -> None:
    async with opened_town(dsn, temporal.address, {"at_max_concurrent": 1}) as town:
        fault(town, "delay", match={"path": "/messaging"}, times=2, param=0.5)
        for id in ("one", "two"):
            await town.publish(send(id))
        for id in ("one", "two"):
            await town.execute(id)
        await town.ended(2)
        assert await town.house.db.fetchval("SELECT max(created_at) > min(updated_at) FROM effects")


def twelve_times() -> dict[str, Any]:
    """A flow that sends on, whatever became of a text, unless the provider is left alone."""
    document = send("twelve", to="{{phone}}")
    phones = [f"+2547000002{number:02}" for number in range(12)]
    every = {"mode": "for_each", "items": phones, "as": "phone"}
    return document | {
        "nodes": [
            *document["nodes"][:2],
            {"id": "all", "type": "loop", "config": every},
            {"id": "end", "type": "end"},
            {"id": "gone", "type": "end", "config": {"outcome": "left_alone"}},
        ],
        "edges": [
            {"from": "start", "to": "all"},
            {"from": "all", "exit": "body", "to": "text"},
            {"from": "text", "to": "all"},
            {"from": "text", "exit": "unknown", "to": "all"},
            {"from": "text", "exit": "error", "to": "gone"},
            {"from": "all", "to": "end"},
        ],
    }
