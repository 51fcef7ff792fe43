"""Durations, specs, plans and issues: what they accept and how they are written."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from dsl.digests import digest_of, plan_digest
from dsl.durations import LONGEST, Duration
from dsl.issues import MEANINGS, issue
from dsl.plan import Plan
from dsl.spec import FlowSpec
from tests.compiler.documents import SAMPLES, compiled

durations: TypeAdapter[int] = TypeAdapter(Duration)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("90s", 90),
        ("30m", 1_800),
        ("24h", 86_400),
        ("7d", 604_800),
        ("2w", 1_209_600),
        (" 5m ", 300),
        ("PT30M", 1_800),
        ("P1DT2H", 93_600),
        ("P2W", 1_209_600),
        ("PT0S", 0),
        (45, 45),
        (LONGEST, LONGEST),
    ],
)
def test_a_duration_is_seconds(written: Any, seconds: int) -> None:
    assert durations.validate_python(written) == seconds


@pytest.mark.parametrize(
    "written",
    ["", "5", "m", "5 m", "1h30m", "-5m", "1.5h", "P", "PT", "P1Y", "P1M", "soon", -1, LONGEST + 1, None],
)
def test_anything_else_is_no_duration(written: Any) -> None:
    with pytest.raises(ValidationError):
        durations.validate_python(written)


def test_the_digest_is_of_the_canonical_form() -> None:
    assert digest_of({"b": 1, "a": [1, "ü"]}) == digest_of({"a": [1, "ü"], "b": 1})
    assert digest_of({"a": 1}) != digest_of({"a": 2})


def test_a_plan_read_back_has_the_same_digest() -> None:
    for document in SAMPLES:
        result = compiled(document)
        assert result.plan
        again = Plan.model_validate_json(result.plan.model_dump_json(by_alias=True))
        assert again == result.plan
        assert plan_digest(again) == result.digest


def test_a_plan_of_another_format_has_another_digest() -> None:
    """Else a worker could walk a plan by rules that it was not compiled for."""
    plan = compiled(SAMPLES[0]).plan
    assert plan
    assert plan_digest(plan.but(format=plan.format + 1)) != plan_digest(plan)


def test_a_spec_read_back_compiles_to_the_same_plan() -> None:
    for document in SAMPLES:
        result = compiled(document)
        assert result.spec
        written = result.spec.model_dump(mode="json", by_alias=True, exclude_none=True)
        assert FlowSpec.model_validate(written) == result.spec
        assert compiled(written).digest == result.digest


def test_a_plan_from_a_newer_release_is_still_read() -> None:
    plan = compiled(SAMPLES[0]).plan
    assert plan
    written = {**plan.model_dump(mode="json", by_alias=True), "newer": True}
    assert Plan.model_validate(written) == plan


def test_an_issue_takes_its_severity_and_hint_from_its_code() -> None:
    found = issue("UNUSED_NODE", node="n", pointer="/nodes/1")
    assert (found.severity, found.message, found.hint) == MEANINGS["UNUSED_NODE"]
    with pytest.raises(KeyError):
        issue("NO_SUCH_CODE")


def test_a_code_is_upper_case_and_says_what_to_do() -> None:
    for code, meaning in MEANINGS.items():
        assert code == code.upper()
        assert meaning.about.endswith(".")
        assert meaning.hint.endswith(".")
