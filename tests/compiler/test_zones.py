"""Zones as data of a plan tell what the time zone database tells."""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from compiler.zones import KNOWN, zone_data
from dsl.zones import Zone

PLACES = [
    "Africa/Nairobi",
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Europe/London",
    "UTC",
]


def moments(zone: Zone, random: Random) -> list[datetime]:
    """Some from everywhere, and many from around the changes of the clocks."""
    first, last = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in KNOWN)
    anywhere = [random.randrange(first, last) for _ in range(500)]
    changing = [at + random.randrange(-9_000, 9_000) for at, _ in zone.changes for _ in range(20)]
    exact = [at + shift for at, _ in zone.changes for shift in (-3_600, -1, 0, 1, 3_600)]
    return [datetime.fromtimestamp(posix, UTC) for posix in (*anywhere, *changing, *exact)]


@pytest.mark.parametrize("place", PLACES)
def test_clocks_show_what_the_database_says(place: str) -> None:
    zone, known = zone_data(place), ZoneInfo(place)
    for moment in moments(zone, Random(place)):
        assert zone.local(moment) == moment.astimezone(known).replace(tzinfo=None)


@pytest.mark.parametrize("place", PLACES)
def test_a_time_is_the_moment_that_the_database_says_skipped_and_doubled_ones_too(place: str) -> None:
    zone, known, random = zone_data(place), ZoneInfo(place), Random(place)
    for moment in moments(zone, random):
        shown = zone.local(moment) + timedelta(
            minutes=random.choice((0, 0, 30, 60, random.randrange(-200, 200)))
        )
        for fold in (0, 1):
            told = shown.replace(tzinfo=known, fold=fold).astimezone(UTC)
            assert zone.moment(shown, second=bool(fold)) == told


def test_the_data_of_a_zone_are_small() -> None:
    assert all(len(zone_data(place).model_dump_json()) < 2_048 for place in PLACES)
    assert zone_data("Africa/Nairobi") == Zone(offset=10_800)
