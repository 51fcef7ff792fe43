"""Variables: surely, possibly or never set where they are read."""

import pytest

from compiler.drawing import Drawing
from compiler.kinds import configure
from compiler.regions import Regions
from compiler.scope import Known, Scope
from dsl.spec import FlowSpec
from tests.compiler.documents import END, START, codes, compiled, edge, flow, line, message, question
from wiring.catalog import catalogue


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


def test_what_a_form_asks_for_is_forgotten_when_it_begins() -> None:
    form = {"id": "f", "type": "form", "config": {"fields": [{"name": "name"}], "timeout": "1m"}}
    nodes = [START, question("q", "name"), form, message("m", "{{name}}"), END]
    edges = [edge("start", "q"), edge("q", "f"), edge("f", "m"), edge("m", "end")]
    assert codes(flow(nodes, [*edges, edge("f", "end", "timeout")])) == []
    assert codes(flow(nodes, [*edges, edge("f", "m", "timeout")])) == ["MAYBE_UNSET"]


def test_a_field_that_may_be_left_out_may_be_unset() -> None:
    fields = [{"name": "first"}, {"name": "nick", "required": False}]
    form = {"id": "f", "type": "form", "config": {"fields": fields}}
    assert codes(line(form, message("m", "{{first}}"))) == []
    assert codes(line(form, message("m", "{{nick}}"))) == ["MAYBE_UNSET"]
    kept = {"id": "f", "type": "form", "config": {"fields": fields, "saveTo": "person"}}
    assert codes(line(kept, message("m", "{{person.nick}}"))) == []


def test_an_unexpected_answer_is_kept_and_no_answer_is_not() -> None:
    nodes = [START, {"id": "a", "type": "api", "config": {"url": "https://a.example", "saveTo": "got"}}]
    nodes += [message("m", "{{got.status}}"), END]
    edges = [edge("start", "a"), edge("a", "end"), edge("m", "end")]
    assert codes(flow(nodes, [*edges, edge("a", "m", "failure")])) == []
    assert codes(flow(nodes, [*edges, edge("a", "m", "error")])) == ["MAYBE_UNSET"]


def test_the_default_of_a_question_that_could_not_be_asked_is_no_answer() -> None:
    asks = {**question("q", "name"), "onError": {"default": "friend"}}
    assert codes(line(asks, message("m", "{{name}}"))) == ["MAYBE_UNSET"]


ASKED = {"left": "{{name}}", "operator": "is_set"}


@pytest.mark.parametrize(
    ("condition", "exit"),
    [
        (ASKED, "true"),
        ({"left": "{{ name }}", "operator": "eq", "right": "x"}, "true"),
        ({"left": "{{name}}", "operator": "is_empty"}, "false"),
        ({"not": {"left": "{{name}}", "operator": "is_empty"}}, "true"),
        ({"all": [ASKED, {"left": "{{now}}", "operator": "is_set"}]}, "true"),
        ({"any": [ASKED, {"left": "{{name}}", "operator": "in", "right": ["a"]}]}, "true"),
    ],
)
def test_what_a_condition_has_found_is_set_on_that_way_and_not_on_the_other(
    condition: dict[str, object], exit: str
) -> None:
    check = {"id": "c", "type": "condition", "config": {"condition": condition}}
    nodes = [START, check, message("m", "{{name}}"), END]
    other = "false" if exit == "true" else "true"
    for leads, told in ((exit, []), (other, ["MAYBE_UNSET"])):
        ways = [edge("c", "m", leads), edge("c", "end", other if leads == exit else exit)]
        edges = [edge("start", "c"), *ways, edge("m", "end")]
        result = compiled(flow(nodes, edges, variables={"name": {}}))
        assert [one.code for one in result.warnings if one.node == "m"] == told


@pytest.mark.parametrize(
    "condition",
    [
        {"left": "{{name | default:'x'}}", "operator": "is_set"},
        {"left": "{{name.first}}", "operator": "is_set"},
        {"left": "Dear {{name}}", "operator": "is_set"},
        {"left": "{{name}}", "operator": "neq", "right": "x"},
        {"left": "{{name}}", "operator": "eq", "right": None},
        {"left": "{{name}}", "operator": "eq", "right": "{{contact.x}}"},
        {"any": [ASKED, {"left": "{{now}}", "operator": "is_set"}]},
        {"javascript": "vars.name"},
    ],
)
def test_what_a_condition_leaves_open_stays_in_doubt(condition: dict[str, object]) -> None:
    check = {"id": "c", "type": "condition", "config": {"condition": condition}}
    nodes = [START, check, message("m", "{{name}}"), END]
    edges = [edge("start", "c"), edge("c", "m", "true"), edge("c", "end", "false"), edge("m", "end")]
    result = compiled(flow(nodes, edges, variables={"name": {}}))
    assert [one.code for one in result.warnings if one.node == "m"] == ["MAYBE_UNSET"]


class Counted(Scope):
    """Counts how often an exit is looked at."""

    looks = 0

    def leaving(self, node: str, exit: str, known: Known) -> Known:
        self.looks += 1
        return super().leaving(node, exit, known)


def test_a_long_way_that_leads_back_everywhere_is_looked_at_a_few_times() -> None:
    count = 400
    nodes = [question(f"q{n}", f"v{n}", timeout="1m") for n in range(count)]
    forth = [edge(f"q{n}", f"q{n + 1}" if n + 1 < count else "end") for n in range(count)]
    back = [edge(f"q{n}", f"q{max(0, n - 1)}", "timeout") for n in range(count)]
    document = flow([START, *reversed(nodes), END], [*back, *reversed(forth), edge("start", "q0")])
    spec = FlowSpec.model_validate(document)
    kinds, _ = configure(spec, catalogue())
    drawing = Drawing(spec, kinds)
    assert Counted(drawing, Regions(drawing)).looks < 5 * len(document["edges"])
