"""What the compiler decides for the walk: time-outs, retries, names (protocols 5)."""

import pytest
from pydantic import ValidationError

from api.execution_shapes import ExecuteInput
from dsl.plan import SPEAKING, Call, Options, Say
from dsl.spec import RESERVED
from tests.compiler.documents import END, START, codes, compiled, edge, flow, line, message, question

RETRY = {"attempts": 7, "initial": "2s", "backoff": 3, "max": "30s"}
TRIES = Options(attempts=7, initial=2, backoff=3, max_interval=30)


def test_a_call_s_time_out_and_retries_are_in_its_step() -> None:
    config = {"url": "https://a.example", "timeout": "9s"}
    plan = compiled(line({"id": "a", "type": "api", "config": config, "retry": RETRY})).plan
    assert plan is not None
    call = plan.steps["a"]
    assert isinstance(call, Call)
    assert call.options == TRIES.but(timeout=9.0)


def test_a_message_s_retries_are_in_its_step() -> None:
    plan = compiled(line(message("m", retry=RETRY))).plan
    assert plan is not None
    say = plan.steps["m"]
    assert isinstance(say, Say)
    assert say.options == TRIES.but(timeout=SPEAKING)


@pytest.mark.parametrize("exit", ["failure", "error", "unknown"])
def test_a_call_with_another_exit_than_its_default_one_connected_does_not_run_ahead(exit: str) -> None:
    call = {"id": "a", "type": "api", "config": {"url": "https://a.example"}}
    nodes = [START, call, message("m"), END]
    edges = [edge("start", "a"), edge("a", "m"), edge("m", "end")]
    plain, drawn = (compiled(flow(nodes, [*edges, *more])).plan for more in ([], [edge("a", "end", exit)]))
    steps = [plan.steps["a"] for plan in (plain, drawn) if plan is not None]
    assert [step.ahead for step in steps if isinstance(step, Call)] == [True, False]


@pytest.mark.parametrize("name", RESERVED)
def test_a_fixed_name_is_no_name_of_a_variable(name: str) -> None:
    assert "RESERVED_NAME" in codes(line(variables={name: {}}))
    assert "RESERVED_NAME" in codes(line(question("q", name)))
    with pytest.raises(ValidationError, match="no variable can be named"):
        ExecuteInput.model_validate({"variables": {name: 1}})
