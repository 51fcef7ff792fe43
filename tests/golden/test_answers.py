"""How answers are read is kept: a library's upgrade that reads one otherwise is seen before people see it."""

from typing import Any, get_args

from activities.answers.parse import READERS, parse_answer
from compiler.expects import READ_WITH, SORRY, Expects
from tests.goldens import Golden


def read(row: dict[str, Any], said: Any) -> tuple[str, Any]:
    """The exit and value of an answer: a text, or the arguments that differ."""
    given = said if isinstance(said, dict) else {"text": said}
    outcome = parse_answer({"expects": row["expects"], **row.get("given", {}), **given})
    return outcome.exit, outcome.value


def test_every_answer_is_read_as_recorded(golden: Golden) -> None:
    for row in golden.load("answers.json"):
        wrong = [
            (said, read(row, said)) for said, value in row["answers"] if read(row, said) != ("answer", value)
        ]
        wrong += [(said, read(row, said)) for said in row["invalid"] if read(row, said) != ("invalid", None)]
        assert wrong == [], row["expects"]


def test_a_recorded_value_has_the_recorded_type(golden: Golden) -> None:
    for row in golden.load("answers.json"):
        assert all(type(read(row, said)[1]) is type(value) for said, value in row["answers"]), row["expects"]


def test_everything_that_may_be_expected_is_recorded_read_and_spoken_of(golden: Golden) -> None:
    rows = golden.load("answers.json")
    expected = set(get_args(Expects))
    assert {row["expects"] for row in rows if row["answers"]} == expected
    assert {row["expects"] for row in rows if row["invalid"]} == expected
    assert set(READERS) == set(SORRY) == expected
    assert set(READ_WITH) <= expected
