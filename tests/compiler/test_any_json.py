"""compile_flow answers for any JSON document, and what it lets through is sound."""

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.compile import CompilationResult
from compiler.lower import targets
from compiler.structure import at
from dsl.digests import plan_digest
from dsl.plan import Plan
from tests.compiler.documents import SAMPLES, anything, compiled

few = settings(max_examples=80)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value inside a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, item in inner for found in places(item, (*path, key)))]


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A good flow with one to four values replaced, removed or doubled."""
    document = copy.deepcopy(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(1, 4))):
        paths = [path for path in places(document) if path]
        if not paths:
            return document
        *way, last = draw(st.sampled_from(paths))
        holder = document
        for key in way:
            holder = holder[key]
        match draw(st.sampled_from(["replace", "swap", "remove", "double"])):
            case "replace":
                holder[last] = draw(anything)
            case "swap":
                holder[last] = copy.deepcopy(
                    at(document, "".join(f"/{key}" for key in draw(st.sampled_from(paths))))
                )
            case "remove":
                del holder[last]
            case "double" if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[last]))
    return document


def sound(result: CompilationResult) -> None:
    """A result says either what is wrong or what is walked, and a plan has no loose end."""
    assert result.success is (result.plan is not None) is (not result.errors)
    assert json.loads(result.model_dump_json(include={"errors", "warnings"}))
    if result.plan is None:
        return
    plan = result.plan
    assert result.digest == plan_digest(Plan.model_validate_json(plan.model_dump_json(by_alias=True)))
    for step in plan.steps.values():
        exits = plan.nodes[step.node].exits
        for target in targets(step):
            assert target in plan.steps or (target[:1] == "!" and exits[target[1:]] in plan.steps)


@few
@given(anything)
def test_any_json_compiles_to_a_result(document: Any) -> None:
    sound(compiled(document))


@few
@given(mutated())
def test_a_good_flow_gone_wrong_compiles_to_a_result(document: Any) -> None:
    sound(compiled(document))


def test_all_samples_are_sound_and_have_plans() -> None:
    for document in SAMPLES:
        result = compiled(document)
        sound(result)
        assert result.success
