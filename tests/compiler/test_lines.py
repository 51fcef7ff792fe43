"""What a flow says of people on the line goes into its plan; where it goes on is named."""

from typing import Any

import pytest

from compiler.compile import CompilationResult, compile_flow
from dsl.turns import Line
from wiring.catalog import catalogue


def compiled(settings: dict[str, Any] | None = None, **hello: Any) -> CompilationResult:
    """Start, a message, end."""
    document = {
        "id": "line",
        "name": "Line",
        "settings": settings or {},
        "nodes": [
            {"id": "start", "type": "start"},
            {"id": "hello", "type": "message", "config": {"text": "Hello", **hello}},
            {"id": "end", "type": "end"},
        ],
        "edges": [{"from": "start", "to": "hello"}, {"from": "hello", "to": "end"}],
    }
    return compile_flow(document, catalogue())


def told(result: CompilationResult) -> list[tuple[str, str]]:
    """Codes and places of the errors."""
    return [(one.code, one.pointer) for one in result.errors]


def test_a_flow_that_says_nothing_of_the_line_is_as_others_are() -> None:
    plan = compiled().plan
    assert plan
    assert plan.line == Line(resume_window=600, spills=False)


def test_what_a_flow_says_of_the_line_is_in_its_plan() -> None:
    said = {"busyText": "One moment.", "safeText": "We text you.", "resumeWindow": "2m", "lateScreen": "sms"}
    plan = compiled(said).plan
    assert plan
    assert plan.line == Line(
        resume_window=120, busy_text="One moment.", safe_text="We text you.", spills=True
    )


@pytest.mark.parametrize("name", ["busyText", "safeText"])
def test_what_is_said_when_nobody_can_ask_the_flow_has_no_templates(name: str) -> None:
    assert told(compiled({name: "Hello {{contact.name}}"})) == [("INVALID_VALUE", f"/settings/{name}")]


@pytest.mark.parametrize(
    ("settings", "pointer"),
    [
        ({"resumeWindow": "2d"}, "/settings/resumeWindow"),
        ({"lateScreen": "fax"}, "/settings/lateScreen"),
        ({"safeText": "x" * 161}, "/settings/safeText"),
    ],
)
def test_what_no_line_can_be_is_refused(settings: dict[str, Any], pointer: str) -> None:
    assert [place for _, place in told(compiled(settings))] == [pointer]


@pytest.mark.parametrize("on", [{"channel": "chatwoot"}, {"channel": "ussd"}, {"address": "+254711000111"}])
def test_where_it_goes_on_can_be_reached(on: dict[str, Any]) -> None:
    [(_, pointer)] = told(compiled(continueOn=on))
    assert pointer.startswith("/nodes/1/config/continueOn")
