"""What the compiler makes of delays: the hours of a week, and the zone that the walk needs."""

from typing import Any

import pytest

from compiler.hours import Window, never
from compiler.zones import zone_data
from dsl.durations import Span, parse_span, span_of
from tests.compiler.documents import compiled, line

BUSINESS = {"from": "08:00", "to": "17:00", "days": ["mon", "fri"]}


def delay(**config: Any) -> dict[str, Any]:
    """A flow that waits once, in a zone with summer time."""
    return line({"id": "wait", "type": "delay", "config": config}, settings={"timezone": "Europe/London"})


@pytest.mark.parametrize("config", [{"for": "1d"}, {"until": "2030-07-01T10:00"}, {"for": 90}])
def test_a_plan_whose_delays_are_known_needs_no_zone(config: dict[str, Any]) -> None:
    plan = compiled(delay(**config)).plan
    assert plan
    assert plan.zone is None


@pytest.mark.parametrize(
    "config",
    [
        {"for": "P1M"},
        {"for": "{{contact.wait}}"},
        {"until": "{{contact.at}}"},
        {"for": "1d", "quietHours": BUSINESS},
        {"for": "1d", "businessHours": BUSINESS},
    ],
)
def test_a_plan_that_asks_for_clocks_has_its_zone(config: dict[str, Any]) -> None:
    plan = compiled(delay(**config)).plan
    assert plan
    assert plan.zone == zone_data("Europe/London")


def test_hours_past_midnight_belong_to_the_day_on_which_they_begin() -> None:
    window = Window.model_validate({"from": "21:30", "to": "07:00", "days": ["sat", "mon", "sat"]})
    assert window.hours().model_dump() == {"days": (0, 5), "begin": 1_290, "end": 1_860}


@pytest.mark.parametrize(
    ("quiet", "business", "over"),
    [
        ({"from": "07:00", "to": "07:00"}, None, True),
        ({"from": "00:00", "to": "24:00"}, None, True),
        ({"from": "07:00", "to": "06:59"}, None, False),
        ({"from": "00:00", "to": "24:00", "days": ["mon", "fri"]}, BUSINESS, True),
        ({"from": "00:00", "to": "24:00", "days": ["mon"]}, BUSINESS, False),
        ({"from": "18:00", "to": "17:00", "days": ["sun", "mon", "thu", "fri"]}, BUSINESS, True),
        (None, BUSINESS, False),
    ],
)
def test_some_minute_of_the_week_is_left_or_none(quiet: Any, business: Any, over: bool) -> None:
    hours = [Window.model_validate(written).hours() if written else None for written in (quiet, business)]
    assert never(*hours) is over


@pytest.mark.parametrize(
    ("written", "span"),
    [
        ("P1M", Span(1, 0)),
        ("P1Y2M", Span(14, 0)),
        ("P1M2DT3H", Span(1, 183_600)),
        ("PT1M", Span(0, 60)),
        ("P2W", Span(0, 1_209_600)),
        (" 7d ", Span(0, 604_800)),
        ("P9999Y", Span(72, 0)),
        ("P", None),
        ("P1D1M", None),
        ("1M", None),
        (90, None),
    ],
)
def test_a_span_has_months_of_the_calendar_and_seconds(written: Any, span: Span | None) -> None:
    assert span_of(written) == span


def test_what_has_no_months_is_seconds_and_five_years_are_the_most() -> None:
    assert (parse_span("P1D"), parse_span("P1M"), parse_span(7)) == (86_400, "P1M", 7)
    for written in ("P6Y", "400w", -1, "a while"):
        with pytest.raises(ValueError, match=r"year|duration"):
            parse_span(written)
