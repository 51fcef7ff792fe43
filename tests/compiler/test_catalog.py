"""Kinds are found, each under its names, and no two under one."""

from types import ModuleType

import pytest

from compiler.nodes import question
from compiler.nodes.question import Question
from dsl.kind import Kind
from tests.compiler.documents import codes, compiled, line, message
from wiring.catalog import by_name, catalogue
from wiring.packages import kind_of


def another(name: str, *also: str) -> type[Kind]:
    """A kind as a module of that name would define it."""
    return type(
        "Another", (Kind,), {"__module__": f"somewhere.{name}", "__doc__": "Another.", "aliases": also}
    )


def test_the_kinds_of_both_folders_are_found() -> None:
    assert {"start", "message", "question", "api", "transfer_agent"} <= set(catalogue())
    assert list(catalogue()) == sorted(catalogue())


def test_a_module_of_nodes_has_one_kind() -> None:
    assert kind_of(question) is Question
    with pytest.raises(TypeError, match="defines 0 kinds"):
        kind_of(ModuleType("nothing"))


def test_a_helper_imported_into_a_module_is_not_its_kind() -> None:
    module = ModuleType("somewhere.mine")
    vars(module).update(Question=Question, Mine=another("mine"))
    assert kind_of(module).kind() == "mine"


@pytest.mark.parametrize("kinds", [["a", "a"], ["a", "b/a"], ["a/x", "b/x"]], ids=str)
def test_two_kinds_of_one_name_are_refused(kinds: list[str]) -> None:
    with pytest.raises(TypeError, match="names itself"):
        by_name(another(*kind.split("/")) for kind in kinds)


@pytest.mark.parametrize(
    "name", ["perform", "close_wait", "send_message", "parse_answer", "evaluate", "flush"]
)
def test_no_kind_takes_the_name_of_an_activity_that_nobody_draws(name: str) -> None:
    """Names in histories are contracts: the worker would run the kind in the activity's place."""
    for kind in (another(name), another("innocent", name)):
        with pytest.raises(TypeError, match=name):
            by_name([kind])


def test_an_alias_compiles_to_the_kind_it_names() -> None:
    one = compiled(line({"id": "x", "type": "http_request", "config": {"url": "https://a.example"}}))
    other = compiled(line({"id": "x", "type": "api", "config": {"url": "https://a.example"}}))
    assert one.digest == other.digest is not None


def test_a_kind_is_known_only_if_the_catalogue_has_it() -> None:
    assert codes(line({**message("m"), "type": "another"})) == ["UNKNOWN_KIND"]
