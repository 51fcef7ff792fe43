"""Answers that are plain are read in the walk as the activity reads them, for ever."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.answers.parse import parse_answer
from dsl.model import Json
from dsl.plain import plainly

CHOICES = [
    {"title": "An invoice", "value": "invoice", "synonyms": ["bill", "ankara"]},
    {"title": "Größe", "value": "size"},
    {"title": "7", "value": 7},
    {"value": True},
]


def asked(expects: str, text: Any, value: Json = None, **more: Any) -> dict[str, Any]:
    """The arguments of an answer."""
    choices = CHOICES if expects == "choice" else []
    return {"expects": expects, "text": text, "value": value, "choices": choices, **more}


@pytest.mark.parametrize(
    ("args", "kept"),
    [
        (asked("email", " John.Doe+shop@mail.example.com "), "John.Doe+shop@mail.example.com"),
        (asked("number", "1250"), 1250),
        (asked("integer", "-3", min=-3, max=0), -3),
        (asked("yes_no", "Yes"), True),
        (asked("yes_no", "2"), False),
        (asked("choice", "  aN inVoice "), "invoice"),
        (asked("choice", "1"), "invoice"),
        (asked("choice", "Ankara"), "invoice"),
        (asked("choice", "", 7), 7),
        (asked("choice", "An invoice", [{"title": "An invoice", "value": "invoice"}]), "invoice"),
    ],
)
def test_what_is_plain_is_kept_as_it_ever_was(args: dict[str, Any], kept: Json) -> None:
    outcome = plainly(args)
    assert outcome is not None
    assert (outcome.exit, outcome.value) == ("answer", kept)


@pytest.mark.parametrize(
    "args",
    [
        asked("email", "john@EXAMPLE.com"),
        asked("email", "john..doe@example.com"),
        asked("email", "john@localhost"),
        asked("email", "john@shop.test"),
        asked("email", "jürgen@example.com"),
        asked("email", "john@example.com", "jane@example.com"),
        asked("email", "a" * 60 + "@example.com"),
        asked("number", "1,250"),
        asked("number", "٣"),
        asked("integer", "5", max=4),
        asked("integer", "5", max="4"),
        asked("yes_no", "yes please"),
        asked("choice", "size"),
        asked("choice", "2"),
        asked("choice", "nothing of it"),
        asked("choice", "", "nothing of it"),
        asked("phone", "0712345678"),
        asked("text", "hello"),
    ],
)
def test_the_libraries_are_asked_about_the_rest(args: dict[str, Any]) -> None:
    assert plainly(args) is None


letters = st.sampled_from("aZ09._-+@ ")
words = st.text(letters, max_size=8)
emails = st.builds("{}@{}.{}".format, words, words, st.sampled_from(["com", "co.ke", "test", "arpa", "x"]))
numbers = st.integers(-(10**17), 10**17).map(str) | st.from_regex(r"[+-]?[0-9]{1,4}[.,]?[0-9]{0,3}")
names = st.sampled_from(
    ["An invoice", "INVOICE", "größe", "7", "true", "3", "Ankara", "\u017f", "y", "No", "1"]
)
texts = emails | numbers | names | st.text(max_size=6)
values = st.none() | st.sampled_from(["invoice", 7, True, 1, [{"value": 7}], [], "x"])
bounds = st.none() | st.integers(-10, 10) | st.sampled_from(["3", 2.5])
kinds = st.sampled_from(["email", "number", "integer", "yes_no", "choice"])


@given(kinds, texts, values, bounds, bounds)
def test_the_activity_agrees_on_all_that_is_plain(
    expects: str, text: str, value: Json, least: Json, most: Json
) -> None:
    args = asked(expects, text, value, min=least, max=most)
    outcome = plainly(args)
    if outcome is not None:
        assert repr(parse_answer(args)) == repr(outcome)
