"""Whatever is sent, the compiler answers, and its answer can be relied on: `pytest --examples 20000`."""

import copy
from random import Random
from typing import Any

import pytest

from compiler.compile import CompilationResult, compile_flow
from compiler.lower import targets
from dsl.digests import plan_digest
from dsl.issues import MEANINGS, Issue
from dsl.meanings.meaning import Severity
from dsl.plan import Plan
from tests.compiler.mutation import SAMPLES, anything, mutated
from tests.golden.published import PUBLISHED
from wiring.catalog import catalogue

TRIES, SHARDS = 2_000, 8


def compiled(document: Any) -> CompilationResult:
    """The document, compiled against all kinds."""
    return compile_flow(document, catalogue(), PUBLISHED)


def stands(document: Any, pointer: str) -> bool:
    """Whether a JSON pointer names something in a document, null included."""
    for word in pointer.split("/")[1:]:
        key = word.replace("~1", "/").replace("~0", "~")
        if isinstance(document, list) and key.isdecimal() and int(key) < len(document):
            document = document[int(key)]
        elif isinstance(document, dict) and key in document:
            document = document[key]
        else:
            return False
    return True


def mendable(found: Issue, document: Any) -> bool:
    """Whether a finding says what is wrong, how to mend it, and where it is or, missing, belongs."""
    meaning, pointer = MEANINGS[found.code], found.pointer
    if found.code == "MISSING_FIELD":
        pointer = pointer.rpartition("/")[0]
        pointer = pointer if stands(document, pointer) else pointer.rpartition("/")[0]
    told = found.message and found.hint == meaning.hint and found.severity is meaning.severity
    return bool(told) and stands(document, pointer) and pointer[:1] in ("", "/")


def judge(document: Any) -> bool:
    """Whether it was accepted; every promise about the answer is asserted."""
    before = copy.deepcopy(document)
    result = compiled(document)
    for found in (*result.errors, *result.warnings):
        assert mendable(found, before), found
    assert all(found.severity is Severity.ERROR for found in result.errors)
    assert result.success is (result.plan is not None) is (not result.errors)
    if result.plan is not None:
        _is_sound(result.plan, result.digest)
        assert compiled(before).digest == result.digest
    return result.success


def _is_sound(plan: Plan, digest: str | None) -> None:
    """A plan survives being stored, and has no loose end."""
    kept = Plan.model_validate_json(plan.model_dump_json(by_alias=True))
    assert plan_digest(kept) == digest
    assert plan.steps[plan.start].id == plan.nodes[plan.start].entry
    for step in plan.steps.values():
        exits = plan.nodes[step.node].exits
        for target in targets(step):
            assert (exits[target[1:]] if target.startswith("!") else target) in plan.steps
    for node in plan.nodes.values():
        assert {node.entry, *node.exits.values()} <= plan.steps.keys()


@pytest.mark.timeout(0)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_document_is_answered(shard: int, examples: int | None) -> None:
    accepted = 0
    for number in range((examples or TRIES) // SHARDS):
        seed = f"{shard}/{number}"
        chance = Random(seed)
        document = anything(chance) if number % 10 == 0 else mutated(chance)
        try:
            accepted += judge(document)
        except BaseException as problem:
            problem.add_note(f"found by seed {seed}")
            raise
    assert accepted


def test_every_sample_is_answered() -> None:
    assert sum(judge(document) for document in SAMPLES) > 10
