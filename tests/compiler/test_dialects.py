"""ExecutableFlow: what it means as FlowSpec, and pointers back to what was sent."""

from typing import Any

from tests.compiler.documents import compiled, line, message

END = {"type": "end"}


def executable(nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An ExecutableFlow that starts at `start`."""
    settings = {"sessionTtl": "1h"}
    return {
        "id": "f",
        "name": "F",
        "version": 1,
        "startNodeId": "start",
        "settings": settings,
        "nodes": nodes,
        **more,
    }


def to(*targets: str, **more: Any) -> list[dict[str, Any]]:
    """Transitions."""
    return [{"to": target, **more} for target in targets]


def test_it_means_the_flow_spec_with_the_same_nodes_and_edges() -> None:
    nodes = {
        "start": {"id": "start", "type": "start", "transitions": to("m")},
        "m": {**message("m"), "transitions": to("end")},
        "end": END,
    }
    result = compiled(executable(nodes))
    assert result.digest == compiled(line(message("m"))).digest is not None
    assert result.dialect == "ExecutableFlow"


def test_a_start_of_another_kind_gets_a_start_node_before_it() -> None:
    result = compiled(
        {**executable({"m": {**message("m"), "transitions": to("end")}, "end": END}), "startNodeId": "m"}
    )
    assert result.plan
    assert result.plan.start == "start"
    assert result.plan.nodes["start"].exits == {"next": "m"}


def test_the_start_node_put_before_takes_an_id_that_is_free() -> None:
    nodes = {"start": {"type": "message", "config": {"text": "Hi"}, "transitions": to("end")}, "end": END}
    result = compiled(executable(nodes))
    assert result.plan
    assert result.plan.nodes["start-1"].exits == {"next": "start"}


def test_variables_are_declared_by_name() -> None:
    nodes = {
        "start": {"type": "start", "transitions": to("m")},
        "m": {**message("m", "{{n}}"), "transitions": to("end")},
    }
    variables = [{"name": "n", "type": "number", "default": 3}]
    result = compiled(executable({**nodes, "end": END}, variables=variables))
    assert result.plan
    assert result.plan.variables["n"].default == 3


def test_two_variables_of_one_name_are_refused() -> None:
    variables = [{"name": "n", "type": "number"}, {"name": "n", "type": "string"}]
    result = compiled(
        executable({"start": {"type": "start", "transitions": to("end")}, "end": END}, variables=variables)
    )
    assert [(found.code, found.pointer) for found in result.errors] == [("INVALID_VALUE", "/variables/1")]


def test_findings_point_into_the_node_as_it_was_sent() -> None:
    nodes = {
        "start": {"type": "start", "transitions": to("m")},
        "m": {"type": "message", "config": {"text": "{{nobody}}"}, "transitions": to("end", exit="nope")},
        "end": END,
    }
    assert [(one.code, one.pointer) for one in compiled(executable(nodes)).errors] == [
        ("UNKNOWN_EXIT", "/nodes/m/transitions/0/exit"),
        ("UNKNOWN_VARIABLE", "/nodes/m/config/text"),
        ("DANGLING_EXIT", "/nodes/m"),
    ]


def test_a_pointer_escapes_what_an_id_may_not_hold() -> None:
    nodes = {"start": {"type": "start", "transitions": to("end")}, "a/b": END, "end": END}
    assert [one.pointer for one in compiled(executable(nodes)).errors] == ["/nodes/a~1b"]


def test_transitions_are_tried_by_priority() -> None:
    test = {"left": "{{contact.name}}", "operator": "is_set"}
    transitions = [*to("end", priority=1), *to("m", condition=test, priority=0)]
    nodes = {
        "start": {"type": "start", "transitions": transitions},
        "m": {**message("m"), "transitions": to("end")},
    }
    result = compiled(executable({**nodes, "end": END}))
    assert result.plan
    assert result.plan.nodes["start"].exits == {"next": "start!next"}
