"""What conditions come to that only an activity can decide: patterns, and what is wrong with them."""

import time
from typing import Any

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from activities.evaluation.evaluate import Unstorable, evaluate, storable
from activities.evaluation.sandbox import Sandbox
from activities.patterns import LONGEST_TEXT, STEPS, Pattern, PatternError
from compiler.expects import pattern_problem
from dsl.messages import Outcome

NOWHERE = Sandbox()
"""Patterns take no child."""


async def matched(text: Any, pattern: Any, **more: Any) -> Outcome:
    """What a test by a pattern comes to."""
    return await evaluate({"text": text, "pattern": pattern, **more}, NOWHERE)


@pytest.mark.parametrize(
    ("text", "pattern", "holds"),
    [
        ("order AB123456 please", "[A-Z]{2}\\d{6}", True),
        ("order AB123456 please", "^[A-Z]{2}\\d{6}$", False),
        ("ASHA", "(?i)asha", True),
        ("ASHA", "asha", False),
        ("habari\nyako", "(?m)^yako$", True),
        ("ndiyo 👍", "\\p{So}", True),
        ("", "^$", True),
        ("anything", "", True),
        (42, "^42$", True),
        (2.5, "^2\\.5$", True),
        (True, "true", True),
        (None, "^$", True),
        (None, "x", False),
        (["a", "b"], '"b"', True),
        ({"a": 1}, '^\\{"a":1\\}$', True),
        ("x", None, True),
        ("3", 3, True),
        ("\ud800", "^.$", True),
        ("a\x00b", "a.b", True),
    ],
)
async def test_a_pattern_is_looked_for_anywhere_in_the_text_of_a_value(
    text: Any, pattern: Any, holds: bool
) -> None:
    assert await matched(text, pattern) == Outcome(exit="true" if holds else "false")


@pytest.mark.parametrize(
    "pattern", ["(?=a)", "(a)\\1", "[", "a{1001}", "((a{100}){100}){100}", "a" * 513, "\ud800"]
)
async def test_a_pattern_that_cannot_be_matched_is_false_says_why_and_shows_nothing(pattern: str) -> None:
    outcome = await matched("a", pattern)
    assert (outcome.exit, outcome.error) == ("false", None)
    assert outcome.value["problem"]["code"] == "INVALID_PATTERN"
    assert pattern not in outcome.value["problem"]["message"]


async def test_a_text_longer_than_is_looked_at_matches_nothing() -> None:
    assert (await matched("a" * LONGEST_TEXT, "a$")).exit == "true"
    assert (await matched("a" * (LONGEST_TEXT + 1), "a")).exit == "false"
    assert (await matched("é" * (LONGEST_TEXT // 2 + 1), "é")).exit == "false"


def test_a_large_pattern_looks_at_shorter_texts() -> None:
    large = Pattern("(?:\\p{L}{1,50}x)+")
    longest = STEPS // large._regexp.programsize
    assert 1_000 < longest < LONGEST_TEXT
    assert large.covers(("ax" * longest)[: longest // 2 * 2])
    assert not large.covers("ax" * longest)


async def test_the_nodes_own_value_stays_where_a_condition_is_on_an_edge() -> None:
    assert (await matched("a", "a", kept={"n": 1})).value == {"n": 1}
    assert (await matched("a", "(?=a)", kept="Asha")).value == "Asha"


SLOW_ELSEWHERE = {
    "(a+)+$": "a",
    "(a|aa)+$": "a",
    "(a|a?)+$": "a",
    "(.*a){20}$": "a",
    "^(([a-z])+.)+[A-Z]([a-z])+$": "a",
    "([a-zA-Z]+)*$": "a",
    "(x+x+)+y": "x",
    "^(\\w+\\s?)*$": "w ",
    "(0|00)*$": "0",
    "a*a*a*a*a*a*b": "a",
    "^([a-zA-Z0-9._%-]+)+@([a-z]+\\.)+$": "a",
    "(\\d+\\.?)+x": "1",
    "((a{1,10}){1,10}){1,9}b": "a",
    "(a?){250}a{250}b": "a",
    "(x|.){0,900}y": "abx",
    "(ab*)*c": "ab",
}
"""By pattern, what the text is made of."""


@pytest.mark.parametrize(("pattern", "part"), SLOW_ELSEWHERE.items())
async def test_patterns_that_take_for_ever_elsewhere_take_no_time(pattern: str, part: str) -> None:
    text = (part * LONGEST_TEXT)[: LONGEST_TEXT - 1] + "!"
    began = time.process_time()
    await matched(text, pattern)
    assert time.process_time() - began < 10  # a safety net: backtracking would take years


def test_patterns_are_not_kept_when_they_were_looked_for() -> None:
    before = re2._Regexp._make.cache_info().currsize
    for number in range(50):
        assert Pattern(f"^{number}$").covers(str(number))
    assert re2._Regexp._make.cache_info().currsize <= before


@given(st.text(st.sampled_from("a(|)*+?[]{}1,.\\^$dbpPQ:<>=!i-"), max_size=20) | st.text(max_size=20))
def test_the_compiler_accepts_the_patterns_that_the_activity_does(pattern: str) -> None:
    try:
        Pattern(pattern)
        accepted = True
    except PatternError:
        accepted = False
    assert (pattern_problem(pattern) is None) is accepted


@pytest.mark.parametrize("value", [None, True, 3, 2.5, "é", [1, ["a"]], {"a": {"b": []}}])
def test_what_can_be_kept_is_kept_as_it_is(value: Any) -> None:
    assert storable(value) == value


def test_what_no_database_keeps_is_refused_or_kept_as_near_as_may_be() -> None:
    assert storable({"n": [2**63]}) == {"n": [float(2**63)]}
    deep: Any = 1
    for _ in range(100):
        deep = [deep]
    for value in ("a\x00", "\ud800", ["\udfff"], {"a\x00": 1}, deep):
        with pytest.raises(Unstorable):
            storable(value)
