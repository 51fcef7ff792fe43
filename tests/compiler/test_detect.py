"""Which dialect a document is taken for, and the one reason why it is none."""

from typing import Any

import pytest
from hypothesis import given, settings

from compiler.dialects.detect import read
from compiler.dialects.reading import Reading
from compiler.kinds import by_type
from tests.compiler.documents import anything, compiled
from wiring.catalog import catalogue

NODE = {"id": "a", "type": "message"}
DREW = {"id": "a", "type": "message", "position": {"x": 0, "y": 0}}


def dialect(document: Any) -> str:
    """What it is taken for."""
    found = read(document, by_type(catalogue()))
    assert isinstance(found, Reading)
    return found.dialect


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"format": "tembea/1"}, "FlowSpec"),
        ({"nodes": []}, "FlowSpec"),
        ({"nodes": [NODE], "edges": [{"from": "a", "to": "b"}]}, "FlowSpec"),
        ({"nodes": [NODE | {"position": {}}], "edges": [{"from": "a", "to": "b"}]}, "FlowSpec"),
        ({"nodes": [NODE], "trigger": {"event": "api"}}, "FlowSpec"),
        ({"nodes": {}}, "ExecutableFlow"),
        ({"nodes": [], "startNodeId": "a"}, "ExecutableFlow"),
        ({"nodes": [DREW], "edges": []}, "UI flow"),
        ({"nodes": [NODE | {"data": {}}], "edges": [{"source": "a", "target": "b"}]}, "UI flow"),
        ({"nodes": [], "edges": [], "viewport": {"x": 0, "y": 0, "zoom": 1}}, "UI flow"),
        ({"nodes": [NODE], "edges": [{"source": "a", "target": "b"}]}, "WorkflowSpec"),
        ({"nodes": [DREW | {"config": {}}], "edges": [{"source": "a", "target": "b"}]}, "WorkflowSpec"),
        ({"nodes": [NODE], "trigger": {"type": "API", "config": {}}}, "WorkflowSpec"),
        ({"nodes": [NODE | {"type": "SEND_SMS"}], "edges": []}, "WorkflowSpec"),
    ],
)
def test_a_document_is_taken_for_what_it_looks_like(document: Any, expected: str) -> None:
    assert dialect(document) == expected


@pytest.mark.parametrize(
    ("document", "pointer", "said"),
    [
        ([], "", "A flow is a JSON object."),
        (None, "", "A flow is a JSON object."),
        ({}, "", "There are no `nodes`: "),
        ({"flow": {"nodes": []}, "ui": {}}, "/flow", "seems to stand under 'flow'"),
        ({"a/b": {"nodes": []}}, "/a~1b", "seems to stand under 'a/b'"),
        ({"nodes": 5}, "/nodes", "neither a list nor"),
        ({"nodes": None}, "/nodes", "neither a list nor"),
        (
            {"nodes": [], "edges": [{"from": "a", "to": "b"}, {"source": "a", "target": "b"}]},
            "/edges/1",
            "Some edges have `from` and `to`",
        ),
    ],
)
def test_why_a_document_is_none_is_told_in_one_issue(document: Any, pointer: str, said: str) -> None:
    (found,) = compiled(document).errors
    assert (found.code, found.pointer) == ("INVALID_FLOW", pointer)
    assert said in found.message


@settings(max_examples=100)
@given(anything)
def test_any_json_is_taken_for_something_or_one_issue(document: Any) -> None:
    found = read(document, by_type(catalogue()))
    assert isinstance(found, Reading) or found.code == "INVALID_FLOW"
