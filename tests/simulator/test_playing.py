"""Lines of a conversation, and what is said of the first that goes another way."""

from typing import Any

import pytest

from simulator.playing import same
from tests.simulator.flows import ASK, END, flow, node, played

PICK = node(
    "pick",
    "question",
    text="Which?",
    expects="choice",
    saveTo="picked",
    choices=[{"title": "A hat", "value": "hat"}, {"title": "Shoes", "value": "2"}],
)
PICKING = flow([PICK, node("told", "message", text="{{picked}}"), END], [("pick", "told"), ("told", "end")])


@pytest.mark.parametrize(("choice", "value"), [("A hat", "hat"), ("hat", "hat"), ("Shoes", "2"), ("2", "2")])
async def test_a_choice_is_picked_by_title_or_value(choice: str, value: Any) -> None:
    done = await played(PICKING, {"say": "Hi"}, {"click": choice}, {"expectVariables": {"picked": value}})
    assert (done.failure, done.transcript[2].text[0]) == (None, "[")


@pytest.mark.parametrize(
    ("lines", "line", "message", "expected", "actual"),
    [
        ([{"say": "Hi"}, {"expect": "What?"}], 1, "the bot said something else", "What?", "Which?"),
        (
            [{"say": "Hi"}, {"expect": "Which?"}, {"expect": "More?"}],
            2,
            "the bot said nothing more; it waits at pick (waiting_input)",
            "More?",
            None,
        ),
        (
            [{"say": "Hi"}, {"click": "Gloves"}],
            1,
            "no message offers a choice 'Gloves'",
            "Gloves",
            ["A hat", "Shoes"],
        ),
        (
            [{"say": "Hi"}, {"click": "hat"}, {"expectVariables": {"picked": "shoes"}}],
            2,
            "the variable picked has another value",
            "shoes",
            "hat",
        ),
        (
            [{"expectVariables": {"picked.colour": "red"}}],
            0,
            "the variable picked.colour has another value",
            "red",
            None,
        ),
        (
            [{"say": "Hi"}, {"expectExit": {"pick": "answer"}}],
            1,
            "the node pick was not left so",
            "answer",
            None,
        ),
        (
            [{"say": "Hi"}, {"expectExit": "completed"}],
            1,
            "the execution has not ended so; it waits at pick (waiting_input)",
            "completed",
            None,
        ),
        (
            [{"say": "Hi"}, {"click": "hat"}, {"expectExit": "abandoned"}],
            2,
            "the execution has not ended so; the execution has ended: completed",
            "abandoned",
            "completed",
        ),
        ([{"mock": {"pikc": 1}}], 0, "there is no node pikc to be mocked", None, None),
        (
            [{"say": "Hi"}, {"expect": "Which?"}, {"click": "hat"}],
            2,
            "the bot said more than was expected",
            None,
            "hat",
        ),
    ],
)
async def test_the_first_line_that_goes_another_way_is_told(
    lines: list[dict[str, Any]], line: int, message: str, expected: Any, actual: Any
) -> None:
    done = await played(PICKING, *lines)
    assert done.failure
    assert (done.passed, done.failure.line) == (False, line)
    assert done.failure.message.startswith(message)
    assert (done.failure.expected, done.failure.actual) == (expected, actual)


async def test_nothing_is_played_after_it() -> None:
    done = await played(PICKING, {"say": "Hi"}, {"expect": "No."}, {"click": "hat"})
    assert [one.text for one in done.transcript] == ["Hi", "Which?"]


async def test_a_conversation_without_lines_is_opened_without_a_word() -> None:
    done = await played(PICKING)
    assert (done.passed, [one.text for one in done.transcript]) == (True, ["Which?"])


async def test_a_mock_holds_from_its_line_on() -> None:
    document = flow(
        [ASK, node("call", "api", url="https://shop.example"), END],
        [
            ("ask", "answer", "call"),
            ("ask", "timeout", "end"),
            ("call", "success", "ask"),
            ("call", "failure", "end"),
        ],
    )
    done = await played(
        document,
        *({"say": "Hi"}, {"say": "1"}, {"expectExit": {"call": "success"}}),
        *({"mock": {"call": {"exit": "failure"}}}, {"say": "2"}, {"expectExit": {"call": "failure"}}),
    )
    assert (done.failure, done.exits["call"]) == (None, ["success", "failure"])


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (1, 1.0, True),
        (1, True, False),
        ([1, {"a": None}], [1, {"a": None}], True),
        ([True], [1], False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ([1], [1, 2], False),
    ],
)
def test_values_are_compared_as_json(one: Any, other: Any, alike: bool) -> None:
    assert same(one, other) is alike
