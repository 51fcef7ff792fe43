"""Documents: spelling, pointers and limits."""

import json
from typing import Any

import pytest

from compiler.bounds import MAX_BYTES, MAX_DEPTH, MAX_EDGES, MAX_NODES, MAX_POINTER
from dsl.templates import MAX_TEXT
from tests.compiler.documents import END, START, codes, compiled, edge, flow, line, message, question


def pointers(document: Any) -> list[str]:
    """Where the findings are."""
    result = compiled(document)
    return [found.pointer for found in (*result.errors, *result.warnings)]


def test_snake_case_is_read_as_camel_case() -> None:
    camel = line(question("q", "x", maxTries=2), settings={"sessionTtl": "1h", "onError": "fail"})
    snake = json.loads(json.dumps(camel).replace("saveTo", "save_to").replace("maxTries", "max_tries"))
    snake["settings"] = {"session_ttl": "1h", "on_error": "fail"}
    assert compiled(snake).digest == compiled(camel).digest is not None


def test_a_pointer_is_spelled_as_the_document_spells_it() -> None:
    camel, snake = question("q", "x", maxTries=2), question("q", "x", max_tries=2)
    assert pointers(line(camel)) == ["/nodes/1/config/maxTries"]
    assert pointers(line(snake)) == ["/nodes/1/config/max_tries"]


def test_a_pointer_escapes_what_a_key_may_hold() -> None:
    assert pointers({**line(), "a/b~c": 1}) == ["/a~1b~0c"]


def test_a_list_index_is_part_of_a_pointer() -> None:
    choices = [{"value": "a"}, {"value": "b", "titel": "B"}]
    assert pointers(line(question("q", "x", choices=choices))) == ["/nodes/1/config/choices/1/titel"]


@pytest.mark.parametrize("document", [None, True, 3, "flow", [], [{}]])
def test_a_document_that_is_no_object_is_no_flow(document: Any) -> None:
    assert codes(document) == ["INVALID_FLOW"]


def test_an_empty_flow_is_told_what_is_missing() -> None:
    result = compiled({"format": "tembea/1"})
    assert [(found.code, found.pointer) for found in result.errors] == [
        ("MISSING_FIELD", "/id"),
        ("MISSING_FIELD", "/name"),
        ("MISSING_FIELD", "/nodes"),
    ]


def test_long_names_around_many_values_take_no_memory_for_each() -> None:
    """Half a million pointers of a megabyte each would take more than there is."""
    document = {"x" * 1_000_000: [0] * 400_000}
    [found] = compiled(document).errors
    assert found.code == "LIMIT_EXCEEDED"
    assert f"{MAX_POINTER:,} characters" in found.message


def test_depth_is_counted_from_the_document() -> None:
    deep: Any = 1
    for _ in range(MAX_DEPTH - 4):
        deep = [deep]
    config = {"set": {"x": deep}}
    kept: dict[str, Any] = {"variables": {"x": {}}}
    assert codes(line({"id": "s", "type": "set_variables", "config": config}, **kept)) == ["LIMIT_EXCEEDED"]
    shallow = {"set": {"x": deep[0]}}
    assert codes(line({"id": "s", "type": "set_variables", "config": shallow}, **kept)) == []


def test_depth_beyond_any_recursion_is_only_a_finding() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    assert codes(deep) == ["LIMIT_EXCEEDED"]


def test_a_document_is_measured_in_bytes_of_utf_8() -> None:
    small = {**line(), "description": "x" * (MAX_BYTES // 2)}
    large = {**line(), "description": "é" * (MAX_BYTES // 2)}
    assert codes(small) == []
    assert codes(large) == ["LIMIT_EXCEEDED"]


def test_too_many_nodes_and_edges_are_counted_before_they_are_read() -> None:
    assert codes({**line(), "nodes": [0] * (MAX_NODES + 1)}) == ["LIMIT_EXCEEDED"]
    assert codes({**line(), "edges": [0] * (MAX_EDGES + 1)}) == ["LIMIT_EXCEEDED"]


def test_a_text_is_as_long_as_a_rendered_one_may_be() -> None:
    assert codes(line(message("m", "x" * MAX_TEXT))) == []
    assert codes(line(message("m", "x" * (MAX_TEXT + 1)))) == ["LIMIT_EXCEEDED"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**63, -(2**63) - 1, "a\x00", "\udc80"])
def test_a_value_that_cannot_be_stored_is_refused(value: Any) -> None:
    config = {"set": {"x": value}}
    assert codes(line({"id": "s", "type": "set_variables", "config": config})) == ["INVALID_VALUE"]


def test_a_large_flow_compiles() -> None:
    count = 2_000
    ids = [f"m{index}" for index in range(count)]
    nodes = [START, *(message(id, f"Hi {{{{contact.{id}}}}}") for id in ids), END]
    edges = [edge(one, other) for one, other in zip(["start", *ids], [*ids, "end"], strict=True)]
    result = compiled(flow(nodes, edges))
    assert result.plan
    assert len(result.plan.nodes) == count + 3


def test_of_very_many_findings_the_first_are_told() -> None:
    edges = [edge(f"a{index}", "nowhere") for index in range(30_000)]
    assert (
        codes(flow([START, *(message(f"b{index}") for index in range(300))], edges)).count("MISSING_NODE")
        == 200
    )


def test_every_finding_says_where_to_read_on() -> None:
    found = compiled(line(message("m", "{{nobody}}"))).errors[0]
    assert (found.docs, bool(found.hint)) == ("docs/issues.md#unknown_variable", True)


def test_two_nodes_of_one_id_are_told_once_and_the_first_counts() -> None:
    document = line(message("m", "{{nobody}}"))
    document["nodes"].append(message("m", "{{nobody_else}}"))
    assert codes(document) == ["DUPLICATE_ID", "UNKNOWN_VARIABLE"]
