"""Whose floor an event makes it, and JSON that PostgreSQL takes."""

from datetime import UTC, datetime

import pytest

from dsl.inputs import Inbound
from dsl.messages import Owner
from dsl.model import Json
from store.jsons import dumps, loads
from store.pages import owner_after
from tests.store.made import message, status

USER = {"id": 8, "type": "user"}


@pytest.mark.parametrize(
    ("event", "with_bot", "expected"),
    [
        (status("s", "pending"), True, "bot"),
        (status("s", "open"), True, "human"),
        (status("s", "snoozed"), True, "human"),
        (status("s", "resolved"), True, "bot"),
        (status("s", "open"), False, None),
        (status("s", "open", assignee=USER), False, "human"),
        (status("s", "resolved", assignee=USER), False, "bot"),
        (status("s", "pending", assignee=USER), True, "bot"),
        (message("m", conversation={"status": "open"}), True, "human"),
        (message("m", conversation={"status": "open"}), False, None),
        (message("m", conversation={"status": "pending"}), True, None),
        (message("m", conversation={"status": "resolved"}), True, None),
        (message("m"), True, None),
    ],
)
def test_an_event_makes_it_the_bots_or_a_humans_floor(
    event: Inbound, with_bot: bool, expected: Owner | None
) -> None:
    assert owner_after(event, with_bot) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": [1, 1.5, True, None, "é"]}, {"a": [1, 1.5, True, None, "é"]}),
        ({"a": "x\0y", "b\0": "\\u0000"}, {"a": "xy", "b": "\\u0000"}),
        ("lone \ud83d surrogate", "lone  surrogate"),
        ([float("nan"), float("inf"), "\0"], [None, None, ""]),
        ({1: (2, 3)}, {"1": [2, 3]}),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
        ([datetime(2026, 1, 2, tzinfo=UTC), "\0"], ["2026-01-02T00:00:00+00:00", ""]),
    ],
)
def test_any_json_becomes_what_postgresql_takes(value: Json, expected: Json) -> None:
    assert loads(dumps(value)) == expected


def test_a_number_beyond_64_bits_is_written_whole() -> None:
    assert dumps([2**70]) == "[1180591620717411303424]"


def test_what_has_no_json_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no JSON form"):
        dumps(object())
