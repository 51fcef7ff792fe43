"""The templates authors wrote: where they stand and whether they can be read."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from compiler.bounds import part
from compiler.drawing import Drawing
from compiler.javascript import read_paths
from compiler.structure import near
from dsl.conditions import Condition
from dsl.filters import FILTERS
from dsl.issues import Issue, issue
from dsl.model import Json
from dsl.templates import MAX_TEXT, Placeholder, placeholders, strings

_ASKS = ("is_set", "is_empty")
"""Operators that ask whether there is a value at all."""


class Use(NamedTuple):
    """A placeholder an author wrote; `lenient`: nothing is an answer that is expected there."""

    pointer: str
    placeholder: Placeholder
    lenient: bool


def uses(value: Json, pointer: str = "", lenient: bool = False) -> Iterator[Use]:
    """Every placeholder inside a JSON value, and everything that JavaScript in it reads by name."""
    if isinstance(value, str):
        for placeholder in placeholders(value):
            defaulted = any(f.name == "default" for f in placeholder.filters)
            yield Use(pointer, placeholder, lenient or defaulted)
    elif isinstance(value, dict):
        asks = lenient or value.get("operator") in _ASKS
        for key, inner in value.items():
            yield from uses(inner, pointer + part(key), asks)
            if key == "javascript" and isinstance(inner, str):
                reads = (Placeholder(path, ()) for path in read_paths(inner))
                yield from (Use(pointer + part(key), read, lenient=True) for read in reads)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from uses(inner, f"{pointer}/{index}", lenient)


def condition_json(condition: Condition) -> Json:
    """A condition as authors write it."""
    return condition.model_dump(mode="json", by_alias=True)


def issues_in(drawing: Drawing, find: Callable[[Json, str], Iterator[Issue]]) -> Iterator[Issue]:
    """What `find(value, pointer)` has to say of all that authors write: configs, and conditions of edges."""
    for index, node in enumerate(drawing.spec.nodes):
        for found in find(node.config, f"/nodes/{index}/config"):
            yield found.model_copy(update={"node": node.id})
    for index, edge in enumerate(drawing.spec.edges):
        if edge.condition is not None:
            yield from find(condition_json(edge.condition), f"/edges/{index}/condition")


def text_issues(drawing: Drawing) -> Iterator[Issue]:
    """Placeholders that cannot be read, wherever an author may write one."""
    return issues_in(drawing, _unreadable)


def _unreadable(value: Json, pointer: str) -> Iterator[Issue]:
    for use in uses(value, pointer):
        yield from _placeholder_issues(use)
    for at, text in strings(value, pointer):
        if len(text) > MAX_TEXT:
            yield issue("LIMIT_EXCEEDED", f"A text has at most {MAX_TEXT:,} characters.", pointer=at)
        if text.count("{{") > sum(1 for _ in placeholders(text)):
            yield issue("INVALID_TEMPLATE", "A '{{' has no '}}' that closes it.", pointer=at)


def _placeholder_issues(use: Use) -> Iterator[Issue]:
    path, _, problem = use.placeholder
    if problem and path:
        name = problem.partition("'")[2].rstrip("'")
        text = f"There is no filter '{name}'{near(name, list(FILTERS))}"
        yield issue("UNKNOWN_FILTER", text, pointer=use.pointer)
    elif problem:
        text = problem[:1].upper() + problem[1:] + "."
        yield issue("INVALID_TEMPLATE", text, pointer=use.pointer)
    elif path[0].startswith("@"):
        yield issue("INVALID_TEMPLATE", "A path does not begin with '@'.", pointer=use.pointer)


def read_nodes(drawing: Drawing) -> frozenset[str]:
    """Nodes whose values some template reads by `nodes.<id>`."""
    values = [node.config for node in drawing.spec.nodes]
    values += [condition_json(edge.condition) for edge in drawing.spec.edges if edge.condition is not None]
    paths = {use.placeholder.path[:2] for use in uses(values)}
    if ("nodes",) in paths:
        return frozenset(drawing.nodes)
    return frozenset(path[1] for path in paths if len(path) > 1 and path[0] == "nodes")
