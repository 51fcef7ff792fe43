"""Decisions that decide nothing: conditions that always come out alike, cases that no value comes to."""

import json
from collections.abc import Iterable, Iterator
from itertools import chain

from compiler.drawing import Drawing
from compiler.nodes.condition import Condition as Either
from compiler.nodes.switch import Switch
from compiler.texts import condition_json
from dsl.conditions import MATCHES, TYPES, AllOf, AnyOf, Comparison, Condition, Not, holds
from dsl.filters import moment_of, number_of
from dsl.issues import Issue, issue
from dsl.model import Json
from dsl.templates import strings

ORDERED = ("gt", "gte", "lt", "lte", "length_gt", "length_lt")
MOMENTS = ("before", "after")
AMONG = ("in", "not_in")

Ways = Iterable[tuple[str, Condition]]
"""Conditions that are tried one after another, each with its pointer."""


def decision_issues(drawing: Drawing) -> Iterator[Issue]:
    """Of nodes that decide, and of edges with conditions."""
    for node in drawing.nodes:
        if node in drawing.reachable:
            found = chain(_on_issues(drawing, node), *map(_way_issues, _decisions(drawing, node)))
            yield from (one.model_copy(update={"node": node}) for one in found)


def _decisions(drawing: Drawing, node: str) -> Iterator[Ways]:
    kind, pointer = drawing.kinds.get(node), f"{drawing.pointer(node)}/config"
    if isinstance(kind, Either):
        yield [(f"{pointer}/condition", kind.condition)]
    if isinstance(kind, Switch) and not isinstance(kind.cases, dict):
        yield [
            (f"{pointer}/cases/{index}/condition", case.condition) for index, case in enumerate(kind.cases)
        ]
    for arrows in drawing.arrows[node].values():
        yield [(f"{a.pointer}/condition", a.edge.condition) for a in arrows if a.edge.condition is not None]


def _on_issues(drawing: Drawing, node: str) -> Iterator[Issue]:
    kind = drawing.kinds.get(node)
    if isinstance(kind, Switch) and kind.on is not None and not _templated(kind.on):
        text = "This is the same text every time: a variable is read by `{{name}}`."
        yield issue("CONSTANT_CONDITION", text, pointer=f"{drawing.pointer(node)}/config/on")


def _way_issues(ways: Ways) -> Iterator[Issue]:
    seen, over = set[str](), False
    for pointer, condition in ways:
        words, always = json.dumps(condition_json(condition), sort_keys=True), sure(condition)
        if over or words in seen:
            why = "an earlier one always holds" if over else "an earlier one has the same condition"
            yield issue("UNREACHABLE_CASE", f"This is never reached: {why}.", pointer=pointer)
        elif always is not None:
            text = "This always holds." if always else "This never holds."
            yield issue("CONSTANT_CONDITION", text, pointer=pointer)
        seen.add(words)
        over = over or bool(always)


def sure(condition: Condition) -> bool | None:
    """What a condition comes to whatever the values are; None where it depends on them."""
    match condition:
        case AllOf():
            return _joined([sure(part) for part in condition.all], decisive=False)
        case AnyOf():
            return _joined([sure(part) for part in condition.any], decisive=True)
        case Not():
            inner = sure(condition.not_)
            return None if inner is None else not inner
        case Comparison():
            return _compared(condition)
    return None


def _joined(parts: list[bool | None], *, decisive: bool) -> bool | None:
    if decisive in parts:
        return decisive
    return None if None in parts else not decisive


def _compared(condition: Comparison) -> bool | None:
    if condition.operator == MATCHES or _templated(condition.right):
        return None
    if _templated(condition.left) and _usable(condition.operator, condition.right):
        return None
    return holds(condition, {})


def _usable(operator: str, right: Json) -> bool:
    """Whether an operator can tell anything apart by a right side that is written out."""
    if operator in ORDERED:
        return number_of(right) is not None
    if operator in MOMENTS:
        return moment_of(right) is not None
    if operator == "between":
        return isinstance(right, list) and len(right) == 2 and None not in map(number_of, right)
    if operator in AMONG:
        return isinstance(right, list) and bool(right)
    return operator != "has_type" or right in TYPES


def _templated(value: Json) -> bool:
    return any("{{" in text for _, text in strings(value))
