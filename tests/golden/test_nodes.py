"""Every kind in the catalogue has a golden file: what is refused, what it lowers to, what it does."""

from typing import Any

import pytest

from activities.base import Action
from dsl.kind import Kind
from tests.golden.acting import act
from tests.golden.nodes import observe
from tests.goldens import FOLDER, Golden
from wiring.catalog import catalogue

KINDS = catalogue()
ACTIONS = {name: kind for name, kind in KINDS.items() if issubclass(kind, Action)}


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_kind_matches_its_golden_file(kind: str, golden: Golden) -> None:
    name = f"nodes/{kind}.json"
    golden.compare(name, [await shown(KINDS[kind], case) for case in golden.load(name)])


async def shown(kind: type[Kind], case: dict[str, Any]) -> dict[str, Any]:
    """A case of authored config is compiled, one of concrete arguments is executed."""
    if "args" not in case:
        return observe(kind, case)
    assert issubclass(kind, Action), f"{kind.kind()} has no executor to give arguments to"
    return await act(kind, case)


@pytest.mark.parametrize("kind", sorted(ACTIONS))
def test_golden_file_shows_the_executor_coming_to_an_outcome_and_failing(kind: str, golden: Golden) -> None:
    cases = golden.load(f"nodes/{kind}.json")
    assert any("outcome" in case for case in cases)
    assert any("error" in case for case in cases)


@pytest.mark.parametrize("kind", sorted(ACTIONS))
def test_a_mocked_run_leaves_by_an_exit_of_the_kind(kind: str) -> None:
    assert ACTIONS[kind].model_construct().mock().exit in ACTIONS[kind].exits


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_golden_file_shows_the_kind_working_and_a_mistake_refused(kind: str, golden: Golden) -> None:
    cases = golden.load(f"nodes/{kind}.json")
    assert any("steps" in case for case in cases)
    assert any("issues" in case for case in cases)


def test_there_is_no_golden_file_without_a_kind() -> None:
    assert {path.stem for path in (FOLDER / "nodes").glob("*.json")} == set(KINDS)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_kind_is_named_by_its_module_and_says_what_it_does(kind: str) -> None:
    assert KINDS[kind].kind() == kind
    assert KINDS[kind].__doc__
