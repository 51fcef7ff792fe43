"""Conditions that an activity decides: the steps they become lead where they say, and ask no more."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from compiler.conditions import decided, is_tested
from compiler.javascript import read_paths, scope_of
from dsl.conditions import Condition, holds
from dsl.plan import Call, Case, Choose, Step

READ: TypeAdapter[Condition] = TypeAdapter(Condition)

SIMPLE = st.booleans().map(lambda v: {"left": v, "operator": "is_true"})
MATCHES = st.booleans().map(lambda v: {"left": "a", "operator": "matches", "right": "a" if v else "b"})
SCRIPT = st.booleans().map(lambda v: {"javascript": str(v).lower()})
TREES = st.recursive(
    SIMPLE | MATCHES | SCRIPT,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda parts: {"all": parts})
        | st.lists(inner, max_size=3).map(lambda parts: {"any": parts})
        | inner.map(lambda part: {"not": part})
    ),
    max_leaves=8,
)


def true(condition: dict[str, Any]) -> bool:
    """What a drawn condition says."""
    if "all" in condition:
        return all(true(part) for part in condition["all"])
    if "any" in condition:
        return any(true(part) for part in condition["any"])
    if "not" in condition:
        return not true(condition["not"])
    if "javascript" in condition:
        return bool(condition["javascript"] == "true")
    return bool(condition["left"] == condition.get("right", True))


def lowered(conditions: list[dict[str, Any]], **more: Any) -> list[Step]:
    """The steps of a `choose` with one case a condition, leading to `!0`, `!1`, …, else to `!else`."""
    cases = tuple(Case(condition=READ.validate_python(one), to=f"!{n}") for n, one in enumerate(conditions))
    choose = Choose(id="it", node="it", cases=cases, to="!else")
    return list(decided([choose], more.get("variables", ()), more.get("read", frozenset())))


def walked(steps: list[Step]) -> tuple[str, int]:
    """Where the steps lead, and how many tests are asked on the way."""
    by_id, at, asked = {step.id: step for step in steps}, "it", 0
    assert len(by_id) == len(steps)
    while not at.startswith("!"):
        step = by_id[at]
        if isinstance(step, Call):
            asked += 1
            code = step.args.get("javascript")
            true = code == "true" if code else step.args["text"] == step.args["pattern"]
            at = step.to["true" if true else "false"]
        else:
            assert isinstance(step, Choose)
            assert not any(is_tested(case.condition) for case in step.cases)
            at = next((case.to for case in step.cases if holds(case.condition, {})), step.to)
    return at, asked


@given(st.lists(TREES, min_size=1, max_size=4))
def test_the_steps_lead_where_the_first_true_condition_leads(conditions: list[dict[str, Any]]) -> None:
    first = next((f"!{n}" for n, one in enumerate(conditions) if true(one)), "!else")
    steps = lowered(conditions)
    assert walked(steps)[0] == first
    assert steps[0].id == "it"
    assert {step.node for step in steps} == {"it"}


@given(st.lists(TREES, min_size=1, max_size=4))
def test_every_step_is_reached_from_the_first(conditions: list[dict[str, Any]]) -> None:
    steps = {step.id: step for step in lowered(conditions)}
    rest, seen = ["it"], set[str]()
    while rest:
        if (at := rest.pop()) in steps and at not in seen:
            seen.add(at)
            step = steps[at]
            assert isinstance(step, Call | Choose)
            rest += step.to.values() if isinstance(step, Call) else [step.to, *(c.to for c in step.cases)]
    assert seen == set(steps)


@given(st.lists(SIMPLE, max_size=4))
def test_conditions_that_the_walk_decides_stay_one_step(conditions: list[dict[str, Any]]) -> None:
    assert [type(step) for step in lowered(conditions)] == [Choose]


@pytest.mark.parametrize(
    ("condition", "asked"),
    [
        ({"all": [{"left": False, "operator": "is_true"}, {"javascript": "true"}]}, 0),
        ({"any": [{"left": True, "operator": "is_true"}, {"javascript": "true"}]}, 0),
        ({"any": [{"javascript": "true"}, {"javascript": "true"}]}, 1),
        ({"all": [{"javascript": "true"}, {"javascript": "false"}, {"javascript": "true"}]}, 2),
        ({"not": {"any": [{"javascript": "false"}, {"javascript": "false"}]}}, 2),
    ],
)
def test_what_is_decided_already_is_not_asked(condition: dict[str, Any], asked: int) -> None:
    assert walked(lowered([condition]))[1] == asked


def test_the_value_of_a_node_is_kept_where_something_reads_it() -> None:
    condition = {"left": "a", "operator": "matches", "right": "a"}
    for read, kept in ((frozenset({"it"}), {"kept": "{{nodes.it}}"}), (frozenset({"other"}), {})):
        [step] = lowered([condition], read=read)
        assert isinstance(step, Call)
        assert step.args == {"text": "a", "pattern": "a", **kept}


@pytest.mark.parametrize(
    ("code", "paths"),
    [
        ("vars.age >= 18", [("age",)]),
        ("vars['age'] + vars[\"b\"] + vars?.c + vars?.['d-e']", [("age",), ("b",), ("c",), ("d-e",)]),
        ("nodes.ask.length + nodes['api-1'].n", [("nodes", "ask"), ("nodes", "api-1")]),
        ("nodes[which]", [("nodes",)]),
        ("vars[which]", []),
        ("({...vars})", []),
        ("vars.hasOwnProperty('a')", []),
        ("my.vars.age + $vars.b + vars_c", []),
        ("flag ? vars.a : contact", [("a",)]),
    ],
)
def test_what_code_reads_is_seen(code: str, paths: list[tuple[str, ...]]) -> None:
    assert list(read_paths(code)) == paths


def test_code_is_handed_what_it_reads_and_no_more() -> None:
    assert scope_of("1 + 1", ("a", "b")) == {}
    assert scope_of("vars.a && contact.city", ("a", "b")) == {
        "contact": "{{contact}}",
        "vars": {"a": "{{a}}"},
    }
    assert scope_of("Object.keys(vars)", ("a", "b")) == {"vars": {"a": "{{a}}", "b": "{{b}}"}}
    assert scope_of("({...nodes, now})", ()) == {"now": "{{now}}", "nodes": "{{nodes}}"}
    assert scope_of("nodes['a-b'] ? trigger : execution", ()) == {
        "trigger": "{{trigger}}",
        "execution": "{{execution}}",
        "nodes": {"a-b": "{{nodes.a-b}}"},
    }
