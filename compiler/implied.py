"""What a condition tells about variables: where it holds, or does not, some of them surely have a value."""

from collections.abc import Sequence

from dsl.conditions import MATCHES, AllOf, AnyOf, Comparison, Condition, Not
from dsl.model import Json
from dsl.templates import placeholders, strings

NEEDS_A_VALUE = frozenset(
    ("is_set", "gt", "gte", "lt", "lte", "between", "contains", "starts_with", "ends_with", "is_true",
     "is_false", "before", "after", MATCHES)
)  # fmt: skip
"""Operators that hold of no missing value."""
TOLD_APART = ("eq", "in")
"""Those that do not either, when nothing missing stands on the right."""


def implied(condition: Condition, *, holds: bool) -> frozenset[str]:
    """Names of variables that have a value wherever the condition holds, or wherever it does not."""
    match condition:
        case AllOf():
            return _joined([implied(part, holds=holds) for part in condition.all], every=holds)
        case AnyOf():
            return _joined([implied(part, holds=holds) for part in condition.any], every=not holds)
        case Not():
            return implied(condition.not_, holds=not holds)
        case Comparison():
            name = _name(condition.left)
            return frozenset({name} if name is not None and _tells(condition, holds) else ())
    return frozenset()


def _joined(parts: Sequence[frozenset[str]], *, every: bool) -> frozenset[str]:
    """All parts are so (`every`), or at least one is and nobody knows which."""
    if not parts:
        return frozenset()
    return frozenset.union(*parts) if every else frozenset.intersection(*parts)


def _tells(condition: Comparison, holds: bool) -> bool:
    if not holds:
        return condition.operator == "is_empty"
    if condition.operator in TOLD_APART:
        right = condition.right if isinstance(condition.right, list) else [condition.right]
        return None not in right and not any("{{" in text for _, text in strings(right))
    return condition.operator in NEEDS_A_VALUE


def _name(left: Json) -> str | None:
    """The variable that a side is, and nothing else."""
    found = list(placeholders(left)) if isinstance(left, str) else []
    if len(found) != 1 or found[0].filters or len(found[0].path) != 1:
        return None
    text = str(left).strip()
    return (
        found[0].path[0] if text.startswith("{{") and text.endswith("}}") and text.count("{{") == 1 else None
    )
