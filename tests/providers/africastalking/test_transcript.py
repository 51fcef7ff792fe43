"""The cumulative text of USSD, taken apart step by step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.africastalking.transcript import Advance, advance, segments


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("1", ("1",)),
        ("1*1*2", ("1", "1", "2")),
        ("1**2", ("1", "", "2")),
        ("1*", ("1", "")),
        ("*", ("", "")),
        ("2*0700", ("2", "0700")),
    ],
)
def test_an_empty_input_is_a_segment_and_an_empty_text_none(text: str, expected: tuple[str, ...]) -> None:
    assert segments(text) == expected


@pytest.mark.parametrize(
    ("before", "text", "expected"),
    [
        (None, "", Advance("first")),
        (None, "1*2", Advance("first", ("1", "2"))),  # a deep dial
        ("", "1", Advance("step", ("1",))),
        ("1", "1*1", Advance("step", ("1",))),
        ("1*0", "1*0*2", Advance("step", ("2",))),  # back stays in it for ever
        ("1", "1*", Advance("step", ("",))),
        ("1*", "1**2", Advance("step", ("2",))),
        ("1", "1*a*b", Advance("step", ("a*b",))),  # the caller's own star
        ("1", "1**", Advance("step", ("*",))),
        ("", "*2", Advance("step", ("2",))),  # the first answer was empty, so its text was too
        ("", "", Advance("repeated")),
        ("1*1", "1*1", Advance("repeated")),
        ("1*1", "1", Advance("late")),
        ("1*1", "", Advance("late")),
        ("1*1", "1*2", Advance("diverging")),
        ("1", "12", Advance("diverging")),
        ("1*1", "2*1*3", Advance("diverging")),
    ],
)
def test_a_step_is_what_its_text_adds(before: str | None, text: str, expected: Advance) -> None:
    assert advance(before, text) == expected


typed = st.text(alphabet="019*# ab", max_size=6)


@given(st.lists(typed.filter(lambda text: text and not text.startswith("*")), min_size=1, max_size=6))
def test_each_answer_of_a_session_comes_out_as_it_was_typed(answers: list[str]) -> None:
    text = ""
    for number, answer in enumerate(answers):
        following = answer if number == 0 else f"{text}*{answer}"
        assert advance(text, following) == Advance("step", (answer,))
        text = following


@given(typed.filter(bool), typed)
def test_a_later_answer_may_be_empty_and_hold_stars(first: str, answer: str) -> None:
    assert advance(first, f"{first}*{answer}") == Advance("step", (answer,))


@given(st.none() | typed, typed)
def test_every_text_is_taken_and_only_a_step_on_brings_anything(before: str | None, text: str) -> None:
    kind, inputs = advance(before, text)
    assert (kind == "first") is (before is None)
    assert (len(inputs) == 1) if kind == "step" else (kind == "first" or not inputs)
    assert kind != "first" or "*".join(inputs) == text
