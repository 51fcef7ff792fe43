"""When a delay ends is frozen: it is worked out in the walk, and replayed."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from dsl.durations import LONGEST
from dsl.hours import Hours, allowed
from dsl.plan import Sleep
from dsl.waking import woken
from dsl.zones import Zone
from tests.goldens import Golden

ZONES = {
    "Nairobi": Zone(offset=10_800),
    "New York": Zone(
        offset=-18_000,
        changes=((1772953200, -14_400), (1793512800, -18_000), (1805007600, -14_400), (1825567200, -18_000)),
    ),
}
NOW = datetime(2026, 3, 7, 12, tzinfo=UTC)


def shown(case: dict[str, Any]) -> dict[str, Any]:
    """A case with the end of its sleep by the clocks of its zone, and the seconds where they are all."""
    zone = ZONES.get(case.get("zone", ""))
    step = Sleep(id="it", node="it", to="!next", **case["sleep"])
    end, seconds = woken(step, {}, datetime.fromisoformat(case["now"]), zone)
    inputs: dict[str, Any] = {name: case[name] for name in ("about", "sleep", "now", "zone") if name in case}
    local = {"clocks": zone.local(end).isoformat()} if zone else {}
    return {**inputs, "end": end.isoformat(), **local, "counted": seconds}


def test_every_sleep_ends_as_recorded(golden: Golden) -> None:
    golden.compare("waking.json", [shown(case) for case in golden.load("waking.json")])


def test_templates_in_a_sleep_are_filled_in() -> None:
    step = Sleep(id="it", node="it", to="!next", until="{{day}}T09:00")
    assert woken(step, {"day": "2026-03-08"}, NOW, ZONES["Nairobi"])[0] == datetime(2026, 3, 8, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "written", ["P1M", "P1D", None, [], {}, True, "", "2026-13-01", "P", 1e308, -1.5, "P\u0661M"]
)
@pytest.mark.parametrize("field", ["seconds", "until"])
@pytest.mark.parametrize("zone", [None, *ZONES.values()])
def test_whatever_is_written_ends_within_five_years(written: Any, field: str, zone: Zone | None) -> None:
    step = Sleep.model_validate({"id": "it", "node": "it", "to": "!next", field: written})
    end, _ = woken(step, {}, NOW, zone)
    assert NOW <= end <= NOW + timedelta(seconds=LONGEST)


def windows(random: Random) -> Hours:
    """Hours of some days of the week."""
    begin = random.randrange(1_440)
    days = tuple(day for day in range(7) if random.random() < 0.6) or (2,)
    return Hours(days=days, begin=begin, end=begin + random.randrange(1, 1_441))


def free(moment: datetime, zone: Zone, quiet: Hours, business: Hours) -> bool:
    """Whether a sleep may end at a moment, asked minute by minute."""
    local = zone.local(moment)
    return quiet.around(local) is None and business.around(local) is not None


def test_a_sleep_ends_at_the_first_moment_at_which_it_may() -> None:
    random, zone = Random(7), ZONES["New York"]
    for _ in range(25):
        quiet, business = windows(random), windows(random)
        start = datetime.fromtimestamp(random.randrange(1_772_000_000, 1_830_000_000) // 60 * 60, UTC)
        minutes = (start + timedelta(minutes=n) for n in range(8 * 1_440))
        first = next((moment for moment in minutes if free(moment, zone, quiet, business)), None)
        if first is not None:
            assert allowed(start, zone, quiet, business) == first, (start, quiet, business)
