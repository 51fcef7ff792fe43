"""Waits with clocks: days of them in no time, under a virtual clock."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.workflows.world import START, flow, message, walked

END: dict[str, Any] = {"id": "e", "type": "end"}
MARCH = datetime.fromisoformat("2026-03-02T09:00:00+00:00")


def delayed(zone: str = "Africa/Nairobi", **config: Any) -> dict[str, Any]:
    """A delay, and what time it is then."""
    nodes = [
        {"id": "d", "type": "delay", "config": config},
        {"id": "m", "type": "message", "config": {"text": "{{now}}"}},
        END,
    ]
    return flow(nodes, [("d", "m"), ("m", "e")], settings={"timezone": zone})


def test_the_walk_begins_on_a_monday_at_noon_in_nairobi() -> None:
    assert (START, START.weekday()) == (MARCH, 0)


@pytest.mark.parametrize(
    ("config", "end"),
    [
        ({"for": "3d"}, "2026-03-05T09:00:00+00:00"),
        ({"for": "P1M"}, "2026-04-02T09:00:00+00:00"),
        ({"for": "P1Y2M"}, "2027-05-02T09:00:00+00:00"),
        ({"until": "2026-03-09T08:00"}, "2026-03-09T05:00:00+00:00"),
        ({"until": "{{trigger.day}}T08:00"}, "2026-03-02T09:00:00+00:00"),
        ({"for": "10h", "quietHours": {"from": "21:00", "to": "07:00"}}, "2026-03-03T04:00:00+00:00"),
        ({"for": "8h", "quietHours": {"from": "21:00", "to": "07:00"}}, "2026-03-02T17:00:00+00:00"),
        (
            {"for": "4d", "businessHours": {"from": "08:00", "to": "11:00", "days": ["mon", "tue"]}},
            "2026-03-09T05:00:00+00:00",
        ),
    ],
)
async def test_a_delay_ends_by_the_clocks_of_the_flow(config: dict[str, Any], end: str) -> None:
    _, world = await walked(delayed(**config))
    assert world.said == [end]


async def test_a_month_over_a_change_of_the_clocks_ends_at_the_same_time_of_the_day() -> None:
    _, world = await walked(delayed("America/New_York", **{"for": "P1M"}))
    assert world.said == ["2026-04-02T08:00:00+00:00"]


async def test_a_moment_from_a_template_is_of_the_flow_s_zone() -> None:
    document = delayed(until="{{day}}T08:00")
    document["variables"] = {"day": {"default": "2026-03-03"}}
    _, world = await walked(document)
    assert world.said == ["2026-03-03T05:00:00+00:00"]


async def test_a_timeout_of_three_days_and_a_ladder_of_reminders() -> None:
    reminders = [
        {"after": "1d", "text": "Second."},
        {"after": "1h", "text": "First."},
        {"after": "2d", "text": "Last."},
    ]
    question = {"text": "Name?", "saveTo": "name", "timeout": "3d", "reminders": reminders}
    nodes = [
        {"id": "q", "type": "question", "config": question},
        {"id": "m", "type": "message", "config": {"text": "Too late, {{now}}."}},
        END,
    ]
    document = flow(nodes, [("q", "e"), ("q", "timeout", "m"), ("m", "e")])
    _, world = await walked(document)
    assert world.said == ["Name?", "First.", "Second.", "Last.", "Too late, 2026-03-05T09:00:00+00:00."]
    assert [effect.node for effect in world.ordinary] == ["q", "q", "q"]
    _, world = await walked(document, [message(1, "Asha", after=90_000)])
    assert world.said == ["Name?", "First.", "Second."]
    assert world.now == START + timedelta(seconds=90_000)
