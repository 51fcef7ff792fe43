"""WorkflowSpec: what it means as FlowSpec, and pointers back to what was sent."""

from typing import Any

import pytest

from tests.compiler.documents import compiled, line, message

KNOWN = {"left": "{{contact.name}}", "operator": "is_set"}


def said(id: str, text: str = "Hello!") -> dict[str, Any]:
    """A node that says something."""
    return {"id": id, "type": "MESSAGE", "config": {"text": text}}


def to(source: str, target: str, **more: Any) -> dict[str, Any]:
    """An edge."""
    return {"source": source, "target": target, **more}


def workflow(nodes: list[Any], edges: list[Any], **more: Any) -> dict[str, Any]:
    """A WorkflowSpec that a webhook starts."""
    about = {"id": "f", "name": "F", "version": 1, "trigger": {"type": "WEBHOOK", "config": {}}}
    return {**about, "nodes": nodes, "edges": edges, **more}


def told(document: Any) -> list[tuple[str, str]]:
    """Code and pointer of every error."""
    return [(found.code, found.pointer) for found in compiled(document).errors]


def exits(document: Any) -> dict[str, dict[str, str]]:
    """Where the nodes' exits lead in the plan, errors aside."""
    result = compiled(document)
    assert result.plan, result.errors
    drawn = {id: node.exits for id, node in result.plan.nodes.items() if node.exits}
    return {id: {exit: to for exit, to in own.items() if exit != "error"} for id, own in drawn.items()}


def test_start_and_end_are_put_where_nobody_drew_them() -> None:
    trigger = {"channel": "chatwoot", "event": "api"}
    settings = {"sessionTtl": "1h"}
    result = compiled(workflow([said("m")], [], settings=settings))
    assert result.dialect == "WorkflowSpec"
    assert result.digest == compiled(line(message("m"), trigger=trigger)).digest is not None
    assert result.spec
    assert result.spec.trigger
    assert result.spec.trigger.event == "api"


def test_nodes_of_those_kinds_are_used_where_somebody_drew_them() -> None:
    nodes = [{"id": "start", "type": "START"}, said("m"), {"id": "end", "type": "END"}]
    document = workflow(nodes, [to("start", "m"), to("m", "end")])
    assert compiled(document).digest == compiled(line(message("m"))).digest is not None


def test_the_ids_of_what_is_put_in_are_free_ones() -> None:
    assert exits(workflow([said("start"), said("end")], [to("start", "end")])) == {
        "start-1": {"next": "start"},
        "start": {"next": "end"},
        "end": {"next": "end-1"},
    }


def test_branches_lead_back_to_a_parallel_node_and_it_leads_to_where_they_meet() -> None:
    nodes = [said(id) for id in ("a", "b", "c", "d")]
    document = workflow(nodes, [to("a", "b"), to("a", "c"), to("b", "d"), to("c", "d")])
    found = exits(document)
    assert found["a"] == {"next": "a-fork"}
    assert found["a-fork"] == {"b": "b", "c": "c", "joined": "d"}
    assert found["b"] == found["c"] == {"next": "a-fork/join"}
    assert found["d"] == {"next": "end"}


def test_a_branch_named_as_an_exit_of_the_parallel_node_gets_another_name() -> None:
    nodes = [said(id) for id in ("a", "joined", "error")]
    document = workflow(nodes, [to("a", "joined"), to("a", "error")])
    assert exits(document)["a-fork"].items() >= {"to-joined": "joined", "to-error": "error"}.items()


def test_edges_with_conditions_are_tried_in_order_and_where_none_holds_the_path_ends() -> None:
    nodes = [said(id) for id in ("a", "b", "c")]
    edges = [to("a", "b", condition=KNOWN), to("a", "c", condition={"not": KNOWN})]
    result = compiled(workflow(nodes, edges))
    assert result.plan
    chooser: Any = result.plan.steps["a!next"]
    assert ([case.to for case in chooser.cases], chooser.to) == (["b", "c"], "end")


def test_where_none_holds_in_a_branch_the_branch_ends() -> None:
    nodes = [said(id) for id in ("a", "b", "c", "x")]
    edges = [to("a", "b"), to("a", "c"), to("b", "x", condition=KNOWN)]
    result = compiled(workflow(nodes, edges))
    assert result.plan
    chooser: Any = result.plan.steps["b!next"]
    assert ([case.to for case in chooser.cases], chooser.to) == (["x"], "a-fork/join")


def test_plain_edges_beside_conditions_fork_where_none_holds() -> None:
    nodes = [said(id) for id in ("a", "x", "b", "c")]
    edges = [to("a", "x", condition=KNOWN), to("a", "b"), to("a", "c")]
    result = compiled(workflow(nodes, edges))
    assert result.plan
    chooser: Any = result.plan.steps["a!next"]
    assert ([case.to for case in chooser.cases], chooser.to) == (["x"], "a-fork")


def test_edges_by_different_exits_do_not_fork() -> None:
    asked = {"id": "get", "type": "API_REQUEST", "config": {"url": "https://shop.example"}}
    edges = [to("get", "a", sourceHandle="success"), to("get", "b", sourceHandle="failure")]
    found = exits(workflow([asked, said("a"), said("b")], edges))
    assert found["get"].items() >= {"success": "a", "failure": "b"}.items()
    assert "get-fork" not in found


@pytest.mark.parametrize(
    ("type", "event"),
    [("WEBHOOK", "api"), ("API", "api"), ("MESSAGE_CREATED", "message_created"), ("manual", "api")],
)
def test_a_trigger_is_an_event_with_its_config(type: str, event: str) -> None:
    config = {"inboxId": 12} if event == "message_created" else {}
    result = compiled(workflow([said("m")], [], trigger={"type": type, "config": config}))
    assert result.spec
    assert result.spec.trigger
    assert (result.spec.trigger.event, result.spec.trigger.inbox_id) == (event, config.get("inboxId"))


@pytest.mark.parametrize(
    ("type", "event", "channel"),
    [
        ("SMS", "sms_received", "sms"),
        ("INCOMING_SMS", "sms_received", "sms"),
        ("USSD", "ussd_session", "ussd"),
        ("CALL", "call_received", "voice"),
    ],
)
def test_what_people_do_on_the_phone_comes_by_its_channel(type: str, event: str, channel: str) -> None:
    result = compiled(workflow([said("m")], [], trigger={"type": type, "config": {"serviceCode": "28901"}}))
    assert result.spec
    found = result.spec.trigger
    assert found
    assert (found.event, found.channel, found.service_code) == (event, channel, "28901")


@pytest.mark.parametrize(
    ("trigger", "code", "pointer"),
    [
        ({"type": "FULL_MOON", "config": {}}, "INVALID_VALUE", "/trigger/type"),
        ({"type": 7}, "INVALID_VALUE", "/trigger/type"),
        ({"type": "API", "config": []}, "INVALID_VALUE", "/trigger"),
        ({"type": "API", "when": "now"}, "INVALID_VALUE", "/trigger"),
        ({"type": "API", "config": {"path": "/x"}}, "UNKNOWN_FIELD", "/trigger/config/path"),
        ({"type": "SMS", "config": {"inboxId": 7}}, "INVALID_VALUE", "/trigger/config"),
        ({"type": "API", "config": {"inboxId": "x"}}, "INVALID_VALUE", "/trigger/config/inboxId"),
    ],
)
def test_a_trigger_that_cannot_be_read_is_told_where_it_stands(
    trigger: dict[str, Any], code: str, pointer: str
) -> None:
    assert told(workflow([said("m")], [], trigger=trigger)) == [(code, pointer)]


def test_the_payload_is_read_as_trigger() -> None:
    assert told(workflow([said("m", "Order {{trigger.orderId}} has come.")], [])) == []


@pytest.mark.parametrize(
    ("nodes", "edges", "code", "pointer"),
    [
        ([said("a")], [to("a", "b")], "MISSING_NODE", "/edges/0/target"),
        ([said("a")], [{"source": "a"}], "MISSING_FIELD", "/edges/0/target"),
        ([said("a"), {"id": "b", "type": "SEND_SMOKE"}], [to("a", "b")], "UNKNOWN_KIND", "/nodes/1/type"),
        ([said("a", "{{nobody}}")], [], "UNKNOWN_VARIABLE", "/nodes/0/config/text"),
        ([said("a"), said("a")], [], "DUPLICATE_ID", "/nodes/1/id"),
        ([said("a"), said("b")], [to("a", "b"), to("b", "a")], "NO_START_NODE", "/nodes"),
        (
            [said("a"), said("b")],
            [to("a", "b", condition={"left": "{{nobody}}", "operator": "is_true"})],
            "UNKNOWN_VARIABLE",
            "/edges/0/condition/left",
        ),
    ],
)
def test_what_is_wrong_points_to_what_was_sent(
    nodes: list[Any], edges: list[Any], code: str, pointer: str
) -> None:
    assert (code, pointer) in told(workflow(nodes, edges))


def test_what_is_wrong_with_a_node_that_was_put_in_points_to_what_it_was_put_in_for() -> None:
    asks = [{"id": id, "type": "QUESTION", "config": {"text": "?", "saveTo": id}} for id in ("b", "c")]
    assert told(workflow([said("a"), *asks], [to("a", "b"), to("a", "c")])) == [
        ("TWO_BRANCHES_WAIT", "/edges/0")
    ]
