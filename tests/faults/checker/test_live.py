"""The check of live events turns red where a number is missing, doubled or out of order, and only there."""

import pytest

from torture.checker.live import Told, gaps

WHOLE = [
    Told("a", 1, "started"), Told("b", 1, "started"), Told("a", 2, "node_done"), Told("b", 2, "status"),
    Told("a", 3, "rewound"), Told("a", 4, "completed"),
]  # fmt: skip
HEADS = {"a": 4, "b": 2}


def test_whole_streams_have_no_gaps() -> None:
    assert gaps(WHOLE) == []
    assert gaps(WHOLE, HEADS) == []
    assert gaps([], {}) == []
    assert gaps([Told("c", 1, "failed")]) == []


@pytest.mark.parametrize("missing", range(len(WHOLE)))
def test_any_event_that_is_missing_is_seen(missing: int) -> None:
    assert gaps(WHOLE[:missing] + WHOLE[missing + 1 :], HEADS)


@pytest.mark.parametrize(
    "told",
    [
        pytest.param([*WHOLE[:3], WHOLE[2], *WHOLE[3:]], id="doubled"),
        pytest.param([WHOLE[2], WHOLE[0], *WHOLE[3:], WHOLE[1]], id="out of order"),
        pytest.param([*WHOLE, Told("a", 5, "status")], id="after the end"),
        pytest.param([*WHOLE, Told("c", 1, "status")], id="without a start"),
        pytest.param([*WHOLE, Told("c", 1, "started"), Told("c", 2, "started")], id="started twice"),
        pytest.param([one._replace(seq=one.seq + 1) for one in WHOLE], id="from two on"),
        pytest.param([*WHOLE, Told("c", 0, "started")], id="from nought on"),
    ],
)
def test_streams_that_are_not_whole_are_seen(told: list[Told]) -> None:
    assert gaps(told)


def test_an_execution_that_told_nothing_at_all_is_seen() -> None:
    assert gaps(WHOLE, {**HEADS, "c": 1})
