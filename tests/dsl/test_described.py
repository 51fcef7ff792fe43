"""What is written below a field is in the JSON Schema; what other classes say of theirs is not."""

from typing import Any

import pytest
from pydantic import Field

from dsl.model import Authored, Message


class Inner(Message):
    """One that others hold."""

    depth: int
    """In metres."""


class Outer(Authored):
    """Several sorts of fields."""

    two_words: str
    """Known by
    its alias."""
    bare: int = 0
    told: int = Field(default=0, description="Said in the field.")
    """Not said twice."""
    inner: Inner | None = None
    """What is inside."""
    exact: Inner
    """By reference."""

    class Within(Message):
        """A class of a class."""

        bare: str
        """Of the class within."""


class Heir(Outer):
    """One field is declared anew."""

    two_words: str = "x"
    own: int
    """Its own."""


def described(model: type[Any], **options: Any) -> dict[str, Any]:
    properties = model.model_json_schema(**options)["properties"]
    return {name: shown["description"] for name, shown in properties.items() if "description" in shown}


OUTER = {"told": "Said in the field.", "inner": "What is inside.", "exact": "By reference."}


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_each_field_has_the_text_below_it(mode: str) -> None:
    assert described(Outer, mode=mode) == {**OUTER, "twoWords": "Known by\nits alias."}
    assert described(Outer, mode=mode, by_alias=False) == {**OUTER, "two_words": "Known by\nits alias."}
    assert described(Outer.Within, mode=mode) == {"bare": "Of the class within."}


def test_an_heir_has_the_texts_of_what_it_did_not_declare_anew() -> None:
    assert described(Heir) == {**OUTER, "own": "Its own."}


def test_a_model_within_another_is_described_too() -> None:
    inner = Outer.model_json_schema()["$defs"]["Inner"]["properties"]
    assert inner["depth"]["description"] == "In metres."


def test_a_class_of_a_function_is_described_and_one_without_source_is_not() -> None:
    class Local(Message):
        here: int
        """In a function."""

    assert described(Local) == {"here": "In a function."}
    made: dict[str, Any] = {"Message": Message, "__name__": "no_such_module"}
    exec('class Made(Message):\n    here: int\n    """Nobody can read it."""\n', made)
    assert described(made["Made"]) == {}
