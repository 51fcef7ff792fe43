"""Where exits lead, and what the walk is allowed."""

from typing import Any

import pytest

from dsl.plan import EXPIRED, FAIL, HANDOFF, Call, Choose, End, Plan, Say
from tests.compiler.documents import END, START, codes, compiled, edge, flow, line, message, question

API = {"id": "api", "type": "api", "config": {"url": "https://a.example"}}
ANN = {"left": "{{contact.name}}", "operator": "eq", "right": "Ann"}


def plan(document: Any) -> Plan:
    """The plan of a document without errors."""
    result = compiled(document)
    assert result.plan, result.errors
    return result.plan


def on_error(document: dict[str, Any], handler: str) -> dict[str, Any]:
    """The flow with another `settings.onError`."""
    return {**document, "settings": {"sessionTtl": "1h", "onError": handler}}


def test_edges_with_conditions_are_tried_by_priority_and_the_plain_one_comes_last() -> None:
    nodes = [START, message("a"), message("b"), message("c"), END]
    edges = [edge("start", "a", priority=-5), edge("a", "end"), edge("b", "end"), edge("c", "end")]
    edges += [edge("start", "b", condition=ANN, priority=2), edge("start", "c", condition=ANN, priority=1)]
    chosen = plan(flow(nodes, edges)).steps["start!next"]
    assert isinstance(chosen, Choose)
    assert ([case.to for case in chosen.cases], chosen.to, chosen.node) == (["c", "b"], "a", "start")


def test_edges_of_one_priority_are_tried_in_the_order_of_the_document() -> None:
    nodes = [START, message("a"), message("b"), END]
    edges = [edge("start", "b", condition=ANN), edge("start", "a", condition=ANN), edge("start", "end")]
    edges += [edge("a", "end"), edge("b", "end")]
    chosen = plan(flow(nodes, edges)).steps["start!next"]
    assert isinstance(chosen, Choose)
    assert [case.to for case in chosen.cases] == ["b", "a"]


def test_an_error_nobody_connected_fails_the_execution() -> None:
    found = plan(line(message("m")))
    assert found.nodes["m"].exits["error"] == FAIL
    end = found.steps[FAIL]
    assert isinstance(end, End)
    assert end.outcome == "failed"


def test_an_error_may_hand_over_first() -> None:
    found = plan(on_error(line(message("m")), "handoff"))
    assert found.nodes["m"].exits["error"] == HANDOFF
    call = found.steps[HANDOFF]
    assert isinstance(call, Call)
    assert (call.activity, call.hands_over) == ("transfer_agent", True)
    assert found.nodes[HANDOFF].exits == {"next": FAIL, "error": FAIL}
    assert FAIL in found.steps


def test_an_error_may_lead_to_a_node_whose_own_errors_fail() -> None:
    nodes = [START, message("m"), message("sorry"), END]
    edges = [edge("start", "m"), edge("m", "end"), edge("sorry", "end")]
    found = plan(on_error(flow(nodes, edges), "sorry"))
    assert found.nodes["m"].exits["error"] == "sorry"
    assert found.nodes["sorry"].exits["error"] == FAIL


def test_special_nodes_are_there_only_when_something_leads_to_them() -> None:
    nodes = [START, {"id": "wait", "type": "delay", "config": {"for": "1m"}}, END]
    assert set(plan(flow(nodes, [edge("start", "wait"), edge("wait", "end")])).nodes) == {
        "start",
        "wait",
        "end",
    }


def test_a_connected_error_wins_over_a_default_and_over_the_flows_setting() -> None:
    nodes = [START, {**API, "onError": {"default": 1}}, message("sorry"), END]
    edges = [edge("start", "api"), edge("api", "end"), edge("api", "sorry", "error"), edge("sorry", "end")]
    assert plan(on_error(flow(nodes, edges), "handoff")).nodes["api"].exits["error"] == "sorry"


def test_a_default_on_error_is_the_calls_fallback() -> None:
    found = plan(line({**API, "onError": {"default": {"n": 0}}}))
    call = found.steps["api"]
    assert isinstance(call, Call)
    assert call.fallback
    assert call.fallback.value == {"n": 0}
    assert found.nodes["api"].exits == {"success": "end"}


def test_a_wait_without_a_deadline_gets_the_sessions() -> None:
    found = plan(line(question("q", "x")))
    wait = found.steps["q/wait"].model_dump()
    assert (wait["timeout"], wait["to"]["timeout"]) == (3600, "!expired")
    assert found.nodes["q"].exits["expired"] == EXPIRED


def test_a_deadline_nobody_connected_expires_the_execution() -> None:
    found = plan(line(question("q", "x", timeout="5m")))
    assert found.nodes["q"].exits["timeout"] == EXPIRED
    end = found.steps[EXPIRED]
    assert isinstance(end, End)
    assert end.outcome == "expired"


def test_nodes_nothing_leads_to_are_not_in_the_plan() -> None:
    document = flow([START, END, message("lonely")], [edge("start", "end")])
    assert set(plan(document).nodes) == {"start", "end"}
    assert codes(document) == ["UNUSED_NODE"]


def test_a_lonely_node_changes_nothing_about_the_digest() -> None:
    plain = flow([START, END], [edge("start", "end")])
    lonely = {**plain, "nodes": [*plain["nodes"], message("lonely")]}
    assert compiled(plain).digest == compiled(lonely).digest


@pytest.mark.parametrize(
    ("change", "ahead"),
    [({}, True), ({"onError": {"default": None}}, False)],
    ids=["nothing asks", "it has a default on error"],
)
def test_a_message_runs_ahead_where_nothing_depends_on_it(change: dict[str, Any], ahead: bool) -> None:
    say = plan(line({**message("m"), **change})).steps["m"]
    assert isinstance(say, Say)
    assert say.ahead is ahead


@pytest.mark.parametrize("reader", ["{{nodes.m.id}}", "{{nodes.m}}", "{{ nodes | json }}"])
def test_a_message_whose_value_is_read_does_not_run_ahead(reader: str) -> None:
    say = plan(line(message("m"), message("reader", reader))).steps["m"]
    assert isinstance(say, Say)
    assert not say.ahead


def test_a_call_that_saves_its_value_does_not_run_ahead() -> None:
    config = {"url": "https://a.example", "saveTo": "answer"}
    found = plan(line(API, {"id": "kept", "type": "api", "config": config}))
    calls = [found.steps["api"], found.steps["kept"]]
    assert [call.ahead for call in calls if isinstance(call, Call)] == [True, False]


def test_a_hand_over_never_runs_ahead() -> None:
    call = plan(line({"id": "h", "type": "transfer_agent"})).steps["h"]
    assert isinstance(call, Call)
    assert not call.ahead


def test_the_label_is_the_nodes_id_where_there_is_none() -> None:
    found = plan(line(message("a"), message("b", label="Bye")))
    assert [found.nodes[id].label for id in "ab"] == ["a", "Bye"]


def test_too_many_invalid_answers_go_where_the_value_for_errors_goes() -> None:
    asks = {**question("q", "name", maxTries=2), "onError": {"default": "x"}}
    plan = compiled(line(asks)).plan
    assert plan is not None
    assert plan.nodes["q"].exits["invalid"] == plan.nodes["q"].exits["answer"] == "end"
