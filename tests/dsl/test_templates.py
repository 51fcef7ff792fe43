"""The renderer is total and bounded, whatever the template and the values."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from dsl.filters import FILTERS
from dsl.templates import (
    MAX_DEPTH,
    MAX_TEXT,
    Expr,
    Text,
    placeholders,
    render,
    render_deep,
    render_text,
    strings,
)

values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(alphabet=st.characters(), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "0"]), inner, max_size=3)
    ),
    max_leaves=8,
)
pieces = st.sampled_from(
    ["{{", "}}", "a", "a.b", "a.0", " ", "|", ":", "'", '"', "upper", "default", "x", "@", "{", ".", "1", "5"]
    + [f"| {name}" for name in FILTERS]
)
templates = st.lists(pieces, max_size=14).map("".join) | st.lists(pieces, max_size=6).map(
    lambda inside: "{{a" + "".join(inside) + "}}"
)


@settings(max_examples=300)
@given(templates, values)
def test_any_template_renders_over_any_values(template: str, value: Any) -> None:
    rendered = render_text(template, {"a": value})
    assert isinstance(rendered, str)
    assert len(rendered) <= MAX_TEXT
    render(template, {"a": value})


@settings(max_examples=200)
@given(
    st.sampled_from(sorted(FILTERS)),
    st.none() | st.text(max_size=6) | st.sampled_from(["0", "3", "99"]),
    values,
)
def test_any_filter_takes_any_value_and_argument(name: str, argument: str | None, value: Any) -> None:
    once = FILTERS[name](value, argument)
    assert repr(FILTERS[name](value, argument)) == repr(once)


def test_a_text_without_placeholders_stays_as_it_is() -> None:
    assert render("Hello { } }} %s", {}) == "Hello { } }} %s"


def test_what_a_value_holds_is_not_rendered_again() -> None:
    assert render("Hi {{a}}", {"a": "{{b}}", "b": "secret"}) == "Hi {{b}}"


def test_a_rendered_text_is_cut_at_its_limit_and_no_larger_one_is_ever_built() -> None:
    many = "{{a}}" * 50_000
    assert render_text(many, {"a": "x" * MAX_TEXT}) == "x" * MAX_TEXT


def test_a_text_is_rendered_to_its_end_where_it_fits() -> None:
    assert render_text("a{{x}}b{{x}}c", {"x": 1}) == "a1b1c"


def test_json_values_are_rendered_inside_out() -> None:
    value = {"n": "{{n}}", "list": ["{{n}}", "n={{n}}", 7, None], "{{n}}": True}
    assert render_deep(value, {"n": 3}) == {"n": 3, "list": [3, "n=3", 7, None], "{{n}}": True}


def test_below_the_depth_limit_nothing_is_left() -> None:
    deep: Any = "{{a}}"
    for _ in range(MAX_DEPTH + 1):
        deep = [deep]
    for _ in range(MAX_DEPTH):
        deep = deep[0]
    assert render_deep(deep, {"a": 1}) == [1]
    for _ in range(MAX_DEPTH + 1):
        deep = [deep]
    rendered = render_deep(deep, {"a": 1})
    for _ in range(MAX_DEPTH + 1):
        rendered = rendered[0]
    assert rendered is None


def test_a_value_nested_beyond_recursion_reads_as_nothing() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    assert render("a={{a}}", {"a": deep}) == "a="


@pytest.mark.parametrize(
    ("source", "path", "filters"),
    [
        ("{{a.b}}", ("a", "b"), []),
        ("{{ a | upper }}", ("a",), [("upper", None)]),
        ("{{a|default:'x | y'|upper}}", ("a",), [("default", "x | y"), ("upper", None)]),
        ("{{a | truncate: 5}}", ("a",), [("truncate", "5")]),
        ("{{@.text}}", ("@", "text"), []),
    ],
)
def test_a_placeholder_is_a_path_and_filters(source: str, path: tuple[str, ...], filters: list[Any]) -> None:
    (found,) = placeholders(source)
    assert (found.path, [tuple(f) for f in found.filters], found.problem) == (path, filters, None)


@pytest.mark.parametrize(
    "inside", ["", "a b", "a..b", "a | b c", "a | default:'x", "a |", "| upper", "1a", "a[0]"]
)
def test_a_placeholder_that_cannot_be_read_says_why_and_stays_as_written(inside: str) -> None:
    source = "{{" + inside + "}}"
    (found,) = placeholders(source)
    assert found.problem
    assert render(source, {"a": 1}) == source


def test_every_text_is_found_with_its_pointer() -> None:
    assert list(strings({"a/b": ["x", {"c~": "y"}], "n": 1})) == [("/a~1b/0", "x"), ("/a~1b/1/c~0", "y")]


class Config(BaseModel):
    """A config with templated fields."""

    amount: Expr[int]
    text: Text = ""


AUTHORED = {"authored": True}


def test_a_templated_field_takes_a_template_when_authored() -> None:
    authored = Config.model_validate({"amount": "{{n}}"}, context=AUTHORED)
    assert authored.model_dump(warnings=False)["amount"] == "{{n}}"
    assert Config.model_validate({"amount": 3}, context=AUTHORED).amount == 3


def test_a_templated_field_is_concrete_when_executed() -> None:
    with pytest.raises(ValidationError):
        Config.model_validate({"amount": "{{n}}"})
    assert Config.model_validate({"amount": 3}).amount == 3


def test_a_wrong_literal_is_refused_when_authored() -> None:
    with pytest.raises(ValidationError):
        Config.model_validate({"amount": "many"}, context=AUTHORED)


def test_the_schema_for_editors_allows_a_template() -> None:
    amount = Config.model_json_schema()["properties"]["amount"]
    assert {"type": "integer"} in amount["anyOf"]
    assert any(form.get("type") == "string" for form in amount["anyOf"])
    assert Config.model_json_schema()["properties"]["text"]["type"] == "string"
