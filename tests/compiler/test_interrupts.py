"""Words that lead away from what is asked: the ways they make, and what is known on them."""

from typing import Any

import pytest

from dsl.plan import Interrupt, Wait
from tests.compiler.documents import END, START, codes, compiled, edge, flow, message, question

DESK = {"agent": {"to": "desk"}}
HELP = {"help": {"to": "desk", "return": True}}


def asked(
    words: dict[str, Any],
    *,
    desk: dict[str, Any] | None = None,
    edges: list[Any] | None = None,
    **config: Any,
) -> dict[str, Any]:
    """Two questions in a row; nothing but words leads to the desk."""
    nodes = [START, question("first", "a"), question("second", "b", **config), desk or message("desk"), END]
    drawn = [edge("start", "first"), edge("first", "second"), edge("second", "end"), edge("desk", "end")]
    settings = {"sessionTtl": "1d", "interrupts": words}
    return flow(nodes, [*drawn, *(edges or [])], settings=settings)


def waits(document: dict[str, Any]) -> dict[str, dict[str, Interrupt]]:
    """By node that asks: its words."""
    plan = compiled(document).plan
    assert plan
    return {step.node: dict(step.interrupts) for step in plan.steps.values() if isinstance(step, Wait)}


def test_all_words_of_the_flow_are_heard_by_every_node_that_asks() -> None:
    led = {"agent": Interrupt(to="desk"), "help me": Interrupt(to="desk", returns=True)}
    document = asked({"Agent": {"to": "desk"}, " Help  me": {"to": "desk", "return": True}})
    assert waits(document) == {"first": led, "second": led}
    assert codes(document) == []


@pytest.mark.parametrize(("heard", "words"), [(True, ["agent", "help"]), (False, []), (["HELP"], ["help"])])
def test_a_node_says_which_words_it_hears(heard: Any, words: list[str]) -> None:
    assert list(waits(asked({**DESK, **HELP}, interrupts=heard))["second"]) == words


def test_its_own_exit_goes_before_the_flows_target_and_keeps_the_return() -> None:
    document = asked(HELP, edges=[edge("second", "end", "interrupt")])
    assert waits(document)["second"] == {"help": Interrupt(to="!interrupt", returns=True)}
    plan = compiled(document).plan
    assert plan
    assert plan.nodes["second"].exits["interrupt"] == "end"
    assert "interrupt" not in plan.nodes["first"].exits


def test_what_only_a_word_leads_to_is_reached_walked_and_drawn() -> None:
    result = compiled(asked(DESK))
    assert result.plan
    assert result.graph
    assert "desk" in result.plan.steps
    assert "desk" in result.graph.reachable
    drawn = [(one.from_, one.to) for one in result.graph.edges if one.exit == "interrupt"]
    assert drawn == [("first", "desk"), ("second", "desk")]


def test_what_a_word_leads_to_that_nobody_hears_is_unused() -> None:
    document = asked(DESK, interrupts=False)
    document["nodes"][1]["config"]["interrupts"] = []
    assert codes(document) == ["UNUSED_NODE"]


def test_on_the_way_of_a_word_its_own_answer_is_not_known_yet() -> None:
    desk = message("desk", "{{a}} {{b}}")
    assert codes(asked(DESK, desk=desk)) == ["MAYBE_UNSET", "MAYBE_UNSET"]
    document = asked(DESK, desk=desk)
    document["nodes"][1]["config"]["interrupts"] = False
    result = compiled(document)
    assert [found.message for found in result.warnings] == ["'b' is not set on every way to 'desk'."]


def test_what_a_side_path_sets_may_be_set_when_the_question_is_asked_again() -> None:
    noted = {"id": "desk", "type": "set_variables", "config": {"set": {"note": "{{now}}"}}}
    assert codes(asked(HELP, desk=noted, text="Again? {{note}}")) == ["MAYBE_UNSET"]
    once = {"help": {"to": "desk"}}
    assert codes(asked(once, desk=noted, text="Again? {{note}}")) == ["UNKNOWN_VARIABLE"]


def test_a_word_that_leads_back_to_what_was_asked_is_no_endless_loop() -> None:
    document = asked({"again": {"to": "first"}, "help": {"to": "desk"}}, edges=[edge("desk", "second")])
    document["edges"].remove(edge("desk", "end"))
    assert codes(document) == []


def test_a_form_asks_its_field_again() -> None:
    form = {"id": "form", "type": "form", "config": {"fields": [{"name": "x"}, {"name": "y"}]}}
    document = asked(HELP)
    document["nodes"].append(form)
    document["edges"] = [edge("start", "form"), edge("form", "end"), edge("desk", "end")]
    plan = compiled(document).plan
    assert plan
    steps = [step for step in plan.steps.values() if isinstance(step, Wait)]
    assert [step.asks for step in steps] == ["form/field-1", "form/field-2"]
