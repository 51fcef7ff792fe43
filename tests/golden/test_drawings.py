"""The drawings of the examples: kept beside them, and current."""

from pathlib import Path

import pytest

from compiler.picture.mermaid import mermaid_of
from compiler.picture.svg import svg_of
from simulator.flows import Flows
from simulator.talks import ENDING
from tests.goldens import REPOSITORY, Golden
from wiring.catalog import catalogue

EXAMPLES = sorted(
    path.relative_to(REPOSITORY).as_posix()
    for path in (REPOSITORY / "examples").glob("*/*.json")
    if not path.name.endswith((ENDING, ".ui.json"))
)


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_drawing_of_an_example_is_current(example: str, golden: Golden) -> None:
    result = Flows(catalogue()).compiled(REPOSITORY / example).result
    assert result.graph
    assert result.spec
    name = Path(example).with_suffix("")
    golden.compare_text(f"{name.as_posix()}.svg", svg_of(result.graph, result.errors, result.spec.name))
    golden.compare_text(f"tests/golden/drawings/{name.name}.mmd", mermaid_of(result.graph, result.errors))


def test_every_drawing_belongs_to_an_example() -> None:
    drawn = {path.relative_to(REPOSITORY).as_posix() for path in (REPOSITORY / "examples").glob("*/*.svg")}
    assert drawn == {example.removesuffix("json") + "svg" for example in EXAMPLES}
