"""Variables: surely, possibly or never set where they are read."""

import pytest

from tests.compiler.documents import END, START, codes, compiled, edge, flow, line, message, question


def test_a_saved_answer_is_set_after_the_question() -> None:
    assert codes(line(question("q", "name"), message("m", "Hi {{name}}"))) == []


def test_a_variable_with_a_default_is_always_set() -> None:
    assert codes(line(message("m", "{{n}}"), variables={"n": {"default": 0}})) == []


def test_a_declared_variable_may_be_given_at_the_start() -> None:
    assert codes(line(message("m", "{{n}}"), variables={"n": {}})) == ["MAYBE_UNSET"]


@pytest.mark.parametrize("text", ["{{n | default:'x'}}", "{{n | upper | default:'x'}}"])
def test_a_default_in_the_template_ends_the_doubt(text: str) -> None:
    assert codes(line(message("m", text), variables={"n": {}})) == []


def test_a_default_does_not_excuse_a_name_that_nothing_sets() -> None:
    assert codes(line(message("m", "{{nmae | default:'x'}}"))) == ["UNKNOWN_VARIABLE"]


def test_the_timeout_exit_leaves_without_the_answer() -> None:
    nodes = [START, question("q", "name", timeout="1m"), message("m", "{{name}}"), END]
    edges = [edge("start", "q"), edge("q", "end"), edge("q", "m", "timeout"), edge("m", "end")]
    assert codes(flow(nodes, edges)) == ["MAYBE_UNSET"]


def test_the_exit_of_a_choice_leaves_with_the_answer() -> None:
    choice = question("q", "drink", expects="choice", choices=[{"value": "tea"}, {"value": "milk"}])
    nodes = [START, choice, message("m", "{{drink}}"), END]
    edges = [edge("start", "q"), edge("q", "end"), edge("q", "m", "tea"), edge("m", "end")]
    assert codes(flow(nodes, edges)) == []


def test_a_loop_may_set_what_it_reads() -> None:
    nodes = [START, message("m", "{{name}}"), question("q", "name"), END]
    edges = [edge("start", "m"), edge("m", "q"), edge("q", "m")]
    assert "MAYBE_UNSET" in codes(flow(nodes, edges))


def test_a_condition_on_an_edge_knows_what_its_node_has_just_set() -> None:
    nodes = [START, question("q", "age"), END]
    condition = {"left": "{{age}}", "operator": "gt", "right": 17}
    edges = [edge("start", "q"), edge("q", "end", condition=condition), edge("q", "end")]
    assert codes(flow(nodes, edges)) == []


@pytest.mark.parametrize(
    "path", ["contact.name", "conversation.id", "trigger.message", "execution.id", "now"]
)
def test_what_every_execution_has_is_known(path: str) -> None:
    assert codes(line(message("m", f"{{{{{path}}}}}"))) == []


def test_the_value_of_a_node_is_known_by_the_nodes_id() -> None:
    assert codes(line(message("a"), message("b", "{{nodes.a.id}}"))) == []
    assert codes(line(message("a"), message("b", "{{nodes.z.id}}"))) == ["UNKNOWN_VARIABLE"]


def test_the_finding_names_node_and_field() -> None:
    found = compiled(line(message("m", "{{ nobody }}"))).errors[0]
    assert (found.node, found.pointer) == ("m", "/nodes/1/config/text")


def test_the_node_that_errors_lead_to_may_be_reached_before_anything_is_set() -> None:
    nodes = [START, question("q", "name"), message("sorry", "Sorry {{name}}"), END]
    edges = [edge("start", "q"), edge("q", "end"), edge("sorry", "end")]
    document = flow(nodes, edges, settings={"sessionTtl": "1h", "onError": "sorry"})
    assert codes(document) == ["MAYBE_UNSET"]
