"""Statuses of a message only climb."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.africastalking.delivery import climb, standing

ON_THE_WAY = ["Newfangled", "Queued", "Sent", "Submitted", "Buffered", "AbsentSubscriber"]
FINAL = ["Success", "Failed", "Rejected", "Expired"]
statuses = st.sampled_from([*ON_THE_WAY, *FINAL])


@pytest.mark.parametrize(
    ("lower", "higher"), [*pairwise(ON_THE_WAY), *(("AbsentSubscriber", f) for f in FINAL)]
)
def test_of_two_the_higher_holds_in_either_order(lower: str, higher: str) -> None:
    assert climb(lower, higher) == climb(higher, lower) == higher


@given(st.lists(statuses, min_size=1))
def test_the_first_final_status_holds_whatever_comes_late_or_twice(reports: list[str]) -> None:
    held = None
    for report in reports:
        held = climb(held, report)
        assert climb(held, report) == held
    finals = [report for report in reports if report in FINAL]
    assert held == finals[0] if finals else held == max(reports, key=ON_THE_WAY.index)


@pytest.mark.parametrize(
    ("status", "expected"),
    [("Success", "delivered"), ("Rejected", "failed"), ("Failed", "failed"), ("Expired", "failed")]
    + [(status, "pending") for status in ON_THE_WAY],
)
def test_every_status_has_a_standing(status: str, expected: str) -> None:
    assert standing(status) == expected
