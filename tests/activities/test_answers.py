"""Reading an answer is total: whatever people send comes to a value that can be kept, or to none."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from activities.answers import clock
from activities.answers.parse import READERS, parse_answer

GIVEN: dict[str, Any] = {
    "zone": "Africa/Nairobi",
    "now": "2026-03-02T09:00:00+00:00",
    "region": "KE",
    "pattern": "[a-z]+",
    "choices": [{"value": "red", "title": "Red"}, {"value": 2}],
}
WORDS = "kesho saa tatu na nusu usiku 3pm friday 12/5/90 + 254 7 , . : @ http:// yes non 1e5 2026-02-30 ago"
SENTENCES = st.lists(st.sampled_from(WORDS.split()), max_size=12).map(" ".join)
ANY_TEXT = st.text(st.characters(), max_size=60)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=6,
)
LONG = (
    "9",
    "1,",
    "a@",
    "(",
    "1/",
    "kesho ",
    "+",
    "yes ",
    "http://a.",
    "saa na ",
    "-1.2,",
    "1 jan ",
    "👍",
    "\u0301",
)


def came_to(expects: str, **said: Any) -> Any:
    """The value, checked to be one that can be stored."""
    outcome = parse_answer({"expects": expects, **GIVEN, **said})
    assert (outcome.exit == "answer") is (outcome.value is not None)
    assert outcome.error is None
    assert len(json.dumps(outcome.value, allow_nan=False)) < 200_000
    return outcome.value


@pytest.mark.parametrize("expects", READERS)
def test_no_text_makes_it_stumble(expects: str, examples: int | None) -> None:
    @settings(max_examples=examples or 100)
    @given(said=ANY_TEXT | SENTENCES)
    def total(said: str) -> None:
        assert came_to(expects, text=said) == came_to(expects, text=said)

    total()


@pytest.mark.parametrize("expects", READERS)
def test_nothing_that_is_picked_filled_in_or_sent_makes_it_stumble(
    expects: str, examples: int | None
) -> None:
    @settings(max_examples=examples or 40)
    @given(value=JSON, attachments=JSON, phone=JSON)
    def total(value: Any, attachments: Any, phone: Any) -> None:
        came_to(expects, text="x", value=value, attachments=[attachments], contactPhone=phone)
        came_to(expects, value=value, attachments=attachments, now=value, zone=phone, min=value, max=phone)

    total()


@pytest.mark.parametrize("expects", sorted(set(READERS) - {"text", "regex", "file"}))
def test_a_text_as_long_as_may_be_is_no_answer_and_costs_nothing(expects: str) -> None:
    began = time.process_time()
    assert [came_to(expects, text=(part * 16_384)[:16_384]) for part in LONG] == [None] * len(LONG)
    assert time.process_time() - began < 5  # a safety net: any quadratic reading takes minutes


def test_what_is_expected_by_a_newer_release_is_our_fault_and_no_answer() -> None:
    with pytest.raises(KeyError):
        parse_answer({"expects": "telepathy", "text": "x"})
    with pytest.raises(ValidationError):
        parse_answer({"text": "x"})


@pytest.mark.parametrize("year", [1999, 2026, 2044])
def test_days_are_counted_from_the_walks_own_time_whatever_the_clock_says(year: int) -> None:
    now = f"{year}-06-30T21:30:00+00:00"
    assert came_to("date", text="tomorrow", now=now) == f"{year}-07-02"
    assert came_to("date", text="1 January", now=now) == f"{year + 1}-01-01"
    assert came_to("datetime", text="in 2 hours", now=now) == f"{year}-07-01T02:30:00+03:00"
    assert came_to("datetime", text="23:00", now=now) == f"{year}-07-01T23:00:00+03:00"


def test_a_day_has_the_same_name_in_three_languages() -> None:
    for names in (
        ("tomorrow", "kesho", "demain"),
        ("friday", "ijumaa", "vendredi"),
        ("3 May", "3 Mei", "3 mai"),
    ):
        assert len({came_to("date", text=name) for name in names}) == 1, names


def test_every_hour_of_the_swahili_clock_is_six_hours_from_the_other_one() -> None:
    spoken = [
        *(("asubuhi", counted, counted + 6) for counted in range(1, 6)),
        *(("mchana", counted, counted + 6) for counted in range(6, 10)),
        *(("jioni", counted, counted + 6) for counted in range(10, 13)),
        *(("usiku", counted, counted + 18) for counted in range(1, 6)),
        *(("usiku", counted, counted - 6) for counted in range(6, 10)),
        *(("alfajiri", counted, counted - 6) for counted in range(9, 12)),
    ]
    for period, counted, hour in spoken:
        found = clock.read(f"saa {counted} {period}")
        assert found is not None, (counted, period)
        assert found.hour == hour, (counted, period)
